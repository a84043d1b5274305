// SPDX-License-Identifier: Apache-2.0
// A small model with a kink, for tests and benchmarks of the calibration: a collective on several
// systems takes the faster of a low-latency and a high-rate protocol.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "calibration/fit.hpp"
#include "calibration/random.hpp"
#include "calibration/response.hpp"

namespace plumbline::calibration {

/// t = launch + min over k in {low, high} of (2 (n-1) step_k + 2 S (n-1)/n per_byte_k(system)).
/// theta: logs of launch, step_low, step_high, then per system per_byte_low and per_byte_high.
class TwoRegime : public Response {
 public:
  struct Point {
    std::size_t system = 0;
    double ranks = 0.0;
    double size = 0.0;
  };

  TwoRegime(std::size_t systems, std::vector<Point> points)
      : systems_(systems), points_(std::move(points)) {}

  [[nodiscard]] std::size_t points() const override { return points_.size(); }

  [[nodiscard]] std::size_t parameters() const override { return 3 + 2 * systems_; }

  void evaluate(std::span<const double> theta, std::span<double> log_seconds,
                Matrix* jacobian) const override {
    for (std::size_t i = 0; i < points_.size(); ++i) {
      const Point& point = points_[i];
      const double steps = 2.0 * (point.ranks - 1.0);
      const double bytes = 2.0 * point.size * (point.ranks - 1.0) / point.ranks;
      const std::size_t rate = 3 + 2 * point.system;
      std::array<double, 2> time{};
      for (std::size_t k = 0; k < 2; ++k) {
        time[k] = steps * std::exp(theta[1 + k]) + bytes * std::exp(theta[rate + k]);
      }
      const std::size_t fast = time[0] <= time[1] ? 0 : 1;
      const double total = std::exp(theta[0]) + time[fast];
      log_seconds[i] = std::log(total);
      if (jacobian != nullptr) {
        for (std::size_t j = 0; j < parameters(); ++j) {
          (*jacobian)(i, j) = 0.0;
        }
        (*jacobian)(i, 0) = std::exp(theta[0]) / total;
        (*jacobian)(i, 1 + fast) = steps * std::exp(theta[1 + fast]) / total;
        (*jacobian)(i, rate + fast) = bytes * std::exp(theta[rate + fast]) / total;
      }
    }
  }

 private:
  std::size_t systems_;
  std::vector<Point> points_;
};

/// Two-regime measurements: every system with 4, 8 and 16 ranks (a group each), sizes 1 KiB times
/// powers of four (or of `ratio`).
struct TwoRegimeCase {
  TwoRegime response;
  std::vector<double> truth;
  Observations observations;
  FitProblem problem;

  TwoRegimeCase(std::size_t systems, int sizes, double ratio)
      : response(systems, points(systems, sizes, ratio)),
        truth{std::log(6e-6), std::log(0.5e-6), std::log(2e-6)} {
    for (std::size_t system = 0; system < systems; ++system) {
      const double factor = 1.0 + static_cast<double>(system);
      truth.push_back(std::log(factor / 40e9));
      truth.push_back(std::log(factor / 150e9));
    }
    observations.log_seconds.resize(response.points());
    response.evaluate(truth, observations.log_seconds, nullptr);
    observations.relative_precision.assign(response.points(), 0.0);
    observations.weight.assign(response.points(), 1.0);
    for (std::size_t i = 0; i < response.points(); ++i) {
      observations.group.push_back(static_cast<std::uint32_t>(i / static_cast<std::size_t>(sizes)));
    }
    problem.response = &response;
    problem.observations = &observations;
    problem.start = truth;
    for (double& start : problem.start) {
      // Below 4: with the protocols' steps and rates swapped the times would be the same.
      problem.ranges.push_back({start - std::log(3.5), start + std::log(3.5)});
      start += std::log(2.0);
    }
  }

  TwoRegimeCase(const TwoRegimeCase&) = delete;
  TwoRegimeCase& operator=(const TwoRegimeCase&) = delete;
  ~TwoRegimeCase() = default;

  /// Exact times, each multiplied by exp(noise z), z normal, and all of a group by exp(shift z).
  void disturb(Random& random, double noise, double shift = 0.0) {
    response.evaluate(truth, observations.log_seconds, nullptr);
    double offset = 0.0;
    for (std::size_t i = 0; i < response.points(); ++i) {
      if (i == 0 || observations.group[i] != observations.group[i - 1]) {
        offset = shift * random.normal();
      }
      observations.log_seconds[i] += offset + noise * random.normal();
    }
  }

 private:
  static std::vector<TwoRegime::Point> points(std::size_t systems, int sizes, double ratio) {
    std::vector<TwoRegime::Point> result;
    for (std::size_t system = 0; system < systems; ++system) {
      for (const double ranks : {4.0, 8.0, 16.0}) {
        for (int k = 0; k < sizes; ++k) {
          result.push_back({system, ranks, 1024.0 * std::pow(ratio, k)});
        }
      }
    }
    return result;
  }
};

}  // namespace plumbline::calibration
