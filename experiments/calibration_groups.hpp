// SPDX-License-Identifier: Apache-2.0
// The measured times of a calibration, and what is left out of them together.
#pragma once

#include "calibration/response.hpp"
#include "experiments/calibration_input.hpp"

namespace plumbline::experiments {

/// The rows' times; a group is a curve.
[[nodiscard]] calibration::Observations observed(const CalibrationInput& input);

/// What is left out in turn to see which parameters earn their place: curves or, where they are
/// few, runs of neighbouring sizes of each, since differences over two or three curves have no
/// standard error to speak of.
[[nodiscard]] calibration::Observations in_blocks(const CalibrationInput& input,
                                                  const calibration::Observations& observations);

}  // namespace plumbline::experiments
