// SPDX-License-Identifier: Apache-2.0
// Figures of calibrated curves and their picture.
#include "report/calibration.hpp"

#include <catch2/catch.hpp>

#include "report/plot.hpp"

namespace plumbline::report {
namespace {

CalibratedPoint point(double size, double measured, double predicted) {
  CalibratedPoint result;
  result.size = core::Bytes::from_si(size);
  result.measured = core::Seconds::from_si(measured);
  result.predicted = core::Seconds::from_si(predicted);
  result.low = core::Seconds::from_si(predicted / 1.25);
  result.high = core::Seconds::from_si(predicted * 1.25);
  return result;
}

/// Three small sizes, 10 %, 20 % and -50 % off, and a large one that is met.
CalibratedCurve curve() {
  CalibratedCurve result;
  result.label = "a <b> & c";
  result.points = {point(1024, 1e-5, 1.1e-5), point(2048, 1e-5, 1.2e-5), point(4096, 1e-5, 5e-6),
                   point(67108864, 1e-3, 1e-3)};
  return result;
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    ++found;
  }
  return found;
}

// (0.1 + 0.2 + 0.5 + 0) / 4.
TEST_CASE("A mean error is of magnitudes") {
  CHECK(*mean_error(curve(), [](const CalibratedPoint& p) { return std::optional(p.predicted); }) ==
        Approx(0.2));
  CHECK_FALSE(mean_error(curve(), [](const CalibratedPoint& p) { return p.tuner; }));
}

// The middle one of 0.1, 0.2 and -0.5.
TEST_CASE("A median gap is signed and of one regime") {
  CHECK(*median_gap(curve(), "small") == Approx(0.1));
  CHECK_FALSE(median_gap(curve(), "middle"));
  CHECK(*median_gap(curve(), "large") == Approx(0.0).margin(1e-12));
}

// 5 us times 1.25 is below the 10 us that were measured; the others are inside.
TEST_CASE("Coverage is the share of points inside of their interval") {
  CalibratedCurve one = curve();
  CHECK(*coverage(one) == Approx(0.75));
  one.points.back().high = core::Seconds::infinity();
  CHECK_FALSE(coverage(one));
}

TEST_CASE("A picture has a dot for each measurement and each error") {
  const std::string svg = to_svg(curve());
  CHECK(count(svg, "<circle class=\"dot\"") == 4 + 1);  // and the legend's
  CHECK(count(svg, "<circle class=\"err\"") == 4);
  CHECK(count(svg, "a &lt;b&gt; &amp; c") == 2);  // the title twice, escaped
  CHECK(count(svg, "nan") == 0);
  CHECK(to_svg({}).empty());
}

TEST_CASE("A measurement below the speed of light stands out") {
  CalibratedCurve one = curve();
  one.points.front().speed_of_light = core::Seconds::from_si(2e-5);
  CHECK(count(to_svg(one), "<circle class=\"odd\"") == 1);
}

// log10: 10 is half of the way from 1 to 100.
TEST_CASE("A logarithmic scale") {
  const Scale scale(1.0, 100.0, 0.0, 200.0, true);
  CHECK(scale.at(10.0) == Approx(100.0));
  CHECK(scale.at(1000.0) == Approx(200.0));  // kept inside of its frame
}

TEST_CASE("Ticks are round") {
  CHECK(round_steps(-0.2, 0.2).size() == 5);  // -20, -10, 0, 10, 20 %
  CHECK(powers(1e-6, 1e-3, 10.0, 8).size() == 4);
  CHECK(powers(1.0, 1024.0, 2.0, 6).size() <= 6);
}

}  // namespace
}  // namespace plumbline::report
