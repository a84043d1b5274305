// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/labels.hpp"
#include "core/units.hpp"
#include "experiments/runner.hpp"

namespace plumbline::app {
namespace {

std::string as_json(const experiments::Plan& plan) {
  nlohmann::ordered_json points = nlohmann::ordered_json::array();
  for (const experiments::Plan::Row& row : plan.points) {
    nlohmann::ordered_json axes = nlohmann::ordered_json::object();
    for (const auto& [axis, value] : row.labels) {
      axes[axis] = value;
    }
    points.push_back({{"axes", axes},
                      {"operations", row.operations},
                      {"expected_replay_s", row.time.si()},
                      {"expected_memory_B", row.memory.si()}});
  }
  return nlohmann::ordered_json{{"points", points}}.dump(2) + "\n";
}

}  // namespace

ExitCode dry_run(const RunArguments& arguments, const GlobalOptions& global, Console& console) {
  const zoo::Catalogue catalogue = open_catalogue();
  experiments::Experiment experiment(arguments.file, arguments.overrides, catalogue);
  const experiments::Plan plan = experiments::plan(experiment);
  if (global.json) {
    console.result(as_json(plan));
    return ExitCode::done;
  }
  std::string text =
      fmt::format("{:>10}  {:>12}  {:>10}  point\n", "operations", "replay about", "memory");
  core::Seconds total;
  for (const experiments::Plan::Row& row : plan.points) {
    total += row.time;
    const std::string labels = labels_text(row.labels);
    text += fmt::format("{:>10}  {:>12}  {:>10}  {}\n", row.operations, core::display(row.time),
                        core::display(row.memory), labels.empty() ? "(one point)" : labels);
  }
  text += fmt::format("{} point{}, about {} of replay on one core\n", plan.points.size(),
                      plan.points.size() == 1 ? "" : "s", core::display(total));
  console.result(text);
  return ExitCode::done;
}

}  // namespace plumbline::app
