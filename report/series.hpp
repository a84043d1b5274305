// SPDX-License-Identifier: Apache-2.0
// A result set as rows and grids: what the writers share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/result.hpp"

namespace plumbline::report {

/// A sweep axis as numbers where all of its values are quantities of one kind, else as text.
struct Coordinate {
  std::string path;
  std::string unit;  ///< `B`, `s`, `B/s`, `1`; empty: text
  std::vector<std::string> texts;
  std::vector<double> numbers;  ///< SI, one per text; empty: text

  [[nodiscard]] bool is_numeric() const { return !unit.empty(); }

  /// `workload.size_B`: the path with the unit as a suffix, as column names carry it.
  [[nodiscard]] std::string column() const;
};

[[nodiscard]] Coordinate coordinate(const AxisInfo& axis);

/// What one engine, or the measurement, says about one point.
struct Answer {
  std::string engine;  ///< a solver's name, `replay` or `measured`
  core::Seconds time;  ///< of the whole schedule; of a measurement as reported
  std::optional<workload::Terms> terms;
  double reported_share = 1.0;  ///< of `time`, what a measurement of this collective reports

  [[nodiscard]] core::Seconds reported() const { return time * reported_share; }
};

/// In the order predictions, replay, measured; without those that have no time.
[[nodiscard]] std::vector<Answer> answers(const Point& point);

/// Every engine that was asked at some point, in order of first appearance; `replay` and `measured`
/// last.
[[nodiscard]] std::vector<std::string> engines(const ResultSet& result);

[[nodiscard]] const Gap* find_gap(const Point& point, std::string_view of,
                                  std::string_view against);

/// Size over reported time; nothing where the point moves no bytes or takes no time.
[[nodiscard]] std::optional<core::Bandwidth> algorithm_bandwidth(const Point& point,
                                                                 const Answer& answer);

/// The same times nccl-tests' factor of the collective.
[[nodiscard]] std::optional<core::Bandwidth> bus_bandwidth(const Point& point,
                                                           const Answer& answer);

[[nodiscard]] std::string_view to_text(PointStatus status);

/// The swept values of a point, as `workload.size = 1 MiB, workload.ranks = 8`.
[[nodiscard]] std::string label_text(const Point& point);

}  // namespace plumbline::report
