// SPDX-License-Identifier: Apache-2.0
#include "topology/draw.hpp"

#include <filesystem>
#include <fmt/format.h>

#include "app/commands.hpp"
#include "topology/simgrid_export.hpp"

namespace plumbline::app {
namespace {

std::string drawn(const topology::Fabric& fabric, const std::string& title,
                  const std::string& format) {
  if (format == "simgrid") {
    return to_simgrid(fabric);
  }
  return format == "svg" ? to_svg(fabric, title) : to_dot(fabric, title);
}

}  // namespace

ExitCode draw(const std::string& what, const std::optional<std::string>& output,
              const std::string& format, Console& console) {
  const zoo::Catalogue catalogue = open_catalogue();
  const zoo::System system = require_system(catalogue, what, "draw", console);
  const std::string title = system.title.empty() ? system.name : system.title;
  if (!output) {
    console.result(drawn(*system.fabric, title, format));
    return ExitCode::done;
  }
  const std::string ending = std::filesystem::path(*output).extension().string();
  if (ending != ".svg" && ending != ".dot" && ending != ".xml") {
    throw core::InputError({{"PL-G002",
                             core::Severity::error,
                             {"-o", 1, 1},
                             fmt::format("'{}' is neither .svg, .dot nor .xml", *output),
                             "the ending of the file chooses the format"}});
  }
  write_file(*output,
             drawn(*system.fabric, title, ending == ".xml" ? "simgrid" : ending.substr(1)));
  console.note(fmt::format("written to {}", *output));
  return ExitCode::done;
}

}  // namespace plumbline::app
