// SPDX-License-Identifier: Apache-2.0
// Collectives that the switch computes. Rank r looks after the r-th part of the buffer: it asks the
// switch for the sum of everyone's part r, and has the switch give it to everyone. An all_gather is
// the second half of that, a reduce_scatter the first; broadcast and reduce do it with the whole
// buffer at the root. Parts are cut into pieces; a rank's next sum waits for its last one, so that
// summing one piece goes beside handing out the piece before.
#include <array>

#include "workload/collectives/piped.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce, Collective::all_gather,
                               Collective::reduce_scatter, Collective::broadcast,
                               Collective::reduce};

bool has_root(Collective collective) {
  return collective == Collective::broadcast || collective == Collective::reduce;
}

bool adds(Collective collective) {
  return collective != Collective::all_gather && collective != Collective::broadcast;
}

bool replicates(Collective collective) {
  return collective != Collective::reduce_scatter && collective != Collective::reduce;
}

std::uint32_t parts(const Workload& workload) {
  return has_root(workload.collective) ? 1 : workload.ranks.value;
}

std::string refuses(const Workload& workload) {
  if (!workload.site.in_network) {
    return "no switch that adds and replicates joins all ranks";
  }
  if (std::string why = refuse_options(workload, {Option::chunk}); !why.empty()) {
    return why;
  }
  return refuse_pipe(workload, 2 * parts(workload), parts(workload));
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  std::vector<RankId> all;
  for (std::uint32_t rank = 0; rank < workload.ranks.value; ++rank) {
    all.emplace_back(rank);
  }
  std::vector<PipedHop> hops;
  for (std::uint32_t part = 0; part < parts(workload); ++part) {
    const RankId owner = has_root(workload.collective) ? workload.root : RankId(part);
    std::vector<std::uint32_t> sum;
    if (adds(workload.collective)) {
      sum = {static_cast<std::uint32_t>(hops.size())};
      hops.push_back({.kind = OpKind::switch_reduce, .from = owner, .stream = part, .group = all});
    }
    if (replicates(workload.collective)) {
      hops.push_back({.kind = OpKind::multicast,
                      .from = owner,
                      .stream = part,
                      .fed_by = std::move(sum),
                      .group = all});
    }
  }
  return pipe(workload, routes, hops, parts(workload));
}

}  // namespace

extern const GeneratorEntry nvls{
    .name = "nvls",
    .collectives = supported,
    .summary = "The switch sums and replicates: every rank looks after 1/n of the buffer",
    .citation =
        "Klenk et al., An in-network architecture for accelerating shared-memory multiprocessor "
        "collectives, ISCA 2020, doi:10.1109/ISCA45697.2020.00085",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
