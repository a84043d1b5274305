// SPDX-License-Identifier: Apache-2.0
// What a fabric can carry between two sets of its devices.
#pragma once

#include <span>

#include "core/quantity.hpp"
#include "topology/fabric.hpp"

namespace plumbline::topology {

/// Nominal capacity of all links that lead from `inside` to any device that is not in it. Infinite
/// with an unshared link among them.
[[nodiscard]] core::Bandwidth cut_capacity(const Fabric& fabric, std::span<const DeviceId> inside);

/// The most that `from` can send to `to` together, over whichever routes, split at will: the least
/// cut_capacity of any set that holds all of `from` and none of `to` (Ford and Fulkerson, 1956). No
/// routing carries more; every device forwards here, endpoints too. Both sets are disjoint and not
/// empty; infinite where unshared links alone join them.
[[nodiscard]] core::Bandwidth max_flow(const Fabric& fabric, std::span<const DeviceId> from,
                                       std::span<const DeviceId> to);

}  // namespace plumbline::topology
