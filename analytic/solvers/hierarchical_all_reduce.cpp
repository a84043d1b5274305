// SPDX-License-Identifier: Apache-2.0
// Exact: all_reduce on two levels, rings in machines of g ranks and on g rails between k machines.
//
//   T = launch + (g−1)(2α_v + S/(g·B_r) + S/(g·B_v)) + (k−1)(2α_x + S/(g·k·X_r) + S/(g·k·X))
//
// | symbol | meaning |
// |---|---|
// | S | bytes of one rank's buffer |
// | α_v, B_v | latency and rate of a hop inside a machine |
// | α_x | latency of a hop between machines |
// | X | what a rail gets: g rails share the A adapters of a machine, so that X = A·C/g where an
//       adapter of rate C is the tightest on the way, and a hop's own rate at most |
// | B_r, X_r | the same in steps that add, the receiver's reduction throughput included |
//
// `inner: direct` makes one step of every phase in a machine: (g−1)·2α_v becomes 2α_v.
//
// Citation: Cho et al. 2019, BlueConnect, MLSys, §3 (the decomposition).
// DERIVATION. Reduce_scatter and all_gather in a machine are rings of g − 1 steps on parts of S/g.
// Each rail sums its part in a ring of 2(k−1) steps on S/(gk). All rails are alike, so that they
// share an adapter evenly (even_steps.hpp), and the phases follow one another without a gap.
// Assumptions (checked, refused otherwise): hops of a step are alike and get alike.
// Bound: with one adapter per rank, α = 0 and large n: 2S/B_v + 2S/(g·B_x).
// Known to fail: optimistic where rails meet on an oversubscribed spine unevenly (refused);
// pessimistic against libraries that overlap the phases by pieces.
#include <algorithm>

#include "analytic/even_steps.hpp"
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

workload::Validity accepts(const workload::Problem& problem) {
  const workload::Validity mine =
      is_collective(problem, workload::Collective::all_reduce, "hierarchical");
  return mine.valid ? analytic::even_steps(problem).validity : mine;
}

workload::Outcome run(const workload::Problem& problem) {
  const std::vector<EvenStep> steps = analytic::even_steps(problem).steps;
  const auto& machine_of = problem.workload().site.machine_of;
  const std::size_t machines = *std::ranges::max_element(machine_of) + std::size_t{1};
  const std::size_t members = machine_of.size() / machines;
  const core::Bytes part = problem.workload().size / static_cast<double>(members);
  const core::Bytes rail_part = part / static_cast<double>(machines);
  const std::size_t inside = problem.workload().direct_inside ? 1 : members - 1;
  const auto inner = static_cast<double>(inside);
  const auto outer = static_cast<double>(machines - 1);
  workload::Terms terms;
  if (members > 1) {
    steps.front().add(terms, inner, part);
    steps.back().add(terms, inner, part);
  }
  steps[members > 1 ? inside : 0].add(terms, outer, rail_part);
  steps[(members > 1 ? inside : 0) + machines - 1].add(terms, outer, rail_part);
  return closed_form(problem, terms, "rings inside, then on the rails, then inside");
}

}  // namespace

extern const SolverEntry hierarchical_all_reduce{
    .name = "hierarchical_all_reduce",
    .summary = "Rings inside machines and on the rails between them, adapters shared evenly",
    .citation = "Cho et al. 2019, BlueConnect, MLSys, section 3",
    .validity = "all_reduce by hierarchical; hops of a step alike",
    .formula = "2(g-1)(alpha_v + S/(g B_v)) + 2(k-1)(alpha_x + S/(g k X)), X = A C/g",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) {
      return function_engine("hierarchical_all_reduce", accepts, run);
    }};

}  // namespace plumbline::analytic::solvers
