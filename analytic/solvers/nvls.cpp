// SPDX-License-Identifier: Apache-2.0
// Exact: collectives that the switch computes, in c pieces.
//
//   all_reduce                          T = launch + (c+1)α + 2S/(cB) + (c−1)(1 + 1/n)·S/(cB)
//   all_gather, reduce_scatter, broadcast, reduce
//                                       T = launch + cα + S/B
//
// | symbol | meaning |
// |---|---|
// | n | ranks |
// | S | bytes of the buffer (all_gather, reduce_scatter: the total) |
// | c | pieces that each part is cut into |
// | α | latency from a port up to the switch and down to another |
// | B | rate of one transfer with the switch to itself, wire bytes of the protocol included |
//
// Citation: Klenk et al. 2020, doi:10.1109/ISCA45697.2020.00085 (what the switch does).
// DERIVATION. In a sum each port sends its own of all n parts, S/c bytes, and takes one part; in a
// multicast it takes all n parts and sends one. The first step sums the first piece: n transfers on
// every way up, α + S/(cB). In each of the next c − 1 a sum and a multicast go side by side: n + 1
// transfers on every way up and down, α + (n+1)/n·S/(cB). The last is the last piece's multicast.
// One piece: two phases, 2α + 2S/B. Many pieces and no latency: (1 + 1/n)·S/B, what each port has
// to carry, against 2(n−1)/n·S/B of a ring.
// Assumptions (checked, see even_steps.hpp; refused otherwise): all ports are alike.
// Bound: (1 + 1/n)·S/B for any schedule in which every rank has the switch sum 1/n of the buffer.
// Known to fail: real switches add at less than the port's rate.
#include "analytic/even_steps.hpp"
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using workload::Collective;

workload::Validity accepts(const workload::Problem& problem) {
  const workload::Validity mine = is_collective(problem, problem.workload().collective, "nvls");
  return mine.valid ? analytic::even_steps(problem).validity : mine;
}

workload::Outcome run(const workload::Problem& problem) {
  const EvenSteps found = analytic::even_steps(problem);
  const workload::Workload& workload = problem.workload();
  const auto chunks = static_cast<double>(problem.schedule().chunks());
  const core::Bytes piece = workload.size / chunks;
  const EvenStep& first = found.steps.front();
  workload::Terms terms;
  if (workload.collective != Collective::all_reduce) {
    first.add(terms, static_cast<double>(found.steps.size()), piece);
    return closed_form(problem, terms, "every port carries the buffer once");
  }
  const double pieces = chunks / workload.ranks.value;
  first.add(terms, 1, piece);
  if (pieces > 1) {
    found.steps[1].add(terms, pieces - 1, piece);
  }
  found.steps.back().add(terms, 1, piece);
  return closed_form(problem, terms, "sums and multicasts side by side");
}

}  // namespace

extern const SolverEntry nvls{
    .name = "nvls",
    .summary = "Sums and multicasts by the switch, piece after piece",
    .citation = "Klenk et al. 2020, doi:10.1109/ISCA45697.2020.00085",
    .validity = "collectives by nvls; ports alike",
    .formula = "all_reduce (c+1) alpha + 2S/(cB) + (c-1)(1+1/n) S/(cB); others c alpha + S/B",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("nvls", accepts, run); }};

}  // namespace plumbline::analytic::solvers
