// SPDX-License-Identifier: Apache-2.0
#include "gate/statistics.hpp"

#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

using namespace plumbline;  // NOLINT(google-build-using-namespace): a test

TEST_CASE("the one-sided limit of a share") {
  // None of n: (1-p)^n = 0.05. One of one: every share fits. One of two: 1 - p^2 = 0.05.
  CHECK(gate::upper_limit(0, 59) == Approx(1.0 - std::pow(0.05, 1.0 / 59.0)).epsilon(1e-9));
  CHECK(gate::upper_limit(0, 59) < 0.05);
  CHECK(gate::upper_limit(0, 58) > 0.05);
  CHECK(gate::upper_limit(1, 1) == 1.0);
  CHECK(gate::upper_limit(1, 2) == Approx(std::sqrt(0.95)).epsilon(1e-9));
  CHECK(gate::upper_limit(0, 0) == 1.0);
}

TEST_CASE("quantiles are values of the sample") {
  const std::vector<double> values{3.0, 1.0, 4.0, 2.0};
  CHECK(gate::quantile(values, 0.0) == 1.0);
  CHECK(gate::quantile(values, 0.5) == 2.0);
  CHECK(gate::quantile(values, 0.51) == 3.0);
  CHECK(gate::quantile(values, 1.0) == 4.0);
}

TEST_CASE("Kendall's tau of few points") {
  // Of the pairs (12, 13, 23) of 1 2 3 against 1 3 2, the last is turned round: (2 - 1) / 3.
  const std::vector<double> order{1, 2, 3};
  CHECK(gate::kendall_tau(order, std::vector<double>{1, 3, 2}) == Approx(1.0 / 3.0));
  CHECK(gate::kendall_tau(order, order) == 1.0);
  CHECK(gate::kendall_tau(order, std::vector<double>{5, 5, 5}) == 0.0);
  // A tie in one of them: 12 and 13 agree, 23 is tied there: 2 / sqrt(3 * 2).
  CHECK(gate::kendall_tau(order, std::vector<double>{1, 2, 2}) == Approx(2.0 / std::sqrt(6.0)));
}

TEST_CASE("a bootstrap draws whole groups") {
  // One group: every draw is the sample itself. Two of opposite sign: draws of one alone are the
  // ends, and half of all draws are those.
  const std::vector<gate::Paired> one{{-1.0, 0}, {3.0, 0}};
  CHECK(gate::bootstrap(one, 1).low == 1.0);
  CHECK(gate::bootstrap(one, 1).high == 1.0);
  const std::vector<gate::Paired> two{{-1.0, 0}, {-1.0, 0}, {1.0, 1}, {1.0, 1}};
  CHECK(gate::bootstrap(two, 1).mean == 0.0);
  CHECK(gate::bootstrap(two, 1).low == -1.0);
  CHECK(gate::bootstrap(two, 1).high == 1.0);
}
