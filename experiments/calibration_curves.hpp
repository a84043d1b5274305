// SPDX-License-Identifier: Apache-2.0
// Measured curves with everything that predicts them beside.
#pragma once

#include <span>
#include <vector>

#include "calibration/conformal.hpp"
#include "experiments/calibration_input.hpp"
#include "report/calibration.hpp"

namespace plumbline::experiments {

/// Steps of the collective's ring algorithm, by which a null model's latency is scaled: 2(n-1) of
/// all_reduce (Patarasuk & Yuan 2009), 1 of what two ranks do, n-1 of all else.
[[nodiscard]] double ring_steps(const std::string& collective, std::uint32_t ranks);

/// nccl-tests' bus factor, by which its cost of a byte is scaled; 1 of what has none.
[[nodiscard]] double ring_bytes(const std::string& collective, std::uint32_t ranks);

/// Curves of `input`. `fitted` holds the input that was fitted on, for null models: the same one,
/// or another where `input` is scored. Points are sorted by size.
[[nodiscard]] std::vector<report::CalibratedCurve> calibrated_curves(
    const CalibrationInput& input, const CalibrationInput& fitted,
    const calibration::SimulatedResponse& response, std::span<const double> theta,
    const calibration::Conformal* intervals);

}  // namespace plumbline::experiments
