// SPDX-License-Identifier: Apache-2.0
// What a device can put into the fabric and take out of it, by nominal figures.
#pragma once

#include <span>
#include <vector>

#include "core/quantity.hpp"
#include "topology/fabric.hpp"

namespace plumbline::analytic {

/// Nominal capacity of a device's links that lead to (or come from) another of the devices looked
/// at. Where all of these reach each other over NVLink, through one GPU of their machine at
/// most, only NVLink counts: routes, like GPU libraries, use no slower transport beside it. An
/// `unshared` link limits a transfer, not their sum: it counts as infinite.
struct Port {
  core::Bandwidth out;
  core::Bandwidth in;
  core::Bandwidth both;  ///< out and in, a half-duplex cable counted once
};

struct Ports {
  std::vector<Port> of;     ///< parallel to the devices
  core::Seconds latency;    ///< smallest nominal latency of any path between two of the devices
  bool in_network = false;  ///< a switch that adds and replicates can be reached and reaches some
};

/// Paths are at least those that routes may take (see topology::Router): through no endpoint but
/// their own, and at most one GPU, which forwards from NVLink to NVLink, with `pxn` to anything.
/// Infinite latency where no two are connected.
[[nodiscard]] Ports ports(const topology::Fabric& fabric,
                          std::span<const topology::DeviceId> devices, bool pxn = false);

}  // namespace plumbline::analytic
