// SPDX-License-Identifier: Apache-2.0
// What every link carries, point by point, without running anything.
#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/labels.hpp"
#include "core/units.hpp"
#include "experiments/point.hpp"
#include "workload/loads.hpp"

namespace plumbline::app {
namespace {

struct Row {
  const workload::Resource* resource;
  workload::ResourceLoad load;

  [[nodiscard]] core::Seconds busy() const { return load.bytes / resource->capacity; }
};

/// Busiest first; among equals in the order of the fabric.
std::vector<Row> rows_of(const workload::Problem& problem) {
  const std::vector<workload::ResourceLoad> loads = workload::loads(problem);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    if (loads[i].transfers > 0) {
      rows.push_back({&problem.costs().resources()[i], loads[i]});
    }
  }
  std::ranges::stable_sort(rows, std::greater<>(), &Row::busy);
  return rows;
}

std::string as_text(const experiments::PointSpec& spec, const std::vector<Row>& rows) {
  std::size_t width = 4;
  for (const Row& row : rows) {
    width = std::max(width, row.resource->name.size());
  }
  const std::string point = labels_text(spec.labels);
  std::string text = fmt::format("{}{} {}{}{}\n", to_text(spec.workload.collective), " by",
                                 spec.workload.algorithm, point.empty() ? "" : " at ", point);
  text += fmt::format("  {:<{}}  {:>11}  {:>9}  {:>11}  busy at least\n", "link", width, "bytes",
                      "transfers", "capacity");
  for (const Row& row : rows) {
    text += fmt::format("  {:<{}}  {:>11}  {:>9}  {:>11}  {}\n", row.resource->name, width,
                        core::display(row.load.bytes), row.load.transfers,
                        core::display(row.resource->capacity), core::display(row.busy()));
  }
  return text;
}

nlohmann::ordered_json as_json(const experiments::PointSpec& spec, const std::vector<Row>& rows) {
  nlohmann::ordered_json axes = nlohmann::ordered_json::object();
  for (const auto& [axis, value] : spec.labels) {
    axes[axis] = value;
  }
  nlohmann::ordered_json links = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    links.push_back({{"link", row.resource->name},
                     {"bytes_B", row.load.bytes.si()},
                     {"transfers", row.load.transfers},
                     {"capacity_Bps", row.resource->capacity.si()},
                     {"busy_s", row.busy().si()}});
  }
  return {{"axes", axes}, {"links", links}};
}

}  // namespace

ExitCode link_table(const RunArguments& arguments, const GlobalOptions& global, Console& console) {
  const zoo::Catalogue catalogue = open_catalogue();
  experiments::Experiment experiment(arguments.file, arguments.overrides, catalogue);
  nlohmann::ordered_json points = nlohmann::ordered_json::array();
  std::string text;
  for (std::size_t i = 0; i < experiment.points(); ++i) {
    const experiments::PointSpec spec = experiment.bind(i);
    const workload::Problem problem = experiments::problem_of(spec);
    const std::vector<Row> rows = rows_of(problem);
    if (global.json) {
      points.push_back(as_json(spec, rows));
    } else {
      text += (text.empty() ? "" : "\n") + as_text(spec, rows);
    }
  }
  console.result(global.json ? nlohmann::ordered_json{{"points", points}}.dump(2) + "\n" : text);
  return ExitCode::done;
}

}  // namespace plumbline::app
