// SPDX-License-Identifier: Apache-2.0
// What a route is like as a whole, for people.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "topology/routing.hpp"

namespace plumbline::topology {

/// `NVLink`, `NVLink through a GPU`, `PCIe`, `PCIe between sockets`, `over the network`, `over the
/// network, from another GPU (PXN)`.
[[nodiscard]] std::string path_kind(const Fabric& fabric, std::span<const ExplainedHop> hops);

/// The link of the least capacity per share; nullopt of an empty route.
[[nodiscard]] std::optional<LinkId> bottleneck(const Fabric& fabric,
                                               std::span<const ExplainedHop> hops);

/// Why there is no route, with what would make one.
[[nodiscard]] std::string no_path(const Fabric& fabric, DeviceId from, DeviceId to,
                                  Routing routing);

}  // namespace plumbline::topology
