// SPDX-License-Identifier: Apache-2.0
// Two binary trees over the same nodes, each for half of the buffer; what is an inner node of one
// is a leaf of the other, so that both directions of every port carry whole buffers. In pieces:
// reducing goes up, broadcasting down, and both overlap in an all_reduce.
//
// The tree on the numbers 0, …, m − 1: the parent of v > 0 clears v's lowest set bit and sets the
// one above, or, where no such number is below m, only clears it. Odd numbers are leaves; 0 is the
// root and has one child. Numbers become nodes by
//
// | | first tree | second tree |
// |---|---|---|
// | all_reduce | v | m even: m − 1 − v; m odd: (v + 1) mod m. Roots differ, as in NCCL |
// | broadcast, reduce; from the root's node on | v | 0 stays; m odd: m − v; m even: the others
// moved on by one |
//
// No node is inner in both, but for node 0 of an all_reduce with m odd, the root of one tree with
// its one child.
//
// Nodes are machines where ranks are on several, as in NCCL: inside a machine its ranks are a chain
// whose first is the machine's place in both trees: of channel c the rank number c of the machine
// (the root in its own), so that channels share out the adapters. On one machine nodes are ranks.
// Orders that `rings` gives are those of the chains instead, and one machine is one chain then, as
// in NCCL. NCCL also may let the two trees of a channel enter by different ranks.
#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "workload/collectives/machines.hpp"
#include "workload/collectives/piped.hpp"
#include "workload/collectives/ring_orders.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce, Collective::broadcast, Collective::reduce};

using Chain = std::vector<RankId>;

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

std::uint32_t parent_of(std::uint32_t v, std::uint32_t nodes) {
  const std::uint32_t lowest = v & (~v + 1);
  const std::uint32_t above = (v - lowest) | (2 * lowest);
  return above < nodes ? above : v - lowest;
}

/// The node that number v of the second tree is.
std::uint32_t in_second_tree(std::uint32_t v, std::uint32_t nodes, bool one_root) {
  const bool even = nodes % 2 == 0;
  if (!one_root) {
    return even ? nodes - 1 - v : (v + 1) % nodes;
  }
  if (v == 0) {
    return 0;
  }
  return even ? v % (nodes - 1) + 1 : nodes - v;
}

/// Hops of one stream through one tree.
class Tree {
 public:
  Tree(const Workload& workload, const std::vector<Chain>& nodes, std::uint32_t stream,
       std::vector<PipedHop>& hops)
      : stream_(stream), hops_(hops), complete_(nodes.size()) {
    const auto count = static_cast<std::uint32_t>(nodes.size());
    const bool one_root = workload.collective != Collective::all_reduce;
    for (std::uint32_t v = 0; v < count; ++v) {
      places_.push_back(nodes[stream % 2 == 0 ? v : in_second_tree(v, count, one_root)]);
      arrange(places_.back(), workload, v == 0 && one_root);
      upwards_.push_back(v);
    }
    // Children have fewer trailing zeros than their parents, and 0 has most of all.
    std::ranges::stable_sort(upwards_, {}, [](std::uint32_t v) { return std::countr_zero(v); });
  }

  /// Leaves in complete_[v] the hops that make the sum of v's subtree.
  void reduce() {
    for (const std::uint32_t v : upwards_) {
      std::vector<std::uint32_t> tail;
      for (std::size_t i = places_[v].size() - 1; i > 0; --i) {
        tail = {add(OpKind::reduce, places_[v][i], places_[v][i - 1], tail)};
      }
      complete_[v].insert(complete_[v].end(), tail.begin(), tail.end());
      if (v > 0) {
        const std::uint32_t parent = parent_of(v, count());
        complete_[parent].push_back(
            add(OpKind::reduce, places_[v].front(), places_[parent].front(), complete_[v]));
      }
    }
  }

  void broadcast() {
    const std::vector<std::uint32_t> downwards(upwards_.rbegin(), upwards_.rend());
    for (const std::uint32_t v : downwards) {
      if (v > 0) {
        const std::uint32_t parent = parent_of(v, count());
        complete_[v] = {
            add(OpKind::copy, places_[parent].front(), places_[v].front(), complete_[parent])};
      }
      std::vector<std::uint32_t> tail = complete_[v];
      for (std::size_t i = 1; i < places_[v].size(); ++i) {
        tail = {add(OpKind::copy, places_[v][i - 1], places_[v][i], tail)};
      }
    }
  }

 private:
  /// The order of a chain on this stream's channel; with the root's buffer in it, from there on.
  void arrange(Chain& chain, const Workload& workload, bool from_root) const {
    const std::uint32_t channel = stream_ / 2;
    RankId first = chain[channel % chain.size()];
    const RankId root = chain.front();
    if (has_given_chains(workload)) {
      std::vector<std::size_t> place(workload.ranks.value);
      const Chain& order = workload.rings[channel % workload.rings.size()];
      for (std::size_t i = 0; i < order.size(); ++i) {
        place[order[i].index()] = i;
      }
      std::ranges::sort(chain, {}, [&](RankId rank) { return place[rank.index()]; });
      first = chain.front();
    }
    std::ranges::rotate(chain, std::ranges::find(chain, from_root ? root : first));
  }

  [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(places_.size()); }

  std::uint32_t add(OpKind kind, RankId from, RankId to, std::vector<std::uint32_t> fed_by) {
    hops_.push_back(
        {.kind = kind, .from = from, .to = to, .stream = stream_, .fed_by = std::move(fed_by)});
    return static_cast<std::uint32_t>(hops_.size() - 1);
  }

  std::uint32_t stream_;
  std::vector<PipedHop>& hops_;
  std::vector<Chain> places_;           ///< the node of each number
  std::vector<std::uint32_t> upwards_;  ///< numbers, children before parents
  std::vector<std::vector<std::uint32_t>> complete_;
};

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
  std::vector<PipedHop> hops;
  for (std::uint32_t stream = 0; stream < 2 * workload.channels; ++stream) {
    Tree tree(workload, nodes, stream, hops);
    if (workload.collective != Collective::broadcast) {
      tree.reduce();
    }
    if (workload.collective != Collective::reduce) {
      tree.broadcast();
    }
  }
  return pipe(workload, routes, hops, 2 * workload.channels);
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
