// SPDX-License-Identifier: Apache-2.0
// Pairwise all_to_all(v): in step s rank r sends to r + s and receives from r − s (mod n), so that
// every port carries one transfer at a time. Chunk src·n + dst is what src has for dst.
#include <array>
#include <utility>
#include <vector>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"
#include "workload/traffic.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_to_all, Collective::all_to_allv};

std::string refuses(const Workload& workload) {
  const std::uint64_t ranks = workload.ranks.value;
  return refuse_channels_or_size(workload, ranks * (ranks - 1));
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  ScheduleBuilder builder(workload.ranks, ranks * ranks);
  // The last operation that each rank sent and received, by the step before and by this one.
  std::vector<std::vector<Predecessor>> last(ranks);
  for (std::uint32_t step = 1; step < ranks; ++step) {
    std::vector<std::vector<Predecessor>> now(ranks);
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      const std::uint32_t peer = (rank + step) % ranks;
      const core::Bytes amount = pair_bytes(workload, RankId(rank), RankId(peer));
      if (amount > core::Bytes{}) {
        const std::uint32_t index =
            builder.add({.kind = OpKind::copy,
                         .protocol = workload.protocol,
                         .rank = RankId(rank),
                         .peer = RankId(peer),
                         .route = routes.between(RankId(rank), RankId(peer)),
                         .chunk = rank * ranks + peer,
                         .amount = amount.si()},
                        last[rank]);
        now[rank].push_back({.op = index});
        now[peer].push_back({.op = index});
      }
    }
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      if (!now[rank].empty()) {
        last[rank] = std::move(now[rank]);
      }
    }
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry pairwise{
    .name = "pairwise",
    .collectives = supported,
    .summary = "n−1 steps; in step s rank r sends to r+s and receives from r−s",
    .citation =
        "Thakur, Rabenseifner and Gropp, Optimization of collective communication "
        "operations in MPICH, IJHPCA 19(1), 2005, §4, doi:10.1177/1094342005051521",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
