// SPDX-License-Identifier: Apache-2.0
// The numbers that a calibration may change.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/cursor.hpp"
#include "core/quantity.hpp"
#include "core/schema.hpp"
#include "workload/calibration_record.hpp"
#include "workload/schedule.hpp"

namespace plumbline::workload {

/// The slowest kind of link on a route: decides which software path a library takes. `nvls`:
/// NVLink alone, through switches that add or replicate.
enum class PathClass : std::uint8_t { nvlink, pcie, net, nvls };

inline constexpr std::size_t path_class_count = 4;

[[nodiscard]] std::string_view to_text(PathClass path);

/// Of one link class: effective capacity = nominal × efficiency, latency = nominal + extra.
struct LinkConstants {
  double efficiency = 1.0;
  core::Seconds extra_latency;
};

/// Of one protocol on one path class.
struct StepConstants {
  core::Seconds step_latency;
  double wire_ratio = 1.0;  ///< bytes on the wire per payload byte
  /// Share of step_latency, 0 to 1, for which the sending channel is busy and can't start the next
  /// message: o against o + L of LogGP (Alexandrov et al., SPAA 1995). It matters where pieces
  /// overlap: with one slot they never do.
  double occupancy = 0.0;
};

/// The default-constructed set is the nominal one: no overhead, links at their data-sheet figures.
struct ConstantSet {
  std::string name = "nominal";
  std::map<std::string, LinkConstants, std::less<>> links;  ///< absent class: nominal
  std::array<std::array<StepConstants, path_class_count>, protocol_count>
      steps;  ///< [protocol][path]
  core::Seconds launch;
  std::array<core::Seconds, protocol_count> protocol_launch{};  ///< on top, where it is used
  core::Seconds network_launch;  ///< on top, where a transfer leaves its machine
  std::optional<core::Bandwidth>
      reduction_bandwidth;  ///< of one GPU, in bytes as they come off the wire; absent: no limit
  /// Of one transfer, absent: no limit. A rank's sends on one channel are chained, so it is also
  /// the rate at which a channel sends.
  std::optional<core::Bandwidth> channel_rate;
  /// Of a tree's transfers between machines: bytes on the wire over those of other transfers. A
  /// rank of a tree adds what comes from two and passes it on to a third, which rings don't.
  double tree_ratio = 1.0;
  std::shared_ptr<const CalibrationRecord> calibration{};  ///< that it came from; null: none
};

[[nodiscard]] const core::SchemaInfo& constants_schema();

/// Binds a constants file or map.
[[nodiscard]] std::optional<ConstantSet> read_constants(const core::Cursor& cursor);

/// As a file that read_constants() reads back, to six digits.
[[nodiscard]] std::string to_yaml(const ConstantSet& set);

}  // namespace plumbline::workload
