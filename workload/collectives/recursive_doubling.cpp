// SPDX-License-Identifier: Apache-2.0
// Recursive doubling: in round k a rank exchanges with the one at distance 2^k. all_reduce sends
// the whole buffer every time and adds; all_gather sends what it has so far.
//
// all_reduce takes any number of ranks: those beyond the largest power of two add their buffer to a
// partner's first and get the result from it last. all_gather takes a power of two.
#include <array>
#include <bit>

#include "workload/collectives/common.hpp"
#include "workload/collectives/exchange.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce, Collective::all_gather};

std::string refuses(const Workload& workload) {
  if (workload.collective == Collective::all_gather) {
    if (std::string why = refuse_uneven(workload); !why.empty()) {
      return why;
    }
  }
  const std::uint64_t ranks = workload.ranks.value;
  return refuse_channels_or_size(workload, ranks * std::bit_width(ranks));
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const bool adds = workload.collective == Collective::all_reduce;
  Exchanges exchanges(workload, routes, adds ? 1 : workload.ranks.value);
  if (!adds) {
    exchanges.doubling();
    return exchanges.finish();
  }
  exchanges.keep_additions_apart();
  exchanges.fold_in();
  exchanges.whole();
  exchanges.fold_out();
  return exchanges.finish();
}

}  // namespace

extern const GeneratorEntry recursive_doubling{
    .name = "recursive_doubling",
    .collectives = supported,
    .summary = "⌊log2 n⌋ exchanges at distance 1, 2, 4, …: fewest rounds",
    .citation =
        "Thakur, Rabenseifner and Gropp, Optimization of collective communication "
        "operations in MPICH, IJHPCA 19(1), 2005, §4.1 and 4.5, doi:10.1177/1094342005051521",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
