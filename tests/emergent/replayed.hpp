// SPDX-License-Identifier: Apache-2.0
// Transfers between devices of a fabric, begun at once, and when the last has ended.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "des/replay.hpp"
#include "workload/problem.hpp"

namespace plumbline::test {

using Pairs = std::vector<std::pair<topology::DeviceId, topology::DeviceId>>;

[[nodiscard]] inline workload::Problem flows(const std::shared_ptr<const topology::Fabric>& fabric,
                                             const Pairs& pairs, core::Bytes size,
                                             topology::Routing routing) {
  workload::Workload workload;
  workload.collective = workload::Collective::flows;
  workload.algorithm = "flows";
  workload.ranks = topology::RankCount(fabric->endpoints().size());
  for (const auto& [from, to] : pairs) {
    workload.flows.push_back({.from = from, .to = to, .size = size, .start = {}});
  }
  topology::Placement placement = topology::packed(*fabric, workload.ranks);
  return make_problem(fabric, std::move(placement), std::move(workload), {}, routing);
}

/// Seconds.
[[nodiscard]] inline double replayed(const workload::Problem& problem) {
  return des::Replay({}).run(problem).estimate->si();
}

/// How many of the problem's transfers cross each link.
[[nodiscard]] inline std::vector<std::uint32_t> crossings(const workload::Problem& problem) {
  std::vector<std::uint32_t> count(problem.fabric().links().size());
  for (const workload::Operation& op : problem.schedule().operations()) {
    for (const topology::LinkId link : problem.routes().links(op.route)) {
      ++count[link.index()];
    }
  }
  return count;
}

}  // namespace plumbline::test
