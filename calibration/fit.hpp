// SPDX-License-Identifier: Apache-2.0
// Fitting parameters to measured times: robust non-linear least squares inside bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "calibration/response.hpp"

namespace plumbline::calibration {

/// What is known of a parameter beforehand: log-normal, so normal in theta.
struct Prior {
  double mean = 0.0;       ///< of theta
  double deviation = 1.0;  ///< of theta; above zero
};

/// What is fitted to what. `response` and `observations` must outlive it.
struct FitProblem {
  const Response* response = nullptr;
  const Observations* observations = nullptr;
  std::vector<Range> ranges;                 ///< one a parameter
  std::vector<double> start;                 ///< one a parameter; the first start
  std::vector<std::optional<Prior>> priors;  ///< empty, or one a parameter
  std::vector<bool> fixed;                   ///< empty, or one a parameter: held at `start`
  std::vector<std::size_t> points;           ///< empty: all; a point may stand more than once

  [[nodiscard]] std::size_t parameters() const { return start.size(); }

  [[nodiscard]] bool is_fixed(std::size_t parameter) const;
  [[nodiscard]] std::vector<std::size_t> fitted_points() const;
  /// Those of fitted_points() that lie, or do not lie, in `group`.
  [[nodiscard]] std::vector<std::size_t> points_of(std::uint32_t group) const;
  [[nodiscard]] std::vector<std::size_t> points_without(std::uint32_t group) const;
  /// The groups of the fitted points, ascending.
  [[nodiscard]] std::vector<std::uint32_t> groups() const;
};

struct FitOptions {
  std::uint32_t starts = 32;  ///< the given one included
  std::uint64_t seed = 1;
  double huber_delta = 1.345;  ///< 95 % efficient where errors are normal (Huber 1981, section 4)
  std::uint32_t max_iterations = 60;  ///< of Levenberg-Marquardt, for one start and one scale
};

/// Why a minimisation ended.
enum class Stop {
  flat,       ///< the loss or theta no longer changes
  kink,       ///< no step decreases the loss, and the gradient isn't zero: candidates swap there
  exhausted,  ///< out of iterations
};

enum class Bound { none, low, high };

/// Optima whose losses differ by less than this are about as good: a likelihood ratio of e^2, which
/// is also how far a 95 % interval of one parameter reaches by its likelihood.
inline constexpr double as_good = 2.0;

/// Where one start ended.
struct Optimum {
  std::vector<double> theta;
  double loss = 0.0;  ///< at the scale at which the starts are compared
};

struct Fit {
  std::vector<double> theta;
  double loss = 0.0;                  ///< sum of w rho(residual/scale), priors included
  double scale = 0.0;                 ///< of the residuals: relative error of a typical point
  std::vector<double> predicted;      ///< log seconds of every point, fitted or not
  std::vector<double> residuals;      ///< predicted - measured, of every point
  std::vector<double> huber_weights;  ///< of every point; below 1 where it was played down
  std::vector<Bound> bounds;          ///< one a parameter
  Stop stop = Stop::exhausted;
  std::string why;              ///< `stop` in words
  std::vector<Optimum> optima;  ///< one a start, best first
  /// How far (in theta, one a parameter) the optima that are about as good as the best lie from it.
  std::vector<double> spread;

  [[nodiscard]] bool converged() const { return stop != Stop::exhausted; }
};

/// Minimises sum_i w_i rho((log t_i(theta) - y_i) / s_i) + sum_j ((theta_j - mean_j) /
/// deviation_j)^2 / 2 over the ranges; rho is Huber's, s_i the larger of the points' common scale
/// and the point's printed precision. The scale is 1.4826 times the median absolute residual,
/// leaving out as many of the smallest as there are free parameters, and is estimated anew until it
/// stays. Each start runs Levenberg-Marquardt on reweighted residuals (Holland & Welsch 1977),
/// accepting decreases alone. ModelError where no parameter set has finite times or the sizes above
/// disagree.
[[nodiscard]] Fit fit(const FitProblem& problem, const FitOptions& options = {});

/// What is known at `theta` where nothing was minimised: predictions, residuals, weights, bounds.
[[nodiscard]] Fit fit_at(const FitProblem& problem, const FitOptions& options,
                         std::vector<double> theta, double scale);

/// Of one residual in units of its scale.
[[nodiscard]] double huber_loss(double standardised, double delta);
[[nodiscard]] double huber_weight(double standardised, double delta);

/// The scale of residuals (see fit); at least one part in a million.
[[nodiscard]] double robust_scale(std::span<const double> residuals, std::size_t parameters);

/// The common scale, or the printed precision of the point where that is coarser.
[[nodiscard]] double scale_of(const Observations& observations, std::size_t point, double scale);

}  // namespace plumbline::calibration
