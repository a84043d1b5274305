// SPDX-License-Identifier: Apache-2.0
// Placement: on which device each rank sits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/cursor.hpp"
#include "core/id.hpp"
#include "topology/fabric.hpp"

namespace plumbline::topology {

using RankId = core::Id<struct RankTag>;
using RankCount = core::Id<struct RankCountTag>;

/// rank → device, and how it came about.
struct Placement {
  std::vector<DeviceId> device_of;
  std::string
      description;  ///< `packed`, `strided {stride: 16}`, `hosts [node1, node0]`, `explicit`, …

  [[nodiscard]] RankCount ranks() const { return RankCount(device_of.size()); }
};

/// `packed`: rank r on endpoint r. `strided {stride: s}`: endpoints 0, s, 2s, …, 1, s+1, … `random
/// {seed}`: a seeded shuffle, the same on every machine. `file: PATH`, which counts from `base`: a
/// device's name a line, from `#` on a comment. `hosts: [node3, node1]`: all endpoints of each of
/// these machines. A list: device names, or, where `packed`, a map or a list is among them,
/// placements to sweep over. `ranks` absent: every endpoint, or all that are listed.
/// More ranks than endpoints, unknown or repeated devices are diagnostics at their place, in the
/// file too; `ranks_at` is where the rank count was written.
[[nodiscard]] std::optional<Placement> read_placement(const std::optional<core::Cursor>& cursor,
                                                      const Fabric& fabric,
                                                      std::optional<RankCount> ranks,
                                                      const core::Cursor& ranks_at,
                                                      const std::filesystem::path& base = {});

/// rank r on endpoint r; `ranks` ≤ endpoints.
[[nodiscard]] Placement packed(const Fabric& fabric, RankCount ranks);

}  // namespace plumbline::topology
