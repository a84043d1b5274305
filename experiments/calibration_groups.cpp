// SPDX-License-Identifier: Apache-2.0
#include "experiments/calibration_groups.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "calibration/uncertainty.hpp"

namespace plumbline::experiments {
namespace {

// Neighbouring sizes of a curve that are left out together.
constexpr std::uint32_t block_size = 3;

}  // namespace

calibration::Observations observed(const CalibrationInput& input) {
  calibration::Observations result;
  for (const MeasuredPoint& point : input.points) {
    result.log_seconds.push_back(std::log(point.row.time.si()));
    result.relative_precision.push_back(point.row.time_error / point.row.time);
    result.group.push_back(static_cast<std::uint32_t>(point.curve));
    result.weight.push_back(1.0);
  }
  return result;
}

calibration::Observations in_blocks(const CalibrationInput& input,
                                    const calibration::Observations& observations) {
  calibration::Observations result = observations;
  if (input.curves.size() >= calibration::fewest_bootstrap_groups) {
    return result;
  }
  std::vector<std::size_t> order(input.points.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto place = [&input](std::size_t i) {
    return std::pair(input.points[i].curve, input.points[i].row.size);
  };
  std::ranges::sort(order, {}, place);
  std::uint32_t block = 0;
  std::uint32_t filled = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const bool new_curve = k > 0 && place(order[k]).first != place(order[k - 1]).first;
    if (new_curve || filled == block_size) {
      ++block;
      filled = 0;
    }
    result.group[order[k]] = block;
    ++filled;
  }
  return result;
}

}  // namespace plumbline::experiments
