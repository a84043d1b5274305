// SPDX-License-Identifier: Apache-2.0
// Exact: N sources send to one root at the same time.
//
//   T = launch + α + N·S/C
//
// | symbol | meaning |
// |---|---|
// | N | sources (ranks − 1) |
// | S | bytes that each sends |
// | α | latency of every path: links plus protocol step |
// | C | capacity of the tightest resource that all paths cross (the root's port), over the wire
//       bytes per payload byte |
//
// Citation: Phanishayee et al. 2008, FAST, "Measurement and analysis of TCP throughput collapse"
// (the pattern); max-min shares as in Bertsekas and Gallager 1992, §6.5.2.
// Assumptions (checked; refused otherwise): all paths have one latency; no path has its own cap, or
// a resource shared with fewer others, below the share C/N of the common one. All N·c flows (c
// channels) then get C/(N·c) by max-min — every one crosses the full common resource, and none
// could have more without another having less — and all end together. Bound: N·S/C + α is also a
// lower bound on any sharing (link_load.cpp). Known to fail: real incast on lossy networks
// collapses far below C.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "analytic/function_engine.hpp"
#include "analytic/lockstep.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using core::Bandwidth;
using workload::Validity;

/// Sums over routes of equal links differ by rounding at most.
constexpr double rounding = 1e-12;

/// What the paths of a one-step schedule look like together.
struct Fan {
  Validity validity;
  core::Seconds latency;
  double wire_ratio = 1.0;
  Bandwidth rate = Bandwidth::infinity();    ///< of a source alone, the slowest
  Bandwidth common = Bandwidth::infinity();  ///< of all together
};

Fan refused(std::string why) {
  Fan fan;
  fan.validity = Validity::no(std::move(why));
  return fan;
}

Fan look_at(const workload::Problem& problem) {
  const workload::Costs& costs = problem.costs();
  const auto operations = problem.schedule().operations();
  std::vector<double> weight(costs.resources().size());
  std::vector<std::uint32_t> users(costs.resources().size());
  Fan fan;
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    if (operations[i].kind != workload::OpKind::copy || !problem.schedule().before(i).empty()) {
      return refused("not every operation is a transfer that starts at once");
    }
    const workload::Path& path = costs.path(costs.path_of(i));
    if (i == 0) {
      fan.latency = path.latency;
      fan.wire_ratio = path.wire_ratio;
    } else if (std::abs((path.latency - fan.latency).si()) > rounding * fan.latency.si() ||
               path.wire_ratio != fan.wire_ratio) {
      return refused("sources are at different latencies");
    }
    fan.rate = std::min(fan.rate, path.rate);
    for (const workload::Use& use : costs.uses(costs.path_of(i))) {
      weight[use.resource.index()] += use.weight;
      ++users[use.resource.index()];
    }
  }
  const auto flows = static_cast<double>(operations.size());
  for (std::size_t e = 0; e < users.size(); ++e) {
    if (users[e] == operations.size()) {
      fan.common = std::min(fan.common, costs.resources()[e].capacity * (flows / weight[e]));
    }
  }
  if (fan.common == Bandwidth::infinity()) {
    return refused("no resource is common to all sources");
  }
  const Bandwidth share = fan.common / flows;
  for (std::size_t e = 0; e < users.size(); ++e) {
    if (users[e] > 0 && costs.resources()[e].capacity / weight[e] < share * (1.0 - rounding)) {
      return refused(fmt::format("{} is tighter than the root's port shared by all",
                                 costs.resources()[e].name));
    }
  }
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    if (costs.path(costs.path_of(i)).cap < share * (1.0 - rounding)) {
      return refused("a source's own rate cap is below its share of the root's port");
    }
  }
  return fan;
}

Validity accepts(const workload::Problem& problem) {
  const Validity mine = is_collective(problem, workload::Collective::incast, "incast");
  return mine.valid ? look_at(problem).validity : mine;
}

workload::Outcome run(const workload::Problem& problem) {
  const Fan fan = look_at(problem);
  const workload::Workload& workload = problem.workload();
  const double sources = workload.ranks.value - 1.0;
  const core::Bytes bytes = workload.size * fan.wire_ratio;
  const core::Bytes flow = bytes / std::max(workload.channels, 1U);
  workload::Terms terms;
  terms[workload::Term::latency] = fan.latency;
  terms[workload::Term::serialisation] = flow / fan.rate;
  terms[workload::Term::contention] = sources * bytes / fan.common - flow / fan.rate;
  return closed_form(problem, terms, "the root's port");
}

}  // namespace

extern const SolverEntry incast{
    .name = "incast",
    .summary = "Every source gets its share of the root's port",
    .citation =
        "Phanishayee et al. 2008, FAST; Bertsekas and Gallager 1992, Data Networks, "
        "section 6.5.2",
    .validity = "incast with sources at one latency and no tighter resource than the root's port",
    .formula = "alpha + N S/C",
    .claim = Claim::exact,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) { return function_engine("incast", accepts, run); }};

}  // namespace plumbline::analytic::solvers
