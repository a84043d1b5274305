// SPDX-License-Identifier: Apache-2.0
#include "analytic/dag_times.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/units.hpp"

namespace plumbline::analytic {

using core::Seconds;
using workload::Dag;
using workload::OpId;
using workload::Problem;
using workload::Term;

namespace {

/// The device where an operation begins or ends; the rank where it has no route.
std::string place(const Problem& problem, const workload::Operation& op, bool begin) {
  if (op.is_transfer()) {
    const auto links = problem.routes().links(op.route);
    if (!links.empty()) {
      const topology::Fabric& fabric = problem.fabric();
      return fabric.device(begin ? fabric.link(links.front()).from : fabric.link(links.back()).to)
          .name;
    }
  }
  return begin || !op.is_transfer() ? fmt::format("rank {}", op.rank.value) : peer_text(op);
}

}  // namespace

Alone alone(const workload::Costs& costs, const workload::Operation& op, std::uint32_t origin) {
  if (!op.is_transfer()) {
    return {Seconds{}, op.duration()};
  }
  const workload::PathId id = costs.path_of(origin);
  return {costs.path(id).latency, costs.wire_bytes(op, id) / costs.path(id).rate};
}

Heads heads(const Problem& problem) {
  const Dag& dag = problem.dag();
  Heads result{std::vector<Seconds>(dag.size()), std::vector<Seconds>(dag.size())};
  for (std::size_t i = 0; i < dag.size(); ++i) {
    const auto before = dag.before(OpId(i));
    Seconds start = before.empty() ? problem.costs().launch() : Seconds{};
    for (const OpId p : before) {
      start = std::max(start, result.end[p.index()]);
    }
    const Alone cost = alone(problem.costs(), dag.operations[i], dag.origin[i]);
    result.data_start[i] = start + cost.latency;
    result.end[i] = result.data_start[i] + cost.work;
  }
  return result;
}

std::vector<Seconds> tails(const Problem& problem) {
  const Dag& dag = problem.dag();
  std::vector<Seconds> tail(dag.size());
  for (std::size_t i = dag.size(); i-- > 0;) {
    const Alone cost = alone(problem.costs(), dag.operations[i], dag.origin[i]);
    const Seconds through = tail[i] + cost.work + cost.latency;
    for (const OpId p : dag.before(OpId(i))) {
      tail[p.index()] = std::max(tail[p.index()], through);
    }
  }
  return tail;
}

std::vector<OpId> last_path(const Dag& dag, const std::vector<Seconds>& end) {
  std::vector<OpId> path;
  if (end.empty()) {
    return path;
  }
  const auto later = [&](OpId a, OpId b) { return end[a.index()] < end[b.index()]; };
  path.emplace_back(std::ranges::max_element(end) - end.begin());
  for (auto before = dag.before(path.back()); !before.empty(); before = dag.before(path.back())) {
    path.push_back(*std::ranges::max_element(before, later));
  }
  std::ranges::reverse(path);
  return path;
}

workload::Terms path_terms(const Problem& problem, const std::vector<OpId>& path) {
  const Dag& dag = problem.dag();
  const workload::Costs& costs = problem.costs();
  workload::Terms terms;
  if (!path.empty()) {
    terms[Term::launch] = costs.launch();
  }
  for (const OpId id : path) {
    const workload::Operation& op = dag.operations[id.index()];
    const Alone cost = alone(costs, op, dag.origin[id.index()]);
    terms[Term::latency] += cost.latency;
    if (op.is_transfer()) {
      const workload::PathId path_id = costs.path_of(dag.origin[id.index()]);
      const workload::Path& way = costs.path(path_id);
      const Seconds on_links = costs.wire_bytes(op, path_id) / way.link_rate;
      terms[Term::latency] += way.busy;
      terms[Term::serialisation] += on_links;
      terms[Term::reduction] += cost.work - on_links - way.busy;
    } else {
      terms[op.kind == workload::OpKind::compute ? Term::compute : Term::queueing] += cost.work;
    }
  }
  return terms;
}

std::string describe_path(const Problem& problem, const std::vector<OpId>& path) {
  if (path.empty()) {
    return "no operations";
  }
  const auto& operations = problem.dag().operations;
  std::string text =
      fmt::format("{} operation{} from {} to {}", path.size(), path.size() == 1 ? "" : "s",
                  place(problem, operations[path.front().index()], true),
                  place(problem, operations[path.back().index()], false));
  const workload::Terms terms = path_terms(problem, path);
  const Seconds data = terms[Term::serialisation] + terms[Term::reduction];
  std::string separator = ": ";
  const auto append = [&](Seconds value, std::string_view what) {
    if (value > Seconds{}) {
      text += fmt::format("{}{} {}", separator, core::display(value), what);
      separator = " + ";
    }
  };
  append(terms[Term::launch], "launch");
  append(terms[Term::queueing], "start offset");
  append(terms[Term::latency], "latency");
  append(data, "data");
  append(terms[Term::compute], "compute");
  return text;
}

workload::Validity can_expand(const Problem& problem) {
  const std::uint64_t count = problem.schedule().operation_count();
  if (count > workload::expand_limit) {
    return workload::Validity::no(
        fmt::format("{} operations are more than the {} that are looked at one by one", count,
                    workload::expand_limit));
  }
  return workload::Validity::yes();
}

}  // namespace plumbline::analytic
