// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/loads.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace plumbline::conformance {
namespace {

using topology::LinkId;
using topology::Sharing;
using workload::Operation;
using workload::OpKind;
using workload::Problem;

/// Every transfer of the dag with the bytes that it puts on each link.
template <class Visit>
void for_each_transfer(const Problem& problem, Visit visit) {
  for (std::size_t i = 0; i < problem.dag().size(); ++i) {
    const Operation& op = problem.dag().operations[i];
    if (op.is_transfer()) {
      const workload::PathId path = problem.costs().path_of(problem.dag().origin[i]);
      visit(op, path, problem.costs().wire_bytes(op, path).si());
    }
  }
}

double efficiency(const Problem& problem, const topology::Link& link) {
  const auto& links = problem.constants().links;
  const auto found = links.find(problem.fabric().link_classes()[link.link_class]);
  return found == links.end() ? 1.0 : found->second.efficiency;
}

}  // namespace

Ends ends_of(const Problem& problem, const Operation& op) {
  std::vector<topology::DeviceId> group;
  if (op.has_group()) {
    for (const workload::RankId rank : problem.schedule().groups()[op.peer.index()]) {
      group.push_back(device_of(problem, rank));
    }
  } else {
    group = {device_of(problem, op.peer)};
  }
  const std::vector<topology::DeviceId> rank{device_of(problem, op.rank)};
  return {.from = op.kind == OpKind::switch_reduce || op.kind == OpKind::switch_all_reduce ? group
                                                                                           : rank,
          .to = op.kind == OpKind::switch_reduce ? rank : group};
}

topology::DeviceId device_of(const Problem& problem, workload::RankId rank) {
  if (problem.workload().collective != workload::Collective::flows) {
    return problem.placement().device_of[rank.index()];
  }
  // By first appearance, each flow from its source over where it is staged to its target.
  std::vector<topology::DeviceId> met;
  const auto meet = [&](topology::DeviceId device) {
    if (std::ranges::find(met, device) == met.end()) {
      met.push_back(device);
    }
  };
  for (const workload::Flow& flow : problem.workload().flows) {
    meet(flow.from);
    std::ranges::for_each(flow.via, meet);
    meet(flow.to);
  }
  return met.at(rank.index());
}

std::map<std::string, Load> loads_from_routes(const Problem& problem) {
  const topology::Fabric& fabric = problem.fabric();
  std::map<std::string, Load> loads;
  for_each_transfer(problem, [&](const Operation& op, workload::PathId, double bytes) {
    const auto links = problem.routes().links(op.route);
    for (std::size_t i = 0; i < links.size(); ++i) {
      const LinkId id = links[i];
      const topology::Link& link = fabric.link(id);
      if (link.sharing == Sharing::unshared) {
        continue;
      }
      std::string name = fabric.link_name(id);
      if (link.sharing == Sharing::half_duplex) {
        // One resource, named from whichever end was met first.
        name = fmt::format("{}↔{}", fabric.device(link.from).name, fabric.device(link.to).name);
        const std::string other =
            fmt::format("{}↔{}", fabric.device(link.to).name, fabric.device(link.from).name);
        name = loads.contains(other) ? other : name;
      }
      loads[name].bytes += bytes * problem.routes().shares(op.route)[i].bytes;
      loads[name].capacity = link.capacity.si() * efficiency(problem, link);
    }
    if (op.kind == OpKind::reduce && problem.constants().reduction_bandwidth) {
      Load& load = loads[fabric.device(device_of(problem, op.peer)).name + " reduction"];
      load.bytes += bytes;
      load.capacity = problem.constants().reduction_bandwidth->si();
    }
  });
  return loads;
}

std::map<std::string, Load> loads_from_costs(const Problem& problem) {
  std::map<std::string, Load> loads;
  const workload::Costs& costs = problem.costs();
  for_each_transfer(problem, [&](const Operation&, workload::PathId path, double bytes) {
    for (const workload::Use& use : costs.uses(path)) {
      const workload::Resource& resource = costs.resources()[use.resource.index()];
      loads[resource.name].bytes += bytes * use.weight;
      loads[resource.name].capacity = resource.capacity.si();
    }
  });
  return loads;
}

std::vector<std::string> switch_imbalances(const Problem& problem) {
  const topology::Fabric& fabric = problem.fabric();
  std::vector<double> surplus(fabric.devices().size());
  double moved = 0.0;
  for_each_transfer(problem, [&](const Operation& op, workload::PathId, double bytes) {
    const auto gain = [&](topology::DeviceId device, double more) {
      if (!op.has_group() || !fabric.device(device).in_network) {  // which adds and replicates
        surplus[device.index()] += more;
      }
    };
    const Ends ends = ends_of(problem, op);
    for (const topology::DeviceId from : ends.from) {
      gain(from, bytes);  // comes into being here
    }
    for (const topology::DeviceId to : ends.to) {
      gain(to, -bytes);
    }
    const auto links = problem.routes().links(op.route);
    for (std::size_t i = 0; i < links.size(); ++i) {
      const double carried = bytes * problem.routes().shares(op.route)[i].bytes;
      gain(fabric.link(links[i]).from, -carried);
      gain(fabric.link(links[i]).to, carried);
    }
    moved += bytes;
  });
  std::vector<std::string> broken;
  for (std::size_t i = 0; i < surplus.size(); ++i) {
    if (std::abs(surplus[i]) > 1e-9 * moved) {
      broken.push_back(fmt::format("{} bytes stay in {}", surplus[i], fabric.devices()[i].name));
    }
  }
  return broken;
}

}  // namespace plumbline::conformance
