// SPDX-License-Identifier: Apache-2.0
#include "core/units.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "core/text.hpp"
#include "core/unit_table.hpp"

namespace plumbline::core {
namespace unit_table {

std::optional<Unit> find_unit(std::string_view text) {
  for (const Base& base : bases) {
    if (!text.ends_with(base.text)) {
      continue;
    }
    const std::string_view front = text.substr(0, text.size() - base.text.size());
    for (const Prefix& prefix : prefixes) {
      if (front == prefix.text && allowed(prefix, base)) {
        return Unit{base.kind, prefix.decimal + base.decimal_shift,
                    prefix.binary + base.binary_shift};
      }
    }
  }
  return std::nullopt;
}

}  // namespace unit_table

namespace {

using unit_table::Base;
using unit_table::Kind;
using unit_table::Prefix;
using unit_table::text_of;
using unit_table::Unit;

// The number times the unit, rounded once: decimal prefixes move the exponent of the text, since
// `1.2 * 1e-6` is not always the double nearest to 1.2e-6; powers of two are exact anyway.
std::optional<double> scaled(std::string_view number, const Unit& unit) {
  const std::size_t mark = number.find_first_of("eE");
  std::string text(number.substr(0, mark));
  int exponent = 0;
  if (mark != std::string_view::npos) {
    std::string_view digits = number.substr(mark + 1);
    digits.remove_prefix(digits.starts_with('+') ? 1 : 0);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (error != std::errc{} || std::abs(exponent) > 10'000) {
      return std::nullopt;
    }
  }
  text += fmt::format("e{}", exponent + unit.decimal);
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const double result = std::ldexp(value, unit.binary);
  const bool vanished = value != 0.0 && result == 0.0;
  if (error != std::errc{} || !std::isfinite(result) || vanished) {
    return std::nullopt;
  }
  return result;
}

UnitError not_a_number(std::string_view text, Kind wanted) {
  const std::string example = fmt::format("write e.g. {}", text_of(wanted).examples);
  if (text.empty()) {
    return {fmt::format("{} is missing here", text_of(wanted).name), example, 0, "PL-U004"};
  }
  std::string word(text.substr(text.front() == '-' || text.front() == '+' ? 1 : 0));
  for (char& c : word) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  word = word.starts_with('.') ? word.substr(1) : word;
  if (word.starts_with("inf") || word.starts_with("nan")) {
    return {fmt::format("'{}' is not a finite number", text), example, 0, "PL-U006"};
  }
  const char first = text.front();
  std::string hint = example;
  if (first == '+') {
    hint = "leave the '+' out";
  } else if (first == '.') {
    hint = fmt::format("write '0{}'", text);
  } else if (first == '0') {
    hint = "write the number without leading zeros";
  }
  return {fmt::format("'{}' does not start with a number", text), hint, 0, "PL-U004"};
}

UnitError no_unit(std::string_view number, Kind wanted) {
  std::string hint = fmt::format("write e.g. {}", text_of(wanted).examples);
  const auto value = parse_number(number);
  if (wanted == Kind::fraction && value) {
    hint = fmt::format("write '{:.6g} %' or '{} %'", *value * 100.0, number);
  }
  return {fmt::format("'{}' has no unit, and {} is expected", number, text_of(wanted).name), hint,
          number.size(), "PL-U001"};
}

UnitError wrong_unit(std::string_view number, std::string_view unit, Kind wanted,
                     std::size_t offset) {
  if (unit.front() == ',' || unit.front() == '_' || unit.front() == '\'') {
    return {fmt::format("'{}' can't stand inside a number", unit.front()),
            "write the decimal point as '.', and no separators between digits", offset, "PL-U004"};
  }
  std::string hint = unit_table::unit_hint(number, unit, wanted);
  if (const auto other = unit_table::find_unit(unit)) {
    return {fmt::format("'{}' is a {} unit, but {} is expected", unit, text_of(other->kind).noun,
                        text_of(wanted).name),
            std::move(hint), offset, "PL-U003"};
  }
  return {fmt::format("'{}' is not a {} unit", unit, text_of(wanted).noun), std::move(hint), offset,
          "PL-U002"};
}

Parsed<double> parse(std::string_view text, Kind wanted) {
  const std::size_t length = number_prefix(text);
  if (length == 0) {
    return not_a_number(text, wanted);
  }
  const std::string_view number = text.substr(0, length);
  const std::size_t start = text.find_first_not_of(' ', length);
  if (start == std::string_view::npos) {
    return no_unit(number, wanted);
  }
  const std::string_view name = text.substr(start);
  const auto unit = unit_table::find_unit(name);
  if (!unit || unit->kind != wanted) {
    return wrong_unit(number, name, wanted, start);
  }
  if (number.front() == '-') {
    return UnitError{fmt::format("{} can't be negative", text_of(wanted).name), "leave the '-' out",
                     0, "PL-U005"};
  }
  const auto value = scaled(number, *unit);
  if (!value) {
    return UnitError{fmt::format("'{}' is outside of what a double holds", number),
                     "numbers lie between 1e-308 and 1e308", 0, "PL-U006"};
  }
  return *value;
}

// `digits` × 10^`exponent`, the point behind the first digit: plain near one, else with an
// exponent.
std::string decimal_text(std::string digits, int exponent) {
  constexpr int most_zeros = 4;
  const int count = static_cast<int>(digits.size());
  if (exponent < -most_zeros || exponent >= count + most_zeros) {
    const std::string point = count > 1 ? "." : "";
    return fmt::format("{}{}{}e{}", digits.substr(0, 1), point, digits.substr(1), exponent);
  }
  if (exponent < 0) {
    return "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (whole >= digits.size()) {
    return digits + std::string(whole - digits.size(), '0');
  }
  return digits.insert(whole, ".");
}

// The shortest decimal text of `value` × 10^-`decimal`. Moving the exponent in the text, and not
// the double, is what makes format() the exact inverse of scaled().
std::string number_text(double value, int decimal) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                          std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t mark = text.find('e');
  std::string digits(text.substr(0, 1));
  digits += mark > 2 ? text.substr(2, mark - 2) : "";
  const bool plus = text[mark + 1] == '+';
  int exponent = 0;
  std::from_chars(text.data() + mark + (plus ? 2 : 1), end, exponent);
  return value == 0.0 ? "0" : decimal_text(std::move(digits), exponent - decimal);
}

template <class Visit>
void for_each_written(Kind kind, Visit visit) {
  for (const Base& base : unit_table::bases) {
    for (const Prefix& prefix : unit_table::prefixes) {
      if (base.kind == kind && base.written && unit_table::allowed(prefix, base)) {
        visit(base, prefix);
      }
    }
  }
}

// The shortest text that parses back to `value`.
std::string format(double value, Kind kind) {
  if (!std::isfinite(value) || std::signbit(value)) {  // for messages only: never read back
    return fmt::format("{} {}", value, text_of(kind).base);
  }
  std::string best;
  for_each_written(kind, [&](const Base& base, const Prefix& prefix) {
    const double exact = std::ldexp(value, -prefix.binary);
    if (std::ldexp(exact, prefix.binary) != value) {
      return;
    }
    std::string text = fmt::format(
        "{} {}{}", number_text(exact, prefix.decimal + base.decimal_shift), prefix.text, base.text);
    if (best.empty() || text.size() < best.size()) {
      best = std::move(text);
    }
  });
  return best;
}

// With the largest prefix that leaves at least 1 before the point after rounding to four digits.
std::string display_with(double value, Kind kind, bool binary) {
  std::string_view name;
  double unit = 0.0;
  for_each_written(kind, [&](const Base&, const Prefix& prefix) {
    const double scale = std::ldexp(std::pow(10.0, prefix.decimal), prefix.binary);
    const auto fits = [&](double s) { return s > 0.0 && std::abs(value) >= 0.99995 * s; };
    const bool suits = (binary ? prefix.decimal : prefix.binary) == 0;
    // Where none fits, the smallest one has to do.
    const bool better = fits(unit) ? fits(scale) && scale > unit : unit == 0.0 || scale < unit;
    if (suits && better) {
      unit = scale;
      name = prefix.text;
    }
  });
  const double shown = value / unit;
  const bool whole = std::abs(shown) >= 999.95 && std::abs(shown) < 1e9;  // not 1.023e+03
  const std::string number = whole ? fmt::format("{:.0f}", shown) : fmt::format("{:.4g}", shown);
  return fmt::format("{} {}{}", number, name, text_of(kind).base);
}

// Binary prefixes only for bytes that they show exactly and shorter: 8 GiB, but 8 GB and not 7.451
// GiB.
std::string display(double value, Kind kind) {
  if (!std::isfinite(value) || value == 0.0) {
    return fmt::format("{} {}", value, text_of(kind).base);
  }
  std::string decimal = display_with(value, kind, false);
  if (kind != Kind::bytes) {
    return decimal;
  }
  const auto exact = [&](const std::string& text) {
    const Parsed<double> back = parse(text, kind);
    return back.index() == 0 && std::get<0>(back) == value;
  };
  std::string binary = display_with(value, kind, true);
  const bool better = exact(binary) && (!exact(decimal) || binary.size() < decimal.size());
  return better ? binary : decimal;
}

template <class Q>
Parsed<Q> parse_quantity(std::string_view text, Kind kind) {
  Parsed<double> value = parse(text, kind);
  if (value.index() == 1) {
    return std::get<1>(std::move(value));
  }
  return Q::from_si(std::get<0>(value));
}

}  // namespace

