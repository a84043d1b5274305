// SPDX-License-Identifier: Apache-2.0
#include "des/explain.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <numeric>
#include <vector>

namespace plumbline::des {

using namespace core::literals;

namespace {

using workload::Costs;
using workload::Dag;
using workload::Operation;
using workload::OperationTimes;
using workload::OpId;
using workload::OpKind;
using workload::Outcome;
using workload::Term;
using workload::Terms;

constexpr std::size_t links_shown = 5;

/// Dates are sums of many doubles: less than this part of the makespan is rounding, not contention.
constexpr double rounding = 1e-12;

OpId last_to_end(std::span<const OperationTimes> times) {
  const auto last = std::max_element(
      times.begin(), times.end(),
      [](const OperationTimes& a, const OperationTimes& b) { return a.end < b.end; });
  return OpId(last - times.begin());  // the first of equals
}

/// First operation first. Ends and starts that touch are the same double: an operation starts in
/// the very event that ends its last predecessor.
std::vector<OpId> last_finishing_chain(const Dag& dag, std::span<const OperationTimes> times) {
  std::vector<OpId> chain{last_to_end(times)};
  while (true) {
    const core::Seconds start = times[chain.back().index()].start;
    std::optional<OpId> cause;
    for (const OpId before : dag.before(chain.back())) {
      if (times[before.index()].end == start && (!cause || before < *cause)) {
        cause = before;
      }
    }
    if (!cause) {
      break;
    }
    chain.push_back(*cause);
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

void add_transfer(Terms& terms, const Costs& costs, const Operation& op, std::uint32_t origin,
                  const OperationTimes& times) {
  const workload::PathId id = costs.path_of(origin);
  const workload::Path& path = costs.path(id);
  const core::Bytes bytes = costs.wire_bytes(op, id);
  const core::Seconds on_links = bytes / path.link_rate;
  const core::Seconds alone = bytes / path.rate;
  terms[Term::latency] += path.latency;
  terms[Term::serialisation] += on_links;
  terms[Term::reduction] += alone - on_links;
  terms[Term::contention] += times.end - times.data_start - alone;
}

Terms terms_of(const workload::Problem& problem, std::span<const OpId> chain,
               std::span<const OperationTimes> times) {
  const Dag& dag = problem.dag();
  Terms terms;
  terms[Term::launch] = problem.costs().launch();
  for (const OpId id : chain) {
    const Operation& op = dag.operations[id.index()];
    if (op.is_transfer()) {
      add_transfer(terms, problem.costs(), op, dag.origin[id.index()], times[id.index()]);
    } else {
      terms[op.kind == OpKind::compute ? Term::compute : Term::queueing] += op.duration();
    }
  }
  core::Seconds& contention = terms[Term::contention];
  if (contention < rounding * times[chain.back().index()].end) {
    contention = {};
  }
  return terms;
}

/// Bytes times weight that crossed each resource.
std::vector<core::Bytes> loads(const workload::Problem& problem) {
  const Dag& dag = problem.dag();
  const Costs& costs = problem.costs();
  std::vector<core::Bytes> by_path(costs.paths().size());
  for (std::size_t i = 0; i < dag.size(); ++i) {
    if (dag.operations[i].is_transfer()) {
      const workload::PathId path = costs.path_of(dag.origin[i]);
      by_path[path.index()] += costs.wire_bytes(dag.operations[i], path);
    }
  }
  std::vector<core::Bytes> by_resource(costs.resources().size());
  for (std::size_t i = 0; i < by_path.size(); ++i) {
    for (const workload::Use& use : costs.uses(workload::PathId(i))) {
      by_resource[use.resource.index()] += by_path[i] * use.weight;
    }
  }
  return by_resource;
}

/// Busiest first; among equals in the order of the fabric.
std::vector<workload::LinkLoad> hottest(const workload::Problem& problem, core::Seconds makespan) {
  std::vector<workload::LinkLoad> all;
  const std::vector<core::Bytes> bytes = loads(problem);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const workload::Resource& resource = problem.costs().resources()[i];
    if (bytes[i] > 0_B && makespan > 0_s) {
      all.push_back({resource.name, bytes[i], bytes[i] / (resource.capacity * makespan)});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.utilisation > b.utilisation; });
  all.resize(std::min(all.size(), links_shown));
  return all;
}

}  // namespace

Outcome explain(const workload::Problem& problem, std::span<const OperationTimes> times) {
  Outcome outcome;
  workload::ReplayDetails& details = outcome.replay.emplace();
  details.operations = problem.schedule().operation_count();
  details.replayed_operations = times.size();
  details.chain = last_finishing_chain(problem.dag(), times);
  outcome.estimate = times[details.chain.back().index()].end;
  outcome.terms = terms_of(problem, details.chain, times);
  details.hottest_links = hottest(problem, *outcome.estimate);
  if (!details.hottest_links.empty()) {
    const workload::LinkLoad& busiest = details.hottest_links.front();
    outcome.binding =
        fmt::format("{} (busy {:.1f} % of the time)", busiest.link, 100.0 * busiest.utilisation);
  }
  return outcome;
}

}  // namespace plumbline::des
