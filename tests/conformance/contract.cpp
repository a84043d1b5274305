// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/contract.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <numeric>
#include <set>

#include "core/units.hpp"
#include "tests/conformance/loads.hpp"
#include "workload/verify.hpp"

namespace plumbline::conformance {
namespace {

using workload::Operation;
using workload::OperationTimes;
using workload::OpId;
using workload::Outcome;
using workload::Problem;
using workload::Scope;
using workload::Side;

bool close(double a, double b, double slack) {
  return std::abs(a - b) <= slack * std::max(std::abs(a), std::abs(b));
}

/// Why the route is no good; empty where it is.
std::string route_fault(const Problem& problem, const Operation& op) {
  const topology::Fabric& fabric = problem.fabric();
  const topology::DeviceId from = device_of(problem, op.rank);
  const topology::DeviceId to = device_of(problem, op.peer);
  topology::DeviceId at = from;
  std::set<topology::DeviceId> seen{from};
  const auto is_nvlink = [](const topology::Link* link) {
    return link != nullptr && link->kind == topology::LinkKind::nvlink;
  };
  const topology::Link* before = nullptr;
  int relayed = 0;
  for (const topology::LinkId id : problem.routes().links(op.route)) {
    const topology::Link& link = fabric.link(id);
    const topology::Device& here = fabric.device(at);
    if (link.from != at) {
      return fmt::format("{} does not begin at {}", fabric.link_name(id), here.name);
    }
    // A GPU may hand on, once, what came over NVLink and leaves over NVLink.
    const bool relays = here.kind == topology::DeviceKind::gpu && is_nvlink(before) &&
                        link.kind == topology::LinkKind::nvlink && relayed++ == 0;
    if (at != from && is_endpoint(here.kind) && !relays) {
      return fmt::format("it passes through {}", here.name);
    }
    before = &link;
    if (here.in_node && here.node != fabric.device(from).node &&
        here.node != fabric.device(to).node) {
      return fmt::format("it passes through {} of a third machine", here.name);
    }
    if (!seen.insert(link.to).second) {
      return fmt::format("it meets {} twice", fabric.device(link.to).name);
    }
    at = link.to;
  }
  return at == to ? "" : fmt::format("it ends at {}", fabric.device(at).name);
}

std::set<topology::DeviceId> reached_from(const topology::Fabric& fabric, topology::DeviceId from,
                                          std::span<const topology::LinkId> links) {
  std::set<topology::DeviceId> reached{from};
  for (bool grows = true; grows;) {
    grows = false;
    for (const topology::LinkId id : links) {
      const topology::Link& link = fabric.link(id);
      grows = (reached.contains(link.from) && reached.insert(link.to).second) || grows;
    }
  }
  return reached;
}

/// The same for a tree: it leads from every source to every target, each link once, through nothing
/// but switches.
std::string tree_fault(const Problem& problem, const Operation& op) {
  const topology::Fabric& fabric = problem.fabric();
  const Ends ends = ends_of(problem, op);
  const auto links = problem.routes().links(op.route);
  const auto contains = [](const auto& devices, topology::DeviceId device) {
    return std::ranges::find(devices, device) != devices.end();
  };
  std::set<topology::LinkId> seen;
  for (std::size_t i = 0; i < links.size(); ++i) {
    const topology::Link& link = fabric.link(links[i]);
    if (!seen.insert(links[i]).second || problem.routes().shares(op.route)[i].bytes != 1.0) {
      return fmt::format("it loads {} more or less than once", fabric.link_name(links[i]));
    }
    if ((is_endpoint(fabric.device(link.from).kind) && !contains(ends.from, link.from)) ||
        (is_endpoint(fabric.device(link.to).kind) && !contains(ends.to, link.to))) {
      return fmt::format("{} has no part in it", fabric.link_name(links[i]));
    }
  }
  for (const topology::DeviceId from : ends.from) {
    const std::set<topology::DeviceId> reached = reached_from(fabric, from, links);
    for (const topology::DeviceId to : ends.to) {
      if (!reached.contains(to)) {
        return fmt::format("it does not lead from {} to {}", fabric.device(from).name,
                           fabric.device(to).name);
      }
    }
  }
  return {};
}

/// Expected dates of one operation from those of its predecessors.
void check_dates(const Problem& problem, std::span<const OperationTimes> times, OpId id,
                 double slack, Violations& broken) {
  const Operation& op = problem.dag().operations[id.index()];
  const workload::Costs& costs = problem.costs();
  double start = 0.0;
  for (const OpId before : problem.dag().before(id)) {
    start = std::max(start, times[before.index()].end.si());
  }
  const double launch = problem.dag().before(id).empty() ? costs.launch().si() : 0.0;
  const std::uint32_t origin = problem.dag().origin[id.index()];
  const double wait =
      launch + (op.is_transfer() ? costs.path(costs.path_of(origin)).latency : op.duration()).si();
  const double moving = op.is_transfer() ? costs.wire_bytes(op, costs.path_of(origin)) /
                                               costs.path(costs.path_of(origin)).rate /
                                               core::Seconds::from_si(1.0)
                                         : 0.0;
  const OperationTimes& is = times[id.index()];
  if (std::abs(is.start.si() - start) > slack ||
      std::abs(is.data_start.si() - start - wait) > slack ||
      is.end.si() < is.data_start.si() + moving - slack) {
    broken.push_back(fmt::format(
        "operation {} starts at {}, moves from {} and ends at {}; the model has {}, {} and not "
        "before {}",
        id.value, is.start.si(), is.data_start.si(), is.end.si(), start, start + wait,
        start + wait + moving));
  }
}

struct Job {
  double release;  ///< data start
  double due;      ///< end
  double work;     ///< bytes times weight over capacity
};

/// The most by which the jobs inside some window exceed it. Windows open at a release.
double worst_excess(std::vector<Job> jobs) {
  double worst = 0.0;
  std::ranges::sort(jobs, {}, &Job::due);
  for (const Job& opening : jobs) {
    double work = 0.0;
    for (const Job& job : jobs) {
      if (job.release >= opening.release) {
        work += job.work;
        worst = std::max(worst, work - (job.due - opening.release));
      }
    }
  }
  return worst;
}

void check_capacities(const Problem& problem, std::span<const OperationTimes> times, double slack,
                      Violations& broken) {
  const workload::Costs& costs = problem.costs();
  std::vector<std::vector<Job>> jobs(costs.resources().size());
  for (std::size_t i = 0; i < problem.dag().size(); ++i) {
    const Operation& op = problem.dag().operations[i];
    if (!op.is_transfer()) {
      continue;
    }
    const workload::PathId path = costs.path_of(problem.dag().origin[i]);
    for (const workload::Use& use : costs.uses(path)) {
      const double capacity = costs.resources()[use.resource.index()].capacity.si();
      jobs[use.resource.index()].push_back(
          {times[i].data_start.si(), times[i].end.si(),
           costs.wire_bytes(op, path).si() * use.weight / capacity});
    }
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (const double excess = worst_excess(jobs[i]); excess > slack) {
      broken.push_back(
          fmt::format("{} carries {} s more than it can", costs.resources()[i].name, excess));
    }
  }
}

void check_links(const Problem& problem, const Outcome& replay, Violations& broken) {
  const std::map<std::string, Load> expected = loads_from_routes(problem);
  std::vector<double> busiest;
  for (const auto& [name, load] : expected) {
    busiest.push_back(load.bytes / load.capacity / replay.estimate->si());
  }
  std::ranges::sort(busiest, std::greater{});
  const auto& told = replay.replay->hottest_links;
  if (told.size() != std::min<std::size_t>(5, busiest.size())) {
    broken.push_back(fmt::format("{} busiest links of {}", told.size(), busiest.size()));
    return;
  }
  for (std::size_t i = 0; i < told.size(); ++i) {
    const auto load = expected.find(told[i].link);
    if (load == expected.end() || !close(told[i].bytes.si(), load->second.bytes, engine_slack) ||
        !close(told[i].utilisation, busiest[i], engine_slack) ||
        told[i].utilisation > 1.0 + engine_slack) {
      broken.push_back(fmt::format("number {} of the busiest links is told as {}: {}, {}", i + 1,
                                   told[i].link, core::format(told[i].bytes), told[i].utilisation));
    }
  }
}

bool same_bits(double a, double b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

}  // namespace

Violations of_schedule(const Problem& problem) {
  const workload::Verification proof = verify(problem.schedule(), problem.workload());
  Violations broken;
  if (!proof.proved) {
    broken.push_back("the schedule is not proved: " + proof.failure);
  }
  if (problem.dag().size() != problem.schedule().operation_count() || problem.dag().size() == 0) {
    broken.push_back(fmt::format("{} operations, {} when counted", problem.dag().size(),
                                 problem.schedule().operation_count()));
  }
  return broken;
}

Violations of_routes(const Problem& problem) {
  Violations broken;
  for (const Operation& op : problem.schedule().operations()) {
    const std::string fault = op.has_group()     ? tree_fault(problem, op)
                              : op.is_transfer() ? route_fault(problem, op)
                                                 : "";
    if (!fault.empty()) {
      broken.push_back(
          fmt::format("route of rank {} to {}: {}", op.rank.value, peer_text(op), fault));
    }
  }
  return broken;
}

Violations of_conservation(const Problem& problem) {
  Violations broken = switch_imbalances(problem);
  const std::map<std::string, Load> from_routes = loads_from_routes(problem);
  const std::map<std::string, Load> from_costs = loads_from_costs(problem);
  for (const auto& [name, load] : from_routes) {
    const auto told = from_costs.find(name);
    if (told == from_costs.end() || !close(told->second.bytes, load.bytes, engine_slack) ||
        !close(told->second.capacity, load.capacity, sum_slack)) {
      broken.push_back(fmt::format("{} carries {} bytes at {} B/s by its routes; the costs differ",
                                   name, load.bytes, load.capacity));
    }
  }
  if (from_costs.size() != from_routes.size()) {
    broken.push_back(fmt::format("{} resources carry bytes by the costs, {} by the routes",
                                 from_costs.size(), from_routes.size()));
  }
  return broken;
}

Violations of_replay(const Problem& problem, const Outcome& replay) {
  const auto& times = replay.replay->timeline;
  if (!replay.estimate || times.size() != problem.dag().size()) {
    return {"the replay has no time or no timeline"};
  }
  Violations broken;
  const double slack = engine_slack * replay.estimate->si();
  for (std::size_t i = 0; i < times.size(); ++i) {
    check_dates(problem, times, OpId(i), slack, broken);
  }
  check_capacities(problem, times, slack, broken);
  check_links(problem, replay, broken);
  const core::Seconds last = std::ranges::max(times, {}, &OperationTimes::end).end;
  if (last != *replay.estimate) {
    broken.push_back("the last operation ends at another time than the replay");
  }
  if (!close(replay.terms.sum().si(), replay.estimate->si(), engine_slack)) {
    broken.push_back(fmt::format("terms sum to {}, the time is {}", replay.terms.sum().si(),
                                 replay.estimate->si()));
  }
  return broken;
}

Violations of_repetition(const Outcome& first, const Outcome& second) {
  Violations broken;
  if (!same_bits(first.estimate->si(), second.estimate->si())) {
    broken.push_back(fmt::format("a second replay takes {} instead of {}", second.estimate->si(),
                                 first.estimate->si()));
  }
  for (std::size_t i = 0; i < workload::term_count; ++i) {
    if (!same_bits(first.terms.values[i].si(), second.terms.values[i].si())) {
      broken.push_back("a second replay has other terms");
    }
  }
  const auto& a = first.replay->timeline;
  const auto& b = second.replay->timeline;
  if (a.size() != b.size() || std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) != 0) {
    broken.push_back("a second replay has another timeline");
  }
  if (first.replay->chain != second.replay->chain || first.binding != second.binding) {
    broken.push_back("a second replay explains itself otherwise");
  }
  return broken;
}

Violations of_bounds(std::span<const workload::Bound> bounds, core::Seconds replay) {
  Violations broken;
  for (const workload::Bound& bound : bounds) {
    const double value = bound.value.si();
    const bool applies = bound.scope == Scope::schedule ||
                         (bound.scope == Scope::speed_of_light && bound.side == Side::lower);
    const bool kept = bound.side == Side::lower ? value <= replay.si() * (1.0 + engine_slack)
                                                : value >= replay.si() * (1.0 - engine_slack);
    if (!std::isfinite(value) || value < 0.0 || (applies && !kept)) {
      broken.push_back(fmt::format("{} bound {} ({}) is {} s and the replay {} s",
                                   to_text(bound.side), bound.name, to_text(bound.scope), value,
                                   replay.si()));
    }
    if (bound.binding.empty()) {
      broken.push_back(fmt::format("bound {} names nothing that sets it", bound.name));
    }
  }
  return broken;
}

Violations of_solver(const analytic::SolverEntry& solver, const Outcome& outcome,
                     core::Seconds replay) {
  using analytic::Claim;
  Violations broken;
  const std::string name(solver.name);
  if (solver.bound) {
    const Side side = solver.claim == Claim::upper ? Side::upper : Side::lower;
    for (const workload::Bound& bound : outcome.bounds) {
      if (bound.side != side) {
        broken.push_back(name + " claims one side and bounds the other");
      }
    }
    if (outcome.bounds.empty() || solver.claim == Claim::exact || solver.claim == Claim::estimate) {
      broken.push_back(name + " is a bound without one");
    }
    return broken;
  }
  if (!outcome.estimate || !std::isfinite(outcome.estimate->si()) || outcome.estimate->si() <= 0) {
    return {name + " accepts and gives no time"};
  }
  const double told = outcome.estimate->si();
  if (!close(outcome.terms.sum().si(), told, sum_slack)) {
    broken.push_back(
        fmt::format("terms of {} sum to {} of {}", name, outcome.terms.sum().si(), told));
  }
  const bool kept = solver.claim == Claim::exact   ? close(told, replay.si(), engine_slack)
                    : solver.claim == Claim::lower ? told <= replay.si() * (1.0 + engine_slack)
                    : solver.claim == Claim::upper ? told >= replay.si() * (1.0 - engine_slack)
                                                   : true;
  if (!kept) {
    broken.push_back(fmt::format("{} claims to be {} and gives {} s; the replay takes {} s", name,
                                 to_text(solver.claim), told, replay.si()));
  }
  return broken;
}

}  // namespace plumbline::conformance
