// SPDX-License-Identifier: Apache-2.0
#include "experiments/suspicious.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <vector>

#include "core/units.hpp"
#include "experiments/calibration_curves.hpp"

namespace plumbline::experiments {
namespace {

constexpr double wide = 1000.0;    // largest size by smallest, from which on a shape is judged
constexpr std::size_t enough = 4;  // points of a shape

/// Slope in a plot of logarithms.
double slope(const SuspectPoint& from, const SuspectPoint& to) {
  return std::log(to.time / from.time) / std::log(to.size / from.size);
}

/// The point whose size is nearest to the geometric mean of the first and the last.
const SuspectPoint& middle(std::span<const SuspectPoint> points) {
  const double wanted = 0.5 * std::log(points.front().size.si() * points.back().size.si());
  return *std::ranges::min_element(points, {}, [&](const SuspectPoint& point) {
    return std::abs(std::log(point.size.si()) - wanted);
  });
}

/// Times hardly grow where latency rules and grow with size where bandwidth does; a bandwidth the
/// other way round.
std::string odd_shape(const std::string& label, std::string_view collective, std::uint32_t ranks,
                      std::span<const SuspectPoint> points) {
  constexpr double noise = 1.25;  // that a disturbed small size shows
  constexpr double bend = 0.3;    // of slopes between 0 and 1
  const SuspectPoint& first = points.front();
  const SuspectPoint& last = points.back();
  const SuspectPoint& half = middle(points);
  if (last.time * noise < first.time && last.time < half.time) {
    return fmt::format(
        "{}: the times fall from {} at {} to {} at {}, and a time grows with its size: is the "
        "column a rate (messages a second, bandwidth)? Write times in time_s",
        label, core::display(first.time), core::display(first.size), core::display(last.time),
        core::display(last.size));
  }
  if (slope(first, half) - slope(half, last) > bend) {
    return fmt::format(
        "{}: the times grow as a bandwidth does, fast up to {} and hardly from there on, where a "
        "time does the reverse: does the column hold bus bandwidth? Then time_s = size_B x {:.4g} "
        "/ busbw",
        label, core::display(half.size), ring_bytes(std::string(collective), ranks));
  }
  return {};
}

/// A factor that is one of units: 1000 to some power; zero where it is none.
int power_of_thousand(double factor) {
  constexpr double prior = 8.0;  // how far off uncalibrated constants may be
  const double power = std::log(factor) / std::log(1000.0);
  const double off = std::abs(power - std::round(power)) * std::log(1000.0);
  return off <= std::log(prior) ? static_cast<int>(std::round(power)) : 0;
}

std::string_view units_of(int power) {
  return power == 1    ? "us that are called ms, or ms that are called s? Divide them by 1000"
         : power == -1 ? "ms that are called us, or s that are called ms? Multiply them by 1000"
         : power > 1   ? "us or ns that are called s? Write seconds in time_s"
                       : "s or ms that are called ns? Write seconds in time_s";
}

/// `about 1000 x as long as`, `about 1/1000 of`
std::string times_of(double factor) {
  return factor >= 1 ? fmt::format("about {:.0f} x as long as", factor)
                     : fmt::format("about 1/{:.0f} of", 1 / factor);
}

std::string odd_scale(const std::string& label, const std::array<std::size_t, 3>& places,
                      std::span<const SuspectPoint> points,
                      const std::function<core::Seconds(std::size_t)>& expected) {
  constexpr double slow = 100.0;  // of the speed of light; latency alone may make it 50
  const auto all = [&](auto&& odd) {
    return std::ranges::all_of(places, [&](std::size_t place) { return odd(points[place]); });
  };
  if (!all([](const SuspectPoint& p) { return p.time > p.speed_of_light * slow; }) &&
      !all([](const SuspectPoint& p) { return p.time < p.speed_of_light; })) {
    return {};
  }
  double sum = 0.0;
  for (const std::size_t place : places) {
    sum += std::log(points[place].time / expected(place));
  }
  const double factor = std::exp(sum / static_cast<double>(places.size()));
  constexpr double far = 30.0;
  if (factor < far && factor > 1 / far) {
    return {};  // slow, or fast, but not beyond belief: the report counts times that beat light
  }
  const int power = power_of_thousand(factor);
  return fmt::format("{}: all times are {} what the starting constants expect: are they {}", label,
                     times_of(factor),
                     power != 0 ? units_of(power)
                                : "of another machine, number of ranks or collective? Check "
                                  "what the set says of itself");
}

}  // namespace

std::string suspicion(const std::string& label, std::string_view collective, std::uint32_t ranks,
                      std::span<const SuspectPoint> points,
                      const std::function<core::Seconds(std::size_t)>& expected) {
  if (points.empty()) {
    return {};
  }
  if (points.size() >= enough && points.back().size >= points.front().size * wide) {
    if (std::string odd = odd_shape(label, collective, ranks, points); !odd.empty()) {
      return odd;
    }
  }
  return odd_scale(label, {0, points.size() / 2, points.size() - 1}, points, expected);
}

void note_suspicious(CalibrationInput& input, const workload::Engine& engine) {
  std::unique_ptr<const calibration::SimulatedResponse> prior;  // built where it is asked
  for (std::size_t c = 0; c < input.curves.size(); ++c) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < input.points.size(); ++i) {
      if (input.points[i].curve == c) {
        places.push_back(i);
      }
    }
    std::ranges::stable_sort(places, {}, [&](std::size_t i) { return input.points[i].row.size; });
    std::vector<SuspectPoint> points;
    for (const std::size_t place : places) {
      const MeasuredPoint& point = input.points[place];
      points.push_back({point.row.size, point.row.time, point.speed_of_light});
    }
    const auto expected = [&](std::size_t number) {
      if (prior == nullptr) {
        prior = std::make_unique<const calibration::SimulatedResponse>(
            engine, engine, input.families, input.asked, std::vector<calibration::Parameter>{},
            input.prior);
      }
      const calibration::Asked& asked = input.asked[places[number]];
      double best = HUGE_VAL;
      for (const std::size_t family : asked.families) {
        best = std::min(best, prior->simulate(family, asked.size, {}).si());
      }
      return core::Seconds::from_si(best * asked.share);
    };
    const MeasuredCurve& curve = input.curves[c];
    if (std::string odd = suspicion(curve.label, curve.collective, curve.ranks, points, expected);
        !odd.empty()) {
      input.notes.push_back(std::move(odd));
    }
  }
}

}  // namespace plumbline::experiments
