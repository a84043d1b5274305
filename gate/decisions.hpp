// SPDX-License-Identifier: Apache-2.0
// What it costs to believe a solver where it tells one algorithm from another. It decides nothing:
// no solver of times claims it.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "gate/sample.hpp"

namespace plumbline::gate {

/// The regret of taking the algorithm that is said to be fastest, against the fastest.
struct Decisions {
  std::size_t points = 0;  ///< with two answered algorithms or more
  std::size_t wrong = 0;   ///< whose choice costs more than most_regret
  double p95 = 0.0;
  double worst = 0.0;
  std::string worst_at;  ///< and what was chosen there
};

/// On some of the samples, spread evenly over them. Nullopt where a solver claims no time, or its
/// domain leaves no choice.
[[nodiscard]] std::optional<Decisions> decisions(analytic::Subject& subject, const Domain& domain,
                                                 const std::vector<Sample>& samples,
                                                 const zoo::Catalogue& catalogue,
                                                 const TruthOptions& options);

}  // namespace plumbline::gate
