// SPDX-License-Identifier: Apache-2.0
// What a calibration hands to tables, files and plots. Plain data, filled by experiments/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "report/writers.hpp"
#include "workload/constants.hpp"

namespace plumbline::report {

/// A constant and how well it is known; times in seconds.
struct FittedConstant {
  std::string name;  ///< its place in a constants file
  std::string value_text;
  std::string low_text;
  std::string high_text;
  std::string unit;  ///< `s`, or empty
  double value = 0.0;
  double low = 0.0;  ///< of the 95 % interval
  double high = 0.0;
  double relative_error = 0.0;  ///< standard error of the logarithm
  bool dropped = false;         ///< held where it has no effect: it earned nothing
  std::string note;
};

struct CalibratedPoint {
  core::Bytes size;
  core::Seconds measured;
  core::Seconds predicted;
  core::Seconds low;  ///< of the 90 % interval; zero and infinity where none is known
  core::Seconds high;
  core::Seconds speed_of_light;
  std::optional<core::Seconds> fitted_null;       ///< two lines fitted to this very curve
  std::optional<core::Seconds> transferred_null;  ///< two lines of the nearest other fitted curve
  std::optional<core::Seconds> tuner;             ///< nccl_tuner, uncalibrated
  std::string schedule;                           ///< that is the fastest: `ring, ll, 8 channels`

  [[nodiscard]] bool beats_light() const { return measured < speed_of_light; }
};

struct CalibratedCurve {
  std::string label;
  std::string system;
  std::string set;
  std::string collective;
  std::uint32_t nodes = 0;
  std::uint32_t ranks = 0;
  bool fitted = true;                    ///< false: no fit has seen it
  std::vector<CalibratedPoint> points;   ///< by size
  std::optional<double> left_out_error;  ///< mean error of fits without this curve
};

/// Mean |time/measured - 1| over the points; nothing where one of them has no time.
using TimeOf = std::optional<core::Seconds> (*)(const CalibratedPoint&);
[[nodiscard]] std::optional<double> mean_error(const CalibratedCurve& curve, TimeOf time);

/// Median of predicted/measured - 1 over the points of a regime (`small`, `middle`, `large`).
[[nodiscard]] std::optional<double> median_gap(const CalibratedCurve& curve,
                                               std::string_view regime);

/// Share of the points inside of their interval; nothing where there are no intervals.
[[nodiscard]] std::optional<double> coverage(const CalibratedCurve& curve);

/// A measurement that would narrow what is known least.
struct Suggestion {
  std::string command;  ///< of nccl-tests
  std::string target;   ///< a parameter or a combination of some
  double before = 0.0;  ///< factor of the 95 % interval of the target
  double after = 0.0;   ///< with this and all suggestions before it
};

struct Calibration {
  std::string plumbline;  ///< version
  std::vector<FittedConstant> constants;
  workload::ConstantSet fitted;  ///< with its record
  std::vector<CalibratedCurve> curves;
  std::vector<workload::FittedSet> sources;
  std::vector<std::string> decisions;  ///< which constants earned their place
  std::vector<std::string> open;       ///< what the points leave open
  std::vector<std::string> residuals;  ///< structure that noise would not leave
  std::vector<std::string> margins;    ///< where intervals come from
  std::vector<Suggestion> suggestions;
  std::vector<std::string> notes;
  std::string intervals;  ///< how the constants' intervals were found
  std::string fit;        ///< how the fit ended, in words
  std::uint32_t free_parameters = 0;
};

/// For people: constants, curves, what is open, what is structured, what to measure next.
[[nodiscard]] std::string to_table(const Calibration& calibration, const TableStyle& style);

/// One JSON document, schema `plumbline.calibration/1`; SI units, stable order.
[[nodiscard]] std::string to_json(const Calibration& calibration);

/// A constants file with its record; the same bytes for the same inputs.
[[nodiscard]] std::string to_constants_file(const Calibration& calibration);

/// One curve as a picture: measured points, prediction and its band, null model, residuals.
[[nodiscard]] std::string to_svg(const CalibratedCurve& curve);

}  // namespace plumbline::report
