// SPDX-License-Identifier: Apache-2.0
// Exact: broadcast as scatter and ring all_gather on n = 2^k ranks.
//
//   T = launch + (log2(n) + n − 1)·α + 2(n−1)/n·S/B
//
// | symbol | meaning |
// |---|---|
// | n | ranks |
// | S | bytes of the buffer |
// | α | latency of a path: links plus protocol step |
// | B | rate of a path with the path to itself, wire bytes of the protocol included; in a reducing
//       step with the receiver's reduction throughput |
//
// Derivation: the scatter hands on S/2, S/4, … S/n, together (n−1)/n·S; the ring takes n − 1 steps
// of S/n. Ranks that the scatter reaches early go on scattering: all begin the ring together.
// Citation: Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521, §4.2.
// Assumptions (checked, see lockstep.hpp; refused otherwise): n is a power of two; all paths cost
// the same and no two of one step share a resource. Bound: none. Known to fail: small messages,
// where n steps of latency rule.
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using workload::Collective;

workload::Validity accepts(const workload::Problem& problem) {
  const workload::Validity mine =
      is_collective(problem, Collective::broadcast, "scatter_allgather");
  const workload::Validity whole = mine.valid ? is_power_of_two(problem) : mine;
  return whole.valid ? lockstep(problem).validity : whole;
}

workload::Outcome run(const workload::Problem& problem) {
  const workload::Workload& workload = problem.workload();
  const Lockstep step = lockstep(problem);
  const std::uint32_t n = workload.ranks.value;
  workload::Terms terms;
  for (std::uint32_t distance = 1; distance < n; distance *= 2) {
    step.copy->add(terms, 1, workload.size * (double{1} * distance / n));
  }
  step.copy->add(terms, n - 1, workload.size / n);
  return closed_form(problem, terms, "log2(n) rounds of scatter, then n-1 steps around the ring");
}

}  // namespace

extern const SolverEntry scatter_allgather_broadcast{
    .name = "scatter_allgather_broadcast",
    .summary = "Broadcast as scatter and ring all_gather on equal paths",
    .citation = "Thakur, Rabenseifner and Gropp 2005, doi:10.1177/1094342005051521, section 4.2",
    .validity =
        "broadcast by scatter_allgather on a power of two of ranks; equal paths that share no "
        "resource within a step",
    .formula = "(log2(n) + n-1) alpha + 2(n-1)/n S/B",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) {
      return function_engine("scatter_allgather_broadcast", accepts, run);
    }};

}  // namespace plumbline::analytic::solvers
