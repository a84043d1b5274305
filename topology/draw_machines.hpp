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

/// A device of a row, or a gap that stands for `hidden` of them.
struct Slot {
  std::optional<DeviceId> device;
  std::size_t hidden = 0;
  std::size_t groups = 0;  ///< whole pods or groups among those hidden
};

/// All of them, or of more than `most` the first two and the last.
[[nodiscard]] std::vector<Slot> slots_of(const std::vector<DeviceId>& devices, std::size_t most);

/// Devices of each machine, in order of creation.
[[nodiscard]] std::vector<std::vector<DeviceId>> members_of_nodes(const Fabric& fabric);

/// Machines in order; of many alike in a row the first and the last, unless `all` are wanted.
[[nodiscard]] std::vector<Item> choose_machines(const Fabric& fabric,
                                                const std::vector<std::vector<DeviceId>>& members,
                                                bool all);

/// What hangs from one PCIe switch or CPU; without a hub: devices that hang from neither. A gap
/// stands for `hidden` devices of `alike` branches that look like their neighbours.
struct Branch {
  std::optional<DeviceId> hub;
  std::vector<Slot> nics;
  std::vector<Slot> endpoints;
  std::size_t hidden = 0;
  std::size_t alike = 0;
};

/// The branches of one CPU, its own among them; without a CPU: the rest. A gap like a branch's.
struct Socket {
  std::optional<DeviceId> cpu;
  std::vector<Branch> branches;
  std::size_t hidden = 0;
  std::size_t alike = 0;
};

struct Machine {
  std::vector<Socket> sockets;
  std::vector<Slot> nvswitches;  ///< and whatever else has no place of its own
};

/// Of many alike branches, endpoints or switches only some, unless `all` are wanted.
[[nodiscard]] Machine sort_machine(const Fabric& fabric, const std::vector<DeviceId>& members,
                                   bool all);

}  // namespace plumbline::topology::drawing
