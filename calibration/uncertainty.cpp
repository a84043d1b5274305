// SPDX-License-Identifier: Apache-2.0
#include "calibration/uncertainty.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>

#include <Eigen/Dense>

#include "calibration/distributions.hpp"

namespace plumbline::calibration {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double borrowed_degrees = 8.0;  // too few for a t quantile of their own: below about ten
constexpr double same_optimum = 0.1;      // in standard errors
constexpr double no_variance = 1e-9;      // of a residual whose point or group fits itself

Index index(std::size_t place) {
  return static_cast<Index>(place);
}

/// The fit near its optimum as least squares of pseudo-residuals, all parameters included.
struct Linearised {
  MatrixXd rows;       // one a fitted point
  VectorXd residuals;  // pseudo-residuals
  VectorXd precision;  // of priors and ranges, one a parameter
  std::vector<std::vector<Index>> clusters;
};

/// Divides by the mean slope of psi what was a least-squares fit of psi. A point that pulls the fit
/// to itself has a small residual, inside the linear part of psi more often than others: its slope
/// is that of a normal residual of its leverage, all scaled so that `inside` of them are expected
/// there.
void spread_slope(Linearised& fit, double delta, double inside) {
  const MatrixXd normal = fit.rows.transpose() * fit.rows + MatrixXd(fit.precision.asDiagonal());
  const VectorXd leverage =
      (fit.rows * normal.ldlt().solve(fit.rows.transpose())).diagonal().cwiseMin(0.999);
  VectorXd slope = leverage.unaryExpr([delta](double value) {
    return 2.0 * normal_probability(delta / std::sqrt(1.0 - value)) - 1.0;
  });
  slope = (slope * std::max(inside, 1.0) / slope.sum()).cwiseMin(1.0);
  const double mean = slope.mean();
  const double correction = 1.0 + leverage.mean() * (1.0 - mean) / mean;
  fit.residuals = correction * fit.residuals.cwiseQuotient(slope.cwiseSqrt());
  fit.rows = slope.cwiseSqrt().asDiagonal() * fit.rows;
}

Linearised linearise(const FitProblem& problem, const Fit& fit, Clusters clusters,
                     const FitOptions& options) {
  const Observations& observed = *problem.observations;
  const std::size_t count = problem.parameters();
  const std::vector<std::size_t> points = problem.fitted_points();
  Matrix jacobian(problem.response->points(), count);
  std::vector<double> predicted(problem.response->points());
  problem.response->evaluate(fit.theta, predicted, &jacobian);
  Linearised result{MatrixXd(index(points.size()), index(count)),
                    VectorXd(index(points.size())),
                    VectorXd(index(count)),
                    {}};
  std::map<std::size_t, std::vector<Index>> members;
  double inside = 0.0;
  for (std::size_t k = 0; k < points.size(); ++k) {
    const std::size_t i = points[k];
    const double scale = scale_of(observed, i, fit.scale);
    const double weight = std::sqrt(observed.weight[i]);
    const double u = fit.residuals[i] / scale;
    inside += std::abs(u) < options.huber_delta ? 1.0 : 0.0;
    result.residuals[index(k)] = weight * u * huber_weight(u, options.huber_delta);
    for (std::size_t j = 0; j < count; ++j) {
      result.rows(index(k), index(j)) = weight / scale * jacobian(i, j);
    }
    members[clusters == Clusters::groups ? observed.group[i] : i].push_back(index(k));
  }
  for (auto& [name, rows] : members) {
    result.clusters.push_back(std::move(rows));
  }
  for (std::size_t j = 0; j < count; ++j) {
    const double width = problem.ranges[j].high - problem.ranges[j].low;
    result.precision[index(j)] = 1.0 / (width * width);
    if (!problem.priors.empty() && problem.priors[j]) {
      result.precision[index(j)] +=
          1.0 / (problem.priors[j]->deviation * problem.priors[j]->deviation);
    }
  }
  spread_slope(result, options.huber_delta, inside);
  return result;
}

struct Sandwich {
  MatrixXd covariance;
  VectorXd degrees;
};

/// Moves each variance towards that of errors alike at all points, which counts as
/// borrowed_degrees of freedom: a parameter that two or three points determine has a sandwich made
/// of two or three residuals (shrinking of variances as in Smyth 2004, doi:10.2202/1544-6115.1027).
void borrow(Sandwich& sandwich, const MatrixXd& inverse, const MatrixXd& rows,
            const MatrixXd& precision, const VectorXd& residuals) {
  const MatrixXd information = rows.transpose() * rows;
  const VectorXd left = residuals - rows * (inverse * (rows.transpose() * residuals));
  const double spare = static_cast<double>(rows.rows()) - (inverse * information).trace();
  const double variance = left.squaredNorm() / std::max(spare, 1.0);
  const MatrixXd alike = inverse * (variance * information + precision) * inverse;
  VectorXd factor(sandwich.degrees.size());
  for (Index j = 0; j < factor.size(); ++j) {
    const double degrees = sandwich.degrees[j];
    const double own = std::max(sandwich.covariance(j, j), 1e-300);
    factor[j] =
        std::sqrt((degrees + borrowed_degrees * alike(j, j) / own) / (degrees + borrowed_degrees));
  }
  sandwich.covariance = factor.asDiagonal() * sandwich.covariance * factor.asDiagonal();
  sandwich.degrees.array() += borrowed_degrees;
}

/// Satterthwaite's degrees of freedom of each parameter's variance: `shares` are X_g' A_g X_g,
/// `own` what each cluster (column) adds to the variance of each parameter (row) by itself.
VectorXd degrees_of(const MatrixXd& inverse, const MatrixXd& precision,
                    const std::vector<MatrixXd>& shares, const MatrixXd& own) {
  VectorXd degrees(inverse.rows());
  for (Index j = 0; j < degrees.size(); ++j) {
    MatrixXd pulls(inverse.rows(), own.cols());
    for (std::size_t g = 0; g < shares.size(); ++g) {
      pulls.col(index(g)) = shares[g] * inverse.col(j);
    }
    MatrixXd together = -pulls.transpose() * inverse * pulls;
    together.diagonal() = own.row(j).transpose();
    const double known = inverse.col(j).dot(precision * inverse.col(j));
    const double mean = together.trace() + known;
    degrees[j] = std::max(1.0, mean * mean / std::max(together.squaredNorm(), 1e-300));
  }
  return degrees;
}

/// CR2 covariance and Satterthwaite degrees of freedom of the parameters in `free`.
Sandwich sandwich(const Linearised& fit, const std::vector<Index>& free, Clusters clusters) {
  const MatrixXd rows = fit.rows(Eigen::all, free);
  const MatrixXd precision = fit.precision(free).asDiagonal();
  const Index count = index(free.size());
  const MatrixXd inverse =
      (rows.transpose() * rows + precision).ldlt().solve(MatrixXd::Identity(count, count));
  MatrixXd meat = precision;
  std::vector<MatrixXd> shares;  // X_g' A_g X_g
  MatrixXd own(count,
               index(fit.clusters.size()));  // variance of what a cluster adds, one a parameter
  for (const std::vector<Index>& cluster : fit.clusters) {
    const MatrixXd x = rows(cluster, Eigen::all);
    const Index size = index(cluster.size());
    const MatrixXd left = MatrixXd::Identity(size, size) - x * inverse * x.transpose();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(left);
    const VectorXd root = solver.eigenvalues().unaryExpr(
        [](double value) { return value > no_variance ? 1.0 / std::sqrt(value) : 0.0; });
    const MatrixXd adjusted =
        solver.eigenvectors() * root.asDiagonal() * solver.eigenvectors().transpose() * x;
    const VectorXd score = adjusted.transpose() * fit.residuals(cluster);
    meat += score * score.transpose();
    const MatrixXd influence = adjusted * inverse;
    own.col(index(shares.size())) = (influence.transpose() * left * influence).diagonal();
    shares.emplace_back(x.transpose() * adjusted);
  }
  Sandwich result{inverse * meat * inverse, degrees_of(inverse, precision, shares, own)};
  if (clusters == Clusters::points) {
    borrow(result, inverse, rows, precision, fit.residuals);
  }
  return result;
}

void bracket(ParameterInterval& interval, Range range, double theta, Bound bound, double level) {
  const bool one_sided = bound != Bound::none;
  const double reach = interval.standard_error *
                       student_quantile(one_sided ? level : 0.5 * (1.0 + level), interval.degrees);
  double low = bound == Bound::low ? range.low : theta - reach;
  double high = bound == Bound::high ? range.high : theta + reach;
  if (low <= range.low && high >= range.high) {
    interval.sides = Sides::undetermined;
    interval.note = "the points don't narrow the range";
  } else if (one_sided) {
    interval.sides = bound == Bound::low ? Sides::upper_only : Sides::lower_only;
    interval.note = fmt::format("sits on the {} bound of its range: the interval is one-sided",
                                bound == Bound::low ? "low" : "high");
  } else if (low < range.low || high > range.high) {
    interval.note = fmt::format("the interval is cut at the {} bound of the range",
                                low < range.low ? "low" : "high");
  }
  interval.low = std::exp(std::max(low, range.low));
  interval.high = std::exp(std::min(high, range.high));
}

void place(Matrix& covariance, const Sandwich& from, const std::vector<Index>& free) {
  for (std::size_t a = 0; a < free.size(); ++a) {
    for (std::size_t b = 0; b < free.size(); ++b) {
      covariance(static_cast<std::size_t>(free[a]), static_cast<std::size_t>(free[b])) =
          from.covariance(index(a), index(b));
    }
  }
}

Matrix correlation_of(const Matrix& covariance) {
  Matrix result(covariance.rows, covariance.cols);
  for (std::size_t a = 0; a < covariance.rows; ++a) {
    for (std::size_t b = 0; b < covariance.cols; ++b) {
      const double scale = std::sqrt(covariance(a, a) * covariance(b, b));
      result(a, b) = a == b ? 1.0 : scale > 0.0 ? covariance(a, b) / scale : 0.0;
    }
  }
  return result;
}

/// Near this optimum alone.
Uncertainty near(const FitProblem& problem, const Fit& fit, Clusters clusters, double level,
                 const FitOptions& options) {
  const std::size_t count = problem.parameters();
  const Linearised linearised = linearise(problem, fit, clusters, options);
  std::vector<Index> inside;
  for (std::size_t j = 0; j < count; ++j) {
    if (!problem.is_fixed(j) && fit.bounds[j] == Bound::none) {
      inside.push_back(index(j));
    }
  }
  Uncertainty result{std::vector<ParameterInterval>(count), Matrix(count, count), {}};
  const Sandwich main = sandwich(linearised, inside, clusters);
  place(result.covariance, main, inside);
  result.correlation = correlation_of(result.covariance);
  for (std::size_t j = 0; j < count; ++j) {
    ParameterInterval& interval = result.parameters[j];
    interval.value = interval.low = interval.high = std::exp(fit.theta[j]);
    if (problem.is_fixed(j)) {
      interval.sides = Sides::held;
      interval.note = "held";
      continue;
    }
    std::vector<Index> free = inside;
    auto at = std::lower_bound(free.begin(), free.end(), index(j));
    const Index position = at - free.begin();
    const bool on_bound = at == free.end() || *at != index(j);
    if (on_bound) {
      free.insert(at, index(j));
    }
    const Sandwich own = on_bound ? sandwich(linearised, free, clusters) : main;
    interval.standard_error = std::sqrt(own.covariance(position, position));
    interval.degrees = own.degrees[position];
    bracket(interval, problem.ranges[j], fit.theta[j], fit.bounds[j], level);
  }
  return result;
}

/// Whether no parameter differs by what matters beside its error.
bool is_same(const std::vector<double>& a, const std::vector<double>& b,
             const std::vector<ParameterInterval>& near_a) {
  for (std::size_t j = 0; j < a.size(); ++j) {
    if (std::abs(a[j] - b[j]) > same_optimum * near_a[j].standard_error) {
      return false;
    }
  }
  return true;
}

/// Adds what lies around an optimum that is worse by `deficit` of the loss. By likelihood its
/// interval ends where the loss has risen as far as at the ends of the best one's.
void add_rival(Uncertainty& all, const Uncertainty& rival, double deficit,
               const std::vector<Range>& ranges) {
  const double share = std::sqrt(1.0 - deficit / as_good);
  for (std::size_t j = 0; j < ranges.size(); ++j) {
    ParameterInterval& interval = all.parameters[j];
    const ParameterInterval& of = rival.parameters[j];
    const double low = of.value * std::pow(of.low / of.value, share);
    const double high = of.value * std::pow(of.high / of.value, share);
    if (interval.sides == Sides::held || (low >= interval.low && high <= interval.high)) {
      continue;
    }
    interval.low = std::min(interval.low, low);
    interval.high = std::max(interval.high, high);
    interval.note = "the interval holds other optima that are about as good";
    if (std::log(interval.low) <= ranges[j].low && std::log(interval.high) >= ranges[j].high) {
      interval.sides = Sides::undetermined;
    }
  }
}

}  // namespace

Uncertainty uncertainty(const FitProblem& problem, const Fit& fit, Clusters clusters, double level,
                        const FitOptions& options) {
  Uncertainty result = near(problem, fit, clusters, level, options);
  std::vector<std::vector<double>> seen{fit.theta};
  for (std::size_t k = 1; k < fit.optima.size(); ++k) {
    const Optimum& optimum = fit.optima[k];
    const double deficit = optimum.loss - fit.optima.front().loss;
    const bool same = std::ranges::any_of(seen, [&](const std::vector<double>& theta) {
      return is_same(theta, optimum.theta, result.parameters);
    });
    if (deficit < as_good && !same) {
      const calibration::Fit rival = fit_at(problem, options, optimum.theta, fit.scale);
      add_rival(result, near(problem, rival, clusters, level, options), deficit, problem.ranges);
      seen.push_back(optimum.theta);
    }
  }
  return result;
}

}  // namespace plumbline::calibration
