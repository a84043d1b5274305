// SPDX-License-Identifier: Apache-2.0
#include "gate/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "analytic/solver.hpp"
#include "calibration/null_model.hpp"
#include "gate/engine_subject.hpp"

namespace plumbline::gate {
namespace {

// Fitting takes the fourth power of the points.
constexpr std::size_t most_fitted = 64;
constexpr std::size_t fewest = 8;

/// A point as the null model sees it: without dimensions.
struct Plain {
  double x = 0.0;  ///< data time over latency
  double y = 0.0;  ///< true time over latency
  std::size_t place = 0;
};

Plain plain(const Sample& sample) {
  const workload::Problem& problem = sample.problem;
  const workload::Workload& asked = problem.workload();
  const double truth = sample.truth.time->si();
  if (asked.collective == workload::Collective::pipeline) {
    return {.x = static_cast<double>(sample.at.micro_batches), .y = truth / sample.at.compute.si()};
  }
  core::Seconds latency;
  core::Bandwidth rate = core::Bandwidth::infinity();
  for (const workload::Path& path : problem.costs().paths()) {
    latency = std::max(latency, path.latency);
    rate = std::min(rate, path.rate);
  }
  const core::Seconds data = asked.size * bus_factor(asked.collective, asked.ranks) / rate;
  return {.x = data / latency, .y = truth / latency.si()};
}

/// Machines and works are what points have in common.
std::vector<std::size_t> groups_of(const std::vector<Sample>& samples) {
  std::map<std::tuple<std::string, std::string, std::uint32_t, std::uint32_t>, std::size_t> known;
  std::vector<std::size_t> groups;
  for (const Sample& sample : samples) {
    const auto key = std::tuple(sample.at.collective, sample.at.algorithm, sample.at.nodes,
                                sample.at.gpus_per_node);
    groups.push_back(known.try_emplace(key, known.size()).first->second);
  }
  return groups;
}

/// The model's numbers are of the curve's kind: here both are without dimensions.
calibration::NullModel fit(const std::vector<Plain>& points) {
  calibration::Curve curve;
  const std::size_t step = (points.size() + most_fitted - 1) / most_fitted;
  for (std::size_t i = 0; i < points.size(); i += step) {
    curve.sizes.push_back(core::Bytes::from_si(points[i].x));
    curve.times.push_back(core::Seconds::from_si(points[i].y));
  }
  return calibration::fit_null_model(curve);
}

void finish(const std::vector<Paired>& pairs, std::uint64_t seed, Comparison& comparison) {
  comparison.points = pairs.size();
  comparison.own /= static_cast<double>(pairs.size());
  comparison.other /= static_cast<double>(pairs.size());
  comparison.difference = bootstrap(pairs, seed);
}

}  // namespace

std::optional<Comparison> against_null(const std::vector<Sample>& samples,
                                       const std::vector<Judgement>& judgements,
                                       std::uint64_t seed) {
  const std::vector<std::size_t> groups = groups_of(samples);
  std::array<std::vector<Plain>, 2> halves;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (judgements[i].known) {
      Plain point = plain(samples[i]);
      point.place = i;
      halves[groups[i] % 2].push_back(point);  // a group is held out whole
    }
  }
  if (std::min(halves[0].size(), halves[1].size()) < fewest) {
    return std::nullopt;
  }
  Comparison comparison{.with = "two straight lines"};
  std::vector<Paired> pairs;
  for (std::size_t half = 0; half < 2; ++half) {
    const calibration::NullModel model = fit(halves[1 - half]);
    for (const Plain& point : halves[half]) {
      const double own = std::abs(judgements[point.place].error);
      const double other = std::abs(model.at(core::Bytes::from_si(point.x)).si() / point.y - 1.0);
      comparison.own += own;
      comparison.other += other;
      pairs.push_back({own - other, groups[point.place]});
    }
  }
  finish(pairs, seed, comparison);
  return comparison;
}

std::optional<Comparison> against_incumbent(std::string_view name,
                                            const std::vector<Sample>& samples,
                                            const std::vector<Judgement>& judgements,
                                            std::uint64_t seed) {
  const std::vector<std::size_t> groups = groups_of(samples);
  std::optional<Comparison> best;
  for (const analytic::SolverEntry* entry : analytic::solvers::all()) {
    const bool judged = entry->claim == analytic::Claim::exact || entry->promise != nullptr;
    if (entry->bound || !judged || entry->name == name) {
      continue;
    }
    const auto rival = built_in(entry->name);
    Comparison comparison{.with = std::string(entry->name)};
    std::vector<Paired> pairs;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const analytic::Answer answer =
          judgements[i].known ? rival->ask(samples[i].problem, {}) : analytic::Answer{};
      if (!answer.estimate) {
        continue;
      }
      const double own = std::abs(judgements[i].error);
      const double other = std::abs(*answer.estimate / samples[i].truth.time->si() - 1.0);
      comparison.own += own;
      comparison.other += other;
      pairs.push_back({own - other, groups[i]});
    }
    if (!pairs.empty() && (!best || pairs.size() > best->points)) {
      finish(pairs, seed, comparison);
      best = std::move(comparison);
    }
  }
  return best;
}

}  // namespace plumbline::gate
