// SPDX-License-Identifier: Apache-2.0
// Estimate: the critical path, offered as what the schedule would take if nothing shared anything.
//
//   T = launch + Σ_{f∈P} (L_f + S_f / r_f),  P the longest path
//
// Symbols and citation: critical_path.cpp. The terms are those of the operations on P: latency,
// serialisation (S_f over the rate of links and cap), reduction (what the reduction throughput adds
// to that), compute, launch.
// Assumptions: every transfer has its resources to itself. It is also a lower bound (see there);
// claimed as an estimate since that is how contention-blind models are used.
// Known to fail: optimistic by the sharing factor wherever unordered operations meet on a resource
// (15 → 1 incast: 15×).
#include "analytic/dag_times.hpp"
#include "analytic/function_engine.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

workload::Outcome run(const workload::Problem& problem) {
  const std::vector<workload::OpId> path = last_path(problem.dag(), heads(problem).end);
  workload::Outcome outcome;
  outcome.terms = path_terms(problem, path);
  outcome.estimate = outcome.terms.sum();
  outcome.binding = describe_path(problem, path);
  return outcome;
}

}  // namespace

extern const SolverEntry uncontended{
    .name = "uncontended",
    .summary = "Contention-blind estimate of any schedule: its critical path",
    .citation = "Kelley and Walker 1959, Critical-path planning and scheduling",
    .validity = "schedules of at most 5,000,000 operations",
    .formula = "T = launch + sum(L_f + S_f/r_f) along the longest path",
    .claim = Claim::estimate,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("uncontended", can_expand, run); },
    .make_in = nullptr,
    .promise =
        [] {
          return Promise{.within = 0.001,
                         .limits = {{.axis = "collective",
                                     .words = {"all_reduce", "all_gather", "reduce_scatter"}},
                                    {.axis = "algorithm", .words = {"ring"}},
                                    {.axis = "placement", .words = {"packed"}},
                                    {.axis = "channels", .from = 1, .to = 1},
                                    {.axis = "slots", .from = 1, .to = 1}}};
        }};

}  // namespace plumbline::analytic::solvers
