// SPDX-License-Identifier: Apache-2.0
// Direct all_to_all, all_gather and reduce_scatter: every rank starts all its sends at once and the
// network shares them out. In an all_to_all chunk src·n + dst is what src has for dst.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_to_all, Collective::all_gather,
                               Collective::reduce_scatter};

std::string refuses(const Workload& workload) {
  const std::uint64_t ranks = workload.ranks.value;
  return refuse_channels_or_size(workload, ranks * (ranks - 1));
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  const Collective collective = workload.collective;
  const auto chunk_of = [&](std::uint32_t from, std::uint32_t to) {
    return collective == Collective::all_to_all   ? from * ranks + to
           : collective == Collective::all_gather ? from
                                                  : to;
  };
  ScheduleBuilder builder(workload.ranks,
                          collective == Collective::all_to_all ? ranks * ranks : ranks);
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    for (std::uint32_t step = 1; step < ranks; ++step) {
      const std::uint32_t peer = (rank + step) % ranks;
      builder.add({.kind = collective == Collective::reduce_scatter ? OpKind::reduce : OpKind::copy,
                   .protocol = workload.protocol,
                   .rank = RankId(rank),
                   .peer = RankId(peer),
                   .route = routes.between(RankId(rank), RankId(peer)),
                   .chunk = chunk_of(rank, peer),
                   .amount = (workload.size / ranks).si()},
                  {});
    }
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry direct{
    .name = "direct",
    .collectives = supported,
    .summary = "Every rank starts its n−1 sends at once",
    .citation =
        "Thakur, Rabenseifner and Gropp, Optimization of collective communication "
        "operations in MPICH, IJHPCA 19(1), 2005, §4, doi:10.1177/1094342005051521",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
