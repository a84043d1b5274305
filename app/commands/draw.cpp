// SPDX-License-Identifier: Apache-2.0
#include "topology/draw.hpp"

#include <filesystem>
#include <fmt/format.h>

#include "app/commands.hpp"
#include "topology/simgrid_export.hpp"

namespace plumbline::app {
namespace {

/// Whether the word names an experiment file, whose machine is drawn. Its mistakes are told later.
bool is_experiment(const std::string& what) {
  if (!what.ends_with(".yaml")) {
    return false;
  }
  core::Diagnostics untold;
  const core::Document document = core::Document::load(what, untold);
  core::Diagnostics* const diagnostics = &untold;
  const core::Cursor root(core::Reading{.document = &document, .diagnostics = diagnostics});
  return !untold.has_errors() && root.is_map() && root.find("experiment");
}

/// The machine of the first point; what it was named for a title.
zoo::System system_of(const zoo::Catalogue& catalogue, const std::string& what, Console& console) {
  if (!is_experiment(what)) {
    return require_system(catalogue, what, "draw", console);
  }
  experiments::Experiment experiment(what, {}, catalogue);
  zoo::System system = *experiment.bind(0).system;
  if (experiment.points() > 1) {
    console.note(fmt::format("the first of {} points is drawn", experiment.points()));
  }
  if (system.file.empty()) {
    system.title = experiment.name();
  }
  return system;
}

void refuse_too_many(const topology::Fabric& fabric) {
  if (fabric.devices().size() > topology::most_drawn) {
    throw core::InputError(
        {{"PL-G005",
          core::Severity::error,
          {"--full", 1, 1},
          fmt::format("{} devices in one picture, at most {}", fabric.devices().size(),
                      topology::most_drawn),
          "without --full what looks alike is drawn once and counted; or draw its node alone"}});
  }
}

std::string drawn(const zoo::System& system, const std::string& format, bool full) {
  if (format == "simgrid" || format == "xml") {
    return to_simgrid(*system.fabric);
  }
  if (full) {
    refuse_too_many(*system.fabric);
  }
  const std::string& title = system.title.empty() ? system.name : system.title;
  return format == "svg" ? to_svg(*system.fabric, title, full)
                         : to_dot(*system.fabric, title, full);
}

}  // namespace

ExitCode draw(const DrawArguments& arguments, Console& console) {
  const std::optional<std::string>& output = arguments.output;
  const std::string ending =
      output ? std::filesystem::path(*output).extension().string() : "." + arguments.format;
  if (output && ending != ".svg" && ending != ".dot" && ending != ".xml") {
    throw core::InputError({{"PL-G002",
                             core::Severity::error,
                             {"-o", 1, 1},
                             fmt::format("'{}' is neither .svg, .dot nor .xml", *output),
                             "the ending of the file chooses the format"}});
  }
  const zoo::Catalogue catalogue = open_catalogue();
  const zoo::System system = system_of(catalogue, arguments.what, console);
  const std::string picture = drawn(system, ending.substr(1), arguments.full);
  if (!output) {
    console.result(picture);
    return ExitCode::done;
  }
  write_file(*output, picture);
  console.note(fmt::format("written to {}", *output));
  return ExitCode::done;
}

}  // namespace plumbline::app