Parsed<Bytes> parse_bytes(std::string_view text) {
  return parse_quantity<Bytes>(text, Kind::bytes);
}

Parsed<Seconds> parse_seconds(std::string_view text) {
  return parse_quantity<Seconds>(text, Kind::seconds);
}

Parsed<Bandwidth> parse_bandwidth(std::string_view text) {
  return parse_quantity<Bandwidth>(text, Kind::bandwidth);
}

Parsed<Flop> parse_flop(std::string_view text) {
  return parse_quantity<Flop>(text, Kind::flop);
}

Parsed<FlopRate> parse_flop_rate(std::string_view text) {
  return parse_quantity<FlopRate>(text, Kind::flop_rate);
}

Parsed<Fraction> parse_fraction(std::string_view text) {
  Parsed<double> value = parse(text, Kind::fraction);
  if (value.index() == 1) {
    return std::get<1>(std::move(value));
  }
  return Fraction{std::get<0>(value)};
}

std::string format(Bytes value) {
  return format(value.si(), Kind::bytes);
}

std::string format(Seconds value) {
  return format(value.si(), Kind::seconds);
}

std::string format(Bandwidth value) {
  return format(value.si(), Kind::bandwidth);
}

std::string format(Flop value) {
  return format(value.si(), Kind::flop);
}

std::string format(FlopRate value) {
  return format(value.si(), Kind::flop_rate);
}

std::string format(Fraction value) {
  return format(value.value, Kind::fraction);
}

std::string display(Bytes value) {
  return display(value.si(), Kind::bytes);
}

std::string display(Seconds value) {
  return display(value.si(), Kind::seconds);
}

std::string display(Bandwidth value) {
  return display(value.si(), Kind::bandwidth);
}

}  // namespace plumbline::core
