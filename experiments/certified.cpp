// SPDX-License-Identifier: Apache-2.0
#include "experiments/certified.hpp"

#include <optional>

#include "analytic/solver.hpp"
#include "core/diagnostic.hpp"
#include "report/gap.hpp"
#ifdef PLUMBLINE_WITH_DES
#include "des/replay.hpp"
#endif

namespace plumbline::experiments {
namespace {

// As the bounds themselves are held to.
constexpr double meeting = 1e-9;

}  // namespace

std::optional<core::Seconds> where_they_meet(std::span<const workload::Bound> bounds) {
  using workload::Scope;
  using workload::Side;
  const workload::Bound* lower = report::tightest(bounds, Scope::schedule, Side::lower);
  const workload::Bound* upper = report::tightest(bounds, Scope::schedule, Side::upper);
  return lower != nullptr && upper != nullptr &&
                 upper->value - lower->value <= meeting * upper->value
             ? std::optional(lower->value)
             : std::nullopt;
}

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
    outcome.estimate = where_they_meet(analytic::all_bounds(problem).bounds);
  }
  if (outcome.estimate) {
    return outcome;
  }
  {
    const std::scoped_lock lock(mutex_);
    apart_.insert(&problem.schedule());
  }
#ifdef PLUMBLINE_WITH_DES
  outcome.estimate = des::Replay({}).run(problem).estimate;
  return outcome;
#else
  throw core::ModelError("its bounds do not meet, and this build can't replay");
#endif
}

}  // namespace plumbline::experiments
