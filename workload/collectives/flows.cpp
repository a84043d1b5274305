// SPDX-License-Identifier: Apache-2.0
// Transfers between any two devices, each from its own start time on. Devices are numbered as they
// first appear; flow i is chunk i.
#include <array>
#include <map>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::flows};

std::string refuses(const Workload& workload) {
  if (workload.flows.empty()) {
    return "there are no flows";
  }
  return refuse_channels_or_size(workload, 2 * std::uint64_t{workload.flows.size()});
}

std::map<topology::DeviceId, RankId> number_devices(const std::vector<Flow>& flows) {
  std::map<topology::DeviceId, RankId> numbers;
  for (const Flow& flow : flows) {
    numbers.try_emplace(flow.from, RankId(numbers.size()));
    numbers.try_emplace(flow.to, RankId(numbers.size()));
  }
  return numbers;
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const auto numbers = number_devices(workload.flows);
  ScheduleBuilder builder(RankCount(numbers.size()),
                          static_cast<std::uint32_t>(workload.flows.size()));
  std::uint32_t chunk = 0;
  for (const Flow& flow : workload.flows) {
    std::vector<Predecessor> before;
    if (flow.start > core::Seconds{}) {
      before.push_back({.op = builder.add({.kind = OpKind::delay,
                                           .rank = numbers.at(flow.from),
                                           .chunk = chunk,
                                           .amount = flow.start.si()},
                                          {})});
    }
    builder.add({.kind = OpKind::copy,
                 .protocol = workload.protocol,
                 .rank = numbers.at(flow.from),
                 .peer = numbers.at(flow.to),
                 .route = routes.between(flow.from, flow.to, chunk),
                 .chunk = chunk,
                 .amount = flow.size.si()},
                before);
    ++chunk;
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
