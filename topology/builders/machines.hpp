// SPDX-License-Identifier: Apache-2.0
// The machines that plug into a network, shared by the builders of networks.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "topology/builders/options.hpp"

namespace plumbline::topology::builders {

/// Alike machines, or hosts of one device where no node is named, and the cables they plug in with.
struct Machines {
  std::optional<Fabric> node;  ///< absent: a host
  std::vector<DeviceId> nics;  ///< of `node`
  LinkClass link;
  std::uint32_t cables = 1;  ///< of each adapter

  /// Nullopt after diagnostics: the node is one machine with an adapter and no switch of a network.
  [[nodiscard]] static std::optional<Machines> read(const NodeOption& node, const LinkOption& link,
                                                    std::uint32_t cables,
                                                    const BuildContext& context);

  /// Adapters of one machine.
  [[nodiscard]] std::uint32_t ports() const {
    return node ? static_cast<std::uint32_t>(nics.size()) : 1;
  }

  [[nodiscard]] double devices_each() const;

  /// Links inside of one machine and those of its adapters, both directions.
  [[nodiscard]] double links_each() const;

  /// Adds machine `number`; its adapters, or the host.
  std::vector<DeviceId> add_to(FabricBuilder& fabric, std::uint32_t number) const;
};

}  // namespace plumbline::topology::builders
