// SPDX-License-Identifier: Apache-2.0
// Exact: everyone sends to everyone at once.
//
//   all_reduce by one_shot:                T = launch + α + (n−1)·S/B
//   all_gather, reduce_scatter by direct:  T = launch + α + (n−1)/n·S/B
//
// | symbol | meaning |
// |---|---|
// | n | ranks |
// | S | bytes of one rank's buffer; all_gather: total, reduce_scatter: one rank's input |
// | α | latency of a path: links plus protocol step |
// | B | (n−1) times a transfer's share: the rate of a port that all transfers of a rank share.
// Where
//       every pair has a link of its own, n−1 times that link's rate |
//
// Citation: Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521 (the cost model).
// Assumptions (checked, see even_steps.hpp; refused otherwise): all transfers have one latency and
// one even share of whatever they meet on. Bound: none for all_reduce; for the others α = 0 gives
// the bound of a port (endpoint.cpp). Known to fail: incast losses of real networks.
#include "analytic/even_steps.hpp"
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using workload::Collective;

workload::Validity accepts(const workload::Problem& problem) {
  const Collective collective = problem.workload().collective;
  const bool direct =
      collective == Collective::all_gather || collective == Collective::reduce_scatter;
  const workload::Validity mine = is_collective(
      problem, direct ? collective : Collective::all_reduce, direct ? "direct" : "one_shot");
  return mine.valid ? analytic::even_steps(problem).validity : mine;
}

workload::Outcome run(const workload::Problem& problem) {
  const workload::Workload& workload = problem.workload();
  const EvenStep step = analytic::even_steps(problem).steps.front();
  const bool whole = workload.collective == Collective::all_reduce;
  workload::Terms terms;
  step.add(terms, 1, whole ? workload.size : workload.size / workload.ranks.value);
  return closed_form(problem, terms, "n-1 transfers that share every port");
}

}  // namespace

extern const SolverEntry one_shot{
    .name = "one_shot",
    .summary =
        "Everyone to everyone at once: all_reduce of whole buffers, direct all_gather or "
        "reduce_scatter",
    .citation = "Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521",
    .validity =
        "all_reduce by one_shot, all_gather or reduce_scatter by direct; transfers with one "
        "latency and one even share",
    .formula = "alpha + (n-1)S/B; direct alpha + (n-1)/n S/B",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("one_shot", accepts, run); }};

}  // namespace plumbline::analytic::solvers
