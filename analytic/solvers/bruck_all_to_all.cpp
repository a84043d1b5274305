// SPDX-License-Identifier: Apache-2.0
// Exact: Bruck's all_to_all on a power of two of ranks.
//
//   T = launch + log2(n)·(α + S/(2B))
//
// | symbol | meaning |
// |---|---|
// | n | ranks, a power of two |
// | S | what one rank sends in total, its own part included |
// | α | latency of a path: links plus protocol step |
// | B | rate of a path with the path to itself, wire bytes of the protocol included |
//
// Citation: Bruck et al. 1997, doi:10.1109/71.642949, §3; Thakur et al. 2005, §4.2.
// Assumptions (checked, see even_steps.hpp; refused otherwise): the paths of a round are alike and
// get alike; n/2 blocks of S/n travel together in every round.
// Bound: α = 0 exceeds the egress bound (n−1)S/(nB) by half of log2(n): for short messages only.
// Known to fail: nothing is said of the copies in memory that real ones make before every round.
#include <bit>

#include "analytic/even_steps.hpp"
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using workload::Validity;

Validity accepts(const workload::Problem& problem) {
  const Validity mine = is_collective(problem, workload::Collective::all_to_all, "bruck");
  if (!mine.valid) {
    return mine;
  }
  if (!std::has_single_bit(problem.workload().ranks.value)) {
    return Validity::no("the ranks are not a power of two");
  }
  return analytic::even_steps(problem).validity;
}

workload::Outcome run(const workload::Problem& problem) {
  const std::vector<EvenStep> steps = analytic::even_steps(problem).steps;
  workload::Terms terms;
  for (const EvenStep& step : steps) {
    step.add(terms, 1, problem.workload().size / problem.workload().ranks.value);
  }
  return closed_form(problem, terms, "log2(n) rounds of half a buffer");
}

}  // namespace

extern const SolverEntry bruck_all_to_all{
    .name = "bruck_all_to_all",
    .summary = "Bruck's all-to-all: log2(n) rounds of half a buffer",
    .citation = "Bruck et al. 1997, doi:10.1109/71.642949, section 3",
    .validity = "all_to_all by bruck on a power of two of ranks; paths of a round alike",
    .formula = "log2(n) (alpha + S/(2B))",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("bruck_all_to_all", accepts, run); }};

}  // namespace plumbline::analytic::solvers
