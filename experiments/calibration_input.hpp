// SPDX-License-Identifier: Apache-2.0
// Experiments with measured sets, as a calibration takes them: every measured point, and the
// schedules that the library may have run there.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "calibration/measured_set.hpp"
#include "calibration/simulated_response.hpp"
#include "experiments/experiment.hpp"
#include "experiments/runner.hpp"

namespace plumbline::experiments {

/// One measured curve: a collective on so many ranks, over sizes.
struct MeasuredCurve {
  std::string label;  ///< `aic_h100_all_reduce, all_reduce, 1 node, 8 ranks`
  std::string system;
  std::shared_ptr<const calibration::MeasuredSet> set;
  std::string collective;
  std::string algorithm;  ///< of the set: the library's, a setup, or empty
  std::uint32_t nodes = 0;
  std::uint32_t ranks = 0;
  core::SourceSpan at;  ///< of the experiment's `measured:`
};

/// One measured row.
struct MeasuredPoint {
  std::size_t curve = 0;
  calibration::MeasuredRow row;
  core::Seconds speed_of_light;        ///< no algorithm is faster
  std::optional<core::Seconds> tuner;  ///< nccl_tuner's expectation, where the experiment asks it
};

struct CalibrationInput {
  std::vector<MeasuredCurve> curves;
  std::vector<MeasuredPoint> points;
  std::vector<calibration::Asked> asked;      ///< one a point
  std::vector<calibration::Family> families;  ///< that `asked` names by number
  workload::ConstantSet prior;                ///< of the first experiment
  std::vector<std::string> notes;             ///< points that no row, or several, are of
};

/// Which points of an experiment are asked for.
enum class PointsOf : std::uint8_t {
  rows,  ///< those with one measured row
  sweep  ///< all, with times of zero: what could be measured
};

/// InputError where an experiment says nothing of measurements.
void require_measured(std::span<Experiment* const> experiments);

/// All points of the experiments that have exactly one measured row; `told` hears of each. Of the
/// experiments named in `open` it is kept what the library's own tables expect.
/// InputError where an experiment has no `measured:` and rows are asked for, ModelError where none
/// has a point.
[[nodiscard]] CalibrationInput calibration_input(std::span<Experiment* const> experiments,
                                                 const std::function<void(const Progress&)>& told,
                                                 PointsOf which = PointsOf::rows,
                                                 std::span<const std::string> open = {});

}  // namespace plumbline::experiments
