// SPDX-License-Identifier: Apache-2.0
// What every registered entry promises, checked on one problem. Each check returns what is broken,
// in words; nothing where all is well. Nothing here uses the code it checks: loads come from
// routes, and dates from the dag.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analytic/solver.hpp"
#include "workload/problem.hpp"

namespace plumbline::conformance {

using Violations = std::vector<std::string>;

/// Rounding, relative: between engines, and within one answer.
inline constexpr double engine_slack = 1e-9;
inline constexpr double sum_slack = 1e-12;

/// The schedule proves that it computes its collective.
[[nodiscard]] Violations of_schedule(const workload::Problem& problem);

/// Every transfer's route is a path from the sender's to the receiver's device, without loops, that
/// passes through no endpoint and no third machine; or, of a group, a tree that joins it.
[[nodiscard]] Violations of_routes(const workload::Problem& problem);

/// Bytes by resource are the same from the routes and from the costs, and what enters a switch
/// leaves it.
[[nodiscard]] Violations of_conservation(const workload::Problem& problem);

/// Dates obey the model: an operation starts when its last predecessor ends, waits its latency, and
/// no resource carries more in any time than its capacity. Bytes by link and terms agree with them.
/// `replay` must hold its timeline.
[[nodiscard]] Violations of_replay(const workload::Problem& problem,
                                   const workload::Outcome& replay);

/// Not one bit differs.
[[nodiscard]] Violations of_repetition(const workload::Outcome& first,
                                       const workload::Outcome& second);

/// Schedule and speed-of-light bounds against the replay's time.
[[nodiscard]] Violations of_bounds(std::span<const workload::Bound> bounds, core::Seconds replay);

/// A solver's claim, or a bound's scope and side, against the replay's time.
[[nodiscard]] Violations of_solver(const analytic::SolverEntry& solver,
                                   const workload::Outcome& outcome, core::Seconds replay);

}  // namespace plumbline::conformance
