// SPDX-License-Identifier: Apache-2.0
// The model that any other must beat: two straight lines through each measured curve.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/quantity.hpp"

namespace plumbline::calibration {

/// Times of one collective with one number of ranks, over sizes.
struct Curve {
  std::string collective;
  std::uint32_t ranks = 0;
  std::uint32_t nodes = 0;
  std::vector<core::Bytes> sizes;
  std::vector<core::Seconds> times;  ///< above zero, one a size
};

using SecondsPerByte = decltype(core::Seconds{} / core::Bytes{});

/// alpha + beta S.
struct Line {
  core::Seconds alpha;
  SecondsPerByte beta;

  [[nodiscard]] core::Seconds at(core::Bytes size) const { return alpha + beta * size; }
};

/// The line with alpha, beta >= 0 that minimises the sum of |alpha + beta S - t| / t, exactly, and
/// that sum. Without points, zero.
struct LineFit {
  Line line;
  double error = 0.0;
};

[[nodiscard]] LineFit fit_line(std::span<const core::Bytes> sizes,
                               std::span<const core::Seconds> times);

struct NullModel {
  core::Bytes last_small;  ///< largest size of the first segment
  Line small;
  Line large;          ///< that of `small` where one line is best for all
  double error = 0.0;  ///< mean of |prediction - t| / t over the curve

  [[nodiscard]] core::Seconds at(core::Bytes size) const;
};

/// Two lines, each fitted on its own side of a measured size, without continuity: the split with
/// the least mean relative error (of equals, the first). Points of one size stay on one side. At
/// most O(n^4): made for the sizes of a benchmark. ModelError for a curve without points.
[[nodiscard]] NullModel fit_null_model(const Curve& curve);

/// `model` for an unseen curve: each alpha times the ratio of its steps, each beta times the ratio
/// of its wire bytes (bus factors) to those of the curve that the model is of. The split stays.
[[nodiscard]] NullModel transferred(const NullModel& model, double steps_ratio,
                                    double bus_factor_ratio);

/// The place of the curve that is nearest to `unseen`: of the same collective before others, then
/// by |log| of the ratio of ranks, then of nodes, then the first. ModelError without curves.
[[nodiscard]] std::size_t nearest(std::span<const Curve> curves, const Curve& unseen);

/// Mean of |prediction - t| / t over the curve.
[[nodiscard]] double relative_error(const NullModel& model, const Curve& curve);

}  // namespace plumbline::calibration
