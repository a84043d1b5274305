// SPDX-License-Identifier: Apache-2.0
#include "report/gap.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "core/interval.hpp"
#include "core/units.hpp"
#include "workload/size_regime.hpp"

namespace plumbline::report {
namespace {

using core::Bytes;
using core::Seconds;
using workload::Bound;
using workload::Collective;
using workload::Term;
using workload::Terms;

/// Floating-point dust: two numbers nearer than this (relative) are the same number.
constexpr double slack = 1e-9;

std::string_view name_of(std::size_t term) {
  return workload::to_text(static_cast<Term>(term));
}

Seconds magnitude(Seconds time) {
  return Seconds::from_si(std::abs(time.si()));
}

/// "hockney 12 % below the replay"
std::string difference_text(const std::string& of, Seconds time, std::string_view against,
                            Seconds reference) {
  const double relative = (time - reference) / reference;
  if (!std::isfinite(relative)) {
    return fmt::format("{} can't be compared with {} of {}", of, against, core::display(reference));
  }
  if (std::abs(relative) <= slack) {
    return fmt::format("{} equals {} to 1e-9", of, against);
  }
  return fmt::format("{} {:.3g} % {} {}", of, 100.0 * std::abs(relative),
                     relative < 0.0 ? "below" : "above", against);
}

bool has_terms(const Terms& terms) {
  return std::any_of(terms.values.begin(), terms.values.end(),
                     [](Seconds value) { return value != Seconds{}; });
}

/// Of the terms that pull in the direction of the gap, the one that pulls most.
std::string dominant_difference(const Gap& gap, Seconds difference) {
  const double sign = difference < Seconds{} ? -1.0 : 1.0;
  const auto* dominant = static_cast<const std::pair<std::string, Seconds>*>(nullptr);
  for (const auto& term : gap.terms) {
    if (dominant == nullptr || sign * term.second > sign * dominant->second) {
      dominant = &term;
    }
  }
  if (dominant == nullptr || std::abs(gap.relative) <= slack) {
    return "";
  }
  return fmt::format("; {} differs most, by {} of {}", dominant->first,
                     core::display(dominant->second), core::display(difference));
}

std::string dominant_share(const std::string& of, const Terms& terms) {
  const auto largest = std::max_element(terms.values.begin(), terms.values.end());
  const Seconds sum = terms.sum();
  if (!(*largest > Seconds{}) || !(sum > Seconds{})) {
    return "";
  }
  const auto term = static_cast<std::size_t>(largest - terms.values.begin());
  return fmt::format("; {} is {:.3g} % of {}", name_of(term), 100.0 * (*largest / sum),
                     of == "replay" ? "the replay" : of);
}

std::optional<Seconds> value_of(const Bound* bound) {
  return bound == nullptr ? std::nullopt : std::optional(bound->value);
}

/// Switches can sum or copy on the way for these, so that an endpoint sends less than any algorithm
/// of point-to-point transfers must.
bool reducible_in_network(Collective collective) {
  switch (collective) {
    case Collective::all_reduce:
    case Collective::reduce_scatter:
    case Collective::reduce:
    case Collective::all_gather:
    case Collective::broadcast:
      return true;
    default:
      return false;
  }
}

/// Nothing where the measurement respects the bound, which is scaled to what is measured.
std::optional<std::string> below_text(const Point& point, const Bound& bound) {
  const Seconds measured = point.measured->time;
  const Seconds limit = bound.value * point.reported_share;
  if (!(measured < limit * (1.0 - slack))) {
    return std::nullopt;
  }
  const bool in_network = point.has_nvswitch && reducible_in_network(point.collective);
  return fmt::format("{:.3g} % below the speed-of-light bound {} ({}{}{}): {}",
                     100.0 * ((limit - measured) / limit), bound.name, core::display(limit),
                     bound.binding.empty() ? "" : ", set by ", bound.binding,
                     in_network ? "in-network reduction (NVLS/SHARP) or a wrong link rate"
                                : "wrong specification or size convention");
}

std::optional<bool> is_inside(const Point& point) {
  if (!point.replay || !point.replay->estimate || (!point.lower && !point.upper)) {
    return std::nullopt;
  }
  const core::Interval<Seconds> interval{point.lower.value_or(Seconds{}),
                                         point.upper.value_or(Seconds::infinity())};
  return interval.contains(*point.replay->estimate, slack);
}

std::vector<Gap> all_gaps(const Point& point) {
  std::vector<Gap> gaps;
  const double share = point.reported_share;
  const bool replayed = point.replay && point.replay->estimate;
  for (const Prediction& prediction : point.predictions) {
    if (!prediction.valid || !prediction.estimate) {
      continue;
    }
    if (replayed) {
      gaps.push_back(prediction_gap(prediction, *point.replay));
    }
    if (point.measured) {
      gaps.push_back(measured_gap(prediction.solver, *prediction.estimate * share, prediction.terms,
                                  *point.measured, point.size));
    }
  }
  if (replayed && point.measured) {
    gaps.push_back(measured_gap("replay", *point.replay->estimate * share, point.replay->terms,
                                *point.measured, point.size));
  }
  return gaps;
}

}  // namespace

std::string_view regime_of(Bytes size) {
  if (size < workload::small_below) {
    return "small";
  }
  return size > workload::large_above ? "large" : "middle";
}

const Bound* tightest(std::span<const Bound> bounds, workload::Scope scope, workload::Side side) {
  const Bound* best = nullptr;
  for (const Bound& bound : bounds) {
    if (bound.scope != scope || bound.side != side || std::isnan(bound.value.si())) {
      continue;
    }
    const bool tighter =
        best == nullptr ||
        (side == workload::Side::lower ? bound.value > best->value : bound.value < best->value);
    best = tighter ? &bound : best;
  }
  return best;
}

Gap prediction_gap(const Prediction& prediction, const workload::Outcome& replay) {
  const Seconds estimate = prediction.estimate.value();
  const Seconds reference = replay.estimate.value();
  const Seconds difference = estimate - reference;
  Gap gap;
  gap.of = prediction.solver;
  gap.against = "replay";
  gap.relative = difference / reference;
  Seconds explained;
  if (has_terms(prediction.terms) && has_terms(replay.terms)) {
    for (std::size_t i = 0; i < workload::term_count; ++i) {
      const Seconds mine = prediction.terms.values[i];
      const Seconds theirs = replay.terms.values[i];
      if (mine != Seconds{} || theirs != Seconds{}) {
        gap.terms.emplace_back(name_of(i), mine - theirs);
        explained += mine - theirs;
      }
    }
  }
  const Seconds structure = difference - explained;
  if (magnitude(structure) > slack * std::max(magnitude(estimate), magnitude(reference))) {
    gap.terms.emplace_back("structure", structure);
  }
  gap.explanation = difference_text(prediction.solver, estimate, "the replay", reference) +
                    dominant_difference(gap, difference);
  return gap;
}

Gap measured_gap(const std::string& of, Seconds time, const Terms& terms,
                 const Measurement& measured, Bytes size) {
  Gap gap;
  gap.of = of;
  gap.against = "measured";
  gap.relative = (time - measured.time) / measured.time;
  gap.regime = regime_of(size);
  gap.explanation =
      fmt::format("{}: {}{}", gap.regime, difference_text(of, time, "measured", measured.time),
                  dominant_share(of, terms));
  if (measured.low && measured.high && *measured.low < *measured.high && time >= *measured.low &&
      time <= *measured.high) {
    gap.explanation += fmt::format("; within the measured range of {} to {}",
                                   core::display(*measured.low), core::display(*measured.high));
  }
  return gap;
}

namespace {

/// What a prediction claims and its point's replay contradicts.
std::optional<std::string> refutation(const Prediction& prediction, const Point& point) {
  if (!prediction.estimate || !point.replay || !point.replay->estimate) {
    return std::nullopt;
  }
  const Seconds says = *prediction.estimate;
  const Seconds time = *point.replay->estimate;
  const bool exact = prediction.claim == "exact";
  const double slack_of = exact ? prediction.exact_to : slack;
  const bool above = says > time * (1.0 + slack_of) && (exact || prediction.claim == "lower");
  const bool below = says < time * (1.0 - slack_of) && (exact || prediction.claim == "upper");
  if (!above && !below) {
    return std::nullopt;
  }
  return fmt::format("{}, and claims {}",
                     difference_text(prediction.solver, says, "the replay", time),
                     exact ? "to be exact" : fmt::format("to be its {} bound", prediction.claim));
}

/// The replay's time, as a measurement reports it, times and by the margin; not below light.
void set_likely(Point& point) {
  if (!(point.margin >= 1.0) || !point.replay || !point.replay->estimate) {
    return;
  }
  const Seconds reported = *point.replay->estimate * point.reported_share;
  const Seconds light = point.speed_of_light.value_or(Seconds{}) * point.reported_share;
  point.likely_low = std::max(reported / point.margin, light);
  point.likely_high = std::max(reported * point.margin, light);
}

}  // namespace

void complete(Point& point) {
  using workload::Scope;
  using workload::Side;
  const Bound* light = tightest(point.bounds, Scope::speed_of_light, Side::lower);
  point.lower = value_of(tightest(point.bounds, Scope::schedule, Side::lower));
  point.upper = value_of(tightest(point.bounds, Scope::schedule, Side::upper));
  point.speed_of_light = value_of(light);
  point.inside_bounds = is_inside(point);
  for (Prediction& prediction : point.predictions) {
    prediction.refuted = refutation(prediction, point);
  }
  set_likely(point);
  point.gaps = all_gaps(point);
  if (point.measured) {
    point.measured->below = light == nullptr ? std::nullopt : below_text(point, *light);
  }
}

}  // namespace plumbline::report
