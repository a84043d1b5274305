// SPDX-License-Identifier: Apache-2.0
// all_reduce by a tree of switches that only one rank a machine, its leader, takes part in: the
// ranks of a machine add up along a chain that ends in the leader, the switches add what leaders
// have (sharp_tree.cpp), and the sum goes back along the chain. In pieces, which follow each other.
#include <array>

#include "workload/collectives/machines.hpp"
#include "workload/collectives/piped.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce};

std::string refuses(const Workload& workload) {
  if (ranks_of_machines(workload).size() == 1) {
    return "all ranks are in one machine";
  }
  if (!workload.site.in_network_leaders) {
    return "no switch that adds and replicates joins the first ranks of all machines";
  }
  if (std::string why = refuse_options(workload, {Option::chunk, Option::slots}); !why.empty()) {
    return why;
  }
  return refuse_pipe(workload, 2 * std::uint64_t{workload.ranks.value}, 1);
}

/// Appends the hops from rank to rank, each fed by the one before and the first by `fed_by`.
void add_chain(OpKind kind, const std::vector<RankId>& chain, std::vector<std::uint32_t> fed_by,
               std::vector<PipedHop>& hops) {
  for (std::size_t i = 1; i < chain.size(); ++i) {
    hops.push_back(
        {.kind = kind, .from = chain[i - 1], .to = chain[i], .fed_by = std::move(fed_by)});
    fed_by = {static_cast<std::uint32_t>(hops.size() - 1)};
  }
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const auto machines = ranks_of_machines(workload);
  std::vector<PipedHop> hops;
  std::vector<RankId> leaders;
  std::vector<std::uint32_t> sums;
  for (const std::vector<RankId>& machine : machines) {
    leaders.push_back(machine.front());
    add_chain(OpKind::reduce, {machine.rbegin(), machine.rend()}, {}, hops);
    if (machine.size() > 1) {
      sums.push_back(static_cast<std::uint32_t>(hops.size() - 1));
    }
  }
  const auto tree = static_cast<std::uint32_t>(hops.size());
  hops.push_back({.kind = OpKind::switch_all_reduce,
                  .from = leaders.front(),
                  .fed_by = std::move(sums),
                  .group = std::move(leaders)});
  for (const std::vector<RankId>& machine : machines) {
    add_chain(OpKind::copy, machine, {tree}, hops);
  }
  return pipe(workload, routes, hops, 1);
}

}  // namespace

extern const GeneratorEntry sharp_leaders{
    .name = "sharp_leaders",
    .collectives = supported,
    .summary =
        "A chain inside every machine, and between their leaders a tree of switches that add",
    .citation =
        "Graham et al., Scalable Hierarchical Aggregation Protocol (SHARP), COMHPC 2016, "
        "doi:10.1109/COMHPC.2016.006",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
