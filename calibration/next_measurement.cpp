// SPDX-License-Identifier: Apache-2.0
#include "calibration/next_measurement.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>

namespace plumbline::calibration {
namespace {

using Eigen::Index;

// Of a parameter without a prior, in log space: what keeps the information regular.
constexpr double widest_prior = 3.0;

/// Information on all parameters; held ones are taken for known.
Eigen::MatrixXd information(const FitProblem& problem, const Fit& fit) {
  const auto p = static_cast<Index>(problem.parameters());
  Matrix jacobian(problem.response->points(), problem.parameters());
  std::vector<double> predicted(problem.response->points());
  problem.response->evaluate(fit.theta, predicted, &jacobian);
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(p, p);
  for (const std::size_t i : problem.fitted_points()) {
    const double scale = scale_of(*problem.observations, i, fit.scale);
    Eigen::VectorXd row(p);
    for (Index j = 0; j < p; ++j) {
      const auto at = static_cast<std::size_t>(j);
      row(j) = problem.is_fixed(at) ? 0.0 : jacobian(i, at) / scale;
    }
    result += problem.observations->weight[i] * row * row.transpose();
  }
  for (Index j = 0; j < p; ++j) {
    const auto at = static_cast<std::size_t>(j);
    const double deviation = at < problem.priors.size() && problem.priors[at]
                                 ? problem.priors[at]->deviation
                                 : widest_prior;
    result(j, j) += 1.0 / (deviation * deviation);
  }
  return result;
}

}  // namespace

std::vector<NextPoint> next_points(const FitProblem& problem, const Fit& fit,
                                   const Matrix& candidates, const std::vector<double>& direction,
                                   std::size_t count) {
  const auto p = static_cast<Index>(problem.parameters());
  Eigen::MatrixXd covariance =
      information(problem, fit).ldlt().solve(Eigen::MatrixXd::Identity(p, p));
  Eigen::VectorXd target(p);
  for (Index j = 0; j < p; ++j) {
    target(j) = problem.is_fixed(static_cast<std::size_t>(j))
                    ? 0.0
                    : direction[static_cast<std::size_t>(j)];
  }
  Eigen::MatrixXd rows(static_cast<Index>(candidates.rows), p);
  for (Index i = 0; i < rows.rows(); ++i) {
    for (Index j = 0; j < p; ++j) {
      const auto at = static_cast<std::size_t>(j);
      rows(i, j) =
          problem.is_fixed(at) ? 0.0 : candidates(static_cast<std::size_t>(i), at) / fit.scale;
    }
  }
  std::vector<NextPoint> result;
  while (result.size() < count && rows.rows() > 0) {
    const Eigen::VectorXd known = covariance * target;
    const double before = target.dot(known);
    Index best = 0;
    double most = 0.0;
    for (Index i = 0; i < rows.rows(); ++i) {
      const double shared = rows.row(i).dot(known);
      const double gain =
          shared * shared / (1.0 + rows.row(i).dot(covariance * rows.row(i).transpose()));
      if (gain > most * (1.0 + 1e-9)) {
        most = gain;
        best = i;
      }
    }
    if (!(most > 0.0)) {
      break;
    }
    const Eigen::VectorXd seen = covariance * rows.row(best).transpose();
    covariance -= seen * seen.transpose() / (1.0 + rows.row(best).dot(seen));
    result.push_back({.candidate = static_cast<std::size_t>(best),
                      .before = std::sqrt(before),
                      .after = std::sqrt(std::max(before - most, 0.0))});
  }
  return result;
}

}  // namespace plumbline::calibration
