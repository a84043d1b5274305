// SPDX-License-Identifier: Apache-2.0
// Fits the constants of simulated times to measured ones: fit, look where the simulation disagrees
// with what the fit believed of it, fit again; then drop the parameters that earn nothing.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "calibration/fit.hpp"
#include "calibration/simulated_response.hpp"

namespace plumbline::calibration {

struct CalibrationOptions {
  FitOptions fit{};
  std::uint32_t global_rounds = 5;  ///< of fitting from many starts and looking
  std::uint32_t local_rounds = 14;  ///< of fitting near the best so far and looking
  std::vector<double> start{};      ///< of a response that has been fitted before: where to begin
  double agreement = 5e-3;          ///< of the fit's belief and the simulation, relative
  std::function<void(const std::string&)> progress{};  ///< told what is being done
};

/// A fit whose predictions are the simulation's own.
struct Calibrated {
  Fit fit;
  std::vector<bool> fixed;    ///< by parameter: held at its neutral value
  double error = 0.0;         ///< mean |log(predicted / measured)|, as simulated
  double disagreement = 0.0;  ///< largest, at the end
  std::uint32_t rounds = 0;
};

/// The parameters for which `fixed` is true stay at their neutral values. Where a library chose and
/// its tables are known, both ways of Choosing are fitted, and the response is left with the one
/// that explains the points better; a later fit of the same response (`start`) keeps to it.
[[nodiscard]] Calibrated calibrate(SimulatedResponse& response, const Observations& observations,
                                   const std::vector<bool>& fixed,
                                   const CalibrationOptions& options = {});

/// The problem that calibrate() fits, for what else is asked of it (intervals, cross-validation).
[[nodiscard]] FitProblem fit_problem(const SimulatedResponse& response,
                                     const Observations& observations,
                                     const std::vector<bool>& fixed);

}  // namespace plumbline::calibration
