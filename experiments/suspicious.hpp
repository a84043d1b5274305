// SPDX-License-Identifier: Apache-2.0
// Measured curves that can't be what they are said to be: bandwidths in the column of times, times
// in another unit, or of another machine. A table of times alone does not contradict itself, so
// that physics has to: times don't fall as sizes grow, nor are they a thousand times what any
// constants would make of them.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "experiments/calibration_input.hpp"
#include "workload/engine.hpp"

namespace plumbline::experiments {

struct SuspectPoint {
  core::Bytes size;
  core::Seconds time;
  core::Seconds speed_of_light;
};

/// What is odd about the curve `label`, and what to do; empty where nothing is. `points` are sorted
/// by size. `expected` gives the time that uncalibrated constants predict for a point by its
/// number; it is asked only where the speed of light is far off already.
[[nodiscard]] std::string suspicion(const std::string& label, std::string_view collective,
                                    std::uint32_t ranks, std::span<const SuspectPoint> points,
                                    const std::function<core::Seconds(std::size_t)>& expected);

/// Adds a note to `input` for every curve that is suspicious, by what `engine` makes of the prior.
void note_suspicious(CalibrationInput& input, const workload::Engine& engine);

}  // namespace plumbline::experiments
