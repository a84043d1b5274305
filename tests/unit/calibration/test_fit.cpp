// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "calibration/fit.hpp"
#include "core/diagnostic.hpp"
#include "tests/unit/calibration/steps.hpp"
#include "tests/unit/calibration/two_regime.hpp"

namespace plumbline::calibration {
namespace {

TEST_CASE("Huber's loss is quadratic inside delta and linear outside", "[fit]") {
  // delta = 2: rho(1) = 1/2; rho(5) = 2 (5 - 1) = 8; weights 1 and 2/5.
  CHECK(huber_loss(-1.0, 2.0) == 0.5);
  CHECK(huber_loss(5.0, 2.0) == 8.0);
  CHECK(huber_weight(-1.0, 2.0) == 1.0);
  CHECK(huber_weight(-5.0, 2.0) == 0.4);
}

TEST_CASE("The scale is the median absolute residual without the smallest ones", "[fit]") {
  // |r| sorted: 0 1 2 3 4; one parameter leaves out the 0; the median of 1 2 3 4 is 2.5.
  const std::vector<double> residuals{-3.0, 0.0, 1.0, -2.0, 4.0};
  CHECK(robust_scale(residuals, 1) == Approx(1.4826 * 2.5));
  CHECK(robust_scale(residuals, 0) == Approx(1.4826 * 2.0));
  CHECK(robust_scale(std::vector<double>(5, 0.0), 1) == 1e-6);
}

TEST_CASE("An outlier moves the mean of its points by delta times the scale and no more", "[fit]") {
  // theta_0 alone matters to the first five points: 0 0 0 0 0 with the outlier 5. Fixed theta_1 = 0
  // makes all ten one set: nine zeros and a 5. The median absolute residual is that of the nine
  // equal points; Huber's condition 9 m = delta s needs m = r/s = delta/9 of the scale, so m
  // shrinks with s, down to the least scale.
  StepsCase test({0, 0, 0, 0, 0, 0, 0, 0, 0, 5}, 10);
  test.problem.start = {1.0, 0.0};
  test.problem.fixed = {false, true};
  const Fit result = fit(test.problem);
  CHECK(result.converged());
  CHECK(std::abs(result.theta[0]) < 1e-3);
  CHECK(result.theta[1] == 0.0);
  CHECK(result.huber_weights[9] < 1e-2);
  // With the printed precision 0.1 the scale can't fall below it: 9 m = 1.345 * 0.1.
  test.observations.relative_precision.assign(10, 0.1);
  CHECK(fit(test.problem).theta[0] == Approx(1.345 * 0.1 / 9.0).epsilon(1e-6));
}

TEST_CASE("Priors pull by their precision, weights count points", "[fit]") {
  // Precision 10 makes every point's scale 10 (residuals are far below): ordinary least squares.
  // Points 1 (weight 2) and 0; prior 0 with deviation 5, so precision 4/100, on theta_0:
  // minimise (2 (m-1)^2 + m^2 + 4 m^2) / 100: m = 2/7.
  StepsCase test({1.0, 0.0}, 2);
  test.observations.relative_precision = {10.0, 10.0};
  test.observations.weight = {2.0, 1.0};
  test.problem.start = {0.3, 0.0};
  test.problem.fixed = {false, true};
  test.problem.priors = {Prior{0.0, 5.0}, std::nullopt};
  const Fit result = fit(test.problem);
  CHECK(result.theta[0] == Approx(2.0 / 7.0).epsilon(1e-7));
  // Loss: (2 (5/7)^2 + (2/7)^2 + 4 (2/7)^2) / 2 = (50 + 4 + 16) / 98 = 5/7, over 100.
  CHECK(result.loss == Approx(5.0 / 700.0));
}

TEST_CASE("A parameter that would leave its range stays on the bound", "[fit]") {
  // Two means, 0 and 3; theta_1 = 3 lies above 2: theta_1 = 2, and theta_0 settles with the pull of
  // three residuals of 0 - m and three of 3 - 2 - m = 1 - m: m = 1/2 (scale 1: least squares).
  StepsCase test({0, 0, 0, 3, 3, 3}, 3);
  test.observations.relative_precision.assign(6, 1.0);
  test.problem.ranges[1] = {-1.0, 2.0};
  const Fit result = fit(test.problem);
  CHECK(result.theta[0] == Approx(0.5).epsilon(1e-6));
  CHECK(result.theta[1] == 2.0);
  CHECK(result.bounds == std::vector{Bound::none, Bound::high});
  CHECK(result.residuals[3] == Approx(-0.5));
}

TEST_CASE("Only the points asked for are fitted, as often as they are named", "[fit]") {
  // Points 0 (twice) and 3 (once) under one mean: (0 + 0 + 3) / 3 = 1.
  StepsCase test({0, 9, 9, 3}, 4);
  test.observations.relative_precision.assign(4, 10.0);
  test.problem.points = {0, 0, 3};
  test.problem.start = {0.0, 0.0};
  test.problem.fixed = {false, true};
  const Fit result = fit(test.problem);
  CHECK(result.theta[0] == Approx(1.0).epsilon(1e-8));
  CHECK(result.residuals[1] == Approx(-8.0));  // known of points that weren't fitted too
}

/// log t = min(theta_0, theta_1) and theta_0 + theta_1: a kink along theta_0 = theta_1.
class Ridge : public Response {
 public:
  [[nodiscard]] std::size_t points() const override { return 2; }

