// SPDX-License-Identifier: Apache-2.0
// Every rank sends one message to the rank that a permutation says, all at once. Chunk r is rank
// r's; who would send to itself sends nothing.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::permutation};

std::string refuses(const Workload& workload) {
  for (std::uint32_t rank = 0; rank < workload.targets.size(); ++rank) {
    if (workload.targets[rank] != RankId(rank)) {
      return refuse_channels_or_size(workload, workload.ranks.value);
    }
  }
  return "every rank would send to itself";
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  ScheduleBuilder builder(workload.ranks, ranks);
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    const RankId to = workload.targets[rank];
    if (to != RankId(rank)) {
      builder.add({.kind = OpKind::copy,
                   .protocol = workload.protocol,
                   .rank = RankId(rank),
                   .peer = to,
                   .route = routes.between(RankId(rank), to),
                   .chunk = rank,
                   .amount = workload.size.si()},
                  {});
    }
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry permutation{
    .name = "permutation",
    .collectives = supported,
    .summary = "Every rank sends to one other at once: a shift, a transpose or at random",
    .citation =
        "Dally and Towles, Principles and Practices of Interconnection Networks, 2004, §3.2",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
