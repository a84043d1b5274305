// SPDX-License-Identifier: Apache-2.0
// Exact: all_reduce as direct reduce_scatter and direct all_gather.
//
//   T = launch + 2α + (n−1)/n·S/B_reduce + (n−1)/n·S/B
//
// | symbol | meaning |
// |---|---|
// | n | ranks |
// | S | bytes of one rank's buffer |
// | α | latency of a path: links plus protocol step |
// | B | rate of a port that all transfers of a rank share (see one_shot.cpp) |
// | B_reduce | the same with the receiver's reduction throughput |
//
// Faster than one_shot, α + (n−1)·S/B, where S > αB·n/((n−1)(n−2)).
// Citation: Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521 (the cost model).
// Assumptions (checked, see even_steps.hpp; refused otherwise): all transfers of a phase have one
// latency and one even share of whatever they meet on. Bound: α = 0 gives the bandwidth bound of
// all_reduce without in-network reduction (endpoint.cpp). Known to fail: incast losses of real
// networks.
#include "analytic/even_steps.hpp"
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using workload::Collective;

workload::Validity accepts(const workload::Problem& problem) {
  const workload::Validity mine = is_collective(problem, Collective::all_reduce, "two_shot");
  return mine.valid ? analytic::even_steps(problem).validity : mine;
}

workload::Outcome run(const workload::Problem& problem) {
  const std::vector<EvenStep> steps = analytic::even_steps(problem).steps;
  const core::Bytes part = problem.workload().size / problem.workload().ranks.value;
  workload::Terms terms;
  steps.front().add(terms, 1, part);
  steps.back().add(terms, 1, part);
  return closed_form(problem, terms, "twice n-1 transfers that share every port");
}

}  // namespace

extern const SolverEntry two_shot{
    .name = "two_shot",
    .summary = "All-reduce in two exchanges of everyone with everyone",
    .citation = "Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521",
    .validity = "all_reduce by two_shot; transfers with one latency and one even share",
    .formula = "2 alpha + 2(n-1)/n S/B",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("two_shot", accepts, run); }};

}  // namespace plumbline::analytic::solvers
