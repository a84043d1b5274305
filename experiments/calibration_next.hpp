// SPDX-License-Identifier: Apache-2.0
// What to measure next, as command lines of nccl-tests.
#pragma once

#include <vector>

#include "calibration/fit.hpp"
#include "calibration/simulated_response.hpp"
#include "experiments/calibration_input.hpp"
#include "report/calibration.hpp"

namespace plumbline::experiments {

/// What a fit knows least: a direction in the logarithms of its parameters, and its name.
struct Target {
  std::vector<double> direction;
  std::string name;
};

/// Measurements out of `possible` (PointsOf::sweep) that narrow the target most, at most three and
/// each on another curve. `factor`: of a standard deviation to that of a 95 % interval.
[[nodiscard]] std::vector<report::Suggestion> suggest_measurements(
    const CalibrationInput& possible, const calibration::FitProblem& problem,
    const calibration::Fit& fit, calibration::SimulatedResponse& response, const Target& target);

/// `all_gather_perf -b 128K -e 2M -f 2 -g 8`: a run over sizes about `size`; by mpirun where the
/// ranks are on several machines. Empty for what nccl-tests does not measure.
[[nodiscard]] std::string nccl_tests_command(const MeasuredCurve& curve, core::Bytes size);

}  // namespace plumbline::experiments
