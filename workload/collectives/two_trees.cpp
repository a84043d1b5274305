// SPDX-License-Identifier: Apache-2.0
#include "workload/collectives/two_trees.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace plumbline::workload {

namespace {

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

}  // namespace

TwoTrees::TwoTrees(std::vector<Chain> nodes, bool one_root, std::uint32_t stream,
                   std::vector<PipedHop>& hops)
    : nodes_(std::move(nodes)),
      stream_(stream),
      hops_(hops),
      begun_(nodes_.size()),
      complete_(nodes_.size()) {
  const auto count = static_cast<std::uint32_t>(nodes_.size());
  for (std::uint32_t v = 0; v < count; ++v) {
    node_of_.push_back(stream % 2 == 0 ? v : in_second_tree(v, count, one_root));
    upwards_.push_back(v);
  }
  // Children have fewer trailing zeros than their parents, and 0 has most of all.
  std::ranges::stable_sort(upwards_, {}, [](std::uint32_t v) { return std::countr_zero(v); });
}

void TwoTrees::begin(const std::vector<std::uint32_t>& hops) {
  for (std::size_t node = 0; node < hops.size(); ++node) {
    begun_[node] = {hops[node]};
  }
  complete_ = begun_;
}

void TwoTrees::reduce() {
  for (const std::uint32_t v : upwards_) {
    const Chain& chain = nodes_[node_of_[v]];
    std::vector<std::uint32_t>& sum = complete_[node_of_[v]];
    std::vector<std::uint32_t> tail;
    for (std::size_t i = chain.size() - 1; i > 0; --i) {
      tail = {add(OpKind::reduce, chain[i], chain[i - 1], tail)};
    }
    sum.insert(sum.end(), tail.begin(), tail.end());
    if (v > 0) {
      const std::uint32_t parent = node_of_[parent_of(v)];
      std::vector<std::uint32_t> before = sum;
      before.insert(before.end(), begun_[parent].begin(), begun_[parent].end());
      complete_[parent].push_back(
          add(OpKind::reduce, chain.front(), nodes_[parent].front(), std::move(before)));
    }
  }
}

void TwoTrees::broadcast() {
  const std::vector<std::uint32_t> downwards(upwards_.rbegin(), upwards_.rend());
  for (const std::uint32_t v : downwards) {
    const Chain& chain = nodes_[node_of_[v]];
    std::vector<std::uint32_t>& all = complete_[node_of_[v]];
    if (v > 0) {
      const std::uint32_t parent = node_of_[parent_of(v)];
      all = {add(OpKind::copy, nodes_[parent].front(), chain.front(), complete_[parent])};
    }
    std::vector<std::uint32_t> tail = all;
    for (std::size_t i = 1; i < chain.size(); ++i) {
      tail = {add(OpKind::copy, chain[i - 1], chain[i], tail)};
    }
  }
}

std::uint32_t TwoTrees::add(OpKind kind, RankId from, RankId to,
                            std::vector<std::uint32_t> fed_by) {
  hops_.push_back(
      {.kind = kind, .from = from, .to = to, .stream = stream_, .fed_by = std::move(fed_by)});
  return static_cast<std::uint32_t>(hops_.size() - 1);
}

std::uint32_t TwoTrees::parent_of(std::uint32_t v) const {
  const std::uint32_t lowest = v & (~v + 1);
  const std::uint32_t above = (v - lowest) | (2 * lowest);
  return above < nodes_.size() ? above : v - lowest;
}

}  // namespace plumbline::workload
