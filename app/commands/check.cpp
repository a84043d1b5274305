// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/commands.hpp"

namespace plumbline::app {

ExitCode check(const std::vector<std::string>& files, Console& console) {
  const zoo::Catalogue catalogue = open_catalogue();
  bool good = true;
  for (const std::string& file : files) {
    try {
      const experiments::Experiment experiment(file, {}, catalogue);
      console.diagnostics(experiment.diagnostics().sorted());
      console.result(fmt::format("{}: good, {} points\n", file, experiment.points()));
    } catch (const core::InputError& error) {
      good = false;
      fmt::print(stderr, "{}\n", error.what());
    }
  }
  return good ? ExitCode::done : ExitCode::bad_input;
}

}  // namespace plumbline::app
