// SPDX-License-Identifier: Apache-2.0
// What a PCIe link carries, from its generation and width, and how much of that is payload.
#pragma once

#include <optional>
#include <string>

#include "core/cursor.hpp"
#include "core/quantity.hpp"
#include "core/schema.hpp"

namespace plumbline::topology {

struct PcieRate {
  core::Bandwidth raw;      ///< of one direction after line coding
  double efficiency = 1.0;  ///< payload in it; 1 where no packet is stated
  std::string coding;       ///< `32 GT/s × 16 lanes × 128/130`
  std::string packet;       ///< `256 B of payload in 280 B`; empty where none is stated

  [[nodiscard]] core::Bandwidth bandwidth() const { return raw * efficiency; }

  /// Each figure and what it follows from, for people; ends with a line end.
  [[nodiscard]] std::string description() const;
};

/// Keys and docs of the map `pcie:` of a link class.
[[nodiscard]] const core::SchemaInfo& pcie_rate_schema();

/// Binds that map; nullopt after diagnostics.
[[nodiscard]] std::optional<PcieRate> read_pcie_rate(const core::Cursor& cursor);

}  // namespace plumbline::topology
