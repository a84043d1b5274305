// SPDX-License-Identifier: Apache-2.0
#include "gate/transforms.hpp"

#include <algorithm>
#include <vector>

namespace plumbline::gate {
namespace {

using topology::DeviceId;
using topology::Fabric;
using topology::FabricBuilder;
using topology::LinkId;
using workload::Problem;

/// The class of one link as a builder would take it.
topology::LinkClass class_of(const Fabric& fabric, const topology::Link& link,
                             const Factors& factors) {
  return {.name = fabric.link_classes()[link.link_class],
          .kind = link.kind,
          .bandwidth_per_direction = link.capacity * factors.rate / link.count,
          .latency = link.latency * factors.latency,
          .sharing = link.sharing};
}

/// Devices and links keep their numbers, and with them the routes.
void copy(const Fabric& fabric, const Factors& factors, FabricBuilder& builder) {
  for (const topology::Device& device : fabric.devices()) {
    builder.add(device);
  }
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const topology::Link& link = fabric.links()[i];
    const topology::LinkClass link_class = class_of(fabric, link, factors);
    if (!link.reverse) {
      builder.add_link(link.from, link.to, link_class, link.count);
    } else if (i < link.reverse->index()) {
      builder.connect(link.from, link.to, link_class, link.count);
    }
  }
}

workload::ConstantSet scaled(workload::ConstantSet constants, const Factors& factors) {
  for (auto& [name, link] : constants.links) {
    link.extra_latency *= factors.latency;
  }
  for (auto& protocol : constants.steps) {
    for (workload::StepConstants& step : protocol) {
      step.step_latency *= factors.latency;
    }
  }
  constants.launch *= factors.latency;
  constants.network_launch *= factors.latency;
  for (core::Seconds& launch : constants.protocol_launch) {
    launch *= factors.latency;
  }
  if (constants.reduction_bandwidth) {
    *constants.reduction_bandwidth *= factors.rate;
  }
  if (constants.channel_rate) {
    *constants.channel_rate *= factors.rate;
  }
  return constants;
}

workload::Workload scaled(workload::Workload workload, const Factors& factors) {
  workload.size *= factors.bytes;
  if (workload.chunk) {
    *workload.chunk *= factors.bytes;
  }
  for (core::Bytes& bytes : workload.traffic) {
    bytes *= factors.bytes;
  }
  for (workload::Flow& flow : workload.flows) {
    flow.size *= factors.bytes;
    flow.start *= factors.compute;
  }
  workload.duration *= factors.compute;
  for (workload::Part& part : workload.parts) {
    part.start *= factors.compute;
    part.work = scaled(std::move(part.work), factors);
  }
  if (workload.pipeline) {
    workload.pipeline->activation *= factors.bytes;
    for (auto* times : {&workload.pipeline->forward, &workload.pipeline->backward}) {
      for (core::Seconds& time : *times) {
        time *= factors.compute;
      }
    }
  }
  return workload;
}

}  // namespace

Problem scaled(const Problem& problem, const Factors& factors) {
  FabricBuilder builder;
  copy(problem.fabric(), factors, builder);
  return workload::make_problem(std::make_shared<const Fabric>(builder.finish()),
                                problem.placement(), scaled(problem.workload(), factors),
                                scaled(problem.constants(), factors), problem.routing());
}

Problem in_units(const Problem& problem, const analytic::Gauge& gauge) {
  if (gauge.time == 1.0 && gauge.data == 1.0) {
    return problem;
  }
  return scaled(problem, {.latency = gauge.time,
                          .rate = gauge.data / gauge.time,
                          .bytes = gauge.data,
                          .compute = gauge.time});
}

Problem with_spare_endpoint(const Problem& problem) {
  const Fabric& fabric = problem.fabric();
  FabricBuilder builder;
  copy(fabric, {}, builder);
  const DeviceId first = fabric.endpoints().front();
  topology::Device device = fabric.device(first);
  device.name = "spare";
  if (fabric.nodes() > 1 && device.kind == topology::DeviceKind::host) {
    device.node = fabric.nodes();  // a host is a machine
  }
  const topology::Link& cable = fabric.link(fabric.out_links(first).front());
  builder.connect(builder.add(std::move(device)), cable.to, class_of(fabric, cable, {}),
                  cable.count);
  return workload::make_problem(std::make_shared<const Fabric>(builder.finish()),
                                problem.placement(), problem.workload(), problem.constants(),
                                problem.routing());
}

Problem alone(const Problem& problem) {
  topology::Placement placement = problem.placement();
  placement.device_of.resize(1);
  workload::Workload work = problem.workload();
  work.ranks = workload::RankCount(1);
  work.root = workload::RankId(0);
  work.site = workload::site_of(problem.fabric(), placement);
  workload::ScheduleBuilder nothing(work.ranks, 1);
  nothing.add({.kind = workload::OpKind::compute, .rank = workload::RankId(0)}, {});  // for 0 s
  return Problem({.fabric = std::make_shared<const Fabric>(problem.fabric()),
                  .placement = std::move(placement),
                  .workload = std::move(work),
                  .schedule = std::make_shared<const workload::Schedule>(nothing.finish()),
                  .routes = std::make_shared<const topology::RouteTable>(),
                  .constants = problem.constants(),
                  .routing = problem.routing()});
}

Problem backwards(const Problem& problem) {
  topology::Placement placement = problem.placement();
  std::ranges::reverse(placement.device_of);
  workload::Workload work = problem.workload();
  work.site = workload::site_of(problem.fabric(), placement);
  return workload::make_problem(std::make_shared<const Fabric>(problem.fabric()), placement,
                                std::move(work), problem.constants(), problem.routing());
}

Problem as(workload::Collective collective, const Problem& problem) {
  workload::Workload work = problem.workload();
  work.collective = collective;
  return workload::make_problem(std::make_shared<const Fabric>(problem.fabric()),
                                problem.placement(), std::move(work), problem.constants(),
                                problem.routing());
}

Problem expanded(const Problem& problem) {
  const workload::Dag& dag = problem.dag();
  workload::ScheduleBuilder builder(problem.schedule().ranks(), problem.schedule().chunks());
  for (const std::vector<workload::RankId>& members : problem.schedule().groups()) {
    builder.group(members);
  }
  for (std::size_t i = 0; i < dag.size(); ++i) {
    std::vector<workload::Predecessor> before;
    for (const workload::OpId op : dag.before(workload::OpId(i))) {
      before.push_back({.op = op.value});
    }
    builder.add(dag.operations[i], before);
  }
  return Problem({.fabric = std::make_shared<const Fabric>(problem.fabric()),
                  .placement = problem.placement(),
                  .workload = problem.workload(),
                  .schedule = std::make_shared<const workload::Schedule>(builder.finish()),
                  .routes = std::make_shared<const topology::RouteTable>(problem.routes()),
                  .constants = problem.constants(),
                  .routing = problem.routing()});
}

}  // namespace plumbline::gate
