// SPDX-License-Identifier: Apache-2.0
#include "core/axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "core/text.hpp"

namespace plumbline::core {
namespace {

constexpr std::size_t most_values = 100'000;
constexpr double slack = 1e-9;                         // `to` is reached in spite of rounding
constexpr double exact_integers = 9007199254740992.0;  // 2^53

void report(const Cursor& at, const UnitError& error) {
  SourceSpan where = at.span();
  where.column += static_cast<int>(error.offset) + (at.quoted() ? 1 : 0);
  at.diagnostics().error(error.code, where, error.message, error.hint);
}

void single_value_expected(const Cursor& at) {
  at.error("PL-K003", fmt::format("a single value is expected here, not a {}",
                                  at.is_sequence() ? "list" : "map"));
}

// A null, a list or a map is reported; so is a text that `type` refuses.
bool check_plain(const Cursor& at, const ScalarType& type) {
  if (at.is_null()) {
    at.error("PL-K006", "a value is missing here");
    return false;
  }
  if (!at.is_scalar()) {
    single_value_expected(at);
    return false;
  }
  if (const auto error = type.check(at.text())) {
    report(at, *error);
    return false;
  }
  return true;
}

std::optional<std::vector<std::string>> list_values(const Cursor& list, const ScalarType& type) {
  const std::vector<Cursor> items = list.items();
  if (items.empty()) {
    list.error("PL-K010", "the list is empty", "give at least one value");
    return std::nullopt;
  }
  if (items.size() > most_values) {
    list.error("PL-V005", fmt::format("more than {} values", most_values));
    return std::nullopt;
  }
  std::vector<std::string> values;
  bool good = true;
  for (const Cursor& item : items) {
    good = check_plain(item, type) && good;
    values.push_back(item.text());
  }
  return good ? std::optional(std::move(values)) : std::nullopt;
}

/// {from, to, factor|step|count}, in the type's own unit.
struct Range {
  double from = 0.0;
  double to = 0.0;
  double factor = 0.0;
  double step = 0.0;
  std::uint64_t count = 0;
};

std::optional<double> range_number(const Cursor& map, std::string_view key,
                                   const ScalarType& type) {
  const auto at = map.require(key);
  if (!at || !check_plain(*at, type)) {
    return std::nullopt;
  }
  const auto value = type.number(at->text());
  if (value && type.whole && *value > exact_integers) {
    at->error("PL-V003", "a range of counts ends at 2^53");
    return std::nullopt;
  }
  return value;
}

// How the range advances: exactly one of factor, step and count.
bool read_advance(const Cursor& map, const ScalarType& type, Range& range) {
  const std::array<std::string, 3> ways = {"factor", "step", "count"};
  std::vector<Cursor> given;
  for (const std::string& way : ways) {
    if (const auto at = map.find(way)) {
      given.push_back(*at);
    }
  }
  if (given.size() != 1) {
    (given.empty() ? map : given[1])
        .error("PL-K011", "a range takes exactly one of factor, step and count",
               "factor: 2 multiplies, step adds, count spaces that many values");
    return false;
  }
  const Cursor& at = given[0];
  if (map.find("step")) {
    range.step = range_number(map, "step", type).value_or(-1.0);
    if (range.step == 0.0) {
      at.error("PL-V004", "the step must be larger than zero");
    }
    return range.step > 0.0;
  }
  if (map.find("factor")) {
    range.factor = parse_number(at.text()).value_or(0.0);
    if (!at.is_scalar() || range.factor <= 1.0) {
      at.error("PL-V004", "the factor must be a number larger than 1");
      return false;
    }
    return true;
  }
  range.count = parse_count(at.text()).value_or(0);
  if (!at.is_scalar() || range.count < 2) {
    at.error("PL-V004", "the count must be a whole number of at least 2");
    return false;
  }
  return true;
}

// nullopt above the largest number of values.
std::optional<std::vector<double>> spread(const Range& range) {
  std::vector<double> values;
  if (range.count > most_values) {
    return std::nullopt;
  }
  for (std::uint64_t i = 0; range.count != 0 && i + 1 < range.count; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(range.count - 1);
    values.push_back(range.from > 0.0 ? range.from * std::pow(range.to / range.from, share)
                                      : range.from + (range.to - range.from) * share);
  }
  if (range.count != 0) {
    values.push_back(range.to);
    return values;
  }
  for (std::size_t i = 0;; ++i) {
    const auto n = static_cast<double>(i);
    const double value =
        range.step > 0.0 ? range.from + n * range.step : range.from * std::pow(range.factor, n);
    if (value > range.to * (1.0 + slack)) {
      return values;
    }
    if (values.size() == most_values) {
      return std::nullopt;
    }
    const bool is_end = value >= range.to * (1.0 - slack);
    values.push_back(is_end ? range.to : value);
  }
}

std::optional<std::vector<std::string>> range_values(const Cursor& map, const ScalarType& type) {
  map.reject_unknown({"from", "to", "factor", "step", "count"});
  Range range;
  const auto from = range_number(map, "from", type);
  const auto to = range_number(map, "to", type);
  if (!read_advance(map, type, range) || !from || !to) {
    return std::nullopt;
  }
  range.from = *from;
  range.to = *to;
  if (range.from > range.to) {
    map.find("from")->error("PL-V004", "the range ends before it starts");
    return std::nullopt;
  }
  if (range.factor > 0.0 && range.from <= 0.0) {
    map.find("from")->error("PL-V004", "a range with a factor must start above zero");
    return std::nullopt;
  }
  const auto numbers = spread(range);
  if (!numbers) {
    map.error("PL-V005", fmt::format("the range has more than {} values", most_values));
    return std::nullopt;
  }
  std::vector<std::string> values;
  for (const double number : *numbers) {
    std::string text = type.write(type.whole ? std::round(number) : number);
    if (values.empty() || values.back() != text) {  // rounded counts can coincide
      values.push_back(std::move(text));
    }
  }
  return values;
}

bool is_range(const Cursor& at, const ScalarType& type) {
  return type.number && at.is_map() && (at.find("from") || at.find("to"));
}

// The value chosen on the axis at `at`. An axis met before was checked then: reading it once per
// point must not cost its length each time.
std::optional<std::string> choose(const Cursor& at, const ScalarType& type) {
  Axes& axes = *at.axes();
  const auto known = std::find_if(axes.all().begin(), axes.all().end(),
                                  [&](const Axis& axis) { return axis.path == at.path(); });
  if (known != axes.all().end()) {
    const std::size_t chosen = axes.choose(known->path, known->where, known->values);
    return known->values[chosen];
  }
  const auto values = at.is_sequence() ? list_values(at, type) : range_values(at, type);
  if (!values) {
    return std::nullopt;
  }
  return (*values)[axes.choose(at.path(), at.span(), *values)];
}

}  // namespace

std::optional<ScalarText> resolve_scalar(const Cursor& cursor, const ScalarType& type) {
  Cursor at = cursor;
  if (const auto value = cursor.find("value")) {
    cursor.reject_unknown({"value"});
    at = *value;
  }
  std::string text = at.text();
  if (at.is_sequence() || is_range(at, type)) {
    if (at.axes() == nullptr) {
      single_value_expected(at);
      return std::nullopt;
    }
    auto chosen = choose(at, type);
    if (!chosen) {
      return std::nullopt;
    }
    text = std::move(*chosen);
  } else if (!check_plain(at, type)) {
    return std::nullopt;
  }
  return ScalarText{std::move(text), at.span(), cursor.path(), at.source(), at.verified()};
}

}  // namespace plumbline::core
