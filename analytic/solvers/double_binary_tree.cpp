// SPDX-License-Identifier: Apache-2.0
// Estimate: all_reduce, broadcast or reduce by two binary trees, in pieces.
//
//   T ≈ launch + h·(α + 2p/B) + (c−1)·(α + f·p/B),  p = S/(2c)
//
// | symbol | meaning |
// |---|---|
// | S | bytes of one rank's buffer |
// | c | pieces of either half |
// | h | hops on the longest way of one piece: up, down or both |
// | f | flows at the busiest port once the pipeline is full: 2 children of an inner node; in an
//       all_reduce also its own piece and that of the other tree, in which it is a leaf: 4 |
// | α | largest latency of a hop: links plus protocol step |
// | B | smallest rate of a hop, wire bytes of the protocol included |
//
// Derivation: the first piece meets its sibling at every hop; then one more piece ends per α and
// per time that the busiest port needs for one of all its flows. Citation: Sanders, Speck and Träff
// 2009, doi:10.1016/j.parco.2009.09.001, §3 (the trees; they schedule sends and receives without
// sharing). Assumptions: one slot; hops cost much the same. Bound: none. Known to fail: few ranks,
// whose trees have nodes with one child; machines, where most hops share no port.
#include <algorithm>
#include <vector>

#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using workload::Collective;
using workload::Term;

/// Hops that one piece takes one after the other; its generators write one block.
std::uint32_t longest_way(const workload::Schedule& schedule) {
  const std::span<const workload::Operation> operations = schedule.operations();
  std::vector<std::uint32_t> hops(operations.size(), 1);
  for (std::uint32_t i = 0; i < hops.size(); ++i) {
    for (const workload::Predecessor& before : schedule.before(i)) {
      const bool same_piece =
          before.when == workload::When::same && operations[before.op].chunk == operations[i].chunk;
      if (same_piece) {
        hops[i] = std::max(hops[i], hops[before.op] + 1);
      }
    }
  }
  return *std::ranges::max_element(hops);
}

workload::Validity accepts(const workload::Problem& problem) {
  const workload::Workload& workload = problem.workload();
  const Collective collective = workload.collective;
  const bool rooted = collective == Collective::broadcast || collective == Collective::reduce;
  const workload::Validity mine =
      is_collective(problem, rooted ? collective : Collective::all_reduce, "double_binary_tree");
  return mine.valid && workload.slots != 1
             ? workload::Validity::no("several slots hide latency that it counts")
             : mine;
}

workload::Outcome run(const workload::Problem& problem) {
  const workload::Workload& workload = problem.workload();
  core::Seconds latency;
  core::Bandwidth rate = core::Bandwidth::infinity();  // of payload
  for (std::uint32_t i = 0; i < problem.schedule().operations().size(); ++i) {
    const workload::Path& path = problem.costs().path(problem.costs().path_of(i));
    latency = std::max(latency, path.latency);
    rate = std::min(rate, path.rate / path.wire_ratio);
  }
  const double streams = 2.0 * workload.channels;
  const double pieces = problem.schedule().chunks() / streams;
  const double flows = workload.collective == Collective::all_reduce ? 4.0 : 2.0;
  const double hops = longest_way(problem.schedule());
  const core::Seconds piece = workload.size / (2.0 * pieces) / rate;
  workload::Terms terms;
  terms[Term::latency] = (hops + pieces - 1.0) * latency;
  terms[Term::serialisation] = (hops + pieces - 1.0) * piece;
  terms[Term::contention] = (hops + (pieces - 1.0) * (flows - 1.0)) * piece;
  return closed_form(problem, terms, "the first piece through the trees, then all others");
}

}  // namespace

extern const SolverEntry double_binary_tree{
    .name = "double_binary_tree",
    .summary = "Two pipelined binary trees: fill, then the busiest port",
    .citation = "Sanders, Speck and Träff 2009, doi:10.1016/j.parco.2009.09.001, section 3",
    .validity = "all_reduce, broadcast or reduce by double_binary_tree with one slot",
    .formula = "h(alpha + 2p/B) + (c-1)(alpha + f p/B), p = S/(2c)",
    .claim = Claim::estimate,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("double_binary_tree", accepts, run); },
    .make_in = nullptr,
    .promise =
        [] {
          return Promise{.within = 0.35,
                         .limits = {{.axis = "algorithm", .words = {"double_binary_tree"}},
                                    {.axis = "nodes", .from = 1, .to = 1},
                                    {.axis = "gpus_per_node", .from = 4, .to = 32},
                                    {.axis = "slots", .from = 1, .to = 1}}};
        }};

}  // namespace plumbline::analytic::solvers
