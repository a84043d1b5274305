// SPDX-License-Identifier: Apache-2.0
#include "workload/calibration_record.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
#include "workload/size_regime.hpp"

namespace plumbline::workload {
namespace {

void check_margins(const core::Cursor& cursor, const Margins& margins) {
  for (const double margin : {margins.small, margins.middle, margins.large}) {
    if (margin != 0.0 && !(margin >= 1.0)) {
      cursor.error("PL-W023", fmt::format("a margin of {} is impossible", margin),
                   "it is a factor of at least 1; 0 where it is not known");
      return;
    }
  }
}

}  // namespace

const core::Schema<FittedSet>& FittedSet::schema() {
  static const auto s =
      core::Schema<FittedSet>("measured set that was fitted on")
          .required("set", &FittedSet::set, "its name")
          .optional("from", &FittedSet::source, "who measured it, where")
          .optional("licence", &FittedSet::licence, "of its numbers; empty: none stated")
          .required("points", &FittedSet::points, "that were fitted on");
  return s;
}

const core::Schema<FittedNumber>& FittedNumber::schema() {
  static const auto s =
      core::Schema<FittedNumber>("fitted number")
          .required("name", &FittedNumber::name, "its place in this file")
          .required("low", &FittedNumber::low, "of its 95 % interval")
          .required("high", &FittedNumber::high, "of its 95 % interval")
          .required("relative_error", &FittedNumber::relative_error, "relative standard error")
          .optional("remark", &FittedNumber::note, "at a bound, undetermined or dropped");
  return s;
}

const core::Schema<CurveError>& CurveError::schema() {
  static const auto s =
      core::Schema<CurveError>("error on one measured curve")
          .required("curve", &CurveError::curve, "set, collective, nodes and ranks")
          .required("system", &CurveError::system, "the machine")
          .required("points", &CurveError::points, "sizes")
          .choice("use", &CurveError::use, "whether the fit saw it", {"fitted", "scored"})
          .required("error", &CurveError::error, "mean |predicted/measured - 1|")
          .optional("left_out", &CurveError::left_out,
                    "the same, fitted without this curve; 0: not known", "0");
  return s;
}

const core::Schema<Correlation>& Correlation::schema() {
  static const auto s =
      core::Schema<Correlation>("correlation of two numbers")
          .required("first", &Correlation::first, "a number's name")
          .required("second", &Correlation::second, "another's")
          .required("correlation", &Correlation::correlation, "of their logarithms");
  return s;
}

const core::Schema<Margins>& Margins::schema() {
  static const auto s =
      core::Schema<Margins>("90 % prediction intervals, as factors; 0: not known")
          .optional("small", &Margins::small, "sizes below 64 KiB", "0")
          .optional("middle", &Margins::middle, "sizes between", "0")
          .optional("large", &Margins::large, "sizes above 16 MiB", "0")
          .optional("groups", &Margins::groups, "measured curves that they come from", "0")
          .check(check_margins);
  return s;
}

const core::Schema<CalibrationRecord>& CalibrationRecord::schema() {
  using R = CalibrationRecord;
  static const auto s =
      core::Schema<R>("calibration that the constants came from")
          .required("plumbline", &R::plumbline, "version that fitted")
          .required("systems", &R::systems, "machines that were fitted on")
          .choice("choose", &R::choose, "how what is `auto` was taken to be chosen",
                  {"nccl_tuner", "fastest"}, "nccl_tuner")
          .required("fitted_on", &R::fitted_on, "measured sets")
          .optional("numbers", &R::numbers, "how well each fitted number is known")
          .optional("errors", &R::errors, "by measured curve")
          .optional("margins", &R::margins, "how far measured times lie from predicted ones")
          .optional("correlations", &R::correlations, "above 0.9")
          .optional("unidentified", &R::unidentified, "what the points leave open, in sentences");
  return s;
}

double Margins::of(core::Bytes size) const {
  return size < small_below ? small : size > large_above ? large : middle;
}

bool CalibrationRecord::knows(std::string_view system) const {
  return std::ranges::find(systems, system) != systems.end();
}

std::string yaml_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
    }
    result += c == '\n' ? ' ' : c;
  }
  return result + "\"";
}

std::string to_yaml(const CalibrationRecord& record) {
  std::string text = fmt::format("calibrated:\n  plumbline: {}\n  systems: [{}]\n",
                                 yaml_text(record.plumbline), core::join(record.systems, ", "));
  text += fmt::format("  choose: {}\n  fitted_on:\n", record.choose);
  for (const FittedSet& set : record.fitted_on) {
    text += fmt::format("    - {{set: {}, points: {:g}, licence: {}, from: {}}}\n", set.set,
                        set.points, yaml_text(set.licence), yaml_text(set.source));
  }
  const auto list = [&](std::string_view key, const auto& items, const auto& line) {
    text += items.empty() ? "" : fmt::format("  {}:\n", key);
    for (const auto& item : items) {
      text += fmt::format("    - {}\n", line(item));
    }
  };
  list("numbers", record.numbers, [](const FittedNumber& number) {
    return fmt::format("{{name: {}, low: {}, high: {}, relative_error: {:.3g}{}}}",
                       yaml_text(number.name), number.low, number.high, number.relative_error,
                       number.note.empty() ? std::string() : ", remark: " + yaml_text(number.note));
  });
  const Margins& margins = record.margins;
  text += fmt::format("  margins: {{small: {:.4g}, middle: {:.4g}, large: {:.4g}, groups: {:g}}}\n",
                      margins.small, margins.middle, margins.large, margins.groups);
  list("errors", record.errors, [](const CurveError& error) {
    return fmt::format(
        "{{curve: {}, system: {}, points: {:g}, use: {}, error: {:.3g}, left_out: {:.3g}}}",
        yaml_text(error.curve), error.system, error.points, error.use, error.error, error.left_out);
  });
  list("correlations", record.correlations, [](const Correlation& pair) {
    return fmt::format("{{first: {}, second: {}, correlation: {:.3f}}}", yaml_text(pair.first),
                       yaml_text(pair.second), pair.correlation);
  });
  list("unidentified", record.unidentified,
       [](const std::string& sentence) { return yaml_text(sentence); });
  return text;
}

}  // namespace plumbline::workload
