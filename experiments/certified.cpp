// SPDX-License-Identifier: Apache-2.0
#include "experiments/certified.hpp"

#include <algorithm>
#include <optional>

#include "analytic/solver.hpp"
#include "core/diagnostic.hpp"
#ifdef PLUMBLINE_WITH_DES
#include "des/replay.hpp"
#endif

namespace plumbline::experiments {
namespace {

// As the bounds themselves are held to.
constexpr double meeting = 1e-9;

/// Where the bounds of the schedule meet.
std::optional<core::Seconds> certain(const workload::Problem& problem) {
  std::optional<core::Seconds> lower;
  std::optional<core::Seconds> upper;
  for (const workload::Bound& bound : analytic::all_bounds(problem).bounds) {
    if (bound.scope != workload::Scope::schedule) {
      continue;
    }
    if (bound.side == workload::Side::lower) {
      lower = lower ? std::max(*lower, bound.value) : bound.value;
    } else {
      upper = upper ? std::min(*upper, bound.value) : bound.value;
    }
  }
  return lower && upper && *upper - *lower <= meeting * *upper ? lower : std::nullopt;
}

}  // namespace

workload::Validity Certified::accepts(const workload::Problem& problem) const {
  return problem.schedule().operation_count() <= workload::expand_limit
             ? workload::Validity::yes()
             : workload::Validity::no("its schedule has too many operations to be expanded");
}

bool Certified::promising(const workload::Problem& problem) const {
  const std::scoped_lock lock(mutex_);
  return !apart_.contains(&problem.schedule());
}

workload::Outcome Certified::run(const workload::Problem& problem) const {
  workload::Outcome outcome;
  if (promising(problem)) {
    outcome.estimate = certain(problem);
  }
  if (!outcome.estimate) {
    const std::scoped_lock lock(mutex_);
    apart_.insert(&problem.schedule());
  }
  if (!outcome.estimate) {
#ifdef PLUMBLINE_WITH_DES
    outcome.estimate = des::Replay({}).run(problem).estimate;
#else
    throw core::ModelError("its bounds do not meet, and this build can't replay");
#endif
  }
  return outcome;
}

}  // namespace plumbline::experiments
