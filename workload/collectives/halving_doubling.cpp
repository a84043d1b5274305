// SPDX-License-Identifier: Apache-2.0
// Rabenseifner's all_reduce: reduce_scatter by recursive halving (distance n/2, n/4, … 1, half of
// what is left each time), then all_gather by recursive doubling back. reduce_scatter is its first
// half.
//
// all_reduce takes any number of ranks: those beyond the largest power of two add their buffer to a
// partner's first and get the result from it last (Rabenseifner halves that transfer too; this is
// the simpler fold). reduce_scatter takes a power of two.
#include <array>
#include <bit>

#include "workload/collectives/common.hpp"
#include "workload/collectives/exchange.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce, Collective::reduce_scatter};

std::string refuses(const Workload& workload) {
  if (workload.collective == Collective::reduce_scatter) {
    if (std::string why = refuse_uneven(workload); !why.empty()) {
      return why;
    }
  }
  const std::uint64_t ranks = workload.ranks.value;
  return refuse_channels_or_size(workload, 2 * ranks * std::bit_width(ranks));
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  Exchanges exchanges(workload, routes, std::bit_floor(workload.ranks.value));
  exchanges.fold_in();
  exchanges.halving();
  if (workload.collective == Collective::all_reduce) {
    exchanges.doubling();
    exchanges.fold_out();
  }
  return exchanges.finish();
}

}  // namespace

extern const GeneratorEntry halving_doubling{
    .name = "halving_doubling",
    .collectives = supported,
    .summary = "Recursive halving, then doubling: 2⌊log2 n⌋ rounds and the least data",
    .citation =
        "Rabenseifner, Optimization of collective reduction operations, ICCS 2004, LNCS 3036, "
        "doi:10.1007/978-3-540-24685-5_1",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
