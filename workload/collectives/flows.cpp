// SPDX-License-Identifier: Apache-2.0
// Transfers between any two devices, each from its own start time on, by way of others where they
// are staged. FlowPieces numbers devices and chunks.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/flow_pieces.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::flows};

std::string refuses(const Workload& workload) {
  if (workload.flows.empty()) {
    return "there are no flows";
  }
  const std::string why = refuse_options(workload, {});
  std::uint64_t operations = 0;
  for (const Flow& flow : workload.flows) {
    operations += 1 + flow.pieces * (flow.via.size() + std::uint64_t{1});
  }
  return why.empty() ? refuse_size(operations, 2 * operations) : why;
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const FlowPieces pieces(workload.flows);
  ScheduleBuilder builder(RankCount(flow_devices(workload.flows).size()), pieces.count());
  std::uint32_t chunk = 0;
  for (std::uint32_t number = 0; number < workload.flows.size(); ++number) {
    const Flow& flow = workload.flows[number];
    const std::vector<topology::DeviceId> stops = stops_of(flow);
    const std::vector<RankId>& ranks = pieces.stops(chunk);
    std::vector<std::optional<std::uint32_t>> last(ranks.size());  // to leave each stop
    if (flow.start > core::Seconds{}) {
      last.front() = builder.add(
          {.kind = OpKind::delay, .rank = ranks[0], .chunk = chunk, .amount = flow.start.si()}, {});
    }
    for (std::uint32_t piece = 0; piece < flow.pieces; ++piece, ++chunk) {
      for (std::size_t hop = 0; hop + 1 < ranks.size(); ++hop) {
        std::vector<Predecessor> before;
        if (hop > 0) {
          before.push_back({.op = *last[hop - 1]});
        }
        if (last[hop]) {
          before.push_back({.op = *last[hop]});
        }
        last[hop] = builder.add({.kind = OpKind::copy,
                                 .protocol = workload.protocol,
                                 .rank = ranks[hop],
                                 .peer = ranks[hop + 1],
                                 .route = routes.between(stops[hop], stops[hop + 1], number),
                                 .chunk = chunk,
                                 .amount = pieces.bytes(chunk).si()},
                                before);
      }
    }
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry flows{
    .name = "flows",
    .collectives = supported,
    .summary = "The transfers that are listed, each from its own start time on",
    .citation = "The user's own list",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
