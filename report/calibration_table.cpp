// SPDX-License-Identifier: Apache-2.0
// A calibration for people, in parts that fit a screen each.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "report/calibration.hpp"
#include "report/table_parts.hpp"

namespace plumbline::report {
namespace {

std::string percent(const std::optional<double>& share) {
  return share ? fmt::format("{:.1f}", 100.0 * *share) : std::string("-");
}

std::string signed_cell(const std::optional<double>& gap) {
  return gap ? fmt::format("{:+.1f}", 100.0 * *gap) : std::string("-");
}

std::optional<core::Seconds> ours(const CalibratedPoint& point) {
  return point.predicted;
}

std::optional<core::Seconds> fitted_null(const CalibratedPoint& point) {
  return point.fitted_null;
}

std::optional<core::Seconds> transferred_null(const CalibratedPoint& point) {
  return point.transferred_null;
}

std::optional<core::Seconds> tuner(const CalibratedPoint& point) {
  return point.tuner;
}

/// A heading and its sentences, each wrapped; nothing where there are none.
std::string sentences(const std::string& heading, const std::vector<std::string>& items,
                      const TableStyle& style) {
  if (items.empty()) {
    return {};
  }
  std::string text = "\n" + bold(heading, style) + "\n";
  for (const std::string& item : items) {
    text += wrapped(item, 2) + "\n";
  }
  return text;
}

std::string constants_part(const Calibration& calibration, const TableStyle& style) {
  std::size_t width = 4;
  for (const FittedConstant& constant : calibration.constants) {
    width = std::max(width, constant.name.size());
  }
  std::string text = bold(fmt::format("Constants: {} fitted, 95 % intervals ({})",
                                      calibration.free_parameters, calibration.intervals),
                          style) +
                     "\n";
  text +=
      fmt::format("  {:<{}} {:>10} {:>10} {:>10} {:>7}\n", "", width, "value", "from", "to", "±%");
  for (const FittedConstant& constant : calibration.constants) {
    const bool known = !constant.dropped;
    const std::string line = fmt::format(
        "  {:<{}} {:>10} {:>10} {:>10} {:>7}  {}", constant.name, width, constant.value_text,
        known ? constant.low_text : "-", known ? constant.high_text : "-",
        known ? fmt::format("{:.1f}", 100.0 * constant.relative_error) : "-", constant.note);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string curves_part(const Calibration& calibration, const TableStyle& style) {
  std::size_t width = 5;
  for (const CalibratedCurve& curve : calibration.curves) {
    width = std::max(width, curve.label.size());
  }
  std::string text = "\n" + bold("Curves: mean error and median gaps in %", style) + "\n";
  text +=
      fmt::format("  {:<{}} {:>6} | {:>5} {:>8} {:>5} {:>8} {:>5} | {:>6} {:>6} {:>6} | {:>6}\n",
                  "", width, "points", "ours", "left out", "null", "transfer", "tuner", "small",
                  "middle", "large", "inside");
  for (const bool fitted : {true, false}) {
    bool first = true;
    for (const CalibratedCurve& curve : calibration.curves) {
      if (curve.fitted != fitted) {
        continue;
      }
      if (first && !fitted) {
        text += "  scored: seen by no fit\n";
      }
      first = false;
      text += fmt::format(
          "  {:<{}} {:>6} | {:>5} {:>8} {:>5} {:>8} {:>5} | {:>6} {:>6} {:>6} | {:>6}\n",
          curve.label, width, curve.points.size(), percent(mean_error(curve, ours)),
          percent(curve.left_out_error), percent(mean_error(curve, fitted_null)),
          percent(mean_error(curve, transferred_null)), percent(mean_error(curve, tuner)),
          signed_cell(median_gap(curve, "small")), signed_cell(median_gap(curve, "middle")),
          signed_cell(median_gap(curve, "large")), percent(coverage(curve)));
    }
  }
  return text +
         "  left out: fitted without this curve; null: two lines fitted to the very curve; "
         "transfer: those of the\n  nearest other fitted curve, scaled; tuner: nccl_tuner, "
         "uncalibrated; gaps: predicted over measured, below\n  64 KiB, between, above 16 MiB; "
         "inside: points in their 90 % interval\n";
}

std::string open_part(const Calibration& calibration, const TableStyle& style) {
  std::vector<std::string> items = calibration.open;
  if (calibration.fitted.calibration != nullptr) {
    for (const workload::Correlation& pair : calibration.fitted.calibration->correlations) {
      items.push_back(fmt::format("{} and {} hardly tell apart: correlation {:+.2f}", pair.first,
                                  pair.second, pair.correlation));
    }
  }
  if (items.empty()) {
    items.emplace_back("nothing: every combination is known within a factor of 2");
  }
  return sentences("What the points leave open", items, style);
}

std::string next_part(const Calibration& calibration, const TableStyle& style) {
  if (calibration.suggestions.empty()) {
    return {};
  }
  std::string text = "\n" +
                     bold(fmt::format("What to measure next, to know better: {}",
                                      calibration.suggestions.front().target),
                          style) +
                     "\n";
  for (const Suggestion& suggestion : calibration.suggestions) {
    text += fmt::format("  {}   (known within a factor of {:.3g} instead of {:.3g})\n",
                        suggestion.command, suggestion.after, suggestion.before);
  }
  return text;
}

}  // namespace

std::string to_table(const Calibration& calibration, const TableStyle& style) {
  std::vector<std::string> sources;
  for (const workload::FittedSet& source : calibration.sources) {
    sources.push_back(fmt::format("{}: {:g} points; {}; licence: {}", source.set, source.points,
                                  source.source.empty() ? "no source stated" : source.source,
                                  source.licence.empty() ? "none stated" : source.licence));
  }
  return constants_part(calibration, style) +
         sentences("What earns its place", calibration.decisions, style) +
         curves_part(calibration, style) + open_part(calibration, style) +
         sentences("Structure in the residuals", calibration.residuals, style) +
         sentences("90 % prediction intervals", calibration.margins, style) +
         next_part(calibration, style) + sentences("Fitted on", sources, style) +
         sentences("Notes", calibration.notes, style);
}

}  // namespace plumbline::report
