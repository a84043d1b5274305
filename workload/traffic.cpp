// SPDX-License-Identifier: Apache-2.0
#include "workload/traffic.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "topology/random.hpp"

namespace plumbline::workload {

core::Bytes pair_bytes(const Workload& workload, RankId from, RankId to) {
  const std::size_t ranks = workload.ranks.value;
  return workload.collective == Collective::all_to_allv
             ? workload.traffic[from.index() * ranks + to.index()]
             : workload.size / static_cast<double>(ranks);
}

double crossing_share(const Workload& workload, std::uint32_t machines) {
  if (!workload.experts) {
    return 1.0;
  }
  const auto [count, per_token] = *workload.experts;
  double missed = 1.0;  // that none of the token's experts is in a given machine
  for (std::uint32_t i = 0; i < per_token; ++i) {
    missed *= std::max(0.0, 1.0 - (double{1} * count / machines) / (count - i));
  }
  return machines * (1.0 - missed) / per_token;
}

std::vector<core::Bytes> zipf_traffic(core::Bytes size, RankCount ranks, double exponent,
                                      std::uint64_t seed) {
  std::vector<double> popularity;
  for (std::uint32_t i = 1; i <= ranks.value; ++i) {
    popularity.push_back(std::pow(i, -exponent));
  }
  const double sum = std::accumulate(popularity.begin(), popularity.end(), 0.0);
  topology::shuffle(popularity, seed);
  std::vector<core::Bytes> traffic;
  for (std::uint32_t from = 0; from < ranks.value; ++from) {
    for (const double share : popularity) {
      traffic.push_back(size * (share / sum));
    }
  }
  return traffic;
}

std::vector<RankId> shift_targets(RankCount ranks, std::uint32_t by) {
  std::vector<RankId> targets;
  for (std::uint64_t rank = 0; rank < ranks.value; ++rank) {
    targets.emplace_back((rank + by) % ranks.value);
  }
  return targets;
}

std::vector<RankId> transpose_targets(RankCount ranks) {
  const std::uint32_t side = *square_root(ranks.value);
  std::vector<RankId> targets;
  for (std::uint32_t rank = 0; rank < ranks.value; ++rank) {
    targets.emplace_back(rank % side * side + rank / side);
  }
  return targets;
}

std::vector<RankId> random_targets(RankCount ranks, std::uint64_t seed) {
  std::vector<RankId> targets = shift_targets(ranks, 0);
  topology::shuffle(targets, seed);
  return targets;
}

std::optional<std::uint32_t> square_root(std::uint32_t number) {
  const auto root = static_cast<std::uint32_t>(std::lround(std::sqrt(number)));
  return root * root == number ? std::optional(root) : std::nullopt;
}

}  // namespace plumbline::workload
