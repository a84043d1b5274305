// SPDX-License-Identifier: Apache-2.0
// Pairwise all_to_all: in step s rank r sends to r + s and receives from r − s (mod n), so that
// every port carries one transfer at a time. Chunk src·n + dst is what src has for dst.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_to_all};

std::string refuses(const Workload& workload) {
  const std::uint64_t ranks = workload.ranks.value;
  return refuse_channels_or_size(workload, ranks * (ranks - 1));
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  ScheduleBuilder builder(workload.ranks, ranks * ranks);
  for (std::uint32_t step = 1; step < ranks; ++step) {
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      const std::uint32_t peer = (rank + step) % ranks;
      std::vector<Predecessor> before;
      if (step > 1) {
        const std::uint32_t step_before = (step - 2) * ranks;
        const std::uint32_t received_from = (rank + ranks - (step - 1)) % ranks;
        before = {{.op = step_before + rank}, {.op = step_before + received_from}};
      }
      builder.add({.kind = OpKind::copy,
                   .protocol = workload.protocol,
                   .rank = RankId(rank),
                   .peer = RankId(peer),
                   .route = routes.between(RankId(rank), RankId(peer)),
                   .chunk = rank * ranks + peer,
                   .amount = (workload.size / ranks).si()},
                  before);
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
