// SPDX-License-Identifier: Apache-2.0
#include "des/explain.hpp"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <numeric>
#include <vector>

#include "workload/loads.hpp"

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
  terms[Term::latency] += path.latency + path.busy;
  terms[Term::serialisation] += on_links;
  terms[Term::reduction] += alone - on_links - path.busy;
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

/// Busiest first; among equals in the order of the fabric.
std::vector<workload::LinkLoad> hottest(const workload::Problem& problem, core::Seconds makespan) {
  std::vector<workload::LinkLoad> all;
  const std::vector<workload::ResourceLoad> loads = workload::loads(problem);
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const workload::Resource& resource = problem.costs().resources()[i];
    const core::Bytes bytes = loads[i].bytes;
    if (bytes > 0_B && makespan > 0_s) {
      all.push_back({resource.name, bytes, bytes / (resource.capacity * makespan)});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.utilisation > b.utilisation; });
  all.resize(std::min(all.size(), links_shown));
  return all;
}

/// Operations come part by part, so that the end of each is a running maximum.
std::vector<workload::PartTimes> parts_of(const workload::Problem& problem,
                                          std::span<const OperationTimes> times) {
  std::vector<workload::PartTimes> result;
  for (const workload::Part& part : problem.workload().parts) {
    result.push_back({.name = part.name, .start = part.start, .end = {}});
  }
  const std::span<const std::uint32_t> first = problem.schedule().parts();
  std::size_t part = 0;
  for (std::size_t i = 0; i < times.size() && !result.empty(); ++i) {
    while (part + 1 < first.size() && problem.dag().origin[i] >= first[part + 1]) {
      ++part;
    }
    result[part].end = std::max(result[part].end, times[i].end);
  }
  return result;
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
  details.parts = parts_of(problem, times);
  details.hottest_links = hottest(problem, *outcome.estimate);
  if (!details.hottest_links.empty()) {
    const workload::LinkLoad& busiest = details.hottest_links.front();
    outcome.binding =
        fmt::format("{} (busy {:.1f} % of the time)", busiest.link, 100.0 * busiest.utilisation);
  }
  return outcome;
}

}  // namespace plumbline::des
