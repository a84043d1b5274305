// SPDX-License-Identifier: Apache-2.0
#include "calibration/fit.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>

#include "calibration/distributions.hpp"
#include "calibration/minimise.hpp"
#include "calibration/random.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::calibration {
namespace {

constexpr double normal_consistency = 1.4826;  // 1 / the third quartile of the normal distribution
constexpr double smallest_scale = 1e-6;        // no clock compares times better
constexpr int rounds_of_a_start = 3;           // scales tried before starts are compared
constexpr int rounds_of_the_best = 20;
constexpr double same_scale = 1e-3;  // relative change

void check(const FitProblem& problem) {
  const std::size_t count = problem.parameters();
  const Observations& observed = *problem.observations;
  const std::size_t points = problem.response->points();
  const auto fits = [count](std::size_t size) { return size == 0 || size == count; };
  if (problem.response->parameters() != count || problem.ranges.size() != count ||
      !fits(problem.priors.size()) || !fits(problem.fixed.size()) ||
      observed.log_seconds.size() != points || observed.relative_precision.size() != points ||
      observed.group.size() != points || observed.weight.size() != points) {
    throw core::InternalError("a fit whose parts have different sizes");
  }
}

/// At this share of what the prior expects, where there is one.
double expected(const FitProblem& problem, std::size_t j, double share) {
  const Range range = problem.ranges[j];
  if (problem.priors.empty() || !problem.priors[j]) {
    return range.low + share * (range.high - range.low);
  }
  const Prior& prior = *problem.priors[j];
  return std::clamp(prior.mean + prior.deviation * normal_quantile(share), range.low, range.high);
}

/// After the given start, in turn from all over the ranges and from where the priors expect them,
/// since a prior may be far off and a range far too wide. Low-discrepancy points: multiples of the
/// powers of the generalised golden ratio, shifted by the seed (Roberts 2018, "The unreasonable
/// effectiveness of quasirandom sequences").
std::vector<std::vector<double>> starts_of(const FitProblem& problem, const FitOptions& options) {
  const std::size_t count = problem.parameters();
  double ratio = 2.0;
  for (int i = 0; i < 64; ++i) {  // ratio^(count+1) = ratio + 1
    ratio = std::pow(1.0 + ratio, 1.0 / (static_cast<double>(count) + 1.0));
  }
  Random random(options.seed);
  std::vector<double> shift(count);
  for (double& value : shift) {
    value = random.uniform();
  }
  std::vector<std::vector<double>> starts(std::max(options.starts, 1U), problem.start);
  for (std::size_t k = 0; k < starts.size(); ++k) {
    for (std::size_t j = 0; j < count; ++j) {
      const Range range = problem.ranges[j];
      const double turn =
          shift[j] + static_cast<double>(k) * std::pow(ratio, -static_cast<double>(j + 1));
      if (!problem.is_fixed(j)) {
        const double share = turn - std::floor(turn);
        starts[k][j] = k == 0       ? std::clamp(problem.start[j], range.low, range.high)
                       : k % 2 == 0 ? expected(problem, j, share)
                                    : range.low + share * (range.high - range.low);
      }
    }
  }
  return starts;
}

class Fitter {
 public:
  Fitter(const FitProblem& problem, const FitOptions& options)
      : problem_(problem), options_(options), points_(problem.fitted_points()) {
    for (std::size_t j = 0; j < problem.parameters(); ++j) {
      free_ += problem.is_fixed(j) ? 0U : 1U;
    }
  }

  struct Candidate {
    Minimum minimum;
    double scale = 0.0;
  };

  /// Minimum and scale in turn, until the scale stays or the rounds are over.
  [[nodiscard]] Candidate settle(std::vector<double> theta, std::optional<double> scale,
                                 int rounds) const {
    Candidate candidate;
    std::vector<double> predicted(problem_.response->points());
    if (!scale) {
      problem_.response->evaluate(theta, predicted, nullptr);
      scale = scale_at(predicted);
    }
    candidate.minimum.theta = std::move(theta);
    for (int round = 0; round < rounds; ++round) {
      candidate.scale = *scale;
      candidate.minimum = minimise(problem_, options_, *scale, std::move(candidate.minimum.theta));
      scale = scale_at(candidate.minimum.predicted);
      if (!(std::abs(*scale - candidate.scale) > same_scale * candidate.scale)) {
        break;
      }
    }
    return candidate;
  }

  [[nodiscard]] double scale_at(std::span<const double> predicted) const {
    std::vector<double> residuals;
    for (const std::size_t i : points_) {
      residuals.push_back(predicted[i] - problem_.observations->log_seconds[i]);
    }
    return robust_scale(residuals, free_);
  }

