// SPDX-License-Identifier: Apache-2.0
// Bruck's all_to_all: ⌈log2 n⌉ rounds. A block that has to go o ranks further (mod n) travels in
// round j, by 2^j ranks, if bit j of o is set; each rank sends about half of what it holds in every
// round. Chunk src·n + dst is what src has for dst.
#include <array>
#include <bit>

#include "workload/collectives/bundles.hpp"
#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_to_all};

std::string refuses(const Workload& workload) {
  const std::uint64_t ranks = workload.ranks.value;
  return refuse_channels_or_size(workload, ranks * ranks / 2 * std::bit_width(ranks - 1));
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  Bundles bundles(workload, routes, ranks * ranks);
  for (std::uint32_t distance = 1; distance < ranks; distance *= 2) {
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      std::vector<Run> runs;
      for (std::uint32_t offset = 1; offset < ranks; ++offset) {
        if ((offset & distance) != 0) {
          // It has gone the lower bits of its offset.
          const std::uint32_t source = (rank + ranks - offset % distance) % ranks;
          append_chunk(runs, source * ranks + (source + offset) % ranks, workload.size / ranks);
        }
      }
      bundles.send(OpKind::copy, RankId(rank), RankId((rank + distance) % ranks), runs);
    }
    bundles.next();
  }
  return bundles.finish();
}

}  // namespace

extern const GeneratorEntry bruck{
    .name = "bruck",
    .collectives = supported,
    .summary = "⌈log2 n⌉ rounds; each rank passes on about half of all it holds",
    .citation =
        "Bruck et al., Efficient algorithms for all-to-all communications in multiport "
        "message-passing systems, IEEE TPDS 8(11), 1997, doi:10.1109/71.642949",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
