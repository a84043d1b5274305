// SPDX-License-Identifier: Apache-2.0
// Curves that can't be what they are said to be, and honest ones that are left alone.
#include "experiments/suspicious.hpp"

#include <cmath>

#include <catch2/catch.hpp>

namespace plumbline::experiments {
namespace {

/// 10 us and 400 GB/s, where no algorithm is faster than 1 us and 450 GB/s: from `first` bytes to
/// `last`, each four times the one before. `as` makes of time and size what the file has.
std::vector<SuspectPoint> curve(double first, double last,
                                const std::function<double(double, double)>& as) {
  std::vector<SuspectPoint> points;
  for (double size = first; size <= last; size *= 4.0) {
    const double time = 10e-6 + size / 400e9;
    points.push_back({core::Bytes::from_si(size), core::Seconds::from_si(as(time, size)),
                      core::Seconds::from_si(1e-6 + size / 450e9)});
  }
  return points;
}

/// Against constants that are half as fast: 20 us and 200 GB/s.
std::string suspect(const std::vector<SuspectPoint>& points) {
  return suspicion("set", "all_reduce", 8, points, [&](std::size_t i) {
    return core::Seconds::from_si(20e-6 + points[i].size.si() / 200e9);
  });
}

bool says(const std::string& text, const std::string& words) {
  INFO(text << " says '" << words << "'");
  CHECK(text.find(words) != std::string::npos);
  return text.find(words) != std::string::npos;
}

constexpr double kib = 1024.0;
constexpr double gib = kib * kib * kib;

TEST_CASE("Honest times are not suspicious, be they few, small, large or slow") {
  const auto honest = [](double time, double) { return time; };
  CHECK(suspect(curve(kib, gib, honest)).empty());
  CHECK(suspect(curve(8.0, 32 * kib, honest)).empty());
  CHECK(suspect(curve(kib * kib, gib, honest)).empty());
  CHECK(suspect(curve(kib, kib, honest)).empty());
  CHECK(suspect({}).empty());
  // Ten times as slow, five times what the constants say: that is a discovery, not a mistake of
  // units.
  CHECK(suspect(curve(kib, gib, [](double time, double) { return 10 * time; })).empty());
  // A first row that was disturbed: three times as long as it should take.
  auto disturbed = curve(kib, gib, honest);
  disturbed.front().time *= 3.0;
  CHECK(suspect(disturbed).empty());
}

TEST_CASE("Bus bandwidth in the column of times has the shape of a bandwidth, whatever its unit") {
  for (const double unit : {1.0, 1e-3, 1e-6}) {
    const std::string text = suspect(curve(kib, gib, [&](double time, double size) {
      return unit * 1.75 * size / time / 1e9;  // 2(n-1)/n of 8 ranks, in GB/s
    }));
    CHECK(says(text, "hold bus bandwidth"));
    CHECK(says(text, "size_B x 1.75 / busbw"));
  }
}

TEST_CASE("Times that fall as sizes grow are rates") {
  CHECK(says(suspect(curve(kib, gib, [](double time, double) { return 1e-6 / time; })),
             "the times fall from"));
}

TEST_CASE("Times a thousand times too long or too short are of another unit") {
  // The constants take twice the time, so that 1000 x seems 500 x, and 1/1000 1/2000.
  const std::string slow = suspect(curve(kib, gib, [](double time, double) { return 1e3 * time; }));
  CHECK(says(slow, "about 500 x as long as"));
  CHECK(says(slow, "us that are called ms"));
  const std::string fast = suspect(curve(kib, gib, [](double time, double) { return time / 1e3; }));
  CHECK(says(fast, "about 1/2000 of"));
  CHECK(says(fast, "ms that are called us"));
  CHECK(says(suspect(curve(kib, kib, [](double time, double) { return 1e6 * time; })),
             "us or ns that are called s"));
}

TEST_CASE("A factor that is none of units is of something else") {
  // 120 x against constants of half the speed seems 60 x, which is neither 1 nor 1000.
  CHECK(says(suspect(curve(kib, gib, [](double time, double) { return 120 * time; })),
             "another machine, number of ranks or collective"));
}

}  // namespace
}  // namespace plumbline::experiments
