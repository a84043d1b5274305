// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "calibration/random.hpp"
#include "calibration/residuals.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::calibration {
namespace {

/// Curves over 1 KiB, 2 KiB, ...: residuals in the order of sizes.
ResidualData curves(const std::vector<std::vector<double>>& residuals) {
  ResidualData result;
  for (std::size_t g = 0; g < residuals.size(); ++g) {
    result.group_names.push_back("n=" + std::to_string(2 << g));
    for (std::size_t i = 0; i < residuals[g].size(); ++i) {
      result.residuals.push_back(residuals[g][i]);
      result.sizes.push_back(core::Bytes::from_si(std::ldexp(1024.0, static_cast<int>(i))));
      result.groups.push_back(static_cast<std::uint32_t>(g));
    }
  }
  return result;
}

TEST_CASE("Runs of signs are counted exactly", "[residuals]") {
  // Two + and two -: of the six orders ++-- and --++ have 2 runs, +--+ and -++- 3, +-+- and -+-+ 4.
  CHECK(runs_probability(2, 2, 2) == Approx(2.0 / 6.0));
  CHECK(runs_probability(3, 2, 2) == Approx(4.0 / 6.0));
  CHECK(runs_probability(4, 2, 2) == Approx(1.0));
  // One + among three -: it stands at an end (2 runs) in two of four places.
  CHECK(runs_probability(2, 1, 3) == Approx(0.5));
  CHECK(runs_probability(3, 1, 3) == Approx(1.0));
  CHECK(runs_probability(1, 5, 0) == 1.0);
}

TEST_CASE("Offset, autocorrelation and runs of one curve", "[residuals]") {
  // 1 1 -1 -1 (in 1e-3): mean 0, lag-1 products 1 - 1 + 1 = 1 over 4; two runs.
  const ResidualStructure result = residual_structure(curves({{1e-3, 1e-3, -1e-3, -1e-3}}));
  REQUIRE(result.curves.size() == 1);
  CHECK(result.curves[0].autocorrelation == Approx(0.25));
  CHECK(result.curves[0].runs == 2);
  CHECK(result.curves[0].runs_p == Approx(2.0 / 6.0));
  CHECK(result.curves[0].offset.t == 0.0);
  CHECK(result.curves[0].offset.p == 1.0);
  CHECK(result.sentences.empty());
  // 1 2 3: mean 2, variance 1, t = 2 / sqrt(1/3) = 3.4641; two-sided p with two degrees: 0.0742
  // (1 - t / sqrt(2 + t^2) = 1 - sqrt(12/14)).
  const MeanTest rising = residual_structure(curves({{1, 2, 3}})).curves[0].offset;
  CHECK(rising.t == Approx(std::sqrt(12.0)));
  CHECK(rising.p == Approx(1.0 - std::sqrt(12.0 / 14.0)));
}

TEST_CASE("A slope over sizes is told by the doubling", "[residuals]") {
  // -3 -1 1 3 per cent at 1 2 4 8 KiB: 2 % a doubling, exactly.
  const ResidualStructure result = residual_structure(curves({{-.03, -.01, .01, .03}}));
  const RegimeStructure& small = result.regimes[0];
  CHECK(small.regime == SizeRegime::small);
  CHECK(small.slope == Approx(0.02));
  CHECK(small.slope_p < 1e-6);
  CHECK(result.regimes[1].offset.points == 0);
  CHECK(
      result.sentences ==
      std::vector<std::string>{"small sizes of all curves: the prediction drifts by +2 % with each "
                               "doubling; a rate or its ramp is off"});
}

/// 6 small, 9 middle and 6 large sizes, with offsets and a scatter of 0.5, 0 and -0.5 % in turn.
std::vector<double> curve(double small, double middle, double large) {
  std::vector<double> result;
  for (int i = 0; i < 21; ++i) {
    const double offset = i < 6 ? small : i < 15 ? middle : large;
    result.push_back(offset + 0.005 * (1 - i % 3));
  }
  return result;
}

TEST_CASE("Regimes that are off are named, with their amount", "[residuals]") {
  // exp(-0.0943) - 1 = -9.0 %; 1.05 = exp(0.0488).
  const ResidualStructure middle =
      residual_structure(curves({curve(0.0, -0.0943, 0.0), curve(0.0, 0.0, 0.0)}));
  CHECK(middle.sentences ==
        std::vector<std::string>{"n=2: middle sizes are predicted 9 % low; mechanism missing"});
  const ResidualStructure whole =
      residual_structure(curves({curve(0.0, 0.0, 0.0), curve(0.0488, 0.0488, 0.0488)}));
  CHECK(whole.sentences ==
        std::vector<std::string>{
            "n=4: all sizes are predicted 5 % high; the curve differs as a whole"});
}

TEST_CASE("A wave over sizes is no noise", "[residuals]") {
  // A sine of one period over the 20 sizes: two runs of ten; 2 / C(20, 10) = 1.1e-5. Regimes cut it
  // so that no mean stands out at this small amplitude.
  std::vector<double> wave;
  for (int i = 0; i < 20; ++i) {
    wave.push_back(0.015 * std::sin(2.0 * 3.14159265 * (i + 0.5) / 20.0));
  }
  const ResidualStructure result = residual_structure(curves({wave}));
  CHECK(result.curves[0].runs == 2);
  CHECK(result.curves[0].runs_p == Approx(2.0 / 184756.0));
  REQUIRE_FALSE(result.sentences.empty());
  CHECK(result.sentences[0].find("n=2: neighbouring sizes err alike (2 runs of signs") == 0);
}

TEST_CASE("Noise gives no sentences", "[residuals]") {
  // 60 sets of 4 curves with 21 sizes and 1 % noise: means reach 2 % never; runs and slopes are
  // tested at 1 %, 4 and 3 times a set: 0.07 sentences each, 4 in all; ten have probability 0.01.
  Random random(8);
  std::size_t told = 0;
  for (int set = 0; set < 60; ++set) {
    std::vector<std::vector<double>> residuals(4, std::vector<double>(21));
    for (std::vector<double>& values : residuals) {
      for (double& value : values) {
        value = 0.01 * random.normal();
      }
    }
    told += residual_structure(curves(residuals)).sentences.size();
  }
  CHECK(told < 10);
  ResidualData broken = curves({{0.0}});
  broken.groups[0] = 1;
  CHECK_THROWS_AS(residual_structure(broken), core::InternalError);
}

}  // namespace
}  // namespace plumbline::calibration
