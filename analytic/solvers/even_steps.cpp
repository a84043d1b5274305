// SPDX-License-Identifier: Apache-2.0
// Exact: any schedule that runs in even steps.
//
//   T = launch + Σ_s (α_s + b_s/x_s),  x_s = min_e C_e / W_es
//
// | symbol | meaning |
// |---|---|
// | s | steps: levels of the dependencies |
// | α_s, b_s | latency and wire bytes of each transfer of the step |
// | C_e | capacity of resource e |
// | W_es | transfers of the step on e, each as often as it names e |
//
// Citation: Bertsekas and Gallager 1992, Data Networks, §6.5.2 (max-min shares).
// Assumptions (checked, see even_steps.hpp; refused otherwise): whatever is under way at one time
// is alike, and nobody gets more than x_s.
// Bound: each step alone on its tightest resource is a lower bound too (link_load.cpp).
// Known to fail: nowhere; it refuses what is uneven.
#include "analytic/even_steps.hpp"

#include <fmt/format.h>

#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

workload::Validity accepts(const workload::Problem& problem) {
  return analytic::even_steps(problem).validity;
}

workload::Outcome run(const workload::Problem& problem) {
  const EvenSteps found = analytic::even_steps(problem);
  workload::Terms terms;
  for (const EvenStep& step : found.steps) {
    step.add(terms, 1, step.payload);
  }
  return closed_form(problem, terms, fmt::format("{} even steps", found.steps.size()));
}

}  // namespace

extern const SolverEntry even_steps{
    .name = "even_steps",
    .summary = "Any schedule whose transfers at one time all take equally long: sum of its steps",
    .citation = "Bertsekas and Gallager 1992, Data Networks, section 6.5.2",
    .validity = "transfers only, alike within each step and sharing alike",
    .formula = "sum over steps of alpha_s + b_s / min_e C_e/W_es",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("even_steps", accepts, run); }};

}  // namespace plumbline::analytic::solvers
