// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "calibration/distributions.hpp"
#include "calibration/fit.hpp"
#include "calibration/uncertainty.hpp"
#include "core/diagnostic.hpp"
#include "tests/unit/calibration/steps.hpp"
#include "tests/unit/calibration/two_regime.hpp"

namespace plumbline::calibration {
namespace {

/// One mean of `values`, whose scale is 0.1 whatever they are (below 0.1): least squares.
struct MeanCase : StepsCase {
  explicit MeanCase(std::vector<double> values) : StepsCase(values, values.size()) {
    observations.relative_precision.assign(values.size(), 0.1);
    problem.start = {0.0, 0.0};
    problem.fixed = {false, true};
  }
};

TEST_CASE("Quantiles of the tables", "[uncertainty]") {
  // Fisher & Yates 1963, tables I and III; t with one degree is Cauchy's: P(1) = 3/4.
  CHECK(normal_quantile(0.975) == Approx(1.959964).epsilon(1e-6));
  CHECK(normal_probability(0.0) == 0.5);
  CHECK(student_probability(1.0, 1.0) == Approx(0.75));
  CHECK(student_probability(-1.0, 1.0) == Approx(0.25));
  CHECK(student_quantile(0.975, 1.0) == Approx(12.7062).epsilon(1e-5));
  CHECK(student_quantile(0.975, 10.0) == Approx(2.228139).epsilon(1e-6));
  CHECK(student_quantile(0.95, 2.5) > student_quantile(0.95, 3.0));
  CHECK(student_quantile(0.975, 1e7) == Approx(1.959964).epsilon(1e-5));
}

TEST_CASE("The error of a mean", "[uncertainty]") {
  // 0 .02 .04 .06: mean .03, variance (9 + 1 + 1 + 9) 1e-4 / 3, of the mean that over 4. HC2 of a
  // mean is just this, and so are errors alike at all points: 3 + 8 borrowed degrees of freedom.
  const MeanCase test({0.0, 0.02, 0.04, 0.06});
  const Fit found = fit(test.problem);
  const Uncertainty result = uncertainty(test.problem, found, Clusters::points);
  const double error = std::sqrt(20e-4 / 12.0);
  const ParameterInterval& mean = result.parameters[0];
  CHECK(mean.standard_error == Approx(error).epsilon(1e-4));
  CHECK(mean.degrees == Approx(11.0).epsilon(1e-3));
  CHECK(mean.value == Approx(std::exp(0.03)).epsilon(1e-5));
  CHECK(std::log(mean.low) == Approx(0.03 - 2.200985 * error).epsilon(1e-3));
  CHECK(std::log(mean.high) == Approx(0.03 + 2.200985 * error).epsilon(1e-3));
  CHECK(mean.sides == Sides::two);
  CHECK(result.covariance(0, 0) == Approx(error * error).epsilon(1e-3));
  CHECK(result.parameters[1].sides == Sides::held);
  CHECK(result.parameters[1].low == 1.0);
}

TEST_CASE("Points that err together count once", "[uncertainty]") {
  // Each value of the test above twice, each pair a group: the mean of four independent things
  // still, with three degrees of freedom: t = 3.182446. By points the error would be smaller by
  // about sqrt 2.
  MeanCase test({0.0, 0.0, 0.02, 0.02, 0.04, 0.04, 0.06, 0.06});
  test.observations.group = {0, 0, 1, 1, 2, 2, 3, 3};
  const Fit found = fit(test.problem);
  const ParameterInterval mean = uncertainty(test.problem, found, Clusters::groups).parameters[0];
  const double error = std::sqrt(20e-4 / 12.0);
  CHECK(mean.standard_error == Approx(error).epsilon(1e-4));
  CHECK(mean.degrees == Approx(3.0).epsilon(1e-3));
  CHECK(std::log(mean.high) == Approx(0.03 + 3.182446 * error).epsilon(1e-3));
  // n = 8: variance (40e-4 / 7) / 8.
  CHECK(uncertainty(test.problem, found, Clusters::points).parameters[0].standard_error ==
        Approx(std::sqrt(40e-4 / 56.0)).epsilon(1e-4));
}

TEST_CASE("Two means share the error of the one they have in common", "[uncertainty]") {
  // theta_1 = (mean of the last three) - theta_0: correlation -1/sqrt 2 for equal errors. Residuals
  // -d 0 d in both halves: variance of each mean d^2 / 3.
  StepsCase test({-0.03, 0.0, 0.03, 0.97, 1.0, 1.03}, 3);
  test.observations.relative_precision.assign(6, 0.1);
  const Fit found = fit(test.problem);
  const Uncertainty result = uncertainty(test.problem, found, Clusters::points);
  CHECK(result.parameters[0].standard_error == Approx(0.03 / std::sqrt(3.0)).epsilon(1e-3));
  CHECK(result.parameters[1].standard_error == Approx(0.03 * std::sqrt(2.0 / 3.0)).epsilon(1e-3));
  CHECK(result.correlation(0, 1) == Approx(-std::sqrt(0.5)).epsilon(1e-3));
}

TEST_CASE("A parameter on a bound has one side", "[uncertainty]") {
  StepsCase test({0.0, 0.02, 0.04, 0.5, 0.52, 0.54}, 3);
  test.observations.relative_precision.assign(6, 0.1);
  test.problem.ranges[1] = {0.6, 2.0};  // 0.5 would be best
  const Fit found = fit(test.problem);
  REQUIRE(found.bounds[1] == Bound::low);
  const Uncertainty result = uncertainty(test.problem, found, Clusters::points);
  CHECK(result.parameters[1].sides == Sides::upper_only);
  CHECK(result.parameters[1].low == Approx(std::exp(0.6)));
  CHECK(result.parameters[1].high > std::exp(0.6));
  CHECK_FALSE(result.parameters[1].note.empty());
  CHECK(result.parameters[0].sides == Sides::two);
}

TEST_CASE("A parameter that no point sees keeps its whole range", "[uncertainty]") {
  StepsCase test({0.0, 0.02, 0.04}, 3);  // theta_1 belongs to no point
  const Fit found = fit(test.problem);
  const Uncertainty result = uncertainty(test.problem, found, Clusters::points);
  CHECK(result.parameters[1].sides == Sides::undetermined);
  CHECK(result.parameters[1].low == Approx(std::exp(-10.0)));
  CHECK(result.parameters[1].high == Approx(std::exp(10.0)));
}

TEST_CASE("95 % intervals of a two-regime model cover the truth", "[uncertainty]") {
  // 50 draws: with coverage 0.95 fewer than 42 hits of a parameter have probability 0.002; pooled
  // 5 x 50 hits, if the five were wholly dependent, likewise; so 0.84 each and 0.9 pooled.
  TwoRegimeCase test(1, 14, 3.0);
  std::vector<int> hits(test.truth.size(), 0);
  Random random(5);
  FitOptions options;
  options.starts = 2;
  for (int draw = 0; draw < 50; ++draw) {
    test.disturb(random, 0.03);
    const Fit found = fit(test.problem, options);
    const Uncertainty result = uncertainty(test.problem, found, Clusters::points);
    for (std::size_t j = 0; j < hits.size(); ++j) {
      const double truth = std::exp(test.truth[j]);
      hits[j] += result.parameters[j].low <= truth && truth <= result.parameters[j].high ? 1 : 0;
    }
  }
  int all = 0;
  for (const int count : hits) {
    CHECK(count >= 42);
    all += count;
  }
  CHECK(all >= 225);
  CHECK(all < 250);  // intervals that always cover are too wide
}

TEST_CASE("The group bootstrap of a mean", "[uncertainty]") {
  // Twelve groups of one point, -11 -9 ... 11 times 0.004: variance of the mean by resampling is
  // sum r^2 / 144 = 572 * 1.6e-5 / 144; its own error with 1,000 replicates is 2.2 %. The ends lie
  // sqrt(12/11) t_11 of these from 0: 1.0445 * 2.200985 = 2.30; three times their error is 12 %.
  std::vector<double> values;
  for (int i = -11; i <= 11; i += 2) {
    values.push_back(0.004 * i);
  }
  MeanCase test(values);
  for (std::uint32_t i = 0; i < 12; ++i) {
    test.observations.group[i] = i;
  }
  const Fit found = fit(test.problem);
  const Bootstrap result = bootstrap(test.problem, found, {.replicates = 1000, .seed = 4});
  const double error = std::sqrt(572.0 * 1.6e-5 / 144.0);
  CHECK(result.parameters[0].standard_error == Approx(error).epsilon(0.07));
  CHECK(std::log(result.parameters[0].high) == Approx(2.30 * error).epsilon(0.12));
  CHECK(std::log(result.parameters[0].low) == Approx(-2.30 * error).epsilon(0.12));
  CHECK(bootstrap(test.problem, found, {.replicates = 5, .seed = 4}).thetas ==
        bootstrap(test.problem, found, {.replicates = 5, .seed = 4}).thetas);
  test.observations.group.assign(12, 0);
  CHECK_THROWS_AS(bootstrap(test.problem, found), core::ModelError);
}

}  // namespace
}  // namespace plumbline::calibration