 private:
  const FitProblem& problem_;
  const FitOptions& options_;
  std::vector<std::size_t> points_;
  std::size_t free_ = 0;
};

std::string describe(Stop stop) {
  switch (stop) {
    case Stop::flat:
      return "no step lowers the loss any more";
    case Stop::kink:
      return "stopped at a kink: other candidates of the model are the fastest on either side";
    case Stop::exhausted:
      break;
  }
  return "out of iterations";
}

std::vector<Bound> bounds_of(const FitProblem& problem, std::span<const double> theta) {
  std::vector<Bound> bounds(theta.size(), Bound::none);
  for (std::size_t j = 0; j < theta.size(); ++j) {
    const Range range = problem.ranges[j];
    const double near = 1e-6 * (range.high - range.low);
    if (!problem.is_fixed(j) && theta[j] <= range.low + near) {
      bounds[j] = Bound::low;
    } else if (!problem.is_fixed(j) && theta[j] >= range.high - near) {
      bounds[j] = Bound::high;
    }
  }
  return bounds;
}

void fill(const FitProblem& problem, const FitOptions& options, Fitter::Candidate best,
          std::vector<Optimum> optima, Fit& result) {
  result = fit_at(problem, options, std::move(best.minimum.theta), best.scale);
  result.loss = best.minimum.loss;
  result.stop = best.minimum.stop;
  result.why = describe(result.stop);
  result.optima = std::move(optima);
  result.spread.assign(result.theta.size(), 0.0);
  for (const Optimum& optimum : result.optima) {
    for (std::size_t j = 0; j < result.theta.size(); ++j) {
      if (optimum.loss - result.optima.front().loss <= as_good) {
        result.spread[j] = std::max(result.spread[j], std::abs(optimum.theta[j] - result.theta[j]));
      }
    }
  }
}

}  // namespace

bool FitProblem::is_fixed(std::size_t parameter) const {
  return !fixed.empty() && fixed[parameter];
}

std::vector<std::size_t> FitProblem::fitted_points() const {
  if (!points.empty()) {
    return points;
  }
  std::vector<std::size_t> all(response->points());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

std::vector<std::size_t> FitProblem::points_of(std::uint32_t group) const {
  std::vector<std::size_t> result = fitted_points();
  std::erase_if(result, [&](std::size_t i) { return observations->group[i] != group; });
  return result;
}

std::vector<std::size_t> FitProblem::points_without(std::uint32_t group) const {
  std::vector<std::size_t> result = fitted_points();
  std::erase_if(result, [&](std::size_t i) { return observations->group[i] == group; });
  return result;
}

std::vector<std::uint32_t> FitProblem::groups() const {
  std::vector<std::uint32_t> result;
  for (const std::size_t i : fitted_points()) {
    result.push_back(observations->group[i]);
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

Fit fit(const FitProblem& problem, const FitOptions& options) {
  check(problem);
  const Fitter fitter(problem, options);
  std::vector<Fitter::Candidate> candidates;
  double scale = std::numeric_limits<double>::infinity();
  for (std::vector<double>& start : starts_of(problem, options)) {
    Fitter::Candidate candidate = fitter.settle(std::move(start), std::nullopt, rounds_of_a_start);
    if (std::isfinite(candidate.minimum.loss)) {
      scale = std::min(scale, fitter.scale_at(candidate.minimum.predicted));
      candidates.push_back(std::move(candidate));
    }
  }
  if (candidates.empty()) {
    throw core::ModelError("no start inside the ranges has finite times at every point");
  }
  // Losses at different scales don't compare: all are taken at that of the tightest fit.
  for (Fitter::Candidate& candidate : candidates) {
    candidate.minimum.loss =
        loss_at(problem, options, scale, candidate.minimum.theta, candidate.minimum.predicted);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.minimum.loss < b.minimum.loss; });
  std::vector<Optimum> optima;
  optima.reserve(candidates.size());
  for (const Fitter::Candidate& candidate : candidates) {
    optima.push_back({candidate.minimum.theta, candidate.minimum.loss});
  }
  Fit result;
  fill(problem, options, fitter.settle(candidates.front().minimum.theta, scale, rounds_of_the_best),
       std::move(optima), result);
  return result;
}

Fit fit_at(const FitProblem& problem, const FitOptions& options, std::vector<double> theta,
           double scale) {
  const Observations& observed = *problem.observations;
  Fit result;
  result.theta = std::move(theta);
  result.scale = scale;
  result.bounds = bounds_of(problem, result.theta);
  result.predicted.resize(observed.points());
  problem.response->evaluate(result.theta, result.predicted, nullptr);
  for (std::size_t i = 0; i < observed.points(); ++i) {
    result.residuals.push_back(result.predicted[i] - observed.log_seconds[i]);
    result.huber_weights.push_back(
        huber_weight(result.residuals[i] / scale_of(observed, i, scale), options.huber_delta));
  }
  return result;
}

double huber_loss(double standardised, double delta) {
  const double size = std::abs(standardised);
  return size <= delta ? 0.5 * size * size : delta * (size - 0.5 * delta);
}

double huber_weight(double standardised, double delta) {
  const double size = std::abs(standardised);
  return size <= delta ? 1.0 : delta / size;
}

double robust_scale(std::span<const double> residuals, std::size_t parameters) {
  std::vector<double> sizes;
  for (const double residual : residuals) {
    if (!std::isfinite(residual)) {
      return std::numeric_limits<double>::infinity();
    }
    sizes.push_back(std::abs(residual));
  }
  if (sizes.empty()) {
    return smallest_scale;
  }
  std::sort(sizes.begin(), sizes.end());
  const std::size_t left_out = std::min(parameters, sizes.size() - 1);
  const std::size_t count = sizes.size() - left_out;
  const double upper = sizes[left_out + count / 2];
  const double lower = sizes[left_out + (count - 1) / 2];
  return std::max(smallest_scale, normal_consistency * 0.5 * (lower + upper));
}

double scale_of(const Observations& observations, std::size_t point, double scale) {
  return std::max(scale, observations.relative_precision[point]);
}

}  // namespace plumbline::calibration
