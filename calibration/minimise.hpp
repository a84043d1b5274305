// SPDX-License-Identifier: Apache-2.0
// The minimiser below fit: Levenberg-Marquardt inside bounds, at one scale, from one start.
#pragma once

#include <span>
#include <vector>

#include "calibration/fit.hpp"

namespace plumbline::calibration {

struct Minimum {
  std::vector<double> theta;
  std::vector<double> predicted;  ///< log seconds of every point
  double loss = 0.0;
  Stop stop = Stop::exhausted;
};

/// Minimises the loss of fit at this scale. `theta` lies inside the ranges and has a finite loss,
/// or the minimum returned has none either.
[[nodiscard]] Minimum minimise(const FitProblem& problem, const FitOptions& options, double scale,
                               std::vector<double> theta);

/// The loss of fit; infinite where a time is not finite.
[[nodiscard]] double loss_at(const FitProblem& problem, const FitOptions& options, double scale,
                             std::span<const double> theta, std::span<const double> predicted);

}  // namespace plumbline::calibration
