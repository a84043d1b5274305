// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include <catch2/catch.hpp>

#include "calibration/conformal.hpp"
#include "calibration/random.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::calibration {
namespace {

using core::operator""_B;
using core::operator""_MiB;
using core::operator""_KiB;

HeldOut one_size(const std::vector<std::vector<double>>& groups, core::Bytes size = 1_MiB) {
  HeldOut result;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const double residual : groups[g]) {
      result.residuals.push_back(residual);
      result.sizes.push_back(size);
      result.groups.push_back(static_cast<std::uint32_t>(g));
    }
  }
  return result;
}

TEST_CASE("Nineteen groups of one point: the interval is the second largest error", "[conformal]") {
  // Scores 0.1 to 1.9, each with the mass 1/20: 0.9 is reached at the eighteenth.
  std::vector<std::vector<double>> groups;
  for (int k = 1; k <= 19; ++k) {
    groups.push_back({k % 2 == 0 ? 0.1 * k : -0.1 * k});
  }
  const Conformal test(one_size(groups));
  CHECK(test.margin(1_MiB).distribution_free);
  CHECK(test.margin(1_MiB).width == Approx(1.8));
  CHECK(test.interval(3.0, 1_MiB).low == Approx(1.2));
  CHECK(test.interval(3.0, 1_MiB).high == Approx(4.8));
  // Not below the floor, on either side.
  CHECK(test.interval(3.0, 1_MiB, 1.5).low == 1.5);
  CHECK(test.interval(3.0, 1_MiB, 5.0).high == 5.0);
  // One fewer, and ranks no longer decide.
  groups.pop_back();
  CHECK_FALSE(Conformal(one_size(groups)).margin(1_MiB).distribution_free);
}

TEST_CASE("A group counts once, however many points it has", "[conformal]") {
  // At level 0.5 with three groups, masses of 1/4 each: the group of four small errors has 1/16 a
  // point. 4/16 at 0.1, then 1/4 at 0.5: half is reached there. Point by point it would be 0.1.
  const Conformal test(one_size({{.1, .1, .1, .1}, {.5}, {.9}}), {.level = 0.5});
  CHECK(test.margin(1_MiB).width == Approx(0.5));
}

TEST_CASE("The jackknife+ centres each score on the fit that made it", "[conformal]") {
  // Level 0.5, three groups with errors 0.1 0.2 0.3, and left-out predictions 5, 6, 7: upper ends
  // 5.1 6.2 7.3, masses 1/4: half is reached at 6.2. Lower ends 4.9 5.8 6.7 from above: 5.8.
  const Conformal test(one_size({{.1}, {.2}, {.3}}), {.level = 0.5});
  const std::vector<double> left_out{5.0, 6.0, 7.0};
  const LogInterval result = test.interval(6.0, 1_MiB, 0.0, left_out);
  CHECK(result.high == Approx(6.2));
  CHECK(result.low == Approx(5.8));
  CHECK_THROWS_AS(test.interval(6.0, 1_MiB, 0.0, std::vector<double>{5.0}), core::InternalError);
}

