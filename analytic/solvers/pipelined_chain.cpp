// SPDX-License-Identifier: Apache-2.0
// Exact: broadcast or reduce along a chain, in pieces.
//
//   T = launch + (n − 2 + c)(α + S/(cB))
//
// | symbol | meaning |
// |---|---|
// | n | ranks |
// | S | bytes of the buffer |
// | c | pieces: S over `chunk`, rounded up; with several channels, of a channel's part |
// | α | latency of a path: links plus protocol step |
// | B | rate of a path with the path to itself, wire bytes of the protocol included; in a reducing
//       step with the receiver's reduction throughput |
//
// Derivation: let t = α + S/(cB), and let piece i (from 0) leave hop h (from 0) at (h + i + 1)·t.
// Hop h starts it once hop h − 1 has brought it, at (h + i)·t, and itself has sent piece i − 1, at
// (h + i)·t too: the claim follows by induction. The last piece leaves the last hop, n − 2, at
// (n − 2 + c − 1 + 1)·t. The best c, from dT/dc = α − (n−2)S/(c²B) = 0, is √((n−2)S/(αB)).
// Citation: Pješivac-Grbović et al. 2007, doi:10.1007/s10586-007-0012-0, §3.
// Assumptions (checked, see lockstep.hpp; refused otherwise): one slot; all hops cost the same, and
// no two share a resource; channels all go along the ranks in one order and share the hops evenly.
// Bound: none. Known to fail: with several slots latency is hidden, and this is too long.
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using workload::Collective;

workload::Validity accepts(const workload::Problem& problem) {
  const workload::Workload& workload = problem.workload();
  const workload::Validity mine = is_collective(
      problem,
      workload.collective == Collective::reduce ? workload.collective : Collective::broadcast,
      workload.algorithm == "ring" ? "ring" : "chain");
  if (!mine.valid) {
    return mine;
  }
  if (workload.channels > 1 && workload.ring_order != workload::RingOrder::by_rank) {
    return workload::Validity::no("its channels pass the ranks in different orders");
  }
  return all_at_once(problem).validity;
}

workload::Outcome run(const workload::Problem& problem) {
  const workload::Workload& workload = problem.workload();
  const Lockstep step = all_at_once(problem);
  const double pieces = double{1} * problem.schedule().chunks() / workload.channels;
  const std::optional<Hop>& hop = step.copy ? step.copy : step.reduce;
  workload::Terms terms;
  hop->add(terms, workload.ranks.value - 2 + pieces, workload.size / pieces);
  return closed_form(problem, terms, "the first piece down the chain, then all others");
}

}  // namespace

extern const SolverEntry pipelined_chain{
    .name = "pipelined_chain",
    .summary = "Broadcast or reduce along a chain of equal hops, in pieces",
    .citation = "Pješivac-Grbović et al. 2007, doi:10.1007/s10586-007-0012-0, section 3",
    .validity =
        "broadcast or reduce by chain or ring; one slot; equal hops that share no resource "
        "(channels in one order may)",
    .formula = "(n-2+c)(alpha + S/(cB)), c pieces",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("pipelined_chain", accepts, run); }};

}  // namespace plumbline::analytic::solvers
