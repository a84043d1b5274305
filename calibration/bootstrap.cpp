// SPDX-License-Identifier: Apache-2.0
// The group bootstrap of uncertainty.hpp.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "calibration/distributions.hpp"
#include "calibration/random.hpp"
#include "calibration/uncertainty.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::calibration {
namespace {

/// theta of a refit to `points`, from the optimum of all.
std::vector<double> refit(const FitProblem& problem, const Fit& from, FitOptions options,
                          std::vector<std::size_t> points) {
  FitProblem part = problem;
  part.start = from.theta;
  part.points = std::move(points);
  options.starts = 1;
  return fit(part, options).theta;
}

/// The value below which `fraction` of the sorted values lie, interpolated.
double quantile(const std::vector<double>& sorted, double fraction) {
  const double at = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// How skewed the influence of the groups is: the acceleration (Efron 1987, section 6).
double acceleration(const std::vector<double>& left_out) {
  double mean = 0.0;
  for (const double value : left_out) {
    mean += value / static_cast<double>(left_out.size());
  }
  double squares = 0.0;
  double cubes = 0.0;
  for (const double value : left_out) {
    squares += std::pow(mean - value, 2);
    cubes += std::pow(mean - value, 3);
  }
  const double scale = std::pow(squares, 1.5);  // zero too where squares are almost
  return scale > 0.0 ? cubes / (6.0 * scale) : 0.0;
}

ParameterInterval interval_of(std::vector<double> values, const std::vector<double>& left_out,
                              double estimate, double level) {
  std::sort(values.begin(), values.end());
  const auto count = static_cast<double>(values.size());
  const auto below = static_cast<double>(std::lower_bound(values.begin(), values.end(), estimate) -
                                         values.begin());
  const auto above =
      static_cast<double>(values.end() - std::upper_bound(values.begin(), values.end(), estimate));
  const double share = (below + 0.5 * (count - below - above) + 0.5) / (count + 1.0);
  const double bias = normal_quantile(share);
  const double skew = acceleration(left_out);
  // Few groups: quantiles of t, and the deviation that resampling makes too small by
  // sqrt((g-1)/g) (Hesterberg 2015, doi:10.1080/00031305.2015.1089789, section 4.3).
  const auto groups = static_cast<double>(left_out.size());
  const double reach =
      std::sqrt(groups / (groups - 1.0)) * student_quantile(0.5 * (1.0 + level), groups - 1.0);
  const auto end = [&](double z) {
    // Without room the skew outruns the resample: all of it, to that side.
    const double room = 1.0 - skew * (bias + z);
    const double moved = room > 0.0 ? bias + (bias + z) / room : std::copysign(HUGE_VAL, bias + z);
    return std::exp(quantile(values, normal_probability(moved)));
  };
  double mean = 0.0;
  double variance = 0.0;
  for (const double value : values) {
    mean += value / count;
  }
  for (const double value : values) {
    variance += std::pow(value - mean, 2) / (count - 1.0);
  }
  return {.value = std::exp(estimate),
          .low = end(-reach),
          .high = end(reach),
          .standard_error = std::sqrt(variance),
          .degrees = groups - 1.0,
          .sides = Sides::two,
          .note = {}};
}

}  // namespace

Bootstrap bootstrap(const FitProblem& problem, const Fit& fit,
                    const BootstrapOptions& bootstrap_options, const FitOptions& options) {
  const std::vector<std::uint32_t> groups = problem.groups();
  if (groups.size() < fewest_bootstrap_groups) {
    throw core::ModelError(fmt::format("a bootstrap of groups needs {} groups; these are {}",
                                       fewest_bootstrap_groups, groups.size()));
  }
  std::vector<std::vector<double>> left_out;
  left_out.reserve(groups.size());
  for (const std::uint32_t group : groups) {
    left_out.push_back(refit(problem, fit, options, problem.points_without(group)));
  }
  Bootstrap result;
  Random random(bootstrap_options.seed);
  for (std::uint32_t b = 0; b < bootstrap_options.replicates; ++b) {
    std::vector<std::size_t> points;
    for (std::size_t k = 0; k < groups.size(); ++k) {
      const std::vector<std::size_t> drawn = problem.points_of(groups[random.below(groups.size())]);
      points.insert(points.end(), drawn.begin(), drawn.end());
    }
    result.thetas.push_back(refit(problem, fit, options, std::move(points)));
  }
  for (std::size_t j = 0; j < problem.parameters(); ++j) {
    const auto column = [j](const std::vector<std::vector<double>>& thetas) {
      std::vector<double> values;
      values.reserve(thetas.size());
      for (const std::vector<double>& theta : thetas) {
        values.push_back(theta[j]);
      }
      return values;
    };
    ParameterInterval interval =
        interval_of(column(result.thetas), column(left_out), fit.theta[j], bootstrap_options.level);
    if (problem.is_fixed(j)) {
      interval.sides = Sides::held;
      interval.note = "held";
    } else if (fit.bounds[j] != Bound::none) {
      interval.sides = fit.bounds[j] == Bound::low ? Sides::upper_only : Sides::lower_only;
      interval.note = "sits on a bound of its range";
    }
    result.parameters.push_back(std::move(interval));
  }
  return result;
}

}  // namespace plumbline::calibration
