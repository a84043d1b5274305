// SPDX-License-Identifier: Apache-2.0
#include "calibration/measured_set.hpp"

#include <algorithm>

#include "workload/workload.hpp"

namespace plumbline::calibration {
namespace {

bool restricted(const MeasuredRow& row, const std::string& column, const std::string& wanted) {
  if (column == "algorithm") {
    return row.algorithm != wanted;
  }
  if (column == "protocol") {
    return row.protocol != wanted;
  }
  if (column == "nodes") {
    return std::to_string(row.nodes) != wanted;
  }
  if (column == "ranks") {
    return std::to_string(row.ranks) != wanted;
  }
  throw core::InternalError("no measured column to restrict: " + column);
}

}  // namespace

std::vector<const MeasuredRow*> match(const MeasuredSet& set, const MeasuredQuery& query) {
  std::vector<const MeasuredRow*> result;
  for (const MeasuredRow& row : set.rows) {
    const bool same_point = row.collective == query.collective &&
                            row.nodes == query.nodes.value_or(row.nodes) &&
                            row.ranks == query.ranks.value_or(row.ranks) && row.size == query.size;
    const bool refused = std::any_of(query.where.begin(), query.where.end(), [&](const auto& w) {
      return restricted(row, w.first, w.second);
    });
    if (same_point && !refused) {
      result.push_back(&row);
    }
  }
  return result;
}

const std::vector<std::string>& collective_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result{"copy"};
    for (auto value = static_cast<int>(workload::Collective::all_reduce);
         value <= static_cast<int>(workload::Collective::pipeline); ++value) {
      result.emplace_back(workload::to_text(static_cast<workload::Collective>(value)));
    }
    return result;
  }();
  return names;
}

}  // namespace plumbline::calibration
