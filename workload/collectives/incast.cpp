// SPDX-License-Identifier: Apache-2.0
// Every rank but the root sends `size` to the root at once. Chunk r is rank r's message.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::incast};

std::string refuses(const Workload& workload) {
  return refuse_channels_or_size(workload, workload.ranks.value - 1);
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  ScheduleBuilder builder(workload.ranks, ranks);
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    if (RankId(rank) == workload.root) {
      continue;
    }
    builder.add({.kind = OpKind::copy,
                 .protocol = workload.protocol,
                 .rank = RankId(rank),
                 .peer = workload.root,
                 .route = routes.between(RankId(rank), workload.root),
                 .chunk = rank,
                 .amount = workload.size.si()},
                {});
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry incast{
    .name = "incast",
    .collectives = supported,
    .summary = "Every rank but the root sends to the root at once",
    .citation =
        "Phanishayee et al., Measurement and analysis of TCP throughput collapse in "
        "cluster-based storage systems, FAST 2008",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
