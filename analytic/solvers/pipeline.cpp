// SPDX-License-Identifier: Apache-2.0
// Exact within its validity: one training step through a pipeline with equal stages.
//
//   gpipe:       T = launch + (m+p−1)(F+Bk) + Σ_{i<p−1} (c_i + d_i)      if c_i ≤ F and d_i ≤ Bk
//   one_f_one_b: T = launch + (m+p−1)(F+Bk)                              without communication
//   interleaved: T = launch + (m + (p−1)/v)(F+Bk)                        without communication, p |
//   m
//
// | symbol | meaning |
// |---|---|
// | p, m, v | stages (ranks), micro-batches, virtual stages per rank |
// | F, Bk | forward and backward of one micro-batch on one rank's whole share |
// | c_i, d_i | activation from rank i to i+1, gradient back: latency + bytes / rate |
//
// Citation: Huang et al. 2019, GPipe, arXiv:1811.06965 §2; Narayanan et al. 2021, SC,
// doi:10.1145/3458817.3476209 §2.2 (one_f_one_b, interleaved bubble (p−1)(F+Bk)/v).
// Why gpipe is exact: rank i gets micro-batch j at Σ_{k<i}(F + c_k) + jF; since c_k ≤ F the
// transfer of j has ended when that of j+1 starts, so neither its link nor its sender's chain ever
// delays one. All forwards end before the last rank starts backward, which runs the same way
// mirrored. Assumptions (checked; refused otherwise): equal F and Bk on all ranks; as listed above;
// no resource crossed by the activations (or by the gradients) of two boundaries. Bound:
// (m+p−1)(F+Bk) is a lower bound for v = 1 and equal stages (pipeline flush). Known to fail: with
// communication one_f_one_b pays up to 2c per steady micro-batch, depending on which sends overlap;
// unequal stages are paced by the slowest.
#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "analytic/dag_times.hpp"
#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using core::Seconds;
using workload::Operation;
using workload::PipelineSchedule;
using workload::Term;
using workload::Terms;
using workload::Validity;

bool equal_stages(const std::vector<Seconds>& times) {
  return !times.empty() && std::ranges::all_of(times, [&](Seconds t) { return t == times[0]; });
}

/// Looks for a resource crossed by the activations, or by the gradients, of two boundaries.
std::string find_clash(const workload::Problem& problem, bool forward) {
  const workload::Costs& costs = problem.costs();
  const auto operations = problem.schedule().operations();
  std::vector<const Operation*> user(costs.resources().size(), nullptr);
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    const Operation& op = operations[i];
    if (!op.is_transfer() || (op.rank < op.peer) != forward) {
      continue;
    }
    for (const workload::Use& use : costs.uses(costs.path_of(i))) {
      const Operation*& first = user[use.resource.index()];
      first = first == nullptr ? &op : first;
      if (first->rank != op.rank) {
        return fmt::format("{} is crossed by the stages of ranks {} and {}",
                           costs.resources()[use.resource.index()].name, first->rank.value,
                           op.rank.value);
      }
    }
  }
  return {};
}

Validity accepts_transfers(const workload::Problem& problem) {
  const workload::Pipeline& pipeline = *problem.workload().pipeline;
  const auto operations = problem.schedule().operations();
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    const Operation& op = operations[i];
    if (!op.is_transfer()) {
      continue;
    }
    const Alone cost = alone(problem.costs(), op, i);
    const bool forward = op.rank < op.peer;
    if (cost.latency + cost.work > (forward ? pipeline.forward : pipeline.backward).front()) {
      return Validity::no(
          fmt::format("the transfer from rank {} to rank {} is longer than the "
                      "stage that hides it",
                      op.rank.value, op.peer.value));
    }
  }
  for (const bool forward : {true, false}) {
    if (std::string clash = find_clash(problem, forward); !clash.empty()) {
      return Validity::no(std::move(clash));
    }
  }
  return Validity::yes();
}

Validity accepts(const workload::Problem& problem) {
  const workload::Workload& workload = problem.workload();
  if (workload.collective != workload::Collective::pipeline || !workload.pipeline) {
    return Validity::no("it speaks of a pipeline");
  }
  const workload::Pipeline& pipeline = *workload.pipeline;
  if (!equal_stages(pipeline.forward) || !equal_stages(pipeline.backward)) {
    return Validity::no("stages take different times");
  }
  if (pipeline.schedule != PipelineSchedule::gpipe) {
    if (pipeline.activation > core::Bytes{}) {
      return Validity::no(
          fmt::format("{} is exact only without communication", to_text(pipeline.schedule)));
    }
    if (pipeline.micro_batches % workload.ranks.value != 0 && pipeline.virtual_stages > 1) {
      return Validity::no(fmt::format("{} micro-batches are no multiple of the {} stages",
                                      pipeline.micro_batches, workload.ranks.value));
    }
    return Validity::yes();
  }
  if (pipeline.virtual_stages > 1) {
    return Validity::no("gpipe has no virtual stages");
  }
  return accepts_transfers(problem);
}

/// One activation and one gradient over every boundary.
void add_boundaries(const workload::Problem& problem, Terms& terms) {
  const workload::Costs& costs = problem.costs();
  const auto operations = problem.schedule().operations();
  std::vector<bool> counted(2 * std::size_t{problem.workload().ranks.value}, false);
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    const Operation& op = operations[i];
    const std::size_t boundary = 2 * op.rank.index() + (op.rank < op.peer ? 1U : 0U);
    if (!op.is_transfer() || counted[boundary]) {
      continue;
    }
    counted[boundary] = true;
    const workload::Path& path = costs.path(costs.path_of(i));
    terms[Term::latency] += path.latency;
    terms[Term::serialisation] +=
        problem.workload().pipeline->activation * path.wire_ratio / path.rate;
  }
}

workload::Outcome run(const workload::Problem& problem) {
  const workload::Pipeline& pipeline = *problem.workload().pipeline;
  const double fill = problem.workload().ranks.value - 1.0;
  const double virtual_stages =
      pipeline.schedule == PipelineSchedule::interleaved ? pipeline.virtual_stages : 1.0;
  Terms terms;
  terms[Term::compute] = (pipeline.micro_batches + fill / virtual_stages) *
                         (pipeline.forward.front() + pipeline.backward.front());
  if (pipeline.schedule == PipelineSchedule::gpipe) {
    add_boundaries(problem, terms);
  }
  return closed_form(problem, terms, "the last stage and the way to it and back");
}

}  // namespace

extern const SolverEntry pipeline{
    .name = "pipeline",
    .summary = "One training step through equal pipeline stages",
    .citation =
        "Huang et al. 2019, arXiv:1811.06965; Narayanan et al. 2021, "
        "doi:10.1145/3458817.3476209",
    .validity =
        "equal stages; one_f_one_b and interleaved without communication (interleaved: p "
        "divides m); gpipe with transfers no longer than the stage that hides them",
    .formula = "(m + (p-1)/v)(F + Bk) + sum of transfers to the last stage and back",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("pipeline", accepts, run); }};

}  // namespace plumbline::analytic::solvers
