// SPDX-License-Identifier: Apache-2.0
#include "analytic/contention.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <numeric>

namespace plumbline::analytic {
namespace {

using workload::Dag;
using workload::OpId;

constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

/// Sources whose descendants are found in one pass over the dag.
constexpr std::size_t batch = 512;
using Mask = std::array<std::uint64_t, batch / 64>;

/// Covers the operations by chains of direct dag edges, greedily. One chain: all are ordered.
/// `tail_of` maps an operation to the chain it ends, and is all `none` before and after.
void cover_by_edges(Shared& shared, const Dag& dag, std::vector<std::uint32_t>& tail_of) {
  shared.chain.clear();
  shared.chains = 0;
  for (const std::uint32_t op : shared.ops) {
    std::uint32_t chain = none;
    for (const OpId p : dag.before(OpId(op))) {
      if (tail_of[p.index()] != none) {
        chain = std::exchange(tail_of[p.index()], none);
        break;
      }
    }
    chain = chain == none ? shared.chains++ : chain;
    shared.chain.push_back(chain);
    tail_of[op] = chain;
  }
  for (const std::uint32_t op : shared.ops) {
    tail_of[op] = none;
  }
}

/// The same with all ancestors, which the rival matrix knows: an earlier operation on the resource
/// that isn't a rival is an ancestor.
void cover_by_ancestors(Shared& shared) {
  std::vector<std::size_t> tails;
  for (std::size_t i = 0; i < shared.ops.size(); ++i) {
    const auto row = shared.row(i);
    const auto free = std::ranges::find_if(
        tails, [&](std::size_t tail) { return ((row[tail / 64] >> (tail % 64)) & 1U) == 0; });
    shared.chain[i] = static_cast<std::uint32_t>(free - tails.begin());
    if (free == tails.end()) {
      tails.push_back(i);
    } else {
      *free = i;
    }
  }
  shared.chains = static_cast<std::uint32_t>(tails.size());
}

void weigh_chains(Shared& shared) {
  shared.heaviest.assign(shared.chains, 0.0);
  for (std::size_t i = 0; i < shared.ops.size(); ++i) {
    double& most = shared.heaviest[shared.chain[i]];
    most = std::max(most, shared.weight[i]);
  }
  shared.weights = std::accumulate(shared.heaviest.begin(), shared.heaviest.end(), 0.0);
}

void all_rivals(Shared& shared) {
  const std::size_t count = shared.ops.size();
  shared.paired = true;
  shared.rival.assign(count * shared.words(), ~std::uint64_t{0});
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<std::uint64_t> row(shared.rival.data() + i * shared.words(), shared.words());
    row[i / 64] &= ~(std::uint64_t{1} << (i % 64));
    if (count % 64 != 0) {
      row.back() &= (std::uint64_t{1} << (count % 64)) - 1;
    }
  }
}

void order(Shared& shared, std::size_t i, std::size_t j) {
  shared.rival[i * shared.words() + j / 64] &= ~(std::uint64_t{1} << (j % 64));
  shared.rival[j * shared.words() + i / 64] &= ~(std::uint64_t{1} << (i % 64));
}

/// Which of `sources` (ascending, at most `batch`) each operation descends from or is.
void descend(const Dag& dag, std::span<const std::uint32_t> sources, std::vector<Mask>& reached) {
  std::size_t next = 0;
  for (std::size_t i = sources.front(); i < dag.size(); ++i) {
    Mask mask{};
    for (const OpId p : dag.before(OpId(i))) {
      if (p.index() >= sources.front()) {
        for (std::size_t w = 0; w < mask.size(); ++w) {
          mask[w] |= reached[p.index()][w];
        }
      }
    }
    if (next < sources.size() && sources[next] == i) {
      mask[next / 64] |= std::uint64_t{1} << (next % 64);
      ++next;
    }
    reached[i] = mask;
  }
}

/// Unmarks the rivals that descend from one of `sources`.
void strike_descendants(Shared& shared, std::span<const std::uint32_t> sources,
                        const std::vector<Mask>& reached) {
  const auto begin = std::ranges::lower_bound(shared.ops, sources.front());
  const auto end = std::ranges::upper_bound(shared.ops, sources.back());
  for (auto source = begin; source != end; ++source) {
    const auto bit =
        static_cast<std::size_t>(std::ranges::lower_bound(sources, *source) - sources.begin());
    for (auto op = std::next(source); op != shared.ops.end(); ++op) {
      if (((reached[*op][bit / 64] >> (bit % 64)) & 1U) != 0) {
        order(shared, static_cast<std::size_t>(source - shared.ops.begin()),
              static_cast<std::size_t>(op - shared.ops.begin()));
      }
    }
  }
}

/// The operations on paired resources, ascending, each once.
std::vector<std::uint32_t> paired_operations(std::span<const Shared> shared,
                                             std::size_t operations) {
  std::vector<bool> wanted(operations, false);
  for (const Shared& s : shared) {
    if (s.paired) {
      for (const std::uint32_t op : s.ops) {
        wanted[op] = true;
      }
    }
  }
  std::vector<std::uint32_t> result;
  for (std::size_t i = 0; i < operations; ++i) {
    if (wanted[i]) {
      result.push_back(static_cast<std::uint32_t>(i));
    }
  }
  return result;
}

}  // namespace

