// SPDX-License-Identifier: Apache-2.0
#include "calibration/minimise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Cholesky>

namespace plumbline::calibration {
namespace {

constexpr double first_damping = 1e-3;
constexpr double largest_damping = 1e10;  // steps are below rounding there
constexpr double longest_step = 1.5;      // in theta: a factor of 4.5; further, the model changes
constexpr double small_decrease = 1e-12;  // relative
constexpr double small_promise = 1e-6;    // decrease promised by the model, relative to the loss
constexpr double rounding = 1e-14;

class Minimiser {
 public:
  Minimiser(const FitProblem& problem, const FitOptions& options, double scale)
      : problem_(problem),
        options_(options),
        scale_(scale),
        points_(problem.fitted_points()),
        jacobian_(problem.response->points(), problem.parameters()) {}

  Minimum run(std::vector<double> theta) {
    best_.theta = std::move(theta);
    best_.predicted.resize(problem_.response->points());
    problem_.response->evaluate(best_.theta, best_.predicted, &jacobian_);
    best_.loss = loss_at(problem_, options_, scale_, best_.theta, best_.predicted);
    if (!std::isfinite(best_.loss)) {
      return best_;
    }
    for (std::uint32_t i = 0; i < options_.max_iterations; ++i) {
      if (!descend()) {
        const bool kink = at_kink();
        if (!kink || !descend_along_kink()) {
          best_.stop = kink ? Stop::kink : Stop::flat;
          return best_;
        }
      }
      problem_.response->evaluate(best_.theta, best_.predicted, &jacobian_);
    }
    return best_;
  }

 private:
  /// The normal equations of the reweighted residuals and of the priors.
  void linearise() {
    const auto count = static_cast<Eigen::Index>(problem_.parameters());
    hessian_ = Eigen::MatrixXd::Zero(count, count);
    gradient_ = Eigen::VectorXd::Zero(count);
    const Observations& observed = *problem_.observations;
    for (const std::size_t i : points_) {
      const double s = scale_of(observed, i, scale_);
      const double u = (best_.predicted[i] - observed.log_seconds[i]) / s;
      const double weight = observed.weight[i] * huber_weight(u, options_.huber_delta);
      const Eigen::Map<const Eigen::VectorXd> row(
          jacobian_.values.data() + i * problem_.parameters(), count);
      gradient_ += weight * u / s * row;
      hessian_ += weight / (s * s) * row * row.transpose();
    }
    for (std::size_t j = 0; j < problem_.priors.size(); ++j) {
      if (const std::optional<Prior>& prior = problem_.priors[j]) {
        const double precision = 1.0 / (prior->deviation * prior->deviation);
        const auto at = static_cast<Eigen::Index>(j);
        gradient_[at] += precision * (best_.theta[j] - prior->mean);
        hessian_(at, at) += precision;
      }
    }
  }

  /// Parameters that may move downhill: neither held nor pressed against a bound.
  [[nodiscard]] std::vector<Eigen::Index> free_parameters() const {
    std::vector<Eigen::Index> free;
    for (std::size_t j = 0; j < problem_.parameters(); ++j) {
      const double slope = gradient_[static_cast<Eigen::Index>(j)];
      const Range range = problem_.ranges[j];
      const bool pressed = (best_.theta[j] <= range.low && slope > 0.0) ||
                           (best_.theta[j] >= range.high && slope < 0.0);
      if (!problem_.is_fixed(j) && !pressed && slope != 0.0) {
        free.push_back(static_cast<Eigen::Index>(j));
      }
    }
    return free;
  }

  /// One step of Levenberg-Marquardt; false where it gains next to nothing.
  bool descend() {
    const double before = best_.loss;
    return step_down() && before - best_.loss > small_decrease * before;
  }

