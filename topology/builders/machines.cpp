// SPDX-License-Identifier: Apache-2.0
#include "topology/builders/machines.hpp"

#include <fmt/format.h>

namespace plumbline::topology::builders {
namespace {

/// NICs of the machine; nullopt after a diagnostic where it can't be one of a network.
std::optional<std::vector<DeviceId>> nics_of(const Fabric& node, const core::Cursor& at) {
  std::vector<DeviceId> nics;
  bool has_fabric_switch = false;
  for (std::size_t i = 0; i < node.devices().size(); ++i) {
    const Device& device = node.devices()[i];
    has_fabric_switch = has_fabric_switch || !device.in_node;
    if (device.kind == DeviceKind::nic) {
      nics.push_back(DeviceId(i));
    }
  }
  if (node.nodes() != 1 || has_fabric_switch) {
    at.error("PL-T019", "the node of a network must be one machine, without leaves and spines");
    return std::nullopt;
  }
  if (nics.empty()) {
    at.error("PL-T019", "the node of a network has no network adapter",
             "give its PCIe side nics_per_switch");
    return std::nullopt;
  }
  return nics;
}

}  // namespace

std::optional<Machines> Machines::read(const NodeOption& node, const LinkOption& link,
                                       std::uint32_t cables, const BuildContext& context) {
  Machines machines{.node = {}, .nics = {}, .link = {}, .cables = cables};
  bool good = true;
  if (node.at) {
    machines.node = context.fabric_of(*node.at);
    auto nics = machines.node ? nics_of(*machines.node, *node.at) : std::nullopt;
    good = nics.has_value();
    machines.nics = std::move(nics).value_or(std::vector<DeviceId>{});
  }
  std::optional<LinkClass> found = link.resolve(context);
  if (!good || !found) {
    return std::nullopt;
  }
  machines.link = std::move(*found);
  return machines;
}

double Machines::devices_each() const {
  return node ? static_cast<double>(node->devices().size()) : 1.0;
}

double Machines::links_each() const {
  return (node ? static_cast<double>(node->links().size()) : 0.0) + 2.0 * ports();
}

std::vector<DeviceId> Machines::add_to(FabricBuilder& fabric, std::uint32_t number) const {
  if (!node) {
    return {fabric.add(
        {.name = fmt::format("host{}", number), .kind = DeviceKind::host, .node = number})};
  }
  const auto placed = fabric.embed(*node, fmt::format("node{}/", number), number);
  std::vector<DeviceId> adapters;
  for (const DeviceId nic : nics) {
    adapters.push_back(placed[nic.index()]);
  }
  return adapters;
}

}  // namespace plumbline::topology::builders
