// SPDX-License-Identifier: Apache-2.0
// Trees of switches that add and replicate what they forward (Device::in_network): NVLink SHARP
// within a node, SHARP in a fabric. A transfer over one loads every link of the tree once.
#pragma once

#include <optional>
#include <span>

#include "topology/fabric.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology {

/// Finds the trees of one fabric. Every device's way to the switch where all meet is the router's,
/// so that ways to one switch join and stay joined.
class SwitchTrees {
 public:
  SwitchTrees(const Fabric& fabric, Router& router) : fabric_(fabric), router_(router) {}

  /// The switch that adds and replicates for this group and that its farthest member is nearest to;
  /// nullopt where no such switch reaches all, or ways meet in a switch that cannot add.
  [[nodiscard]] std::optional<DeviceId> meeting(std::span<const DeviceId> group);

  /// From `from` up to the meeting switch and down to every member, itself too where it is one.
  [[nodiscard]] std::optional<Route> multicast(DeviceId from, std::span<const DeviceId> group);

  /// From every member, `to` included, up to the meeting switch and down to `to`.
  [[nodiscard]] std::optional<Route> reduce(std::span<const DeviceId> group, DeviceId to);

  /// From every member up and down to every member again.
  [[nodiscard]] std::optional<Route> all_reduce(std::span<const DeviceId> group);

 private:
  const Fabric& fabric_;
  Router& router_;
};

}  // namespace plumbline::topology