  /// The longest step that lowers the loss; false where there is none.
  bool step_down() {
    linearise();
    const std::vector<Eigen::Index> free = free_parameters();
    if (free.empty()) {
      promised_ = 0.0;
      return false;
    }
    const Eigen::MatrixXd curvature = hessian_(free, free);
    const Eigen::VectorXd slope = gradient_(free);
    // A parameter without influence has no curvature: the floor keeps its step at zero.
    const Eigen::VectorXd damping =
        curvature.diagonal().cwiseMax(1e-12 * curvature.diagonal().maxCoeff());
    const auto solve = [&](double factor) -> Eigen::VectorXd {
      Eigen::MatrixXd damped = curvature;
      damped.diagonal() += factor * damping;
      return -damped.ldlt().solve(slope);
    };
    promised_ = std::max(0.0, -0.5 * solve(first_damping).dot(slope));
    if (promised_ <= rounding * (1.0 + best_.loss)) {
      return false;
    }
    for (double grow = 2.0; damping_ <= largest_damping; damping_ *= grow, grow *= 2.0) {
      Eigen::VectorXd step = solve(damping_);
      step *= std::min(1.0, longest_step / std::max(step.lpNorm<Eigen::Infinity>(), 1e-300));
      std::vector<double> theta = best_.theta;
      for (std::size_t k = 0; k < free.size(); ++k) {
        const auto j = static_cast<std::size_t>(free[k]);
        theta[j] = std::clamp(theta[j] + step[static_cast<Eigen::Index>(k)], problem_.ranges[j].low,
                              problem_.ranges[j].high);
      }
      if (accept(theta)) {
        damping_ = std::max(damping_ / 5.0, 1e-12);
        return true;
      }
    }
    damping_ = first_damping;
    return false;
  }

  /// At a kink the derivatives of one side don't lead down. Differences across it are means of both
  /// sides: they lead along it.
  bool descend_along_kink() {
    for (const double reach : {0.1, 0.01, 0.001}) {
      difference(reach);
      damping_ = first_damping;
      if (descend()) {
        return true;
      }
    }
    return false;
  }

  /// The Jacobian by central differences, one-sided at a bound.
  void difference(double reach) {
    std::vector<double> above(best_.predicted.size());
    std::vector<double> below(best_.predicted.size());
    for (std::size_t j = 0; j < problem_.parameters(); ++j) {
      if (problem_.is_fixed(j)) {
        continue;
      }
      std::vector<double> theta = best_.theta;
      const double high = theta[j] = std::min(best_.theta[j] + reach, problem_.ranges[j].high);
      problem_.response->evaluate(theta, above, nullptr);
      const double low = theta[j] = std::max(best_.theta[j] - reach, problem_.ranges[j].low);
      problem_.response->evaluate(theta, below, nullptr);
      for (std::size_t i = 0; i < above.size(); ++i) {
        jacobian_(i, j) = (above[i] - below[i]) / (high - low);
      }
    }
  }

  [[nodiscard]] bool at_kink() const { return promised_ > small_promise * (1.0 + best_.loss); }

  bool accept(const std::vector<double>& theta) {
    std::vector<double> predicted(best_.predicted.size());
    problem_.response->evaluate(theta, predicted, nullptr);
    const double loss = loss_at(problem_, options_, scale_, theta, predicted);
    if (!(loss < best_.loss)) {
      return false;
    }
    best_.theta = theta;
    best_.predicted = std::move(predicted);
    best_.loss = loss;
    return true;
  }

  const FitProblem& problem_;
  const FitOptions& options_;
  double scale_;
  std::vector<std::size_t> points_;
  Matrix jacobian_;
  Eigen::MatrixXd hessian_;
  Eigen::VectorXd gradient_;
  Minimum best_;
  double damping_ = first_damping;
  double promised_ = 0.0;  // the decrease that the linearised model promises, lightly damped
};

}  // namespace

double loss_at(const FitProblem& problem, const FitOptions& options, double scale,
               std::span<const double> theta, std::span<const double> predicted) {
  const Observations& observed = *problem.observations;
  double loss = 0.0;
  for (const std::size_t i : problem.fitted_points()) {
    const double u = (predicted[i] - observed.log_seconds[i]) / scale_of(observed, i, scale);
    loss += observed.weight[i] * huber_loss(u, options.huber_delta);
  }
  for (std::size_t j = 0; j < problem.priors.size(); ++j) {
    if (const std::optional<Prior>& prior = problem.priors[j]) {
      const double u = (theta[j] - prior->mean) / prior->deviation;
      loss += 0.5 * u * u;
    }
  }
  return std::isfinite(loss) ? loss : std::numeric_limits<double>::infinity();
}

Minimum minimise(const FitProblem& problem, const FitOptions& options, double scale,
                 std::vector<double> theta) {
  return Minimiser(problem, options, scale).run(std::move(theta));
}

}  // namespace plumbline::calibration
