// SPDX-License-Identifier: Apache-2.0
// all_reduce by the switches inside machines and trees between them. Of g ranks in a machine the
// i-th looks after part i: it asks the machine's switch for the sum of everyone's part i, adds that
// up with the i-th ranks of the other machines along two trees (two_trees.hpp), half of the part on
// either, and has the switch give the result to the others, while the trees pass it on. In pieces,
// all of which overlaps.
#include <array>

#include "workload/collectives/machines.hpp"
#include "workload/collectives/two_trees.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce};

std::uint32_t streams(const Workload& workload) {
  return 2 * static_cast<std::uint32_t>(ranks_of_machines(workload).front().size());
}

std::string refuses(const Workload& workload) {
  if (std::string why = refuse_machines(workload); !why.empty()) {
    return why;
  }
  if (ranks_of_machines(workload).front().size() == 1) {
    return "machines hold one rank each: there is nothing to add inside";
  }
  if (!workload.site.in_network_inside) {
    return "no switch that adds and replicates joins the ranks of every machine";
  }
  if (std::string why = refuse_options(workload, {Option::chunk, Option::slots}); !why.empty()) {
    return why;
  }
  // Of every rank and tree: a sum, a hop up, a hop down and a gift.
  return refuse_pipe(workload, 8 * std::uint64_t{workload.ranks.value}, streams(workload));
}

/// One half of part i.
void add_part(const std::vector<std::vector<RankId>>& machines, std::uint32_t i,
              std::uint32_t stream, std::vector<PipedHop>& hops) {
  std::vector<TwoTrees::Chain> nodes;
  std::vector<std::uint32_t> sums;
  for (const std::vector<RankId>& machine : machines) {
    nodes.push_back({machine[i]});
    sums.push_back(static_cast<std::uint32_t>(hops.size()));
    hops.push_back(
        {.kind = OpKind::switch_reduce, .from = machine[i], .stream = stream, .group = machine});
  }
  TwoTrees tree(std::move(nodes), false, stream, hops);
  tree.begin(sums);
  tree.reduce();
  tree.broadcast();
  for (std::size_t m = 0; m < machines.size(); ++m) {
    std::vector<RankId> others = machines[m];
    others.erase(others.begin() + i);
    const bool several = others.size() > 1;
    hops.push_back({.kind = several ? OpKind::multicast : OpKind::copy,
                    .from = machines[m][i],
                    .to = others.front(),
                    .stream = stream,
                    .fed_by = tree.complete(m),
                    .group = several ? others : std::vector<RankId>{}});
  }
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const auto machines = ranks_of_machines(workload);
  std::vector<PipedHop> hops;
  for (std::uint32_t stream = 0; stream < streams(workload); ++stream) {
    add_part(machines, stream / 2, stream, hops);
  }
  return pipe(workload, routes, hops, streams(workload), Shape::tree);
}

}  // namespace

extern const GeneratorEntry nvls_tree{
    .name = "nvls_tree",
    .collectives = supported,
    .summary = "Switches sum and replicate inside machines, two trees a rank join the machines",
    .citation =
        "NVIDIA/nccl, issue 1649, 2025: NVLSTree, constant inside a machine, logarithmic between",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
