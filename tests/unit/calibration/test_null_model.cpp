// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <vector>

#include <catch2/catch.hpp>

#include "calibration/null_model.hpp"
#include "calibration/reader.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::calibration {
namespace {

namespace fs = std::filesystem;

Curve curve(const std::vector<double>& sizes, const std::vector<double>& times) {
  Curve result{.collective = "all_reduce", .ranks = 8, .nodes = 1, .sizes = {}, .times = {}};
  for (const double size : sizes) {
    result.sizes.push_back(core::Bytes::from_si(size));
  }
  for (const double time : times) {
    result.times.push_back(core::Seconds::from_si(time));
  }
  return result;
}

LineFit line(const std::vector<double>& sizes, const std::vector<double>& times) {
  const Curve points = curve(sizes, times);
  return fit_line(points.sizes, points.times);
}

TEST_CASE("A line through two points is exact", "[null]") {
  // 5 = a + 1 b, 9 = a + 3 b: b = 2, a = 3.
  const LineFit result = line({1, 3}, {5, 9});
  CHECK(result.line.alpha.si() == Approx(3.0));
  CHECK(result.line.beta.si() == Approx(2.0));
  CHECK(result.error == Approx(0.0).margin(1e-12));
}

TEST_CASE("The median point wins, whatever the outlier", "[null]") {
  // One size: minimise sum |x - t| / t over t = 1, 2, 8: weights 1, 1/2, 1/8; the weighted median
  // (half of 1.625 is reached at the first) is 1: error 0 + 1/2 + 7/8.
  const LineFit result = line({4, 4, 4}, {1, 2, 8});
  CHECK(result.line.at(core::Bytes::from_si(4)).si() == Approx(1.0));
  CHECK(result.error == Approx(1.375));
}

TEST_CASE("Neither alpha nor beta falls below zero", "[null]") {
  // Through (1, 1) and (2, 4) alpha is -2. At alpha = 0 the error of b is |b - 1| + |2b - 4| / 4,
  // slope 1/2 above b = 1 (1 - 2/4) and -3/2 below: b = 1, error 1/2. With alpha > 0 and the line
  // through (1, 1): b = 1 - alpha, at 2 it is 2 - alpha: worse.
  const LineFit steep = line({1, 2}, {1, 4});
  CHECK(steep.line.alpha.si() == Approx(0.0).margin(1e-12));
  CHECK(steep.line.beta.si() == Approx(1.0));
  CHECK(steep.error == Approx(0.5));
  // Falling times (4, then 2): beta = 0, |a - 4| / 4 + |a - 2| / 2 is least at a = 2: error 1/2.
  const LineFit falling = line({1, 2}, {4, 2});
  CHECK(falling.line.beta.si() == 0.0);
  CHECK(falling.line.alpha.si() == Approx(2.0));
  CHECK(falling.error == Approx(0.5));
}

TEST_CASE("A grid of lines finds nothing better than the vertices", "[null]") {
  const Curve points = curve({1, 2, 3, 5, 8, 13}, {3.1, 2.7, 5.2, 4.9, 9.6, 12.3});
  const LineFit best = fit_line(points.sizes, points.times);
  for (int a = 0; a <= 200; ++a) {
    for (int b = 0; b <= 200; ++b) {
      double error = 0.0;
      for (std::size_t i = 0; i < points.sizes.size(); ++i) {
        error +=
            std::abs((0.03 * a + 0.01 * b * points.sizes[i].si()) / points.times[i].si() - 1.0);
      }
      REQUIRE(error >= best.error);
    }
  }
}

TEST_CASE("Two lines are found where two lines were", "[null]") {
  // 10 + S up to 4, 2 + 5 S from 8 on; the sizes come in no order.
  const Curve points = curve({8, 1, 32, 2, 16, 4}, {42, 11, 162, 12, 82, 14});
  const NullModel model = fit_null_model(points);
  CHECK(model.error == Approx(0.0).margin(1e-12));
  CHECK(model.last_small.si() == 4.0);
  CHECK(model.small.alpha.si() == Approx(10.0));
  CHECK(model.large.beta.si() == Approx(5.0));
  CHECK(model.at(core::Bytes::from_si(3)).si() == Approx(13.0));
  CHECK(model.at(core::Bytes::from_si(100)).si() == Approx(502.0));
  CHECK(relative_error(model, curve({4, 8}, {7, 84})) == Approx((1.0 + 0.5) / 2.0));
  // With 3 times the steps and 2 times the bytes on the wire.
  const NullModel other = transferred(model, 3.0, 2.0);
  CHECK(other.at(core::Bytes::from_si(3)).si() == Approx(30.0 + 2.0 * 3.0));
  CHECK(other.at(core::Bytes::from_si(100)).si() == Approx(6.0 + 2.0 * 500.0));
  CHECK_THROWS_AS(fit_null_model(Curve{}), core::ModelError);
}

TEST_CASE("The nearest curve: collective, then ranks, then nodes", "[null]") {
  const auto named = [](const char* collective, std::uint32_t ranks, std::uint32_t nodes) {
    return Curve{
        .collective = collective, .ranks = ranks, .nodes = nodes, .sizes = {}, .times = {}};
  };
  const std::vector<Curve> curves{named("all_gather", 16, 2), named("all_reduce", 4, 1),
                                  named("all_reduce", 64, 16), named("all_reduce", 64, 8)};
  CHECK(nearest(curves, named("all_gather", 2, 1)) == 0);
  CHECK(nearest(curves, named("all_reduce", 15, 2)) == 1);  // 15/4 < 64/15
  CHECK(nearest(curves, named("all_reduce", 17, 3)) == 3);  // 64/17 < 17/4, and 8 nodes before 16
  CHECK(nearest(curves, named("broadcast", 16, 2)) == 0);
  CHECK_THROWS_AS(nearest({}, curves[0]), core::ModelError);
}

fs::path shared_folder() {
  const char* named = std::getenv("PLUMBLINE_SHARED");
  return (named != nullptr ? fs::path(named) : fs::path(PL_SOURCE_DIR) / ".." / "shared") /
         "measurements";
}

TEST_CASE("Null models of published curves", "[null][measured]") {
  // Mean relative errors found by linear programming over all splits (scipy's linprog, HiGHS).
  struct Expected {
    const char* set;
    const char* algorithm;
    std::uint32_t ranks;
    double percent;
  };

  const std::vector<Expected> expected{{"aic_h100_all_reduce", "", 2, 3.9},
                                       {"aic_h100_all_reduce", "", 4, 3.8},
                                       {"aic_h100_all_reduce", "", 8, 4.6},
                                       {"check_aic_h100_all_gather", "", 8, 5.2},
                                       {"abci2_a100_all_reduce", "", 4, 11.4},
                                       {"abci2_a100_all_reduce", "", 8, 11.0},
                                       {"abci2_a100_all_reduce", "", 16, 4.7},
                                       {"abci2_a100_all_reduce", "", 32, 5.2},
                                       {"check_abci2_a100_all_reduce_8nodes", "", 64, 4.6},
                                       {"check_polaris_all_gather_8nodes", "setup4", 32, 16.5},
                                       {"check_polaris_all_gather_8nodes", "setup5", 32, 8.0}};
  for (const Expected& want : expected) {
    if (!fs::exists(shared_folder() / want.set)) {
      std::cout << "skipped: " << want.set << " is not here\n";
      continue;
    }
    core::Diagnostics diagnostics;
    const auto set = load_measured_set(shared_folder() / want.set, diagnostics);
    REQUIRE(set);
    Curve points;
    for (const MeasuredRow& row : set->rows) {
      if (row.ranks == want.ranks && row.algorithm == want.algorithm) {
        points.sizes.push_back(row.size);
        points.times.push_back(row.time);
      }
    }
    INFO(want.set << " " << want.algorithm << " " << want.ranks);
    CHECK(100.0 * fit_null_model(points).error == Approx(want.percent).margin(0.0501));
  }
}

}  // namespace
}  // namespace plumbline::calibration
