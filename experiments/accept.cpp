// SPDX-License-Identifier: Apache-2.0
#include "experiments/accept.hpp"

#include <set>

#include "core/read.hpp"

namespace plumbline::core {

template <>
struct Reader<experiments::Where> {
  static constexpr bool sweeps = false;
  static constexpr std::string_view type_name = "map of axis: value";
  static constexpr std::string_view json_type = "object";

  static std::optional<experiments::Where> read(const Cursor& cursor) {
    if (!cursor.is_map()) {
      cursor.error("PL-K005", "a map from axis to value is expected here",
                   "e.g. {placement.strided.stride: 16}");
      return std::nullopt;
    }
    experiments::Where where;
    for (const std::string& key : cursor.keys()) {
      const std::optional<std::string> value = core::read<std::string>(*cursor.find(key));
      if (!value) {
        return std::nullopt;
      }
      where.emplace(key, *value);
    }
    return where;
  }
};

}  // namespace plumbline::core

namespace plumbline::experiments {
namespace {

using core::Cursor;

void check_gap(const Cursor& cursor, const GapLimit& limit) {
  if (!limit.median && !limit.p95 && !limit.max) {
    cursor.error("PL-A001", "this gap limits nothing", "add median, p95 or max, e.g. p95: 5 %");
  }
}

void check_ratio(const Cursor& cursor, const RatioLimit& limit) {
  if (!limit.at_least && !limit.at_most) {
    cursor.error("PL-A001", "this ratio limits nothing", "add at_least or at_most");
  }
}

const core::Schema<GapLimit>& gap_schema() {
  static const auto schema =
      core::Schema<GapLimit>("limits on a gap between two columns")
          .optional("of", &GapLimit::of, "solver, or replay", "every solver")
          .choice("against", &GapLimit::against, "the column compared with", {"replay", "measured"},
                  "replay")
          .optional("median", &GapLimit::median, "largest median of |gap|")
          .optional("p95", &GapLimit::p95, "largest 95th percentile of |gap|")
          .optional("max", &GapLimit::max, "largest |gap|")
          .check(check_gap);
  return schema;
}

const core::Schema<Expectation>& expectation_schema() {
  static const auto schema =
      core::Schema<Expectation>("a time that theory gives")
          .required("of", &Expectation::of, "replay, or a solver's name")
          .required("time", &Expectation::time, "the expected time")
          .required("within", &Expectation::within, "largest relative difference")
          .optional("where", &Expectation::where, "the points meant", "all");
  return schema;
}

const core::Schema<RatioLimit>& ratio_schema() {
  static const auto schema =
      core::Schema<RatioLimit>("limits on the ratio of two replays")
          .required("of", &RatioLimit::of, "axis values of the numerator")
          .required("over", &RatioLimit::over, "axis values of the denominator")
          .optional("at_least", &RatioLimit::at_least, "smallest ratio")
          .optional("at_most", &RatioLimit::at_most, "largest ratio")
          .check(check_ratio);
  return schema;
}

/// One map, or a list of them.
template <class T>
std::vector<T> read_some(const Cursor& root, std::string_view key, const core::Schema<T>& schema) {
  std::vector<T> result;
  const std::optional<Cursor> at = root.find(key);
  if (!at) {
    return result;
  }
  const std::vector<Cursor> items = at->is_sequence() ? at->items() : std::vector{*at};
  for (const Cursor& item : items) {
    if (std::optional<T> value = schema.bind(item)) {
      value->at = item.span();
      result.push_back(std::move(*value));
    }
  }
  return result;
}

core::FieldInfo field(std::string key, std::string type, std::string doc,
                      const core::SchemaInfo* nested) {
  core::FieldInfo info;
  info.key = std::move(key);
  info.type = std::move(type);
  info.json_type = nested != nullptr ? "object" : "string";
  info.doc = std::move(doc);
  if (nested != nullptr) {
    info.nested = std::make_shared<const core::SchemaInfo>(*nested);
  } else {
    info.choices = {"never_violated"};
  }
  return info;
}

struct AcceptKeys {};

}  // namespace

const core::SchemaInfo& accept_schema() {
  static const auto schema =
      core::Schema<AcceptKeys>("what must hold for the answer to stand")
          .also(field("bounds", "name", "every replay lies within its certified bounds", nullptr))
          .also(field("gap", "map, or list of maps", "limits on gaps", &gap_schema()))
          .also(field("expect", "map, or list of maps", "times that theory gives",
                      &expectation_schema()))
          .also(field("ratio", "map, or list of maps", "limits on ratios between points",
                      &ratio_schema()));
  return schema;
}

std::optional<Acceptance> read_accept(const Cursor& cursor) {
  if (!cursor.is_map()) {
    cursor.error("PL-K005", "a map of conditions is expected here",
                 "e.g. accept: {bounds: never_violated}");
    return std::nullopt;
  }
  cursor.reject_unknown(accept_schema().keys());
  Acceptance accept;
  if (const std::optional<Cursor> bounds = cursor.find("bounds")) {
    accept.bounds = core::read_choice(*bounds, {"never_violated"}, "bounds").has_value();
  }
  accept.gaps = read_some(cursor, "gap", gap_schema());
  accept.expect = read_some(cursor, "expect", expectation_schema());
  accept.ratios = read_some(cursor, "ratio", ratio_schema());
  return accept;
}

}  // namespace plumbline::experiments