Contention::Contention(const workload::Problem& problem, const ContentionBudget& budget) {
  collect(problem);
  pair_up(problem.dag(), budget);
  index(problem.dag().size());
}

void Contention::collect(const workload::Problem& problem) {
  const Dag& dag = problem.dag();
  const workload::Costs& costs = problem.costs();
  shared_.resize(costs.resources().size());
  for (std::size_t i = 0; i < dag.size(); ++i) {
    if (!dag.operations[i].is_transfer() || dag.operations[i].amount <= 0.0) {
      continue;  // moves nothing, so it neither slows nor is slowed
    }
    for (const workload::Use& use : costs.uses(costs.path_of(dag.origin[i]))) {
      Shared& shared = shared_[use.resource.index()];
      shared.capacity = costs.resources()[use.resource.index()].capacity;
      shared.ops.push_back(static_cast<std::uint32_t>(i));
      shared.weight.push_back(use.weight);
    }
  }
  std::vector<std::uint32_t> tail_of(dag.size(), none);
  for (Shared& shared : shared_) {
    cover_by_edges(shared, dag, tail_of);
  }
  std::erase_if(shared_, [](const Shared& s) { return s.chains < 2; });
}

void Contention::pair_up(const Dag& dag, const ContentionBudget& budget) {
  // Small resources first: they are many, and exact for little.
  std::ranges::stable_sort(shared_, {}, [](const Shared& s) { return s.ops.size(); });
  std::uint64_t pairs = 0;
  std::size_t unpaired = 0;
  for (Shared& shared : shared_) {
    pairs += std::uint64_t{shared.ops.size()} * shared.ops.size();
    if (pairs <= budget.pairs) {
      all_rivals(shared);
    } else {
      ++unpaired;
    }
  }
  if (unpaired > 0) {
    given_up_ = fmt::format("on {} resource{} rivals are excluded by time only (too many pairs)",
                            unpaired, unpaired == 1 ? "" : "s");
  }
  const std::vector<std::uint32_t> sources = paired_operations(shared_, dag.size());
  const std::uint64_t passes = (sources.size() + batch - 1) / batch;
  if (passes * (dag.size() + dag.predecessors.size()) * (batch / 64) > budget.ancestor_words) {
    given_up_ = "rivals are excluded by time only (too many operations to find ancestors)";
    return;  // direct edges still made the chains
  }
  std::vector<Mask> reached(sources.empty() ? 0 : dag.size());
  for (std::size_t from = 0; from < sources.size(); from += batch) {
    const auto part = std::span(sources).subspan(from, std::min(batch, sources.size() - from));
    descend(dag, part, reached);
    for (Shared& shared : shared_) {
      if (shared.paired) {
        strike_descendants(shared, part, reached);
      }
    }
  }
  for (Shared& shared : shared_) {
    if (shared.paired) {
      cover_by_ancestors(shared);
    }
  }
  std::erase_if(shared_, [](const Shared& s) { return s.chains < 2; });
}

void Contention::index(std::size_t operations) {
  offsets_.assign(operations + 1, 0);
  for (Shared& shared : shared_) {
    weigh_chains(shared);
    shared.first_chain = chains_;
    chains_ += shared.chains;
    for (const std::uint32_t op : shared.ops) {
      ++offsets_[op + 1];
    }
  }
  std::partial_sum(offsets_.begin(), offsets_.end(), offsets_.begin());
  standings_.resize(offsets_.back());
  std::vector<std::uint32_t> next(offsets_.begin(), offsets_.end() - 1);
  for (std::size_t s = 0; s < shared_.size(); ++s) {
    for (std::size_t i = 0; i < shared_[s].ops.size(); ++i) {
      standings_[next[shared_[s].ops[i]]++] = {static_cast<std::uint32_t>(s),
                                               static_cast<std::uint32_t>(i)};
    }
  }
}

}  // namespace plumbline::analytic
