// SPDX-License-Identifier: Apache-2.0
#include "gate/measured.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <tuple>

#include "analytic/question.hpp"
#include "calibration/null_model.hpp"
#include "core/units.hpp"
#include "experiments/calibration_input.hpp"
#include "experiments/point.hpp"
#include "gate/differential.hpp"

namespace plumbline::gate {
namespace {

using core::Seconds;
using experiments::PointSpec;

/// What has one null model: a collective on so many machines and ranks, by one way of the library.
using CurveKey = std::tuple<std::string, std::uint32_t, std::uint32_t>;

/// The measured time of a point; nullopt where no row of the set, or several, are of it.
std::optional<Seconds> measured_time(const PointSpec& spec) {
  core::Diagnostics unmatched;  // a sweep may be wider than its set
  const auto row =
      measure(*spec.measured, spec.workload,
              experiments::nodes_used(*spec.system->fabric, spec.placement), unmatched);
  return row ? std::optional(row->time) : std::nullopt;
}

/// The seconds that the solver expects to be reported; nullopt, with the reason, where it says
/// none.
std::optional<double> answered(analytic::Subject& subject, const PointSpec& spec,
                               std::string& why_not) {
  const workload::Problem problem = experiments::problem_of(spec);
  why_not = analytic::outside(subject.contract().domain, analytic::question_of(problem));
  if (!why_not.empty()) {
    return std::nullopt;
  }
  const analytic::Answer answer = subject.ask(problem, {});
  why_not = answer.failure.empty() ? answer.not_applicable : answer.failure;
  const std::optional<double> said =
      why_not.empty() ? claimed(subject.contract(), answer, problem) : std::nullopt;
  if (why_not.empty() && !(said && std::isfinite(*said))) {
    why_not = "it answers no number";
  }
  return why_not.empty() ? std::optional(*said * reported_share(spec.workload)) : std::nullopt;
}

double null_error(const std::map<CurveKey, calibration::Curve>& curves, std::size_t points) {
  double sum = 0.0;
  for (const auto& [key, curve] : curves) {
    sum += fit_null_model(curve).error * static_cast<double>(curve.sizes.size());
  }
  return sum / static_cast<double>(points);
}

MeasuredScore against(analytic::Subject& subject, experiments::Experiment& experiment) {
  MeasuredScore score;
  score.experiment = experiment.name();
  std::map<CurveKey, calibration::Curve> curves;
  for (std::size_t i = 0; i < experiment.points(); ++i) {
    const PointSpec spec = experiment.bind(i);
    score.set = spec.measured->set->name;
    const std::optional<Seconds> time = measured_time(spec);
    if (!time) {
      continue;
    }
    ++score.points;
    std::string why_not;
    const std::optional<double> said = answered(subject, spec, why_not);
    if (!said) {
      score.why_not = score.why_not.empty() ? why_not : score.why_not;
      continue;
    }
    ++score.answered;
    const double error = *said / time->si() - 1.0;
    score.mean += std::abs(error);
    const workload::Workload& work = spec.workload;
    if (std::abs(error) > std::abs(score.worst)) {
      score.worst = error;
      score.worst_at = fmt::format("{} by {}, {}, {} ranks", to_text(work.collective),
                                   work.algorithm, core::display(work.size), work.ranks.value);
    }
    const CurveKey key(std::string(to_text(work.collective)),
                       experiments::nodes_used(*spec.system->fabric, spec.placement),
                       work.ranks.value);
    curves[key].sizes.push_back(work.size);
    curves[key].times.push_back(*time);
  }
  if (score.answered > 0) {
    score.mean /= static_cast<double>(score.answered);
    score.null = null_error(curves, score.answered);
  }
  return score;
}

}  // namespace

Experiments measured_experiments(std::span<const std::string> files,
                                 const zoo::Catalogue& catalogue) {
  Experiments result;
  std::vector<experiments::Experiment*> all;
  for (const std::string& file : files) {
    result.push_back(std::make_unique<experiments::Experiment>(
        file, std::vector<experiments::Override>{}, catalogue));
    all.push_back(result.back().get());
  }
  experiments::require_measured(all);
  return result;
}

std::vector<MeasuredScore> against_measured(analytic::Subject& subject,
                                            const Experiments& experiments) {
  std::vector<MeasuredScore> scores;
  for (const auto& experiment : experiments) {
    scores.push_back(against(subject, *experiment));
  }
  return scores;
}

}  // namespace plumbline::gate
