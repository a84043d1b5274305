// SPDX-License-Identifier: Apache-2.0
// Dissemination barrier: in round j rank r signals rank r + 2^j (mod n) what it has heard of; after
// ⌈log2 n⌉ rounds all have heard of all. A signal has `size` bytes.
#include <array>
#include <bit>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::barrier};

std::string refuses(const Workload& workload) {
  const std::uint64_t ranks = workload.ranks.value;
  return refuse_channels_or_size(workload, ranks * std::bit_width(ranks - 1));
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  ScheduleBuilder builder(workload.ranks, 1);
  builder.keep_additions_apart();
  std::uint32_t round_before = 0;  // its first operation
  for (std::uint64_t distance = 1; distance < ranks; distance *= 2) {
    std::uint32_t round = round_before;
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      std::vector<Predecessor> before;
      if (distance > 1) {
        const auto heard_from = static_cast<std::uint32_t>((rank + ranks - distance / 2) % ranks);
        before = {{.op = round_before + rank}, {.op = round_before + heard_from}};
      }
      const RankId to((rank + distance) % ranks);
      const std::uint32_t index = builder.add({.kind = OpKind::reduce,
                                               .protocol = workload.protocol,
                                               .rank = RankId(rank),
                                               .peer = to,
                                               .route = routes.between(RankId(rank), to),
                                               .amount = workload.size.si()},
                                              before);
      round = rank == 0 ? index : round;
    }
    round_before = round;
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry dissemination{
    .name = "dissemination",
    .collectives = supported,
    .summary = "⌈log2 n⌉ rounds; in round j rank r signals rank r + 2^j",
    .citation =
        "Hensgen, Finkel and Manber, Two algorithms for barrier synchronization, IJPP 17(1), 1988, "
        "doi:10.1007/BF01379320",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
