// SPDX-License-Identifier: Apache-2.0
// PAT, parallel aggregated trees: all_gather by one binomial tree per rank, all shifted copies of
// each other, whose rounds go from the largest distance, with one chunk, to distance 1, with half
// of all: Bruck's algorithm in reversed order, so that far hops carry little. reduce_scatter is the
// same backwards. Any number of ranks.
//
// In a round of distance d rank r sends to r + d what it has: the chunks of the ranks r − x, x a
// multiple of 2d with x + d < n. They are not contiguous, so each is a transfer of its own, all
// begun together; on one path that takes as long as a message of all of them.
//
// Simplified: the original cuts rounds whose chunks exceed its buffers into several; here the
// buffers are as large as needed.
#include <array>
#include <bit>

#include "workload/collectives/common.hpp"
#include "workload/collectives/rounds.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_gather, Collective::reduce_scatter};

/// A rank's sends and receives of a round are waited for by all its sends of the next, of which the
/// sum over rounds is below (2n)·n per rank.
std::string refuses(const Workload& workload) {
  const std::uint64_t ranks = workload.ranks.value;
  const std::string why = refuse_options(workload, {});
  return why.empty() ? refuse_size(ranks * (ranks - 1), ranks * ranks * ranks / 3) : why;
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  const bool gathers = workload.collective == Collective::all_gather;
  RoundWriter writer(workload, routes, ranks);
  const auto round = [&](std::uint32_t distance) {
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      const RankId near(rank);
      const RankId far((rank + distance) % ranks);
      for (std::uint32_t x = 0; x + distance < ranks; x += 2 * distance) {
        const std::uint32_t chunk = (rank + ranks - x) % ranks;
        writer.add(gathers ? OpKind::copy : OpKind::reduce, gathers ? near : far,
                   gathers ? far : near, chunk);
      }
    }
    writer.next();
  };
  const std::uint32_t farthest = std::bit_ceil(ranks) / 2;
  for (std::uint32_t d = 1; d <= farthest; d *= 2) {
    round(gathers ? farthest / d : d);
  }
  return writer.finish();
}

}  // namespace

extern const GeneratorEntry pat{
    .name = "pat",
    .collectives = supported,
    .summary = "Shifted binomial trees, far hops first with one chunk: ⌈log2 n⌉ rounds",
    .citation =
        "Jeaugey, PAT: a new algorithm for all-gather and reduce-scatter operations at scale, "
        "2025, arXiv:2506.20252",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
