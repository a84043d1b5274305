// SPDX-License-Identifier: Apache-2.0
// Broadcast of long messages (van de Geijn): the root's buffer is scattered down a binomial tree,
// half of what is left each round, and gathered around a ring. The ring brings the root and the
// inner ranks of the tree also what they have already, as in the libraries.
//
// Ranks count from the root, cyclically. Any number of ranks: in a round of distance d rank v (a
// multiple of 2d) hands on the chunks [v + d, min(v + 2d, n)).
#include <algorithm>
#include <array>
#include <bit>

#include "workload/collectives/common.hpp"
#include "workload/collectives/rounds.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::broadcast};

std::string refuses(const Workload& workload) {
  const std::uint64_t ranks = workload.ranks.value;
  return refuse_channels_or_size(workload, ranks * (ranks - 1) + ranks - 1);
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  RoundWriter writer(workload, routes, ranks);
  std::vector<RingMember> ring;
  for (std::uint32_t v = 0; v < ranks; ++v) {
    ring.push_back({RankId((workload.root.value + v) % ranks), v});
  }
  for (std::uint32_t distance = std::bit_ceil(ranks) / 2; distance > 0; distance /= 2) {
    for (std::uint32_t v = 0; v + distance < ranks; v += 2 * distance) {
      const std::uint32_t count = std::min(distance, ranks - v - distance);
      writer.add(OpKind::copy, ring[v].rank, ring[v + distance].rank, v + distance, count);
    }
    writer.next();
  }
  add_rings(writer, OpKind::copy, {ring}, 1);
  return writer.finish();
}

}  // namespace

extern const GeneratorEntry scatter_allgather{
    .name = "scatter_allgather",
    .collectives = supported,
    .summary = "Scatter down a binomial tree, then all_gather around a ring: long broadcasts",
    .citation =
        "Thakur, Rabenseifner and Gropp, Optimization of collective communication "
        "operations in MPICH, IJHPCA 19(1), 2005, §4.2, doi:10.1177/1094342005051521",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
