// SPDX-License-Identifier: Apache-2.0
#include "des/replay.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/diagnostic.hpp"
#include "des/explain.hpp"
#include "des/simgrid_platform.hpp"
#include "des/simgrid_replay.hpp"

namespace plumbline::des {

using namespace core::literals;

namespace {

using workload::OperationTimes;
using workload::Problem;
using workload::Validity;

/// Entries in a route that one weight may take: more would cost more time than anyone means to
/// spend.
constexpr double heaviest = 4096.0;

static_assert(std::is_trivially_copyable_v<OperationTimes>);

/// The child's answer: the dates of all operations, as they lie in memory.
std::vector<std::byte> pack(const std::vector<OperationTimes>& times) {
  std::vector<std::byte> bytes(times.size() * sizeof(OperationTimes));
  if (!times.empty()) {
    std::memcpy(bytes.data(), times.data(), bytes.size());
  }
  return bytes;
}

std::vector<OperationTimes> unpack(const std::vector<std::byte>& bytes, std::size_t operations) {
  if (bytes.size() != operations * sizeof(OperationTimes)) {
    throw core::InternalError("the replay answered for another number of operations");
  }
  std::vector<OperationTimes> times(operations);
  if (operations > 0) {
    std::memcpy(times.data(), bytes.data(), bytes.size());
  }
  return times;
}

Validity accepts_path(const workload::Costs& costs, workload::PathId path, unsigned unit) {
  for (const workload::Use& use : costs.uses(path)) {
    if (use.weight * unit < 0.5 || use.weight * unit > heaviest) {
      return Validity::no(fmt::format("a path takes {} shares of {}, and a replay gives 1 to {}",
                                      use.weight * unit,
                                      costs.resources()[use.resource.index()].name, heaviest));
    }
  }
  if (!(costs.path(path).rate > 0_GBps)) {
    return Validity::no(fmt::format("{} has no bandwidth", costs.bottleneck(path)));
  }
  return Validity::yes();
}

}  // namespace

Validity Replay::accepts(const Problem& problem) const {
  const std::uint64_t operations = problem.schedule().operation_count();
  if (operations == 0) {
    return Validity::no("the schedule has no operations");
  }
  if (operations > workload::expand_limit) {
    return Validity::no(fmt::format("the schedule has {} operations, and a replay takes up to {}",
                                    operations, workload::expand_limit));
  }
  const std::optional<unsigned> unit = common_unit(problem.costs());
  if (!unit) {
    return Validity::no(fmt::format(
        "paths split into parts that no unit down to 1/{} divides, and a replay takes whole ones; "
        "replay another routing, or fewer equal ways",
        most_shares));
  }
  for (std::size_t i = 0; i < problem.costs().paths().size(); ++i) {
    if (Validity validity = accepts_path(problem.costs(), workload::PathId(i), *unit);
        !validity.valid) {
      return validity;
    }
  }
  return Validity::yes();
}

IsolatedRun Replay::start(const Problem& problem) const {
  // Expanded here, once, and not again in every child.
  const workload::Dag& dag = problem.dag();
  return IsolatedRun([&] { return pack(simgrid_replay(dag, problem.costs())); },
                     {options_.time_limit, options_.memory_limit, options_.stop});
}

workload::Outcome Replay::collect(const Problem& problem, IsolatedRun run) const {
  std::vector<OperationTimes> times = unpack(run.finish(), problem.dag().size());
  workload::Outcome outcome = explain(problem, times);
  outcome.replay->wall = run.wall();
  if (options_.timeline) {
    outcome.replay->timeline = std::move(times);
  }
  return outcome;
}

workload::Outcome Replay::run(const Problem& problem) const {
  return collect(problem, start(problem));
}

}  // namespace plumbline::des
