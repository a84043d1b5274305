// SPDX-License-Identifier: Apache-2.0
// The worst case near those that were drawn, and the smallest that shows what is wrong.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gate/differential.hpp"

namespace plumbline::gate {

/// What cases are tried against.
struct Court {
  analytic::Subject& subject;
  const Domain& domain;
  const zoo::Catalogue& catalogue;
  const TruthOptions& truth;
};

struct Found {
  Sample sample;
  Judgement judgement;
  std::size_t tried = 0;  ///< cases on the way to it
};

/// Doubles and halves one number after the other, and keeps what makes it worse (pattern search,
/// Hooke and Jeeves 1961), until nothing does or `budget` cases were tried.
[[nodiscard]] Found worse(const Court& court, const Found& start, std::size_t budget);

/// Whether a case shows what is to be shown.
using Shows = std::function<bool(const Found&)>;

/// Breaks the claim as `start` does: on the same side, or with a fault where it has one.
[[nodiscard]] Shows breaks_like(const Found& start);

/// Of the cases that show the same, a simplest one: fewest machines and ranks, no features that it
/// can do without, round numbers. Greedy: no single step makes it simpler.
[[nodiscard]] Found simplest(const Court& court, const Found& start, const Shows& shows,
                             std::size_t budget);

/// Why it takes as long as it does, by a replay: its terms, the link that is busiest, the bound.
[[nodiscard]] std::string explanation(const Found& found, const analytic::Contract& contract,
                                      const TruthOptions& options);

}  // namespace plumbline::gate
