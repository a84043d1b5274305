// SPDX-License-Identifier: Apache-2.0
// Two binary trees over the same nodes (two_trees.hpp), each for half of the buffer. In pieces:
// reducing goes up, broadcasting down, and both overlap in an all_reduce.
//
// Nodes are machines where ranks are on several, as in NCCL: inside a machine its ranks are a chain
// whose first is the machine's place in both trees: of channel c the rank number c of the machine
// (the root in its own), so that channels share out the adapters. On one machine nodes are ranks.
// Orders that `rings` gives are those of the chains instead, and one machine is one chain then, as
// in NCCL. NCCL also may let the two trees of a channel enter by different ranks.
#include <algorithm>
#include <array>
#include <vector>

#include "workload/collectives/machines.hpp"
#include "workload/collectives/ring_orders.hpp"
#include "workload/collectives/two_trees.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce, Collective::broadcast, Collective::reduce};

using Chain = TwoTrees::Chain;

bool has_given_chains(const Workload& workload) {
  return workload.ring_order == RingOrder::given;
}

/// The nodes, that of the root first where there is one, each with its ranks from its place in the
/// trees on.
std::vector<Chain> nodes_of(const Workload& workload) {
  std::vector<Chain> nodes = ranks_of_machines(workload);
  if (nodes.size() == 1 && !has_given_chains(workload)) {
    nodes.clear();
    for (std::uint32_t rank = 0; rank < workload.ranks.value; ++rank) {
      nodes.push_back({RankId(rank)});
    }
  }
  if (workload.collective != Collective::all_reduce) {
    const auto has_root = [&](const Chain& chain) {
      return std::ranges::find(chain, workload.root) != chain.end();
    };
    std::rotate(nodes.begin(), std::ranges::find_if(nodes, has_root), nodes.end());
    Chain& first = nodes.front();
    std::rotate(first.begin(), std::ranges::find(first, workload.root), first.end());
  }
  return nodes;
}

/// The same nodes on a channel, each chain in its order there and from its place in the trees on;
/// the root's own from the root on.
std::vector<Chain> on_channel(std::vector<Chain> nodes, std::uint32_t channel,
                              const Workload& workload) {
  const bool one_root = workload.collective != Collective::all_reduce;
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    Chain& chain = nodes[node];
    RankId first = one_root && node == 0 ? chain.front() : chain[channel % chain.size()];
    if (has_given_chains(workload)) {
      std::vector<std::size_t> place(workload.ranks.value);
      const Chain& order = workload.rings[channel % workload.rings.size()];
      for (std::size_t i = 0; i < order.size(); ++i) {
        place[order[i].index()] = i;
      }
      std::ranges::sort(chain, {}, [&](RankId rank) { return place[rank.index()]; });
      first = one_root && node == 0 ? first : chain.front();
    }
    std::rotate(chain.begin(), std::ranges::find(chain, first), chain.end());
  }
  return nodes;
}

std::string refuses(const Workload& workload) {
  if (std::string why =
          refuse_options(workload, {Option::channels, Option::chunk, Option::slots, Option::rings});
      !why.empty()) {
    return why;
  }
  if (workload.ring_order != RingOrder::by_rank && !has_given_chains(workload)) {
    return "it has no rings but chains inside machines; give their orders, or leave rings out";
  }
  if (std::string why = refuse_rings(workload); !why.empty()) {
    return why;
  }
  const std::uint64_t phases = workload.collective == Collective::all_reduce ? 2 : 1;
  return refuse_pipe(workload, 2 * phases * workload.channels * (workload.ranks.value - 1),
                     2 * workload.channels);
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::vector<Chain> nodes = nodes_of(workload);
  const bool one_root = workload.collective != Collective::all_reduce;
  std::vector<PipedHop> hops;
  for (std::uint32_t stream = 0; stream < 2 * workload.channels; ++stream) {
    TwoTrees tree(on_channel(nodes, stream / 2, workload), one_root, stream, hops);
    if (workload.collective != Collective::broadcast) {
      tree.reduce();
    }
    if (workload.collective != Collective::reduce) {
      tree.broadcast();
    }
  }
  return pipe(workload, routes, hops, 2 * workload.channels, Shape::tree);
}

}  // namespace

extern const GeneratorEntry double_binary_tree{
    .name = "double_binary_tree",
    .collectives = supported,
    .summary =
        "Two binary trees, each for half of the buffer, inner nodes of one leaves of the other",
    .citation =
        "Sanders, Speck and Träff, Two-tree algorithms for full bandwidth broadcast, reduction "
        "and scan, Parallel Computing 35(12), 2009, doi:10.1016/j.parco.2009.09.001",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
