// SPDX-License-Identifier: Apache-2.0
#include "calibration/calibrate.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "calibration/random.hpp"

namespace plumbline::calibration {
namespace {

// Places beside the start where the first pieces are taken, so that the first fit knows of chains
// that the start does not show.
constexpr std::uint32_t first_places = 3;

// Of the first round's starts a later one takes this part: it begins at the best so far.
constexpr std::uint32_t later_starts = 4;

// How far a parameter may first move from the best so far, once fits stay near it: by half.
constexpr double first_radius = 0.5;

// Local rounds end after so many that gained less than this share of the error, once the fit's
// belief is no further than that from what is seen: before, it has only gone too far.
constexpr std::uint32_t patience = 1;
constexpr double worth_a_round = 0.002;
constexpr double near_enough = 0.1;

/// Somewhere in the ranges; `place` of a fixed sequence.
std::vector<double> scattered(const FitProblem& problem, std::uint32_t place) {
  std::vector<double> theta = problem.start;
  Random random(place);
  for (std::size_t j = 0; j < theta.size(); ++j) {
    const Range& range = problem.ranges[j];
    if (!problem.is_fixed(j)) {
      theta[j] = range.low + (range.high - range.low) * random.uniform();
    }
  }
  return theta;
}

/// Takes pieces where one class of links alone is slow: a class that limits nothing at the start
/// has no slope there, so that no fit would ever find that it does.
void slow_each_link(const FitProblem& problem, SimulatedResponse& response) {
  for (std::size_t j = 0; j < problem.start.size(); ++j) {
    if (!problem.is_fixed(j) && response.declared()[j].place.what == Place::What::link_efficiency) {
      std::vector<double> theta = problem.start;
      theta[j] = problem.ranges[j].low;
      response.explore(theta);
    }
  }
}

/// Mean absolute error in log time, as simulated: what every fit of a calibration is compared by.
double simulated_loss(const FitProblem& problem, const std::vector<double>& theta) {
  std::vector<double> predicted(problem.observations->points());
  problem.response->evaluate(theta, predicted, nullptr);
  double sum = 0.0;
  for (std::size_t i = 0; i < predicted.size(); ++i) {
    sum += std::abs(predicted[i] - problem.observations->log_seconds[i]);
  }
  return sum / static_cast<double>(predicted.size());
}

void begin_at(const std::vector<double>& start, FitProblem& problem) {
  for (std::size_t j = 0; j < start.size(); ++j) {
    problem.start[j] = problem.is_fixed(j) ? problem.start[j] : start[j];
  }
}

/// Ranges no wider than `radius` about theta.
void near(const std::vector<double>& theta, double radius, const std::vector<Range>& all,
          FitProblem& problem) {
  problem.start = theta;
  for (std::size_t j = 0; j < theta.size(); ++j) {
    problem.ranges[j] = {std::max(all[j].low, theta[j] - radius),
                         std::min(all[j].high, theta[j] + radius)};
  }
}

void tell(const CalibrationOptions& options, const std::string& what) {
  if (options.progress) {
    options.progress(what);
  }
}

/// Fits and looks in turn, from `problem.start` on.
Calibrated rounds(FitProblem problem, SimulatedResponse& response,
                  const CalibrationOptions& options) {
  Calibrated result;
  result.error = std::numeric_limits<double>::infinity();
  double radius = first_radius;
  std::uint32_t idle = 0;
  const std::vector<Range> all = problem.ranges;
  for (std::uint32_t round = 1; round <= options.global_rounds + options.local_rounds; ++round) {
    FitOptions how = options.fit;
    if (round > options.global_rounds) {
      near(result.fit.theta, radius, all, problem);
      how.starts = 1;
    } else if (round > 1) {
      how.starts = std::max(options.fit.starts / later_starts, 1U);
    }
    Fit found = fit(problem, how);
    const double disagreement = response.refine(found.theta);
    const double loss = simulated_loss(problem, found.theta);
    ++result.rounds;
    tell(options,
         fmt::format("round {}: mean error {:.1f} %, simulation off by {:.2g} %, {} simulations",
                     result.rounds, 100.0 * loss, 100.0 * disagreement, response.engine_runs()));
    idle = loss < result.error * (1.0 - worth_a_round) ? 0 : idle + 1;
    if (loss < result.error) {
      result.error = loss;
      result.fit = std::move(found);
      result.disagreement = disagreement;
      radius = std::min(radius * 1.5, first_radius);
    } else {
      radius /= 2.0;
    }
    const bool settled =
        round > options.global_rounds && idle > patience && disagreement <= near_enough;
    if (disagreement <= options.agreement || settled) {
      break;
    }
    problem.start = result.fit.theta;
  }
  return result;
}

}  // namespace

FitProblem fit_problem(const SimulatedResponse& response, const Observations& observations,
                       const std::vector<bool>& fixed) {
  FitProblem problem{.response = &response,
                     .observations = &observations,
                     .ranges = {},
                     .start = {},
                     .priors = {},
                     .fixed = fixed,
                     .points = {}};
  for (std::size_t j = 0; j < response.declared().size(); ++j) {
    const Parameter& parameter = response.declared()[j];
    problem.ranges.push_back(parameter.range);
    problem.priors.emplace_back(parameter.prior);
    problem.start.push_back(!fixed.empty() && fixed[j] ? parameter.neutral : parameter.start);
  }
  return problem;
}

Calibrated calibrate(SimulatedResponse& response, const Observations& observations,
                     const std::vector<bool>& fixed, const CalibrationOptions& options) {
  FitProblem problem = fit_problem(response, observations, fixed);
  const bool is_first = options.start.empty();
  if (is_first) {
    tell(options, "first sketches");
    response.explore(problem.start);
    for (std::uint32_t place = 1; place <= first_places; ++place) {
      response.explore(scattered(problem, place));
    }
    slow_each_link(problem, response);
  } else {
    begin_at(options.start, problem);
  }
  Calibrated result = rounds(problem, response, options);
  if (is_first && response.has_choice()) {
    tell(options, "as if the library chose by its own tables");
    SimulatedResponse::Beliefs before = response.beliefs();
    response.choose_by(Choosing::reckoning);
    Calibrated other = rounds(problem, response, options);
    if (other.error < result.error) {
      result = std::move(other);
    } else {
      response.believe(std::move(before));
      response.choose_by(Choosing::fastest);
    }
  }
  result.fixed = fixed.empty() ? std::vector<bool>(response.parameters(), false) : fixed;
  response.refine(result.fit.theta);
  return result;
}

}  // namespace plumbline::calibration
