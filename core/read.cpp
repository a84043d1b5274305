// SPDX-License-Identifier: Apache-2.0
#include "core/read.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <type_traits>

#include "core/axis.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

namespace plumbline::core {
namespace {

template <class T>
struct Tag {};

Parsed<Bytes> parse(std::string_view text, Tag<Bytes> /*type*/) {
  return parse_bytes(text);
}

Parsed<Seconds> parse(std::string_view text, Tag<Seconds> /*type*/) {
  return parse_seconds(text);
}

Parsed<Bandwidth> parse(std::string_view text, Tag<Bandwidth> /*type*/) {
  return parse_bandwidth(text);
}

Parsed<Flop> parse(std::string_view text, Tag<Flop> /*type*/) {
  return parse_flop(text);
}

Parsed<FlopRate> parse(std::string_view text, Tag<FlopRate> /*type*/) {
  return parse_flop_rate(text);
}

Parsed<Fraction> parse(std::string_view text, Tag<Fraction> /*type*/) {
  return parse_fraction(text);
}

Parsed<double> parse(std::string_view text, Tag<double> /*type*/) {
  if (const auto value = parse_number(text)) {
    return *value;
  }
  const std::size_t length = number_prefix(text);
  if (length > 0 && length < text.size()) {
    const std::optional<double> number = parse_number(text.substr(0, length));
    if (number && text.find_first_not_of(" %", length) == std::string_view::npos) {
      return UnitError{fmt::format("'{}' is not a plain number", text),
                       fmt::format("write '{:g}'", *number / 100.0), length, "PL-V001"};
    }
    return UnitError{fmt::format("'{}' is not a plain number", text),
                     fmt::format("write '{}': this number has no unit", text.substr(0, length)),
                     length, "PL-V001"};
  }
  return UnitError{fmt::format("'{}' is not a number", text), "write e.g. '2.5' or '1e6'", 0,
                   "PL-V001"};
}

UnitError not_a_count(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string message = fmt::format("'{}' is not a whole number", text);
  const std::size_t first = text.find_first_not_of('0');
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_digit)) {
    return text.front() == '0'
               ? UnitError{message + " as we write it",
                           fmt::format("write '{}', without leading zeros",
                                       first == std::string_view::npos ? "0" : text.substr(first)),
                           0, "PL-V002"}
               : UnitError{fmt::format("'{}' is too large", text), "it must be below 2^64", 0,
                           "PL-V003"};
  }
  const auto number = parse_number(text);
  if (number && *number < 0.0) {
    return {fmt::format("'{}' is negative, and a count can't be", text), {}, 0, "PL-V003"};
  }
  if (number && *number == std::floor(*number) && *number < 1e15) {
    return {message + " as we write it", fmt::format("write '{:.0f}'", *number), 0, "PL-V002"};
  }
  return {message, "write digits only, such as '8'", 0, "PL-V002"};
}

Parsed<std::uint64_t> parse(std::string_view text, Tag<std::uint64_t> /*type*/) {
  const auto count = parse_count(text);
  return count ? Parsed<std::uint64_t>(*count) : not_a_count(text);
}

Parsed<std::uint32_t> parse(std::string_view text, Tag<std::uint32_t> /*type*/) {
  const auto count = parse_count(text);
  if (!count) {
    return not_a_count(text);
  }
  if (*count > std::numeric_limits<std::uint32_t>::max()) {
    return UnitError{fmt::format("'{}' is too large", text), "it must be below 2^32", 0, "PL-V003"};
  }
  return static_cast<std::uint32_t>(*count);
}

Parsed<bool> parse(std::string_view text, Tag<bool> /*type*/) {
  if (text == "true" || text == "false") {
    return text == "true";
  }
  return UnitError{fmt::format("'{}' is neither true nor false", text), "write 'true' or 'false'",
                   0, "PL-V006"};
}

Parsed<std::string> parse(std::string_view text, Tag<std::string> /*type*/) {
  return std::string(text);
}

template <class T>
constexpr bool is_number = !std::is_same_v<T, bool> && !std::is_same_v<T, std::string>;

