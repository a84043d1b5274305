// SPDX-License-Identifier: Apache-2.0
// The simplest linear model: one or two means.
#pragma once

#include <vector>

#include "calibration/fit.hpp"
#include "calibration/response.hpp"

namespace plumbline::calibration {

/// log t_i = theta_0 + (i < split ? 0 : theta_1): means of two sets of points.
class Steps : public Response {
 public:
  Steps(std::size_t points, std::size_t split) : points_(points), split_(split) {}

  [[nodiscard]] std::size_t points() const override { return points_; }

  [[nodiscard]] std::size_t parameters() const override { return 2; }

  void evaluate(std::span<const double> theta, std::span<double> log_seconds,
                Matrix* jacobian) const override {
    for (std::size_t i = 0; i < points_; ++i) {
      const double second = i < split_ ? 0.0 : 1.0;
      log_seconds[i] = theta[0] + second * theta[1];
      if (jacobian != nullptr) {
        (*jacobian)(i, 0) = 1.0;
        (*jacobian)(i, 1) = second;
      }
    }
  }

 private:
  std::size_t points_;
  std::size_t split_;
};

struct StepsCase {
  Steps response;
  Observations observations;
  FitProblem problem;

  StepsCase(std::vector<double> values, std::size_t split) : response(values.size(), split) {
    const std::size_t points = values.size();
    observations = {.log_seconds = std::move(values),
                    .relative_precision = std::vector<double>(points, 0.0),
                    .group = std::vector<std::uint32_t>(points, 0),
                    .weight = std::vector<double>(points, 1.0)};
    problem.response = &response;
    problem.observations = &observations;
    problem.ranges = {{-10.0, 10.0}, {-10.0, 10.0}};
    problem.start = {1.0, 1.0};
  }

  StepsCase(const StepsCase&) = delete;
  StepsCase& operator=(const StepsCase&) = delete;
  ~StepsCase() = default;
};

}  // namespace plumbline::calibration
