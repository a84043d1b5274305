// SPDX-License-Identifier: Apache-2.0
// Direct: every rank starts all that it has to send at once, and the network shares it out. In an
// all_to_all(v) chunk src·n + dst is what src has for dst.
#include <array>

#include "workload/collectives/common.hpp"
#include "workload/generator.hpp"
#include "workload/traffic.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_to_all,     Collective::all_gather,
                               Collective::reduce_scatter, Collective::all_to_allv,
                               Collective::gather,         Collective::scatter,
                               Collective::outcast};

std::string refuses(const Workload& workload) {
  const std::uint64_t ranks = workload.ranks.value;
  return refuse_channels_or_size(workload, ranks * (ranks - 1));
}

bool is_exchange(Collective collective) {
  return collective == Collective::all_to_all || collective == Collective::all_to_allv;
}

std::uint32_t chunk_of(const Workload& workload, RankId from, RankId to) {
  const bool senders =
      workload.collective == Collective::all_gather || workload.collective == Collective::gather;
  return is_exchange(workload.collective) ? from.value * workload.ranks.value + to.value
         : senders                        ? from.value
                                          : to.value;
}

core::Bytes bytes(const Workload& workload, RankId from, RankId to) {
  switch (workload.collective) {
    case Collective::gather:
      return to == workload.root ? workload.size / workload.ranks.value : core::Bytes{};
    case Collective::scatter:
      return from == workload.root ? workload.size / workload.ranks.value : core::Bytes{};
    case Collective::outcast:
      return from == workload.root ? workload.size : core::Bytes{};
    default:
      return pair_bytes(workload, from, to);
  }
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t ranks = workload.ranks.value;
  ScheduleBuilder builder(workload.ranks, is_exchange(workload.collective) ? ranks * ranks : ranks);
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    for (std::uint32_t step = 1; step < ranks; ++step) {
      const RankId from(rank);
      const RankId to((rank + step) % ranks);
      const core::Bytes amount = bytes(workload, from, to);
      if (amount > core::Bytes{}) {
        builder.add({.kind = workload.collective == Collective::reduce_scatter ? OpKind::reduce
                                                                               : OpKind::copy,
                     .protocol = workload.protocol,
                     .rank = from,
                     .peer = to,
                     .route = routes.between(from, to),
                     .chunk = chunk_of(workload, from, to),
                     .amount = amount.si()},
                    {});
      }
    }
  }
  return builder.finish();
}

}  // namespace

extern const GeneratorEntry direct{
    .name = "direct",
    .collectives = supported,
    .summary = "Every rank starts all its sends at once",
    .citation =
        "Thakur, Rabenseifner and Gropp, Optimization of collective communication "
        "operations in MPICH, IJHPCA 19(1), 2005, §4, doi:10.1177/1094342005051521",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
