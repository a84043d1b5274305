// SPDX-License-Identifier: Apache-2.0
#include "calibration/cross_validation.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "calibration/random.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::calibration {
namespace {

using Groups = std::vector<std::uint32_t>;

/// Groups that are left out together.
std::vector<Groups> folds_of(Groups groups, const CrossValidationOptions& options) {
  if (options.folds == 0 || options.folds >= groups.size()) {
    std::vector<Groups> alone;
    for (const std::uint32_t group : groups) {
      alone.push_back({group});
    }
    return alone;
  }
  Random random(options.seed);
  std::vector<Groups> folds(std::max(options.folds, 2U));
  for (std::size_t left = groups.size(); left > 0; --left) {  // drawn without replacement
    const std::size_t drawn = random.below(left);
    folds[left % folds.size()].push_back(groups[drawn]);
    std::swap(groups[drawn], groups[left - 1]);
  }
  return folds;
}

Fit fit_without(const FitProblem& problem, const Fit& from, const Groups& fold,
                FitOptions options) {
  FitProblem part = problem;
  part.start = from.theta;
  part.points = problem.fitted_points();
  std::erase_if(part.points, [&](std::size_t i) {
    return std::find(fold.begin(), fold.end(), problem.observations->group[i]) != fold.end();
  });
  options.starts = 1;
  return fit(part, options);
}

struct Mean {
  double value = 0.0;
  double error = 0.0;
};

Mean mean_of(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  Mean mean;
  for (const double value : values) {
    mean.value += value / count;
  }
  for (const double value : values) {
    mean.error += std::pow(value - mean.value, 2) / (count * (count - 1.0));
  }
  mean.error = std::sqrt(mean.error);
  return mean;
}

/// Fills the losses from the residuals.
void score(const FitProblem& problem, double scale, double delta, CrossValidation& result) {
  const Observations& observed = *problem.observations;
  for (const std::uint32_t group : result.groups) {
    double loss = 0.0;
    double weight = 0.0;
    double error = 0.0;
    for (const std::size_t i : problem.points_of(group)) {
      const double u = result.residuals[i] / scale_of(observed, i, scale);
      loss += observed.weight[i] * huber_loss(u, delta);
      error += observed.weight[i] * std::abs(std::expm1(result.residuals[i]));
      weight += observed.weight[i];
    }
    result.group_loss.push_back(weight > 0.0 ? loss / weight : 0.0);
    result.relative_error +=
        (weight > 0.0 ? error / weight : 0.0) / static_cast<double>(result.groups.size());
  }
  const Mean mean = mean_of(result.group_loss);
  result.loss = mean.value;
  result.standard_error = mean.error;
}

CrossValidation validate(const FitProblem& problem, const Fit& from, double scale,
                         const CrossValidationOptions& options) {
  CrossValidation result;
  result.groups = problem.groups();
  if (result.groups.size() < 2) {
    throw core::ModelError("cross-validation needs two groups of points");
  }
  result.residuals.assign(problem.observations->points(), 0.0);
  result.thetas.resize(result.groups.size());
  for (const Groups& fold : folds_of(result.groups, options)) {
    const Fit part = fit_without(problem, from, fold, options.fit);
    for (const std::uint32_t group : fold) {
      const auto at = std::lower_bound(result.groups.begin(), result.groups.end(), group);
      result.thetas[static_cast<std::size_t>(at - result.groups.begin())] = part.theta;
      for (const std::size_t i : problem.points_of(group)) {
        result.residuals[i] = part.residuals[i];
      }
    }
  }
  score(problem, scale, options.fit.huber_delta, result);
  return result;
}

/// A model without some of its terms.
struct Reduced {
  FitProblem problem;
  Fit fit;
  CrossValidation validation;
};

Reduced without(const Reduced& model, const OptionalTerm& term, double scale,
                const CrossValidationOptions& options) {
  Reduced result{model.problem, {}, {}};
  result.problem.start = model.fit.theta;
  result.problem.fixed.resize(result.problem.parameters(), false);
  for (std::size_t k = 0; k < term.parameters.size(); ++k) {
    result.problem.start[term.parameters[k]] = term.neutral[k];
    result.problem.fixed[term.parameters[k]] = true;
  }
  result.fit = fit(result.problem, options.fit);
  result.validation = validate(result.problem, result.fit, scale, options);
  return result;
}

Decision decide(const std::string& name, const CrossValidation& with,
                const CrossValidation& lacking) {
  std::vector<double> differences;
  for (std::size_t g = 0; g < with.group_loss.size(); ++g) {
    differences.push_back(lacking.group_loss[g] - with.group_loss[g]);
  }
  const Mean gain = mean_of(differences);
  return {.name = name,
          .loss_with = with.loss,
          .loss_without = lacking.loss,
          .standard_error = gain.error,
          .kept = gain.value > gain.error};
}

}  // namespace

CrossValidation cross_validate(const FitProblem& problem, const Fit& fit,
                               const CrossValidationOptions& options) {
  return validate(problem, fit, fit.scale, options);
}

std::string Decision::text() const {
  return fmt::format(
      "{}: cross-validated loss {:.3g} with, {:.3g} without it ({:+.2g} ± {:.2g}): {}", name,
      loss_with, loss_without, loss_without - loss_with, standard_error, kept ? "kept" : "dropped");
}

Elimination eliminate(const FitProblem& problem, const Fit& fit,
                      std::span<const OptionalTerm> terms, const CrossValidationOptions& options) {
  Reduced model{problem, fit, validate(problem, fit, fit.scale, options)};
  CrossValidation best = model.validation;
  Elimination result;
  std::vector<const OptionalTerm*> remaining;
  for (const OptionalTerm& term : terms) {
    remaining.push_back(&term);
  }
  for (;;) {
    std::vector<Decision> decisions;
    std::size_t least = remaining.size();
    Reduced next;
    for (std::size_t k = 0; k < remaining.size(); ++k) {
      Reduced reduced = without(model, *remaining[k], fit.scale, options);
      decisions.push_back(decide(remaining[k]->name, best, reduced.validation));
      if (!decisions[k].kept && (least == remaining.size() ||
                                 decisions[k].loss_without < decisions[least].loss_without)) {
        least = k;
        next = std::move(reduced);
      }
    }
    if (least == remaining.size()) {
      result.trace.insert(result.trace.end(), decisions.begin(), decisions.end());
      break;
    }
    result.trace.push_back(decisions[least]);
    remaining.erase(remaining.begin() + static_cast<std::ptrdiff_t>(least));
    model = std::move(next);
    if (model.validation.loss < best.loss) {
      best = model.validation;
    }
  }
  result.problem = std::move(model.problem);
  result.fit = std::move(model.fit);
  result.validation = std::move(model.validation);
  return result;
}

}  // namespace plumbline::calibration
