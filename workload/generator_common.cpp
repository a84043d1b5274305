// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "workload/collectives/common.hpp"
#include "workload/problem.hpp"

namespace plumbline::workload {

namespace {

bool asks_for(const Workload& workload, Option option) {
  switch (option) {
    case Option::channels:
      return workload.channels != 1;
    case Option::chunk:
      return workload.chunk.has_value();
    case Option::slots:
      return workload.slots != 1;
    case Option::rings:
      return workload.ring_order != RingOrder::by_rank;
    case Option::grid:
      return !workload.grid.empty();
    case Option::inner:
      return workload.direct_inside;
  }
  return false;
}

std::string lacks(const Workload& workload, Option option) {
  switch (option) {
    case Option::channels:
      return fmt::format("{} has one channel, not {}; ring splits its buffer over several",
                         workload.algorithm, workload.channels);
    case Option::chunk:
      return "it sends what it has in one piece; leave chunk out";
    case Option::slots:
      return "it has no pieces that could follow each other; leave slots out";
    case Option::rings:
      return "it has no rings; leave rings out";
    case Option::grid:
      return "its ranks are on no grid; leave grid out";
    case Option::inner:
      return "it does not look at machines; leave inner out";
  }
  return {};
}

}  // namespace

std::string refuse_options(const Workload& workload, std::initializer_list<Option> known) {
  for (const Option option : {Option::channels, Option::chunk, Option::slots, Option::rings,
                              Option::grid, Option::inner}) {
    if (asks_for(workload, option) && std::ranges::find(known, option) == known.end()) {
      return lacks(workload, option);
    }
  }
  return {};
}

std::string refuse_size(std::uint64_t operations, std::uint64_t dependencies) {
  if (std::max(operations, dependencies) <= expand_limit) {
    return {};
  }
  return operations > expand_limit
             ? fmt::format("it takes {} operations, of which at most {} can be held", operations,
                           expand_limit)
             : fmt::format("it takes {} dependencies, of which at most {} can be held",
                           dependencies, expand_limit);
}

std::string refuse_channels_or_size(const Workload& workload, std::uint64_t operations) {
  const std::string why = refuse_options(workload, {});
  return why.empty() ? refuse_size(operations) : why;
}

std::uint64_t pieces_of(core::Bytes size, std::optional<core::Bytes> chunk) {
  if (!chunk) {
    return 1;
  }
  constexpr double dust = 1e-9;  // of a division that should have been exact
  const double pieces = std::ceil(size / *chunk * (1.0 - dust));
  return static_cast<std::uint64_t>(std::clamp(pieces, 1.0, 1e18));
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
