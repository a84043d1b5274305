// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fmt/format.h>

#include "core/units.hpp"
#include "topology/draw.hpp"

namespace plumbline::topology {
namespace {

std::string dot_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    result += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  return result + "\"";
}

std::string_view color(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::gpu:
    case DeviceKind::host:
    case DeviceKind::memory:
    case DeviceKind::nvme:
      return "#c7e9c0";
    case DeviceKind::nvswitch:
      return "#fdd0a2";
    case DeviceKind::cpu:
    case DeviceKind::pcie_switch:
      return "#dadaeb";
    case DeviceKind::nic:
      return "#fcbba1";
    case DeviceKind::leaf:
    case DeviceKind::spine:
    case DeviceKind::core:
    case DeviceKind::router:
      return "#c6dbef";
  }
  return "#ffffff";
}

std::string device_line(const Device& device, std::string_view indent) {
  const std::string planes = device.planes > 1 ? fmt::format(" ×{}", device.planes) : "";
  return fmt::format("{}{} [label={}, fillcolor=\"{}\"];\n", indent, dot_string(device.name),
                     dot_string(device.name + planes), color(device.kind));
}

}  // namespace

std::string to_dot(const Fabric& fabric, const std::string& title) {
  std::string dot = fmt::format(
      "digraph fabric {{\n  label={};\n  rankdir=BT;\n  node [shape=box, style=filled];\n",
      dot_string(title));
  std::vector<std::string> machines(fabric.nodes());
  for (const Device& device : fabric.devices()) {
    if (device.in_node) {
      machines[device.node] += device_line(device, "    ");
    } else {
      dot += device_line(device, "  ");
    }
  }
  for (std::size_t node = 0; node < machines.size(); ++node) {
    dot += fmt::format("  subgraph cluster_{} {{\n    label=\"node {}\";\n{}  }}\n", node, node,
                       machines[node]);
  }
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const Link& link = fabric.links()[i];
    if (link.reverse && *link.reverse < LinkId(i)) {
      continue;  // drawn with its other direction
    }
    const std::string count = link.count > 1 ? fmt::format("{}× ", link.count) : "";
    dot += fmt::format(
        "  {} -> {} [dir={}, label={}];\n", dot_string(fabric.device(link.from).name),
        dot_string(fabric.device(link.to).name), link.reverse ? "both" : "forward",
        dot_string(fmt::format("{}{}\n{}", count, fabric.link_classes()[link.link_class],
                               core::display(link.capacity))));
  }
  return dot + "}\n";
}

}  // namespace plumbline::topology
