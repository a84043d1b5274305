// SPDX-License-Identifier: Apache-2.0
// Which operations may slow each other down: for every resource the operations on it that the dag
// leaves unordered.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "workload/problem.hpp"

namespace plumbline::analytic {

/// A resource on which at least two operations are, as far as we know, unordered.
struct Shared {
  core::Bandwidth capacity;
  std::vector<std::uint32_t> ops;  ///< indices into the dag, ascending
  std::vector<double> weight;      ///< of each of `ops`
  std::vector<std::uint32_t>
      chain;  ///< of each of `ops`; those of one chain are ordered by the dag
  std::uint32_t chains = 0;
  std::vector<double> heaviest;      ///< per chain: the largest weight of its operations
  double weights = 0.0;              ///< their sum
  std::uint32_t first_chain = 0;     ///< numbers chains over all resources
  bool paired = false;               ///< `rival` is known; else any two may be rivals
  std::vector<std::uint64_t> rival;  ///< bit matrix over `ops`: neither ancestor nor descendant

  [[nodiscard]] std::size_t words() const { return (ops.size() + 63) / 64; }

  [[nodiscard]] std::span<const std::uint64_t> row(std::size_t position) const {
    return std::span(rival).subspan(position * words(), words());
  }

  /// The most weight that can be there at once with one of `ops`, its own included.
  [[nodiscard]] double weight_beside(std::size_t position) const {
    return weight[position] + weights - heaviest[chain[position]];
  }
};

/// Where an operation stands on a shared resource.
struct Standing {
  std::uint32_t shared = 0;    ///< index into Contention::shared()
  std::uint32_t position = 0;  ///< index into Shared::ops
};

/// What working out who is unordered may cost. Beyond it, operations count as unordered: bounds
/// stay sound and become looser.
struct ContentionBudget {
  /// Σ (operations on a shared resource)²: bits of the rival matrices, visited once per round.
  std::uint64_t pairs = std::uint64_t{1} << 27;
  /// 64-bit words touched to find ancestors (about a second).
  std::uint64_t ancestor_words = std::uint64_t{1} << 31;
  /// Meetings of two rivals looked at (about 25 ns each). Then no further round is begun, and the
  /// rest of this one shares with every chain.
  std::uint64_t meetings = std::uint64_t{1} << 25;
};

class Contention {
 public:
  explicit Contention(const workload::Problem& problem, const ContentionBudget& budget = {});

  [[nodiscard]] std::span<const Shared> shared() const { return shared_; }

  /// The shared resources an operation of the dag is on.
  [[nodiscard]] std::span<const Standing> of(std::size_t op) const {
    return std::span(standings_).subspan(offsets_[op], offsets_[op + 1] - offsets_[op]);
  }

  [[nodiscard]] std::uint32_t chains() const { return chains_; }

  /// Empty, or what was given up to stay inside the budget.
  [[nodiscard]] const std::string& given_up() const { return given_up_; }

 private:
  void collect(const workload::Problem& problem);
  void pair_up(const workload::Dag& dag, const ContentionBudget& budget);
  void index(std::size_t operations);
  std::vector<Shared> shared_;
  std::vector<std::uint32_t> offsets_;
  std::vector<Standing> standings_;
  std::uint32_t chains_ = 0;
  std::string given_up_;
};

}  // namespace plumbline::analytic
