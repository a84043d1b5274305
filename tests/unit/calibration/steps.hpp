// SPDX-License-Identifier: Apache-2.0
// Linear models for tests of the calibration, above all the simplest: one or two means.
#pragma once

#include <vector>

#include "calibration/fit.hpp"
#include "calibration/response.hpp"

namespace plumbline::calibration {

/// log t = matrix theta.
class Linear : public Response {
 public:
  explicit Linear(Matrix matrix) : matrix_(std::move(matrix)) {}

  [[nodiscard]] std::size_t points() const override { return matrix_.rows; }

  [[nodiscard]] std::size_t parameters() const override { return matrix_.cols; }

  void evaluate(std::span<const double> theta, std::span<double> log_seconds,
                Matrix* jacobian) const override {
    for (std::size_t i = 0; i < matrix_.rows; ++i) {
      log_seconds[i] = 0.0;
      for (std::size_t j = 0; j < matrix_.cols; ++j) {
        log_seconds[i] += matrix_(i, j) * theta[j];
      }
    }
    if (jacobian != nullptr) {
      *jacobian = matrix_;
    }
  }

 private:
  Matrix matrix_;
};

/// A linear model and values for it: all in one group, of weight 1, printed with all digits.
struct LinearCase {
  Linear response;
  Observations observations;
  FitProblem problem;

  LinearCase(std::vector<double> values, Matrix matrix) : response(std::move(matrix)) {
    const std::size_t points = values.size();
    observations = {.log_seconds = std::move(values),
                    .relative_precision = std::vector<double>(points, 0.0),
                    .group = std::vector<std::uint32_t>(points, 0),
                    .weight = std::vector<double>(points, 1.0)};
    problem.response = &response;
    problem.observations = &observations;
    problem.ranges.assign(response.parameters(), {-10.0, 10.0});
    problem.start.assign(response.parameters(), 1.0);
  }

  LinearCase(const LinearCase&) = delete;
  LinearCase& operator=(const LinearCase&) = delete;
  ~LinearCase() = default;
};

/// log t_i = theta_0 + (i < split ? 0 : theta_1).
struct StepsCase : LinearCase {
  StepsCase(const std::vector<double>& values, std::size_t split)
      : LinearCase(values, matrix(values.size(), split)) {}

 private:
  static Matrix matrix(std::size_t points, std::size_t split) {
    Matrix result(points, 2);
    for (std::size_t i = 0; i < points; ++i) {
      result(i, 0) = 1.0;
      result(i, 1) = i < split ? 0.0 : 1.0;
    }
    return result;
  }
};

}  // namespace plumbline::calibration
