// SPDX-License-Identifier: Apache-2.0
// What to measure next: the points that narrow what a fit knows least.
#pragma once

#include <cstddef>
#include <vector>

#include "calibration/fit.hpp"

namespace plumbline::calibration {

/// A point worth measuring.
struct NextPoint {
  std::size_t candidate = 0;  ///< its number among the candidates
  double before = 0.0;        ///< standard deviation of the target (a logarithm)
  double after = 0.0;         ///< with this point and those before it in the list
};

/// Up to `count` candidates, one at a time the one that reduces most the variance of the
/// combination sum_j direction[j] theta_j: with information M = sum_i J_i J_i^T / s_i^2 + priors
/// and x = a candidate's derivatives over the fit's scale, by (x M^-1 direction)^2 / (1 + x M^-1 x)
/// (Sherman & Morrison 1950; c-optimal design, Pukelsheim, Optimal Design of Experiments, 1993).
/// Held parameters are known. `candidates` has a row for each candidate, of derivatives by theta.
[[nodiscard]] std::vector<NextPoint> next_points(const FitProblem& problem, const Fit& fit,
                                                 const Matrix& candidates,
                                                 const std::vector<double>& direction,
                                                 std::size_t count);

}  // namespace plumbline::calibration
