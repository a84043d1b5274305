// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "calibration/identifiability.hpp"
#include "tests/unit/calibration/steps.hpp"
#include "tests/unit/calibration/two_regime.hpp"

namespace plumbline::calibration {
namespace {

const std::vector<std::string> names{"launch", "step", "rate"};

/// Points whose rows are all `row`, each known to `precision`.
struct SameRows : LinearCase {
  SameRows(std::size_t points, const std::vector<double>& row, double precision)
      : LinearCase(std::vector<double>(points, 0.0), matrix(points, row)) {
    observations.relative_precision.assign(points, precision);
    problem.start.assign(row.size(), 0.0);
  }

  static Matrix matrix(std::size_t points, const std::vector<double>& row) {
    Matrix result(points, row.size());
    for (std::size_t i = 0; i < points * row.size(); ++i) {
      result.values[i] = row[i % row.size()];
    }
    return result;
  }

  [[nodiscard]] Identifiability result() const {
    return identifiability(problem, fit(problem), std::span(names).first(problem.parameters()));
  }
};

TEST_CASE("A parameter is known to exp(t scale / sqrt n)", "[identifiability]") {
  // Four points to 10 %: sigma = sqrt 4 / 0.1 = 20, three degrees left: t = 3.182446.
  const Identifiability good = SameRows(4, {1.0}, 0.1).result();
  REQUIRE(good.combinations.size() == 1);
  CHECK(good.combinations[0].factor == Approx(std::exp(3.182446 / 20.0)).epsilon(1e-5));
  CHECK(good.condition_number == 1.0);
  CHECK(good.sentences.empty());
  // To a factor of e: exp(3.182446 / 2) = 4.9.
  CHECK(SameRows(4, {1.0}, 1.0).result().sentences ==
        std::vector<std::string>{"launch is determined only to a factor of 4.9"});
}

TEST_CASE("Of two parameters in one product, the product is known", "[identifiability]") {
  // log t = launch + step: (1, 1) / sqrt 2 is seen, across it nothing.
  const Identifiability both = SameRows(9, {1.0, 1.0}, 0.1).result();
  CHECK(both.combinations[0].exponents[0] == Approx(std::sqrt(0.5)));
  CHECK(both.combinations[0].exponents[1] == Approx(-std::sqrt(0.5)));
  CHECK(both.combinations[0].weak);
  CHECK_FALSE(both.combinations[1].weak);
  CHECK(std::isinf(both.condition_number));
  CHECK(both.sentences ==
        std::vector<std::string>{
            "launch and step can't be told apart: launch^0.71 / step^0.71 is "
            "determined not at all; what the points see is launch^0.71 · step^0.71"});
  // log t = launch - 2 step: seen (1, -2) / sqrt 5, across (2, 1) / sqrt 5 = 0.89, 0.45.
  CHECK(
      SameRows(9, {1.0, -2.0}, 0.1).result().sentences ==
      std::vector<std::string>{
          "launch and step can't be told apart: launch^0.89 · step^0.45 is determined not at all; "
          "what the points see is launch^0.45 / step^0.89"});
}

TEST_CASE("Parameters that no point depends on are named, held ones are not", "[identifiability]") {
  SameRows test(9, {1.0, 0.0, 0.0}, 0.1);
  test.problem.fixed = {false, false, true};
  const Identifiability result = test.result();
  CHECK(result.unseen == std::vector<std::size_t>{1});
  CHECK(result.sentences == std::vector<std::string>{"no point depends on step"});
  CHECK(result.combinations.size() == 1);
}

TEST_CASE("Two regimes: one number of ranks can't separate launch from step", "[identifiability]") {
  // With 4 ranks alone, small sizes see launch + 6 step_low only. Of these, launch 6 us and 6 x 0.5
  // us: weights 2/3 and 1/3, and the least seen direction is across them.
  TwoRegimeCase test(1, 14, 3.0);
  Random random(1);
  test.disturb(random, 0.02);
  const std::vector<std::string> five{"launch", "step_low", "step_high", "rate_low", "rate_high"};
  const FitOptions options{.starts = 4};
  const Identifiability all = identifiability(test.problem, fit(test.problem, options), five);
  CHECK(all.sentences.empty());
  test.problem.points = test.problem.points_of(0);
  Fit found = fit(test.problem, options);
  found.theta = test.truth;
  const Identifiability one = identifiability(test.problem, found, five);
  REQUIRE(one.sentences.size() == 1);
  CHECK(one.sentences[0].find("launch") != std::string::npos);
  CHECK(one.sentences[0].find("step_low") != std::string::npos);
  CHECK(one.condition_number > all.condition_number);
}

}  // namespace
}  // namespace plumbline::calibration
