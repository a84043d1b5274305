// SPDX-License-Identifier: Apache-2.0
// Small fabrics, built by hand.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "topology/fabric.hpp"

namespace plumbline::workload {

inline topology::LinkClass link_class(std::string name, topology::LinkKind kind, double bandwidth,
                                      double latency,
                                      topology::Sharing sharing = topology::Sharing::full_duplex) {
  return {.name = std::move(name),
          .kind = kind,
          .bandwidth_per_direction = core::Bandwidth::from_si(bandwidth),
          .latency = core::Seconds::from_si(latency),
          .sharing = sharing};
}

/// gpu0, gpu1, … around one NVSwitch: 100 GB/s per direction, 250 ns per link.
inline topology::Fabric star(std::uint32_t gpus) {
  topology::FabricBuilder builder;
  const auto nvlink = link_class("nvlink", topology::LinkKind::nvlink, 100e9, 250e-9);
  const topology::DeviceId center =
      builder.add({.name = "switch", .kind = topology::DeviceKind::nvswitch});
  for (std::uint32_t i = 0; i < gpus; ++i) {
    builder.connect(
        builder.add({.name = "gpu" + std::to_string(i), .kind = topology::DeviceKind::gpu}), center,
        nvlink);
  }
  return builder.finish();
}

}  // namespace plumbline::workload
