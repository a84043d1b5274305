// SPDX-License-Identifier: Apache-2.0
#include "scenario.hpp"

#include <utility>

#include "topology/placement.hpp"

namespace plumbline::des::test {

using namespace core::literals;
using topology::DeviceId;
using topology::DeviceKind;
using topology::LinkId;
using workload::Operation;
using workload::OpKind;

Scenario Scenario::bare(std::size_t hosts) {
  Scenario scenario;
  for (std::size_t i = 0; i < hosts; ++i) {
    scenario.hosts_.push_back(
        scenario.builder_.add({.name = "host" + std::to_string(i), .kind = DeviceKind::host}));
  }
  return scenario;
}

Scenario Scenario::star(std::size_t hosts, core::Bandwidth bandwidth, core::Seconds link_latency) {
  Scenario scenario = bare(hosts);
  const DeviceId centre = scenario.add_switch("switch");
  for (const DeviceId host : scenario.hosts_) {
    scenario.cable(host, centre, bandwidth, link_latency);
  }
  return scenario;
}

DeviceId Scenario::add_switch(const std::string& name) {
  return builder_.add({.name = name, .kind = DeviceKind::leaf});
}

void Scenario::cable(DeviceId a, DeviceId b, core::Bandwidth bandwidth, core::Seconds latency,
                     topology::Sharing sharing) {
  builder_.connect(a, b,
                   {.name = "cable",
                    .kind = topology::LinkKind::network,
                    .bandwidth_per_direction = bandwidth,
                    .latency = latency,
                    .sharing = sharing});
}

void Scenario::finish_fabric() {
  if (fabric_ == nullptr) {
    fabric_ = std::make_shared<const topology::Fabric>(builder_.finish());
    router_ = std::make_unique<topology::Router>(*fabric_);
    schedule_ = std::make_unique<workload::ScheduleBuilder>(workload::RankCount(hosts_.size()), 1);
  }
}

std::uint32_t Scenario::add(Operation operation, const After& after) {
  finish_fabric();
  std::vector<workload::Predecessor> before;
  for (const std::uint32_t op : after) {
    before.push_back({.op = op});
  }
  return schedule_->add(operation, before);
}

std::uint32_t Scenario::transfer(std::size_t from, std::size_t to, core::Bytes size,
                                 const After& after, OpKind kind, workload::Protocol protocol) {
  finish_fabric();
  Operation operation;
  operation.kind = kind;
  operation.protocol = protocol;
  operation.rank = workload::RankId(from);
  operation.peer = workload::RankId(to);
  operation.route = routes_.intern(router_->route(hosts_[from], hosts_[to]).value().links);
  operation.amount = size / 1_B;
  return add(operation, after);
}

std::uint32_t Scenario::transfer_along(const std::vector<LinkId>& links, core::Bytes size,
                                       const After& after,
                                       const std::vector<topology::Share>& shares) {
  Operation operation;
  operation.peer = workload::RankId(1);
  operation.route = routes_.intern(links, shares);
  operation.amount = size / 1_B;
  return add(operation, after);
}

std::uint32_t Scenario::wait(OpKind kind, core::Seconds duration, const After& after) {
  Operation operation;
  operation.kind = kind;
  operation.amount = duration / 1_s;
  return add(operation, after);
}

workload::Problem Scenario::problem(const workload::ConstantSet& constants) {
  finish_fabric();
  workload::Workload request;
  request.collective = workload::Collective::flows;
  request.algorithm = "flows";
  request.ranks = workload::RankCount(hosts_.size());
  return workload::Problem(
      {.fabric = fabric_,
       .placement = {.device_of = hosts_, .description = "packed"},
       .workload = request,
       .schedule = std::make_shared<const workload::Schedule>(schedule_->finish()),
       .routes = std::make_shared<const topology::RouteTable>(std::move(routes_)),
       .constants = constants});
}

workload::Problem collective_on_star(workload::Collective collective, const std::string& algorithm,
                                     std::uint32_t ranks, core::Bytes size,
                                     core::Bandwidth bandwidth, core::Seconds link_latency) {
  topology::FabricBuilder builder;
  const topology::LinkClass cable{.name = "cable",
                                  .kind = topology::LinkKind::network,
                                  .bandwidth_per_direction = bandwidth,
                                  .latency = link_latency};
  const DeviceId centre = builder.add({.name = "switch", .kind = DeviceKind::leaf});
  for (std::uint32_t i = 0; i < ranks; ++i) {
    builder.connect(builder.add({.name = "host" + std::to_string(i), .kind = DeviceKind::host}),
                    centre, cable);
  }
  auto fabric = std::make_shared<const topology::Fabric>(builder.finish());
  workload::Workload request;
  request.collective = collective;
  request.algorithm = algorithm;
  request.size = size;
  request.ranks = workload::RankCount(ranks);
  topology::Placement placement = topology::packed(*fabric, request.ranks);
  return workload::make_problem(std::move(fabric), std::move(placement), request, {});
}

}  // namespace plumbline::des::test
