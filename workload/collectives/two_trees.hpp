// SPDX-License-Identifier: Apache-2.0
// Two binary trees over the same nodes; what is an inner node of one is a leaf of the other, so
// that both directions of every port carry whole buffers where each has half of it.
//
// The tree on the numbers 0, …, m − 1: the parent of v > 0 clears v's lowest set bit and sets the
// one above, or, where no such number is below m, only clears it. Odd numbers are leaves; 0 is the
// root and has one child. Numbers become nodes by
//
// | | first tree | second tree |
// |---|---|---|
// | roots differ, as in NCCL's all_reduce | v | m even: m − 1 − v; m odd: (v + 1) mod m |
// | both have the root 0 | v | 0 stays; m odd: m − v; m even: the others moved on by one |
//
// No node is inner in both, but for node 0 where roots differ and m is odd: the root of one tree
// with its one child.
#pragma once

#include <cstdint>
#include <vector>

#include "workload/collectives/piped.hpp"

namespace plumbline::workload {

/// Appends the hops of one stream through one of the trees. Even streams take the first tree, odd
/// ones the second. A node is a chain of ranks that begins at its place in the tree.
class TwoTrees {
 public:
  using Chain = std::vector<RankId>;

  TwoTrees(std::vector<Chain> nodes, bool one_root, std::uint32_t stream,
           std::vector<PipedHop>& hops);

  /// What every node does first, by node: a hop that its first rank's own contribution comes from.
  void begin(const std::vector<std::uint32_t>& hops);

  /// Adds up, along the chains and to the root.
  void reduce();

  /// Hands out what the root has.
  void broadcast();

  /// The hops by which the first rank of a node has what is complete: after reduce(), its subtree's
  /// sum; after broadcast(), all.
  [[nodiscard]] const std::vector<std::uint32_t>& complete(std::size_t node) const {
    return complete_[node];
  }

 private:
  std::uint32_t add(OpKind kind, RankId from, RankId to, std::vector<std::uint32_t> fed_by);
  [[nodiscard]] std::uint32_t parent_of(std::uint32_t v) const;

  std::vector<Chain> nodes_;
  std::uint32_t stream_;
  std::vector<PipedHop>& hops_;
  std::vector<std::uint32_t> node_of_;  ///< by number
  std::vector<std::uint32_t> upwards_;  ///< numbers, children before parents
  std::vector<std::vector<std::uint32_t>> begun_;
  std::vector<std::vector<std::uint32_t>> complete_;
};

}  // namespace plumbline::workload
