// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "workload/collectives/common.hpp"
#include "workload/problem.hpp"

namespace plumbline::workload {

std::string refuse_size(std::uint64_t operations) {
  if (operations <= expand_limit) {
    return {};
  }
  return fmt::format("it takes {} operations, of which at most {} can be held", operations,
                     expand_limit);
}

std::string refuse_channels_or_size(const Workload& workload, std::uint64_t operations) {
  if (workload.channels != 1) {
    return fmt::format("{} has one channel, not {}; ring splits its buffer over several",
                       workload.algorithm, workload.channels);
  }
  return refuse_size(operations);
}

void Turns::add(ScheduleBuilder& builder, const Operation& transfer) {
  std::vector<Predecessor> before;
  const auto& sender = last_[transfer.rank.index()];
  const auto& receiver = last_[transfer.peer.index()];
  if (sender) {
    before.push_back({.op = *sender});
  }
  if (receiver && receiver != sender) {
    before.push_back({.op = *receiver});
  }
  const std::uint32_t index = builder.add(transfer, before);
  last_[transfer.rank.index()] = index;
  last_[transfer.peer.index()] = index;
}

}  // namespace plumbline::workload