template <class T>
double to_double(T value) {
  if constexpr (requires { value.si(); }) {
    return value.si();
  } else if constexpr (std::is_same_v<T, Fraction>) {
    return value.value;
  } else {
    return static_cast<double>(value);
  }
}

template <class T>
std::string write(double value) {
  if constexpr (requires { T::from_si(value); }) {
    return format(T::from_si(value));
  } else if constexpr (std::is_same_v<T, Fraction>) {
    return format(Fraction{value});
  } else if constexpr (std::is_integral_v<T>) {
    return fmt::format("{:.0f}", value);
  } else {
    return fmt::format("{}", value);
  }
}

template <class T>
ScalarType scalar_type() {
  ScalarType type;
  type.check = [](std::string_view text) -> std::optional<UnitError> {
    Parsed<T> value = parse(text, Tag<T>{});
    return value.index() == 0 ? std::nullopt : std::optional(std::get<1>(std::move(value)));
  };
  if constexpr (is_number<T>) {
    type.number = [](std::string_view text) {
      const Parsed<T> value = parse(text, Tag<T>{});
      return value.index() == 0 ? std::optional(to_double(std::get<0>(value))) : std::nullopt;
    };
    type.write = write<T>;
    type.whole = std::is_integral_v<T>;
  }
  return type;
}

template <class T>
std::optional<T> read_scalar(const Cursor& cursor) {
  static const ScalarType type = scalar_type<T>();
  auto found = resolve_scalar(cursor, type);
  if (!found) {
    return std::nullopt;
  }
  Parsed<T> value = parse(found->text, Tag<T>{});
  Provenance* provenance = cursor.reading().provenance;
  if (is_number<T> && provenance != nullptr) {
    provenance->push_back({std::move(found->path), std::move(found->text), std::move(found->source),
                           found->verified, std::move(found->where)});
  }
  return std::get<0>(std::move(value));
}

}  // namespace

#define PLUMBLINE_READER(Type, name, json)                       \
  std::optional<Type> Reader<Type>::read(const Cursor& cursor) { \
    return read_scalar<Type>(cursor);                            \
  }                                                              \
  const std::string_view Reader<Type>::type_name = name;         \
  const std::string_view Reader<Type>::json_type = json;
PLUMBLINE_READER(Bytes, "bytes", "string")
PLUMBLINE_READER(Seconds, "time", "string")
PLUMBLINE_READER(Bandwidth, "bandwidth", "string")
PLUMBLINE_READER(Flop, "work", "string")
PLUMBLINE_READER(FlopRate, "compute rate", "string")
PLUMBLINE_READER(Fraction, "fraction", "string")
PLUMBLINE_READER(double, "number", "number")
PLUMBLINE_READER(std::uint32_t, "count", "integer")
PLUMBLINE_READER(std::uint64_t, "count", "integer")
PLUMBLINE_READER(bool, "true or false", "boolean")
PLUMBLINE_READER(std::string, "text", "string")
#undef PLUMBLINE_READER

std::optional<std::string> read_choice(const Cursor& cursor,
                                       const std::vector<std::string>& choices,
                                       std::string_view what) {
  ScalarType type;
  type.check = [&](std::string_view text) -> std::optional<UnitError> {
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) {
      return std::nullopt;
    }
    return UnitError{fmt::format("there is no {} '{}'", what, text), suggest(text, choices), 0,
                     "PL-N001"};
  };
  auto found = resolve_scalar(cursor, type);
  return found ? std::optional(std::move(found->text)) : std::nullopt;
}

std::optional<std::size_t> choose_alternative(const Cursor& cursor,
                                              std::vector<std::string> labels) {
  if (labels.empty()) {
    cursor.error("PL-K010", "there is nothing to choose from", "give at least one value");
    return std::nullopt;
  }
  if (cursor.axes() == nullptr) {
    cursor.error("PL-K003", "a single value is expected here, not several");
    return std::nullopt;
  }
  std::map<std::string, std::size_t> seen;
  for (std::string& label : labels) {
    if (const std::size_t count = ++seen[label]; count > 1) {
      label += fmt::format(" ({})", count);
    }
  }
  return cursor.axes()->choose(cursor.path(), cursor.span(), labels);
}

}  // namespace plumbline::core
