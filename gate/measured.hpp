// SPDX-License-Identifier: Apache-2.0
// What was measured, as a further column beside the truth of the model. It decides nothing: a
// measurement holds what no problem says.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analytic/contract.hpp"
#include "experiments/experiment.hpp"

namespace plumbline::gate {

/// A solver on the measured points of one experiment.
struct MeasuredScore {
  std::string experiment;
  std::string set;
  std::size_t points = 0;  ///< with one measured row
  std::size_t answered = 0;
  std::string why_not;  ///< the first reason why one is not; empty where all are
  double mean = 0.0;    ///< of |answer / measured - 1|
  double worst = 0.0;   ///< signed
  std::string worst_at;
  /// Mean |error| on the answered points of two straight lines through each curve of theirs, which
  /// have seen what they say; nullopt without points.
  std::optional<double> null;
};

using Experiments = std::vector<std::unique_ptr<experiments::Experiment>>;

/// InputError where a file is no experiment with `measured:`.
[[nodiscard]] Experiments measured_experiments(std::span<const std::string> files,
                                               const zoo::Catalogue& catalogue);

/// One an experiment. What its file leaves open (`auto`) is chosen as `plumbline run` does.
/// Precondition: the solver does not choose but answers a time or a bandwidth.
[[nodiscard]] std::vector<MeasuredScore> against_measured(analytic::Subject& subject,
                                                          const Experiments& experiments);

}  // namespace plumbline::gate
