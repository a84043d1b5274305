// SPDX-License-Identifier: Apache-2.0
#include "topology/route_explanation.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace plumbline::topology {

std::string path_kind(const Fabric& fabric, std::span<const ExplainedHop> hops) {
  if (hops.empty()) {
    return "no link: both ends are one device";
  }
  const auto crosses = [&](LinkKind kind) {
    return std::ranges::any_of(
        hops, [&](const ExplainedHop& hop) { return fabric.link(hop.link).kind == kind; });
  };
  const bool relayed = std::ranges::any_of(hops.subspan(1), [&](const ExplainedHop& hop) {
    return fabric.device(fabric.link(hop.link).from).kind == DeviceKind::gpu;
  });
  if (crosses(LinkKind::network)) {
    return relayed ? "over the network, from another GPU (PXN)" : "over the network";
  }
  if (crosses(LinkKind::cpu)) {
    return "PCIe between sockets";
  }
  if (crosses(LinkKind::pcie)) {
    return "PCIe";
  }
  return relayed ? "NVLink through a GPU" : "NVLink";
}

std::optional<LinkId> bottleneck(const Fabric& fabric, std::span<const ExplainedHop> hops) {
  const auto rate = [&](const ExplainedHop& hop) {
    return fabric.link(hop.link).capacity / hop.share.bytes;
  };
  const auto least = std::ranges::min_element(hops, {}, rate);
  return least == hops.end() ? std::nullopt : std::optional(least->link);
}

std::string no_path(const Fabric& fabric, DeviceId from, DeviceId to, Routing routing) {
  std::string text = fmt::format("the fabric has no path from {} to {}", fabric.device(from).name,
                                 fabric.device(to).name);
  if (!routing.pxn) {
    routing.pxn = true;
    if (Router(fabric, routing).route(from, to)) {
      text +=
          "; their rails are not joined, and a GPU of the source's machine could pass the data on: "
          "write `routing: {pxn: true}`";
    }
  }
  return text;
}

}  // namespace plumbline::topology
