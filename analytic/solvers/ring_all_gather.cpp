// SPDX-License-Identifier: Apache-2.0
// Exact: ring all_gather.
//
//   T = launch + (n−1)(l·α + S/(nB))
//
// | symbol | meaning |
// |---|---|
// | n | ranks |
// | S | total bytes, as nccl-tests counts |
// | l | loops: pieces of at most `chunk` into which S/(nc) is cut; 1 without `chunk` |
// | α | latency of a hop: links plus protocol step |
// | B | rate of a hop with the hop to itself, wire bytes of the protocol included; a reducing step
//       uses the rate that includes the receiver's reduction throughput |
//
// Citation: Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521, §4.1.
// Assumptions (checked, see lockstep.hpp; refused otherwise): one slot; all hops cost the same, and
// no two hops of one channel share a resource. c channels carry S/c each, over the same hops or
// over others, and where they meet they share evenly: the step takes α + max(S/(nlB), S/(nlc·cap))
// — the excess over a channel's own cap is contention. Where they don't meet, as in both directions
// of a ring of cables, each has a link of its own.
// Bound: α = 0 gives the ingress bound of any all_gather (endpoint.cpp).
// Known to fail: optimistic when hops cross a shared trunk.
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

workload::Validity accepts(const workload::Problem& problem) {
  const workload::Validity mine = is_collective(problem, workload::Collective::all_gather, "ring");
  return mine.valid ? lockstep(problem).validity : mine;
}

workload::Outcome run(const workload::Problem& problem) {
  const Lockstep step = lockstep(problem);
  const double n = problem.workload().ranks.value;
  const double loops = ring_loops(problem);
  workload::Terms terms;
  step.copy->add(terms, loops * (n - 1), problem.workload().size / (n * loops));
  return closed_form(problem, terms, "n-1 equal steps");
}

}  // namespace

extern const SolverEntry ring_all_gather{
    .name = "ring_all_gather",
    .summary = "Ring all-gather on equal hops: n-1 steps",
    .citation = "Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521, section 4.1",
    .validity = "all_gather by ring; one slot; equal hops that share no resource (channels may)",
    .formula = "(n-1)(l*alpha + S/(nB)), l loops",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("ring_all_gather", accepts, run); }};

}  // namespace plumbline::analytic::solvers
