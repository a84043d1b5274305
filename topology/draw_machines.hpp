// SPDX-License-Identifier: Apache-2.0
// Which machines a picture shows, and how one of them is made.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "topology/fabric.hpp"

namespace plumbline::topology::drawing {

/// A machine to draw, or a gap that stands for `hidden` machines from `node` on.
struct Item {
  std::uint32_t node = 0;
  std::uint32_t hidden = 0;
  bool alike = true;  ///< those hidden look like their neighbours
};

/// Devices of each machine, in order of creation.
[[nodiscard]] std::vector<std::vector<DeviceId>> members_of_nodes(const Fabric& fabric);

/// Machines in order; of many alike in a row the first and the last.
[[nodiscard]] std::vector<Item> choose_machines(const Fabric& fabric,
                                                const std::vector<std::vector<DeviceId>>& members);

/// What hangs from one PCIe switch or CPU; without a hub: devices that hang from neither.
struct Branch {
  std::optional<DeviceId> hub;
  std::vector<DeviceId> nics;
  std::vector<DeviceId> endpoints;
};

/// The branches of one CPU, its own among them; without a CPU: the rest.
struct Socket {
  std::optional<DeviceId> cpu;
  std::vector<Branch> branches;
};

struct Machine {
  std::vector<Socket> sockets;
  std::vector<DeviceId> nvswitches;
};

[[nodiscard]] Machine sort_machine(const Fabric& fabric, const std::vector<DeviceId>& members);

}  // namespace plumbline::topology::drawing
