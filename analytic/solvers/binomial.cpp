// SPDX-License-Identifier: Apache-2.0
// Exact: binomial trees on n = 2^k ranks, unpipelined.
//
//   broadcast:  T = launch + log2(n)·(α + S/B)
//   reduce:     T = launch + log2(n)·(α + S/B_reduce)
//   all_reduce: the sum of both (reduce, then broadcast), one launch
//
// | symbol | meaning |
// |---|---|
// | n | ranks |
// | S | bytes of one rank's buffer |
// | α | latency of a path: links plus protocol step |
// | B | rate of a path with the path to itself, wire bytes of the protocol included |
// | B_reduce | the same with the receiver's reduction throughput |
//
// Citation: Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521, §4.4–4.5.
// Assumptions (checked, see lockstep.hpp; refused otherwise): n is a power of two; all paths cost
// the same and no two of one step share a resource; channels share theirs evenly. Bound: none. (Not
// even log2(n)·α is a bound on a broadcast: a root may start many transfers at once.) Known to
// fail: libraries pipeline their trees, which replaces log2(n)·S/B by about S/B; a crossover of
// ring and tree computed from this formula is off by orders of magnitude.
#include <bit>

#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using workload::Collective;

workload::Validity accepts(const workload::Problem& problem) {
  const Collective collective = problem.workload().collective;
  const bool known = collective == Collective::broadcast || collective == Collective::reduce ||
                     collective == Collective::all_reduce;
  const workload::Validity mine =
      is_collective(problem, known ? collective : Collective::broadcast, "binomial");
  const workload::Validity whole = mine.valid ? is_power_of_two(problem) : mine;
  return whole.valid ? lockstep(problem).validity : whole;
}

workload::Outcome run(const workload::Problem& problem) {
  const workload::Workload& workload = problem.workload();
  const Lockstep step = lockstep(problem);
  const double steps = std::countr_zero(workload.ranks.value);
  workload::Terms terms;
  if (workload.collective != Collective::broadcast) {
    step.reduce->add(terms, steps, workload.size);
  }
  if (workload.collective != Collective::reduce) {
    step.copy->add(terms, steps, workload.size);
  }
  return closed_form(problem, terms, "the root's chain of log2(n) transfers per phase");
}

}  // namespace

extern const SolverEntry binomial{
    .name = "binomial",
    .summary = "Unpipelined binomial broadcast, reduce or all-reduce on equal paths",
    .citation =
        "Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521, "
        "sections 4.4 and 4.5",
    .validity =
        "broadcast, reduce or all_reduce by binomial on a power of two of ranks; equal "
        "paths that share no resource within a step",
    .formula = "log2(n)(alpha + S/B); all_reduce twice that",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("binomial", accepts, run); }};

}  // namespace plumbline::analytic::solvers