TEST_CASE("Few groups: a t interval that counts groups, not points", "[conformal]") {
  // Four groups shifted as a whole by 0.1 0.1 0.1 0.1: m = 0.01, rho = 1, so nu = 4: t_4(0.95) =
  // 2.131847, width 0.2131847. Of one point each: the same.
  const Conformal shifted(one_size({{.1, .1, .1}, {-.1, -.1, -.1}, {.1, .1, .1}, {-.1, -.1, -.1}}));
  CHECK_FALSE(shifted.margin(1_MiB).distribution_free);
  CHECK(shifted.margin(1_MiB).within_group_correlation == Approx(1.0));
  CHECK(shifted.margin(1_MiB).width == Approx(0.2131847));
  CHECK(Conformal(one_size({{.1}, {-.1}, {.1}, {.1}})).margin(1_MiB).width == Approx(0.2131847));
  // Without a shift: +-0.1 in each of 2 groups of 8. Within 8 * 0.01 / 7, above m = 0.01: rho = 0,
  // drawn half way to 1: 1/2; nu = 2 / (1/8 + 7/8 / 4) = 5.818; t(0.95) lies between those of 5 and
  // 6 degrees, 2.015 and 1.943.
  const std::vector<double> both{.1, -.1, .1, -.1, .1, -.1, .1, -.1};
  const Margin mixed = Conformal(one_size({both, both})).margin(1_MiB);
  CHECK(mixed.within_group_correlation == 0.0);
  CHECK(mixed.width < 0.2015);
  CHECK(mixed.width > 0.1943);
  CHECK(std::isinf(Conformal(one_size({{.1, .1}})).margin(1_MiB).width));
}

TEST_CASE("Each regime of sizes has its own errors if it has enough", "[conformal]") {
  CHECK(regime_of(65535_B) == SizeRegime::small);
  CHECK(regime_of(64_KiB) == SizeRegime::middle);
  CHECK(regime_of(16_MiB) == SizeRegime::middle);
  CHECK(regime_of(17_MiB) == SizeRegime::large);
  HeldOut held_out = one_size({{.1, .1, .1, .1}, {.1, .1, .1, .1}, {.1, .1, .1, .1}}, 1_KiB);
  const HeldOut large = one_size({{.5}, {.5}, {.5}}, 1024_MiB);
  held_out.residuals.insert(held_out.residuals.end(), large.residuals.begin(),
                            large.residuals.end());
  held_out.sizes.insert(held_out.sizes.end(), large.sizes.begin(), large.sizes.end());
  held_out.groups.insert(held_out.groups.end(), large.groups.begin(), large.groups.end());
  const Conformal test(held_out);
  // Twelve small points: t_3(0.95) * 0.1 = 0.2353363.
  CHECK(test.margin(2_KiB).width == Approx(0.2353363));
  CHECK_FALSE(test.margin(2_KiB).pooled);
  // Three large ones: all fifteen are taken.
  CHECK(test.margin(1024_MiB).pooled);
  CHECK(test.margin(1024_MiB).points == 15);
  CHECK(test.margin(1024_MiB).width > 0.2353363);
}

/// Share of points of new groups inside intervals from `groups` groups of `points` points each.
double coverage(std::size_t groups, std::size_t points, double shift, double noise) {
  Random random(groups + 100);
  const auto draw = [&](std::size_t count) {
    const double offset = shift * random.normal();
    std::vector<double> residuals;
    for (std::size_t i = 0; i < count; ++i) {
      residuals.push_back(offset + noise * random.normal());
    }
    return residuals;
  };
  int inside = 0;
  constexpr int draws = 1000;
  for (int k = 0; k < draws; ++k) {
    std::vector<std::vector<double>> seen;
    for (std::size_t g = 0; g < groups; ++g) {
      seen.push_back(draw(points));
    }
    inside += std::abs(draw(1)[0]) <= Conformal(one_size(seen)).margin(1_MiB).width ? 1 : 0;
  }
  return static_cast<double>(inside) / draws;
}

TEST_CASE("Nine intervals in ten hold a point of a group never seen", "[conformal]") {
  // 1,000 draws: the share has a deviation of 0.0095; three of those below 0.9. By rank it may be
  // higher by up to 1/(K+1), 0.05 with twenty groups, and then by three deviations.
  for (const std::size_t groups : {3U, 6U, 12U, 20U}) {
    for (const double shift : {0.0, 0.05, 0.2}) {
      const double share = coverage(groups, 10, shift, 0.05);
      INFO(groups << " groups shifted by " << shift << ": " << share);
      CHECK(share > 0.87);
      CHECK(share < 0.98);
    }
  }
}

}  // namespace
}  // namespace plumbline::calibration
