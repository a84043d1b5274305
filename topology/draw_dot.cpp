// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <vector>

#include "core/units.hpp"
#include "topology/draw.hpp"
#include "topology/draw_layout.hpp"
#include "topology/draw_paint.hpp"

namespace plumbline::topology {
namespace {

std::string dot_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    result += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  return result + "\"";
}

std::string device_line(const Device& device, std::string_view indent) {
  const std::string planes = device.planes > 1 ? fmt::format(" ×{}", device.planes) : "";
  return fmt::format("{}{} [label={}, fillcolor=\"{}\"];\n", indent, dot_string(device.name),
                     dot_string(device.name + planes), drawing::paint_of(device.kind).fill);
}

std::string cable_line(const Fabric& fabric, const Link& link) {
  const std::string count = link.count > 1 ? fmt::format("{}× ", link.count) : "";
  return fmt::format(
      "  {} -> {} [dir={}, label={}];\n", dot_string(fabric.device(link.from).name),
      dot_string(fabric.device(link.to).name), link.reverse ? "both" : "forward",
      dot_string(fmt::format("{}{}\n{}", count, fabric.link_classes()[link.link_class],
                             core::display(link.capacity))));
}

}  // namespace

std::string to_dot(const Fabric& fabric, const std::string& title, bool all) {
  const drawing::Layout layout = drawing::lay_out(fabric, all);
  std::string dot = fmt::format(
      "digraph fabric {{\n  label={};\n  rankdir=BT;\n  node [shape=box, style=filled];\n",
      dot_string(title));
  std::map<std::uint32_t, std::string> machines;
  std::vector<DeviceId> drawn;
  for (const drawing::Box& box : layout.boxes) {
    drawn.push_back(box.device);
  }
  std::sort(drawn.begin(), drawn.end());
  for (const DeviceId id : drawn) {
    const Device& device = fabric.device(id);
    (device.in_node ? machines[device.node] : dot) +=
        device_line(device, device.in_node ? "    " : "  ");
  }
  for (const auto& [node, lines] : machines) {
    dot +=
        fmt::format("  subgraph cluster_{0} {{\n    label=\"node {0}\";\n{1}  }}\n", node, lines);
  }
  for (std::size_t i = 0; i < layout.gaps.size(); ++i) {
    dot += fmt::format("  gap{} [shape=plaintext, style=\"\", label={}];\n", i,
                       dot_string(fmt::format("⋯ {}", fmt::join(layout.gaps[i].lines, " "))));
  }
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const Link& link = fabric.links()[i];
    const bool second = link.reverse && *link.reverse < LinkId(i);  // drawn with the other one
    if (!second && layout.box_of.contains(link.from) && layout.box_of.contains(link.to)) {
      dot += cable_line(fabric, link);
    }
  }
  return dot + "}\n";
}

}  // namespace plumbline::topology
