// SPDX-License-Identifier: Apache-2.0
// Which parameters, and which combinations of them, the measured points determine.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "calibration/fit.hpp"

namespace plumbline::calibration {

/// One direction of log space: the product of exp(theta_j)^exponent_j, exponents of length 1.
struct Combination {
  std::vector<double> exponents;  ///< one a parameter; the largest is positive
  double factor = 0.0;            ///< its 95 % interval is the value divided and multiplied by this
  bool weak = false;              ///< the factor is above the threshold
};

struct Identifiability {
  double condition_number = 0.0;          ///< of the scaled Jacobian; infinite if singular
  std::vector<std::size_t> unseen;        ///< parameters that no point depends on
  std::vector<Combination> combinations;  ///< worst first; unseen and held parameters left out
  std::vector<std::string> sentences;     ///< for people; empty where everything is determined
};

struct IdentifiabilityOptions {
  double factor = 2.0;  ///< a combination known no better than times or divided by this is weak
  double level = 0.95;
};

/// Singular value decomposition of J / scale at the optimum (rows times sqrt(weight)), in log
/// space, where all parameters have the same unit; priors don't count: what the points say. A
/// singular value sigma knows its direction to exp(t / sigma), with t for the points left after the
/// parameters. Weakness is judged by this factor, not by the condition number (which only
/// compares). `names` has one name a parameter.
[[nodiscard]] Identifiability identifiability(const FitProblem& problem, const Fit& fit,
                                              std::span<const std::string> names,
                                              const IdentifiabilityOptions& options = {});

}  // namespace plumbline::calibration