  [[nodiscard]] std::size_t parameters() const override { return 2; }

  void evaluate(std::span<const double> theta, std::span<double> log_seconds,
                Matrix* jacobian) const override {
    log_seconds[0] = std::min(theta[0], theta[1]);
    log_seconds[1] = theta[0] + theta[1];
    if (jacobian != nullptr) {
      const bool first = theta[0] <= theta[1];
      jacobian->values = {first ? 1.0 : 0.0, first ? 0.0 : 1.0, 1.0, 1.0};
    }
  }
};

TEST_CASE("An optimum on a kink is found along it", "[fit]") {
  // Wanted: min = 1, sum = 0. Off the kink min falls and the sum stays: the optimum is on it, where
  // (x - 1)^2 + (2x)^2 is least at x = 1/5. At x = 1/4 neither side's derivative leads down.
  const Ridge ridge;
  StepsCase test({1.0, 0.0}, 1);
  test.observations.relative_precision = {10.0, 10.0};
  test.problem.response = &ridge;
  for (const std::vector<double>& start :
       {std::vector<double>{0.25, 0.25}, {3.0, -2.0}, {-5.0, 4.0}}) {
    test.problem.start = start;
    const Fit found = fit(test.problem, {.starts = 1});
    CHECK(found.theta[0] == Approx(0.2).margin(2e-3));
    CHECK(found.theta[1] == Approx(0.2).margin(2e-3));
    CHECK(found.stop == Stop::kink);
  }
}

TEST_CASE("Two regimes: exact times give the parameters back from far starts", "[fit]") {
  TwoRegimeCase test(2, 12, 4.0);
  for (std::size_t j = 0; j < test.truth.size(); ++j) {
    test.problem.start[j] = test.truth[j] + (j % 2 == 0 ? 1.0 : -1.1);
  }
  const Fit result = fit(test.problem);
  CHECK(result.converged());
  for (std::size_t j = 0; j < test.truth.size(); ++j) {
    CHECK(result.theta[j] == Approx(test.truth[j]).margin(1e-4));
  }
  CHECK(result.optima.size() == 32);
  CHECK(result.optima.front().loss <= result.optima.back().loss);
}

TEST_CASE("Two regimes: a fit is the same each time, and good to its noise", "[fit]") {
  TwoRegimeCase test(2, 12, 4.0);
  Random random(3);
  test.disturb(random, 0.03);
  const Fit first = fit(test.problem);
  const Fit second = fit(test.problem);
  CHECK(first.theta == second.theta);
  // 72 points, 7 parameters: the scale of 3 % is known to about 3 % / sqrt(2 * 0.37 * 65) = 14 %
  // (a median is 37 % efficient for the scale of a normal distribution); three of those.
  CHECK(first.scale == Approx(0.03).epsilon(0.42));
}

TEST_CASE("A model without finite times is an error, not a fit", "[fit]") {
  StepsCase test({0.0, 1.0}, 1);
  test.observations.log_seconds[0] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(fit(test.problem), core::ModelError);
  test.problem.ranges.pop_back();
  CHECK_THROWS_AS(fit(test.problem), core::InternalError);
}

}  // namespace
}  // namespace plumbline::calibration
