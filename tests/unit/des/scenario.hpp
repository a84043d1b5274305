// SPDX-License-Identifier: Apache-2.0
// Small problems written by hand: devices, cables, operations on named devices.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "topology/fabric.hpp"
#include "topology/routing.hpp"
#include "workload/problem.hpp"
#include "workload/schedule.hpp"

namespace plumbline::des::test {

using After = std::vector<std::uint32_t>;  ///< operations that must have ended, by index

/// Hosts are ranks, in the order in which they are added.
class Scenario {
 public:
  /// `hosts` named host0, host1, … around one switch; each cable's direction is a resource.
  static Scenario star(std::size_t hosts, core::Bandwidth bandwidth, core::Seconds link_latency);

  /// `hosts` without a cable.
  static Scenario bare(std::size_t hosts);

  topology::DeviceId add_switch(const std::string& name);

  /// Both directions; link ids are these in the order of the calls, two each.
  void cable(topology::DeviceId a, topology::DeviceId b, core::Bandwidth bandwidth,
             core::Seconds latency, topology::Sharing sharing = topology::Sharing::full_duplex);

  [[nodiscard]] topology::DeviceId host(std::size_t index) const { return hosts_[index]; }

  /// Index of the new operation. Routed by the fabric's router.
  std::uint32_t transfer(std::size_t from, std::size_t to, core::Bytes size,
                         const After& after = {}, workload::OpKind kind = workload::OpKind::copy,
                         workload::Protocol protocol = workload::Protocol::none);

  /// Along the links given, each as often as it is named, or with these shares.
  std::uint32_t transfer_along(const std::vector<topology::LinkId>& links, core::Bytes size,
                               const After& after = {},
                               const std::vector<topology::Share>& shares = {});

  std::uint32_t wait(workload::OpKind kind, core::Seconds duration, const After& after = {});

  /// The fabric is finished by the first operation, the schedule by this.
  [[nodiscard]] workload::Problem problem(const workload::ConstantSet& constants = {});

 private:
  void finish_fabric();
  std::uint32_t add(workload::Operation operation, const After& after);

  topology::FabricBuilder builder_;
  std::vector<topology::DeviceId> hosts_;
  std::shared_ptr<const topology::Fabric> fabric_;
  std::unique_ptr<topology::Router> router_;
  topology::RouteTable routes_;
  std::unique_ptr<workload::ScheduleBuilder> schedule_;
};

/// A star of `ranks` hosts, and a collective on them as the generators make it.
[[nodiscard]] workload::Problem collective_on_star(workload::Collective collective,
                                                   const std::string& algorithm,
                                                   std::uint32_t ranks, core::Bytes size,
                                                   core::Bandwidth bandwidth,
                                                   core::Seconds link_latency);

}  // namespace plumbline::des::test
