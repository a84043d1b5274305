// SPDX-License-Identifier: Apache-2.0
// Exact: recursive halving, and doubling back, on n = 2^k ranks.
//
//   reduce_scatter:  T = launch + log2(n)·α + (n−1)/n·S/B_reduce
//   all_reduce:      the same + log2(n)·α + (n−1)/n·S/B
//
// | symbol | meaning |
// |---|---|
// | n | ranks |
// | S | bytes of one rank's buffer |
// | α | latency of a path: links plus protocol step |
// | B | rate of a path with the path to itself, wire bytes of the protocol included |
// | B_reduce | the same with the receiver's reduction throughput |
//
// Derivation: the rounds exchange S/2, S/4, … S/n, which sums to (n−1)/n·S, and back.
// Citation: Rabenseifner 2004, doi:10.1007/978-3-540-24685-5_1; Thakur, Rabenseifner and Gropp
// 2005, doi:10.1177/1094342005051521, §4.5. Assumptions (checked, see lockstep.hpp; refused
// otherwise): n is a power of two; all paths cost the same and no two of one round share a
// resource. Bound: α = 0 gives the bandwidth bound of all_reduce without in-network reduction
// (endpoint.cpp). Known to fail: where far ranks share trunks, since the largest exchange is also
// the farthest.
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using workload::Collective;

workload::Validity accepts(const workload::Problem& problem) {
  const Collective collective = problem.workload().collective;
  const workload::Validity mine = is_collective(
      problem, collective == Collective::reduce_scatter ? collective : Collective::all_reduce,
      "halving_doubling");
  const workload::Validity whole = mine.valid ? is_power_of_two(problem) : mine;
  return whole.valid ? lockstep(problem).validity : whole;
}

workload::Outcome run(const workload::Problem& problem) {
  const workload::Workload& workload = problem.workload();
  const Lockstep step = lockstep(problem);
  const std::uint32_t n = workload.ranks.value;
  workload::Terms terms;
  for (std::uint32_t distance = 1; distance < n; distance *= 2) {
    const core::Bytes exchanged = workload.size * (double{1} * distance / n);
    step.reduce->add(terms, 1, exchanged);
    if (workload.collective == Collective::all_reduce) {
      step.copy->add(terms, 1, exchanged);
    }
  }
  return closed_form(problem, terms, "log2(n) rounds of exchanges per phase");
}

}  // namespace

extern const SolverEntry rabenseifner{
    .name = "rabenseifner",
    .summary = "Recursive halving and doubling on equal paths: fewest rounds at full bandwidth",
    .citation = "Rabenseifner 2004, doi:10.1007/978-3-540-24685-5_1",
    .validity =
        "all_reduce or reduce_scatter by halving_doubling on a power of two of ranks; equal paths "
        "that share no resource within a round",
    .formula = "2 log2(n) alpha + 2(n-1)/n S/B; reduce_scatter half of it",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("rabenseifner", accepts, run); }};

}  // namespace plumbline::analytic::solvers
