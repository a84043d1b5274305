// SPDX-License-Identifier: Apache-2.0
// Exact: one message from one rank to another.
//
//   T = launch + α + S/B
//
// | symbol | meaning |
// |---|---|
// | S | bytes of the message |
// | α | latency of the path: links plus protocol step |
// | B | rate of the path, wire bytes of the protocol included |
//
// Citation: Hockney 1994, "The communication challenge for MPP: Intel Paragon and Meiko CS-2",
// doi:10.1016/S0167-8191(06)80021-9.
// Assumptions: nothing else runs. c channels carry S/c each and share the path evenly, each up to
// its own rate cap (lockstep.hpp).
// Bound: no transfer of S bytes on this path is faster.
// Known to fail: one α–β pair for a curve of real messages under-predicts its middle, where the
// protocol changes (see piecewise_hockney).
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

workload::Validity accepts(const workload::Problem& problem) {
  const workload::Validity mine =
      is_collective(problem, workload::Collective::send_recv, "send_recv");
  return mine.valid ? lockstep(problem).validity : mine;
}

workload::Outcome run(const workload::Problem& problem) {
  workload::Terms terms;
  lockstep(problem).copy->add(terms, 1, problem.workload().size);
  return closed_form(problem, terms, "the message");
}

}  // namespace

extern const SolverEntry hockney{
    .name = "hockney",
    .summary = "Latency plus bytes over bandwidth, for one message",
    .citation = "Hockney 1994, doi:10.1016/S0167-8191(06)80021-9",
    .validity = "send_recv only",
    .formula = "alpha + S/B",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("hockney", accepts, run); }};

}  // namespace plumbline::analytic::solvers
