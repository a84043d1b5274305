// SPDX-License-Identifier: Apache-2.0
// The colours of a picture.
#pragma once

#include <string_view>

#include "topology/fabric.hpp"

namespace plumbline::topology::drawing {

struct Paint {
  std::string_view fill;
  std::string_view stroke;
  std::string_view name;
};

/// After the palette of Okabe and Ito, which people of any colour vision can tell apart.
[[nodiscard]] inline Paint paint_of(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::gpu:
      return {"#b8e6d3", "#00734f", "GPU"};
    case DeviceKind::host:
      return {"#b8e6d3", "#00734f", "host"};
    case DeviceKind::cpu:
      return {"#f0cfe0", "#a8487e", "CPU"};
    case DeviceKind::nvswitch:
      return {"#fbe0a6", "#b07800", "NVSwitch"};
    case DeviceKind::pcie_switch:
      return {"#e3e3e3", "#6b6b6b", "PCIe switch"};
    case DeviceKind::nic:
      return {"#cdeafc", "#2b87bd", "NIC"};
    case DeviceKind::leaf:
      return {"#a9cdec", "#0b5a94", "leaf"};
    case DeviceKind::spine:
      return {"#8fb3dd", "#083f73", "spine"};
    case DeviceKind::core:
      return {"#7397cc", "#06305a", "core"};
    case DeviceKind::router:
      return {"#a9cdec", "#0b5a94", "router"};
    case DeviceKind::memory:
      return {"#f0cfe0", "#a8487e", "memory"};
    case DeviceKind::nvme:
      return {"#e3e3e3", "#6b6b6b", "NVMe"};
  }
  return {"#ffffff", "#000000", "device"};
}

[[nodiscard]] inline std::string_view color_of(LinkKind kind) {
  switch (kind) {
    case LinkKind::nvlink:
      return "#c98a00";
    case LinkKind::pcie:
      return "#7a7a7a";
    case LinkKind::cpu:
      return "#a8487e";
    case LinkKind::network:
      return "#0b5a94";
  }
  return "#000000";
}

}  // namespace plumbline::topology::drawing
