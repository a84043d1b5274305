// SPDX-License-Identifier: Apache-2.0
// Lower bound: the critical path.
//
//   T ≥ launch + max over paths P of the dag of Σ_{f∈P} (L_f + S_f / r_f)
//
// | symbol | meaning |
// |---|---|
// | L_f | latency of operation f (links plus protocol step) |
// | S_f | its bytes on the wire; for compute and delay L_f = 0 and S_f / r_f is the duration |
// | r_f | min(own cap, C_e / w_fe over the resources e it crosses): the uncontended rate |
//
// Citation: Kelley and Walker 1959, "Critical-path planning and scheduling".
// Proof: an operation starts no earlier than each of its predecessors ends; then it waits L_f; then
// its rate never exceeds r_f, since w_fe·x_f ≤ C_e must hold for every resource whatever else is
// active and x_f ≤ cap. So end(f) ≥ max end(predecessors) + L_f + S_f / r_f; induction along a
// path. Assumptions: none on the sharing (fluid or packet). Known to be loose when operations that
// the dag leaves unordered share a resource.
#include "analytic/dag_times.hpp"
#include "analytic/function_engine.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

workload::Outcome run(const workload::Problem& problem) {
  const Heads times = heads(problem);
  const std::vector<workload::OpId> path = last_path(problem.dag(), times.end);
  workload::Outcome outcome;
  outcome.binding = describe_path(problem, path);
  outcome.bounds.push_back(
      {.name = "critical_path",
       .scope = workload::Scope::schedule,
       .side = workload::Side::lower,
       .value = path.empty() ? core::Seconds{} : times.end[path.back().index()],
       .binding = outcome.binding});
  return outcome;
}

}  // namespace

extern const SolverEntry critical_path{
    .name = "critical_path",
    .summary = "Longest path of uncontended durations through the schedule",
    .citation = "Kelley and Walker 1959, Critical-path planning and scheduling",
    .validity = "schedules of at most 5,000,000 operations",
    .formula = "T >= launch + max over paths of sum(L_f + S_f/r_f)",
    .claim = Claim::lower,
    .bound = true,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("critical_path", can_expand, run); }};

}  // namespace plumbline::analytic::solvers
