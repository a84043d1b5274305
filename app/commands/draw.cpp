// SPDX-License-Identifier: Apache-2.0
#include "topology/draw.hpp"

#include <fmt/format.h>

#include "app/commands.hpp"

namespace plumbline::app {

ExitCode draw(const std::string& what, const std::optional<std::string>& output,
              const std::string& format, Console& console) {
  const zoo::Catalogue catalogue = open_catalogue();
  const zoo::System system = require_system(catalogue, what, "draw", console);
  const std::string title = system.title.empty() ? system.name : system.title;
  if (!output) {
    console.result(format == "svg" ? to_svg(*system.fabric, title) : to_dot(*system.fabric, title));
    return ExitCode::done;
  }
  if (!output->ends_with(".svg") && !output->ends_with(".dot")) {
    throw core::InputError({{"PL-G002",
                             core::Severity::error,
                             {"-o", 1, 1},
                             fmt::format("'{}' is neither .svg nor .dot", *output),
                             "the ending of the file chooses the format"}});
  }
  write_file(*output, output->ends_with(".svg") ? to_svg(*system.fabric, title)
                                                : to_dot(*system.fabric, title));
  console.note(fmt::format("written to {}", *output));
  return ExitCode::done;
}

}  // namespace plumbline::app
