// SPDX-License-Identifier: Apache-2.0
// How well a fit predicts groups that it didn't see, and which parameters earn their place by that.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "calibration/fit.hpp"

namespace plumbline::calibration {

struct CrossValidationOptions {
  std::uint32_t folds = 0;  ///< 0: each group is a fold
  std::uint64_t seed = 1;   ///< of the draw of groups into folds
  FitOptions fit;  ///< of refits with parameters pinned; folds start from the optimum alone
};

struct CrossValidation {
  std::vector<std::uint32_t> groups;        ///< ascending
  std::vector<std::vector<double>> thetas;  ///< of the fits without each group, for the jackknife+
  std::vector<double> group_loss;           ///< mean Huber loss of each group's points, weighted
  double loss = 0.0;                        ///< mean over groups
  double standard_error = 0.0;              ///< of `loss`: deviation over groups / sqrt(groups)
  /// predicted - measured, log, of each point by the fit that didn't see its group; 0 for points
  /// that the problem leaves out.
  std::vector<double> residuals;
  double relative_error = 0.0;  ///< mean over groups of the mean |predicted/measured - 1|
};

/// Leave-one-group-out or, with `folds`, k-fold by group. Losses are in units of fit.scale, so that
/// models compare when the same scale is given. ModelError below two groups.
[[nodiscard]] CrossValidation cross_validate(const FitProblem& problem, const Fit& fit,
                                             const CrossValidationOptions& options = {});

/// Parameters that a model may do without, together: pinned to `neutral` they have no effect.
struct OptionalTerm {
  std::string name;
  std::vector<std::size_t> parameters;
  std::vector<double> neutral;  ///< theta, one a parameter
};

struct Decision {
  std::string name;
  double loss_with = 0.0;  ///< of the best model so far
  double loss_without = 0.0;
  double standard_error = 0.0;  ///< of the difference, paired by group
  bool kept = false;

  /// For people: `ramp: cross-validated loss 0.61 with, 0.64 without it (0.03 ± 0.05): dropped`.
  [[nodiscard]] std::string text() const;
};

struct Elimination {
  FitProblem problem;  ///< with what was dropped held at its neutral value
  Fit fit;
  CrossValidation validation;   ///< of `fit`
  std::vector<Decision> trace;  ///< the dropped in the order of dropping, then the kept
};

/// Backward elimination: a term stays only if the cross-validated loss without it is higher than
/// the best so far by more than one standard error of the difference over groups (the
/// one-standard-error rule, Breiman et al. 1984; against the best, since many small losses add up).
/// In each round the term that is missed least goes. Losses are in units of the first fit's scale
/// throughout. ModelError below two groups.
[[nodiscard]] Elimination eliminate(const FitProblem& problem, const Fit& fit,
                                    std::span<const OptionalTerm> terms,
                                    const CrossValidationOptions& options = {});

}  // namespace plumbline::calibration
