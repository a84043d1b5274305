// SPDX-License-Identifier: Apache-2.0
#include "workload/collectives/ring_orders.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "workload/collectives/machines.hpp"

namespace plumbline::workload {

namespace {

std::vector<RankId> by_rank(RankCount ranks) {
  std::vector<RankId> order;
  for (std::uint32_t rank = 0; rank < ranks.value; ++rank) {
    order.emplace_back(rank);
  }
  return order;
}

std::vector<RankId> rotated(const std::vector<std::vector<RankId>>& machines,
                            std::uint32_t channel) {
  std::vector<RankId> order;
  for (std::size_t m = 0; m < machines.size(); ++m) {
    std::vector<RankId> ranks = machines[m];
    std::ranges::rotate(ranks, ranks.begin() + channel % static_cast<std::uint32_t>(ranks.size()));
    if (m % 2 == 1) {
      std::ranges::reverse(ranks);
    }
    order.insert(order.end(), ranks.begin(), ranks.end());
  }
  return order;
}

}  // namespace

std::vector<std::vector<RankId>> ring_orders(const Workload& workload) {
  std::vector<std::vector<RankId>> orders;
  for (std::uint32_t channel = 0; channel < workload.channels; ++channel) {
    switch (workload.ring_order) {
      case RingOrder::given:
        orders.push_back(workload.rings[channel % workload.rings.size()]);
        break;
      case RingOrder::rotated:
        orders.push_back(rotated(ranks_of_machines(workload), channel));
        break;
      case RingOrder::by_rank:
      case RingOrder::both_directions:
        orders.push_back(by_rank(workload.ranks));
        if (workload.ring_order == RingOrder::both_directions && channel % 2 == 1) {
          std::ranges::reverse(orders.back());
        }
        break;
    }
  }
  return orders;
}

std::string refuse_rings(const Workload& workload) {
  if (workload.ring_order == RingOrder::rotated) {
    const auto machines = ranks_of_machines(workload);
    for (const auto& ranks : machines) {
      if (ranks.size() != machines.front().size()) {
        return fmt::format(
            "rotated rings need as many ranks in every machine, and there are {} and {}",
            machines.front().size(), ranks.size());
      }
    }
  }
  if (workload.ring_order == RingOrder::given) {
    for (std::vector<RankId> ring : workload.rings) {
      std::ranges::sort(ring);
      if (ring != by_rank(workload.ranks)) {
        return fmt::format("a ring passes each of {} ranks once", workload.ranks.value);
      }
    }
  }
  return {};
}

}  // namespace plumbline::workload
