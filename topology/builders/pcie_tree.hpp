// SPDX-License-Identifier: Apache-2.0
// The PCIe side of a machine, shared by the builders of whole nodes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "topology/builders/options.hpp"

namespace plumbline::topology::builders {

struct NvmeOptions {
  std::uint32_t per_switch = 0;
  LinkOption link;

  static const core::Schema<NvmeOptions>& schema();
};

struct MemoryOptions {
  LinkOption link;

  static const core::Schema<MemoryOptions>& schema();
};

struct PcieOptions {
  std::uint32_t sockets = 1;
  std::uint32_t upper_switches_per_socket = 0;
  LinkOption upper_uplink;
  std::uint32_t switches_per_socket = 0;
  std::uint32_t gpus_per_switch = 0;
  std::uint32_t nics_per_switch = 0;
  LinkOption link;
  LinkOption uplink;
  std::uint32_t uplinks_per_switch = 1;
  LinkOption inter_socket;
  std::uint32_t inter_socket_links = 1;
  std::optional<NvmeOptions> nvme;
  std::optional<MemoryOptions> memory;

  static const core::Schema<PcieOptions>& schema();

  /// Places that GPUs and NICs hang from: switches, or sockets where there are no switches.
  [[nodiscard]] std::uint64_t branches() const {
    return std::uint64_t{sockets} * (switches_per_socket > 0 ? switches_per_socket : 1);
  }

  [[nodiscard]] std::uint64_t gpus() const { return branches() * gpus_per_switch; }
};

/// PcieOptions checked and its link classes found.
struct PcieTree {
  PcieOptions options;
  LinkClass link;
  LinkClass uplink;
  LinkClass upper_uplink;
  std::optional<LinkClass> inter_socket;
  std::optional<LinkClass> nvme;
  std::optional<LinkClass> memory;

  /// Nullopt after diagnostics; `cursor` is the map that `options` were read from.
  [[nodiscard]] static std::optional<PcieTree> check(const PcieOptions& options,
                                                     const core::Cursor& cursor,
                                                     const BuildContext& context);

  /// Hangs `gpus` (as many as options.gpus()) below CPUs and switches, NICs and drives beside them.
  void add_to(FabricBuilder& fabric, std::span<const DeviceId> gpus) const;

 private:
  [[nodiscard]] std::vector<DeviceId> add_sockets(FabricBuilder& fabric) const;
  [[nodiscard]] std::vector<DeviceId> add_branches(FabricBuilder& fabric,
                                                   std::span<const DeviceId> cpus) const;
};

/// The PCIe side of a machine whose GPUs are joined by something faster: the map at `pcie`.
struct PcieSide {
  std::optional<PcieTree> tree;  ///< absent where the map is

  /// Nullopt after diagnostics; `machine` is the map around `pcie:`.
  [[nodiscard]] static std::optional<PcieSide> check(const std::optional<PcieOptions>& options,
                                                     std::uint64_t gpus,
                                                     const core::Cursor& machine,
                                                     const BuildContext& context);

  void add_to(FabricBuilder& fabric, std::span<const DeviceId> gpus) const {
    if (tree) {
      tree->add_to(fabric, gpus);
    }
  }
};

/// What the key is for, in every builder's schema.
inline constexpr const char* pcie_side_doc =
    "the PCIe side: CPUs, switches and network adapters (without it the machine has no way out)";

}  // namespace plumbline::topology::builders
