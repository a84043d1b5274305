// SPDX-License-Identifier: Apache-2.0
// Exact: recursive doubling on n = 2^k ranks.
//
//   all_reduce:  T = launch + log2(n)·(α + S/B)
//   all_gather:  T = launch + log2(n)·α + (n−1)/n·S/B
//
// | symbol | meaning |
// |---|---|
// | n | ranks |
// | S | bytes of one rank's buffer; of an all_gather in total |
// | α | latency of a path: links plus protocol step |
// | B | rate of a path with the path to itself, wire bytes of the protocol included; in a reducing
//       step with the receiver's reduction throughput |
//
// Derivation: in round k every rank exchanges with the one at distance 2^k, both ways at once. An
// all_reduce sends S each time; an all_gather 2^k·S/n, which sums to (n−1)/n·S.
// Citation: Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521, §4.1 and 4.5.
// Assumptions (checked, see lockstep.hpp; refused otherwise): n is a power of two; all paths cost
// the same and no two of one round share a resource. Bound: none. Known to fail: where far ranks
// share trunks, since the last round sends from every rank across the middle.
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using workload::Collective;

workload::Validity accepts(const workload::Problem& problem) {
  const Collective collective = problem.workload().collective;
  const workload::Validity mine = is_collective(
      problem, collective == Collective::all_gather ? collective : Collective::all_reduce,
      "recursive_doubling");
  const workload::Validity whole = mine.valid ? is_power_of_two(problem) : mine;
  return whole.valid ? lockstep(problem).validity : whole;
}

workload::Outcome run(const workload::Problem& problem) {
  const workload::Workload& workload = problem.workload();
  const Lockstep step = lockstep(problem);
  const std::uint32_t n = workload.ranks.value;
  workload::Terms terms;
  for (std::uint32_t distance = 1; distance < n; distance *= 2) {
    if (workload.collective == Collective::all_reduce) {
      step.reduce->add(terms, 1, workload.size);
    } else {
      step.copy->add(terms, 1, workload.size * (double{1} * distance / n));
    }
  }
  return closed_form(problem, terms, "log2(n) rounds of exchanges");
}

}  // namespace

extern const SolverEntry recursive_doubling{
    .name = "recursive_doubling",
    .summary = "Recursive doubling on equal paths: log2(n) exchanges",
    .citation =
        "Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521, sections 4.1 and 4.5",
    .validity =
        "all_reduce or all_gather by recursive_doubling on a power of two of ranks; equal paths "
        "that share no resource within a round",
    .formula = "log2(n)(alpha + S/B); all_gather log2(n) alpha + (n-1)/n S/B",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) {
      return function_engine("recursive_doubling", accepts, run);
    }};

}  // namespace plumbline::analytic::solvers
