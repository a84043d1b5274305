// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "calibration/cross_validation.hpp"
#include "core/diagnostic.hpp"
#include "tests/unit/calibration/steps.hpp"
#include "tests/unit/calibration/two_regime.hpp"

namespace plumbline::calibration {
namespace {

TEST_CASE("Leaving out one group of a mean", "[cross_validation]") {
  // Groups at 0, 0.03 and 0.06, scale 1 (least squares). Without the first the mean is 0.045,
  // without the second 0.03, without the third 0.015: residuals 0.045, 0, -0.045. Losses 0.045^2 /
  // 2, 0, the same; mean 2/3 of it; its error: deviations (1/3, -2/3, 1/3) of it: sqrt(6/9 / 6) =
  // 1/3.
  StepsCase test({0.0, 0.0, 0.03, 0.06}, 4);
  test.observations.relative_precision.assign(4, 1.0);
  test.observations.weight = {0.5, 0.5, 1.0, 1.0};  // the first group weighs as much as the others
  test.observations.group = {4, 4, 7, 9};
  test.problem.start = {0.0, 0.0};
  test.problem.fixed = {false, true};
  const CrossValidation result = cross_validate(test.problem, fit(test.problem));
  const double most = 0.045 * 0.045 / 2.0;
  CHECK(result.groups == std::vector<std::uint32_t>{4, 7, 9});
  REQUIRE(result.thetas.size() == 3);
  CHECK(result.thetas[0][0] == Approx(0.045).epsilon(1e-5));
  CHECK(result.thetas[2][0] == Approx(0.015).epsilon(1e-5));
  CHECK(result.residuals[0] == Approx(0.045).epsilon(1e-5));
  CHECK(result.residuals[1] == Approx(0.045).epsilon(1e-5));
  CHECK(result.residuals[2] == Approx(0.0).margin(1e-6));
  CHECK(result.residuals[3] == Approx(-0.045).epsilon(1e-5));
  CHECK(result.loss == Approx(2.0 / 3.0 * most).epsilon(1e-4));
  CHECK(result.standard_error == Approx(most / 3.0).epsilon(1e-4));
  CHECK(result.relative_error ==
        Approx((std::expm1(0.045) - std::expm1(-0.045)) / 3.0).epsilon(1e-4));
  test.observations.group.assign(4, 0);
  CHECK_THROWS_AS(cross_validate(test.problem, fit(test.problem)), core::ModelError);
}

TEST_CASE("Folds hold whole groups, each once", "[cross_validation]") {
  // Eight groups of one point, 0.01 times 1 2 4 ... 128, in two folds of four: a residual is the
  // mean of the four points of the other fold minus the point, so that residual + point is one of
  // two values, and their sum is 255/4 times 0.01.
  std::vector<double> values;
  for (int k = 0; k < 8; ++k) {
    values.push_back(0.01 * std::pow(2.0, k));
  }
  StepsCase test(values, 8);
  test.observations.relative_precision.assign(8, 10.0);
  test.observations.group = {0, 1, 2, 3, 4, 5, 6, 7};
  test.problem.start = {0.0, 0.0};
  test.problem.fixed = {false, true};
  const CrossValidation result =
      cross_validate(test.problem, fit(test.problem), {.folds = 2, .seed = 3, .fit = {}});
  const double one = result.residuals[0] + values[0];
  int same = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const double mean = result.residuals[i] + values[i];
    const bool first = std::abs(mean - one) < 1e-4;
    same += first ? 1 : 0;
    CHECK(mean == Approx(first ? one : 2.55 / 4.0 - one).margin(1e-4));
  }
  CHECK(same == 4);
}

/// log t = level + x theta_1 + z theta_2 over six groups of six points; x and z alternate within
/// groups and are orthogonal.
struct TermsCase : LinearCase {
  TermsCase(double first, double second) : LinearCase(std::vector<double>(36, 0.0), matrix()) {
    const std::vector<double> truth{1.0, first, second};
    response.evaluate(truth, observations.log_seconds, nullptr);
    Random random(11);
    for (std::size_t i = 0; i < 36; ++i) {
      observations.log_seconds[i] += 0.05 * random.normal();
      observations.group[i] = static_cast<std::uint32_t>(i / 6);
    }
    problem.start.assign(3, 0.0);
  }

  [[nodiscard]] Elimination result() const {
    const std::vector<OptionalTerm> terms{{"ramp", {1}, {0.0}}, {"jitter", {2}, {0.0}}};
    CrossValidationOptions options;
    options.fit.starts = 2;
    return eliminate(problem, fit(problem, options.fit), terms, options);
  }

  static Matrix matrix() {
    Matrix result(36, 3);
    for (std::size_t i = 0; i < 36; ++i) {
      result(i, 0) = 1.0;
      result(i, 1) = i % 2 == 0 ? 1.0 : -1.0;
      result(i, 2) = i % 6 < 3 ? 1.0 : -1.0;
    }
    return result;
  }
};

TEST_CASE("A term that explains stays, one that doesn't goes", "[cross_validation]") {
  // Noise 0.05; a term of 0.2 changes every point by four of these: without it the loss is that of
  // 4 standard deviations (1.345 (4 - 0.67) = 4.5) instead of about 1/2. The other is nought.
  const Elimination result = TermsCase(0.2, 0.0).result();
  REQUIRE(result.trace.size() == 2);
  CHECK(result.trace[0].name == "jitter");
  CHECK_FALSE(result.trace[0].kept);
  CHECK(result.trace[1].name == "ramp");
  CHECK(result.trace[1].kept);
  CHECK(result.trace[1].loss_without - result.trace[1].loss_with > 2.0);
  CHECK(result.fit.theta[2] == 0.0);
  CHECK(result.fit.theta[1] == Approx(0.2).margin(0.03));  // 3 times 0.05 / sqrt 36
  CHECK(result.problem.fixed == std::vector<bool>{false, false, true});
  CHECK(result.trace[0].text().find("jitter: cross-validated loss ") == 0);
  CHECK(result.trace[0].text().find(": dropped") != std::string::npos);
}

TEST_CASE("Both terms stay where both matter, both go where neither does", "[cross_validation]") {
  const Elimination both = TermsCase(0.2, -0.2).result();
  CHECK(both.trace[0].kept);
  CHECK(both.trace[1].kept);
  const Elimination neither = TermsCase(0.0, 0.0).result();
  CHECK_FALSE(neither.trace[0].kept);
  CHECK_FALSE(neither.trace[1].kept);
  CHECK(neither.fit.theta[0] == Approx(1.0).margin(0.03));
}

}  // namespace
}  // namespace plumbline::calibration
