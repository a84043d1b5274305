// SPDX-License-Identifier: Apache-2.0
// What a constants file says of the calibration that it came from: on what it was fitted, how well
// each number is known, how far its predictions were off. Read and written by one description.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/cursor.hpp"
#include "core/quantity.hpp"
#include "core/schema.hpp"

namespace plumbline::workload {

/// A measured set that was fitted on.
struct FittedSet {
  std::string set;
  std::string source;
  std::string licence;
  double points = 0.0;

  static const core::Schema<FittedSet>& schema();
};

/// How well one number is known. Texts, with the units of the constant.
struct FittedNumber {
  std::string name;  ///< its place in the file: `protocols.ll.net.step_latency`
  std::string low;   ///< of the 95 % interval
  std::string high;
  double relative_error = 0.0;  ///< standard error of the number's logarithm
  std::string note;             ///< at a bound, undetermined, dropped; empty otherwise

  static const core::Schema<FittedNumber>& schema();
};

/// Mean |predicted - measured| / measured over one measured curve.
struct CurveError {
  std::string curve;
  std::string system;
  double points = 0.0;
  std::string use;        ///< `fitted`, or `scored`: seen by no fit
  double error = 0.0;     ///< of the constants in the file
  double left_out = 0.0;  ///< of constants fitted without the curve; zero: not known

  static const core::Schema<CurveError>& schema();
};

/// Two numbers that the points can hardly tell apart.
struct Correlation {
  std::string first;
  std::string second;
  double correlation = 0.0;

  static const core::Schema<Correlation>& schema();
};

/// Measured times lie, in nine cases of ten, within the predicted one divided and multiplied by
/// this; by sizes. Zero: not known.
struct Margins {
  double small = 0.0;  ///< below 64 KiB
  double middle = 0.0;
  double large = 0.0;   ///< above 16 MiB
  double groups = 0.0;  ///< measured curves that they come from

  [[nodiscard]] double of(core::Bytes size) const;
  static const core::Schema<Margins>& schema();
};

struct CalibrationRecord {
  std::string plumbline;              ///< version that fitted
  std::vector<std::string> systems;   ///< that were fitted on
  std::string choose = "nccl_tuner";  ///< or `fastest`: how what is `auto` was chosen
  std::vector<FittedSet> fitted_on;
  std::vector<FittedNumber> numbers;
  std::vector<CurveError> errors;
  Margins margins;
  std::vector<Correlation> correlations;  ///< above 0.9
  std::vector<std::string> unidentified;  ///< sentences

  [[nodiscard]] bool knows(std::string_view system) const;
  static const core::Schema<CalibrationRecord>& schema();
};

/// The record as the `calibrated:` section of a constants file, key included.
[[nodiscard]] std::string to_yaml(const CalibrationRecord& record);

/// A text in double quotes that YAML reads back as it is.
[[nodiscard]] std::string yaml_text(std::string_view text);

}  // namespace plumbline::workload
