// SPDX-License-Identifier: Apache-2.0
// Rates that NCCL and RCCL give to the links of their topology files, read from the catalogue's
// imports/nccl.yaml. Every rate is of one direction.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/provenance.hpp"
#include "core/quantity.hpp"
#include "core/schema.hpp"
#include "topology/link_class.hpp"

namespace plumbline::topology::imports {

struct PcieRate {
  std::uint32_t generation = 0;
  double transfers = 0.0;  ///< GT/s
  core::Bandwidth per_lane;

  static const core::Schema<PcieRate>& schema();
};

struct UnknownPcie {
  double transfers = 0.0;
  std::uint32_t width = 0;

  static const core::Schema<UnknownPcie>& schema();
};

struct NvlinkRate {
  std::uint32_t sm = 0;
  core::Bandwidth per_link;

  static const core::Schema<NvlinkRate>& schema();
};

struct XgmiRate {
  std::string gcn;
  core::Bandwidth per_link;

  static const core::Schema<XgmiRate>& schema();
};

/// A CPU matches where arch and vendor, if stated, are equal and family and model are in range.
struct SocketRate {
  std::string name;
  std::string arch;
  std::string vendor;
  std::optional<std::uint32_t> family;
  std::uint32_t model_from = 0;
  std::optional<std::uint32_t> model_to;
  core::Bandwidth rate;

  static const core::Schema<SocketRate>& schema();
};

struct ImportLatencies {
  core::Seconds nvlink;
  core::Seconds pcie;
  core::Seconds cpu;

  static const core::Schema<ImportLatencies>& schema();
};

/// What identifies a CPU; numbers are absent where the file has none.
struct CpuIdentity {
  std::string arch;
  std::string vendor;
  std::optional<std::int64_t> family;
  std::optional<std::int64_t> model;
};

struct NcclRates {
  std::vector<PcieRate> pcie;
  UnknownPcie unknown_pcie;
  std::vector<NvlinkRate> nvlink;
  std::vector<XgmiRate> xgmi;
  std::vector<SocketRate> socket;
  core::Bandwidth local;
  core::Bandwidth unknown_net;
  ImportLatencies latency;

  static const core::Schema<NcclRates>& schema();

  /// `width` lanes at `transfers` GT/s; nullopt where no row has this speed. The class is called
  /// nccl_pcie4_x16.
  [[nodiscard]] std::optional<LinkClass> pcie_class(double transfers, std::uint32_t width) const;

  /// One NVLink of a GPU of compute capability `sm` (90 is 9.0): nccl_nvlink_sm90.
  [[nodiscard]] LinkClass nvlink_class(std::int64_t sm) const;

  /// One xGMI link of a GPU of architecture `gcn` (gfx942, or 942): nccl_xgmi_942.
  [[nodiscard]] LinkClass xgmi_class(std::string_view gcn) const;

  /// Between a CPU and its neighbours: nccl_socket_skylake.
  [[nodiscard]] LinkClass socket_class(const CpuIdentity& cpu) const;

  /// Links without a limit that the library knows: nccl_local.
  [[nodiscard]] LinkClass local_class() const;
};

/// Reads the file; nullopt after a diagnostic.
[[nodiscard]] std::optional<NcclRates> load_nccl_rates(const std::filesystem::path& file,
                                                       core::Diagnostics& diagnostics,
                                                       core::Provenance* provenance = nullptr);

}  // namespace plumbline::topology::imports
