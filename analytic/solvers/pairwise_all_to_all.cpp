// SPDX-License-Identifier: Apache-2.0
// Exact: pairwise all_to_all; in step s rank r sends to r + s (mod n).
//
//   T = launch + (n−1)(α + S/(nB))
//
// | symbol | meaning |
// |---|---|
// | n | ranks |
// | S | what one rank sends in total, its own part included |
// | α | latency of a path: links plus protocol step |
// | B | rate of a path with the path to itself, wire bytes of the protocol included |
//
// Citation: Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521, §4.3.
// Assumptions (checked, see lockstep.hpp; refused otherwise): all paths cost the same, and no two
// of one step share a resource. c channels carry S/c each over the same paths and share them
// evenly, so the step takes α + max(S/(nB), S/(n·c·cap)) — the excess over a channel's own cap is
// contention. Bound: α = 0 gives the egress bound of any all_to_all (endpoint.cpp). Known to fail:
// optimistic as soon as two pairs of a step cross one trunk (two leaves of 16 hosts with one 200
// GB/s trunk: 2.2×).
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

workload::Validity accepts(const workload::Problem& problem) {
  const workload::Validity mine =
      is_collective(problem, workload::Collective::all_to_all, "pairwise");
  return mine.valid ? lockstep(problem).validity : mine;
}

workload::Outcome run(const workload::Problem& problem) {
  const Lockstep step = lockstep(problem);
  const double n = problem.workload().ranks.value;
  workload::Terms terms;
  step.copy->add(terms, n - 1, problem.workload().size / n);
  return closed_form(problem, terms, "n-1 equal steps");
}

}  // namespace

extern const SolverEntry pairwise_all_to_all{
    .name = "pairwise_all_to_all",
    .summary = "Pairwise all-to-all on equal paths: n-1 steps",
    .citation = "Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521, section 4.3",
    .validity =
        "all_to_all by pairwise; equal paths that share no resource (channels of one hop may)",
    .formula = "(n-1)(alpha + S/(nB))",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) {
      return function_engine("pairwise_all_to_all", accepts, run);
    }};

}  // namespace plumbline::analytic::solvers
