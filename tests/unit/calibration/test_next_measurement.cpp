// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "calibration/next_measurement.hpp"
#include "tests/unit/calibration/steps.hpp"

namespace plumbline::calibration {
namespace {

Matrix rows(const std::vector<std::vector<double>>& values) {
  Matrix matrix(values.size(), values.front().size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = 0; j < values[i].size(); ++j) {
      matrix(i, j) = values[i][j];
    }
  }
  return matrix;
}

Fit unit_scale() {
  Fit fit;
  fit.theta = {0.0, 0.0};
  fit.scale = 1.0;
  return fit;
}

// Four points see a alone, with errors of 1. Without priors each parameter has a deviation of 3, so
// the information is diag(4 + 1/9, 1/9), and b is known to sqrt(9) = 3. A point of b alone leaves a
// variance of 1/(1/9 + 1) = 0.9. One of a + b tells less of b, since a is not known exactly; one of
// a tells nothing.
TEST_CASE("The point that sees the target alone is the next") {
  const LinearCase one({0, 0, 0, 0}, rows({{1, 0}, {1, 0}, {1, 0}, {1, 0}}));
  const Matrix candidates = rows({{1, 0}, {1, 1}, {0, 1}});
  const auto next = next_points(one.problem, unit_scale(), candidates, {0.0, 1.0}, 1);
  REQUIRE(next.size() == 1);
  CHECK(next.front().candidate == 2);
  CHECK(next.front().before == Approx(3.0));
  CHECK(next.front().after == Approx(std::sqrt(0.9)));
}

// The second of the same point adds as much information again: 1/(1/9 + 2).
TEST_CASE("What was chosen counts for what is chosen next") {
  const LinearCase one({0, 0}, rows({{1, 0}, {1, 0}}));
  const auto next = next_points(one.problem, unit_scale(), rows({{0, 1}}), {0.0, 1.0}, 2);
  REQUIRE(next.size() == 2);
  CHECK(next[1].before == Approx(next[0].after));
  CHECK(next[1].after == Approx(1.0 / std::sqrt(1.0 / 9.0 + 2.0)));
}

TEST_CASE("Of a parameter that is held nothing is left to learn") {
  LinearCase one({0, 0}, rows({{1, 0}, {1, 0}}));
  one.problem.fixed = {false, true};
  CHECK(next_points(one.problem, unit_scale(), rows({{0, 1}, {1, 1}}), {0.0, 1.0}, 2).empty());
}

}  // namespace
}  // namespace plumbline::calibration
