// SPDX-License-Identifier: Apache-2.0
#include "workload/flow_pieces.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "core/units.hpp"

namespace plumbline::workload {

namespace {

std::string at(const Operation& op, const std::string& what) {
  return fmt::format("rank {}, chunk {}: {}", op.rank.value, op.chunk, what);
}

}  // namespace

std::vector<topology::DeviceId> stops_of(const Flow& flow) {
  std::vector<topology::DeviceId> stops{flow.from};
  stops.insert(stops.end(), flow.via.begin(), flow.via.end());
  stops.push_back(flow.to);
  return stops;
}

std::vector<topology::DeviceId> flow_devices(const std::vector<Flow>& flows) {
  std::vector<topology::DeviceId> devices;
  std::set<topology::DeviceId> met;
  for (const Flow& flow : flows) {
    for (const topology::DeviceId device : stops_of(flow)) {
      if (met.insert(device).second) {
        devices.push_back(device);
      }
    }
  }
  return devices;
}

FlowPieces::FlowPieces(const std::vector<Flow>& flows) : flows_(flows) {
  const std::vector<topology::DeviceId> devices = flow_devices(flows);
  std::map<topology::DeviceId, RankId> numbers;
  for (const topology::DeviceId device : devices) {
    numbers.emplace(device, RankId(numbers.size()));
  }
  for (std::uint32_t i = 0; i < flows.size(); ++i) {
    flow_of_.insert(flow_of_.end(), flows[i].pieces, i);
    std::vector<RankId>& stops = stops_.emplace_back();
    for (const topology::DeviceId device : stops_of(flows[i])) {
      stops.push_back(numbers.at(device));
    }
  }
}

std::string FlowPieces::refuses(const Dag& dag) const {
  for (std::uint32_t i = 0; i < dag.size(); ++i) {
    const Operation& op = dag.operations[i];
    if (!op.is_transfer()) {
      continue;
    }
    const std::vector<RankId>& way = stops(op.chunk);
    const auto hop = std::ranges::adjacent_find(
        way, [&](RankId from, RankId to) { return from == op.rank && to == op.peer; });
    if (hop == way.end()) {
      return at(op, fmt::format("its flow does not go from there to rank {}", op.peer.value));
    }
    if (hop == way.begin()) {
      if (std::string why = refuses_start(dag, OpId(i)); !why.empty()) {
        return why;
      }
    }
  }
  return {};
}

/// The first piece starts with its flow; those behind it wait for another that leaves before them.
std::string FlowPieces::refuses_start(const Dag& dag, OpId id) const {
  const Operation& op = dag.operations[id.index()];
  core::Seconds start;
  for (const OpId before : dag.before(id)) {
    const Operation& awaited = dag.operations[before.index()];
    if (!awaited.is_transfer()) {
      start += awaited.duration();
    } else if (awaited.rank == op.rank && &flow(awaited.chunk) == &flow(op.chunk)) {
      return {};
    } else {
      start = core::Seconds::infinity();
    }
  }
  const core::Seconds wanted = flow(op.chunk).start;
  return start == wanted ? ""
                         : at(op, fmt::format("the flow starts at {}, not at {}",
                                              core::display(start), core::display(wanted)));
}

}  // namespace plumbline::workload
