// SPDX-License-Identifier: Apache-2.0
#include "calibration/identifiability.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include <Eigen/SVD>

#include "calibration/distributions.hpp"

namespace plumbline::calibration {
namespace {

using Eigen::Index;

constexpr double no_influence = 1e-9;  // relative change of every time for a relative change of it
constexpr double dominant = 0.2;       // exponents below this share of the largest aren't told

struct Sensitivity {
  Eigen::MatrixXd rows;  // of the seen, free parameters, in units of the scale
  std::vector<std::size_t> parameters;
  std::vector<std::size_t> unseen;
};

Sensitivity sensitivity(const FitProblem& problem, const Fit& fit) {
  const std::vector<std::size_t> points = problem.fitted_points();
  Matrix jacobian(problem.response->points(), problem.parameters());
  std::vector<double> predicted(problem.response->points());
  problem.response->evaluate(fit.theta, predicted, &jacobian);
  Sensitivity result;
  for (std::size_t j = 0; j < problem.parameters(); ++j) {
    double largest = 0.0;
    for (const std::size_t i : points) {
      largest = std::max(largest, std::abs(jacobian(i, j)));
    }
    if (!problem.is_fixed(j)) {
      (largest > no_influence ? result.parameters : result.unseen).push_back(j);
    }
  }
  result.rows.resize(static_cast<Index>(points.size()),
                     static_cast<Index>(result.parameters.size()));
  const Observations& observed = *problem.observations;
  for (std::size_t k = 0; k < points.size(); ++k) {
    const std::size_t i = points[k];
    const double unit = std::sqrt(observed.weight[i]) / scale_of(observed, i, fit.scale);
    for (std::size_t c = 0; c < result.parameters.size(); ++c) {
      result.rows(static_cast<Index>(k), static_cast<Index>(c)) =
          unit * jacobian(i, result.parameters[c]);
    }
  }
  return result;
}

/// Size of an exponent, without the digits that differ between machines.
double rounded(double exponent) {
  return std::round(1e6 * std::abs(exponent));
}

std::string power(const std::string& name, double exponent) {
  return std::abs(exponent) > 0.995 ? name : fmt::format("{}^{:.2g}", name, std::abs(exponent));
}

/// A direction as text: `launch^0.7 · step^0.7 / rate^0.2`.
std::string product(const std::vector<double>& exponents, const std::vector<std::size_t>& members,
                    std::span<const std::string> names) {
  std::string above;
  std::string below;
  for (const std::size_t j : members) {
    std::string& side = exponents[j] > 0.0 ? above : below;
    const char* sign = exponents[j] > 0.0 ? (above.empty() ? "" : " · ") : " / ";
    side += sign + power(names[j], exponents[j]);
  }
  return above + below;
}

std::string sentence(const Combination& combination, std::span<const std::string> names) {
  std::vector<std::size_t> members;
  const double largest =
      *std::max_element(combination.exponents.begin(), combination.exponents.end());
  for (std::size_t j = 0; j < names.size(); ++j) {
    if (std::abs(combination.exponents[j]) >= dominant * largest) {
      members.push_back(j);
    }
  }
  std::stable_sort(members.begin(), members.end(), [&](std::size_t a, std::size_t b) {
    return rounded(combination.exponents[a]) > rounded(combination.exponents[b]);
  });
  const std::string known = std::isfinite(combination.factor) && combination.factor < 1e6
                                ? fmt::format("only to a factor of {:.2g}", combination.factor)
                                : "not at all";
  if (members.size() == 1) {
    return fmt::format("{} is determined {}", names[members[0]], known);
  }
  std::string list;
  for (std::size_t k = 0; k < members.size(); ++k) {
    list += (k == 0 ? "" : k + 1 == members.size() ? " and " : ", ") + names[members[k]];
  }
  const std::string whole = product(combination.exponents, members, names);
  if (members.size() > 2) {
    return fmt::format("{} can't be told apart: {} is determined {}", list, whole, known);
  }
  // Of two, what is determined is the direction across.
  std::vector<double> across(names.size(), 0.0);
  const double first = combination.exponents[members[0]];
  const double second = combination.exponents[members[1]];
  across[members[0]] = std::abs(second);
  across[members[1]] = second > 0.0 ? -first : first;
  return fmt::format("{} can't be told apart: {} is determined {}; what the points see is {}", list,
                     whole, known, product(across, members, names));
}

}  // namespace

Identifiability identifiability(const FitProblem& problem, const Fit& fit,
                                std::span<const std::string> names,
                                const IdentifiabilityOptions& options) {
  const Sensitivity seen = sensitivity(problem, fit);
  Identifiability result;
  result.unseen = seen.unseen;
  for (const std::size_t j : seen.unseen) {
    result.sentences.push_back(fmt::format("no point depends on {}", names[j]));
  }
  if (seen.parameters.empty()) {
    return result;
  }
  const Index count = seen.rows.cols();
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(seen.rows, Eigen::ComputeFullV);
  const double degrees = std::max(1.0, static_cast<double>(seen.rows.rows() - count));
  const double reach = student_quantile(0.5 * (1.0 + options.level), degrees);
  const auto value = [&](Index k) {  // fewer points than parameters: the rest is zero
    return k < svd.singularValues().size() ? svd.singularValues()[k] : 0.0;
  };
  const double least = value(count - 1);
  const double most = value(0);
  const double nothing = 1e-12 * most;
  result.condition_number =
      least > nothing ? most / least : std::numeric_limits<double>::infinity();
  for (Index k = count - 1; k >= 0; --k) {
    Combination combination{
        std::vector<double>(problem.parameters(), 0.0),
        value(k) > nothing ? std::exp(reach / value(k)) : std::numeric_limits<double>::infinity(),
        false};
    const Eigen::VectorXd direction = svd.matrixV().col(k);
    Index main = 0;
    for (Index c = 1; c < count; ++c) {
      main = rounded(direction[c]) > rounded(direction[main]) ? c : main;
    }
    const double sign = direction[main] < 0.0 ? -1.0 : 1.0;
    for (Index c = 0; c < count; ++c) {
      combination.exponents[seen.parameters[static_cast<std::size_t>(c)]] = sign * direction[c];
    }
    combination.weak = combination.factor > options.factor;
    if (combination.weak) {
      result.sentences.push_back(sentence(combination, names));
    }
    result.combinations.push_back(std::move(combination));
  }
  return result;
}

}  // namespace plumbline::calibration
