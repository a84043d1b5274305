// SPDX-License-Identifier: Apache-2.0
#include "calibration/null_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "core/diagnostic.hpp"

namespace plumbline::calibration {
namespace {

using core::Bytes;
using core::Seconds;

double line_error(const Line& line, std::span<const Bytes> sizes, std::span<const Seconds> times) {
  double error = 0.0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    error += std::abs(line.at(sizes[i]) / times[i] - 1.0);
  }
  return error;
}

/// The curve in ascending order of sizes.
Curve sorted(const Curve& curve) {
  std::vector<std::size_t> order(curve.sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return curve.sizes[a] < curve.sizes[b]; });
  Curve result = curve;
  for (std::size_t i = 0; i < order.size(); ++i) {
    result.sizes[i] = curve.sizes[order[i]];
    result.times[i] = curve.times[order[i]];
  }
  return result;
}

}  // namespace

// A sum of absolute values of linear functions of (alpha, beta) is convex and linear between its
// creases, so that a minimum over alpha, beta >= 0 lies where two of creases and axes cross: a line
// through two points, a level one through a point, or one from the origin through a point.
LineFit fit_line(std::span<const Bytes> sizes, std::span<const Seconds> times) {
  LineFit best{.line = {}, .error = sizes.empty() ? 0.0 : std::numeric_limits<double>::infinity()};
  const auto offer = [&](const Line& line) {
    if (line.alpha >= Seconds{} && line.beta >= SecondsPerByte{}) {
      const double error = line_error(line, sizes, times);
      if (error < best.error) {
        best = {line, error};
      }
    }
  };
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    offer({.alpha = times[i], .beta = {}});
    offer({.alpha = {}, .beta = times[i] / sizes[i]});
    for (std::size_t j = i + 1; j < sizes.size(); ++j) {
      if (sizes[i] != sizes[j]) {
        const SecondsPerByte slope = (times[j] - times[i]) / (sizes[j] - sizes[i]);
        offer({.alpha = times[i] - slope * sizes[i], .beta = slope});
      }
    }
  }
  return best;
}

Seconds NullModel::at(Bytes size) const {
  return size <= last_small ? small.at(size) : large.at(size);
}

NullModel fit_null_model(const Curve& curve) {
  if (curve.sizes.empty()) {
    throw core::ModelError("a curve without points has no null model");
  }
  const Curve points = sorted(curve);
  const std::span<const Bytes> sizes(points.sizes);
  const std::span<const Seconds> times(points.times);
  const std::size_t count = sizes.size();
  NullModel best;
  best.error = std::numeric_limits<double>::infinity();
  for (std::size_t k = 1; k <= count; ++k) {
    if (k < count && sizes[k] == sizes[k - 1]) {
      continue;
    }
    const LineFit small = fit_line(sizes.first(k), times.first(k));
    const LineFit large =
        k == count ? LineFit{small.line, 0.0} : fit_line(sizes.subspan(k), times.subspan(k));
    const double error = (small.error + large.error) / static_cast<double>(count);
    if (error < best.error) {
      best = {sizes[k - 1], small.line, large.line, error};
    }
  }
  return best;
}

NullModel transferred(const NullModel& model, double steps_ratio, double bus_factor_ratio) {
  NullModel result = model;
  for (Line* line : {&result.small, &result.large}) {
    line->alpha *= steps_ratio;
    line->beta *= bus_factor_ratio;
  }
  return result;
}

std::size_t nearest(std::span<const Curve> curves, const Curve& unseen) {
  if (curves.empty()) {
    throw core::ModelError("no curve to take a null model from");
  }
  const auto apart = [](std::uint32_t a, std::uint32_t b) {
    return static_cast<double>(std::max(a, b)) / static_cast<double>(std::min(a, b));
  };
  const auto distance = [&](const Curve& curve) {
    return std::tuple(curve.collective != unseen.collective, apart(curve.ranks, unseen.ranks),
                      apart(curve.nodes, unseen.nodes));
  };
  const auto closer = [&](const Curve& a, const Curve& b) { return distance(a) < distance(b); };
  return static_cast<std::size_t>(std::min_element(curves.begin(), curves.end(), closer) -
                                  curves.begin());
}

double relative_error(const NullModel& model, const Curve& curve) {
  double error = 0.0;
  for (std::size_t i = 0; i < curve.sizes.size(); ++i) {
    error += std::abs(model.at(curve.sizes[i]) / curve.times[i] - 1.0);
  }
  return error / static_cast<double>(curve.sizes.size());
}

}  // namespace plumbline::calibration
