// SPDX-License-Identifier: Apache-2.0
// The one table of units, private to core: what the parser, the formatter and the hints share.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace plumbline::core::unit_table {

enum class Kind { bytes, seconds, bandwidth, flop, flop_rate, fraction };

struct Prefix {
  std::string_view text;
  int decimal;  ///< power of ten
  int binary;   ///< power of two
};

struct Base {
  std::string_view text;
  Kind kind;
  bool multiples;       ///< takes k … P
  bool binary;          ///< takes Ki … Ti
  bool submultiples;    ///< takes m … p
  int decimal_shift;    ///< power of ten
  int binary_shift;     ///< power of two: a bit is 2^-3 bytes
  bool written = true;  ///< format() uses it
};

inline constexpr std::array<Prefix, 14> prefixes = {{{"", 0, 0},
                                                     {"k", 3, 0},
                                                     {"M", 6, 0},
                                                     {"G", 9, 0},
                                                     {"T", 12, 0},
                                                     {"P", 15, 0},
                                                     {"Ki", 0, 10},
                                                     {"Mi", 0, 20},
                                                     {"Gi", 0, 30},
                                                     {"Ti", 0, 40},
                                                     {"m", -3, 0},
                                                     {"u", -6, 0},
                                                     {"n", -9, 0},
                                                     {"p", -12, 0}}};

inline constexpr std::array<Base, 8> bases = {
    {{"B", Kind::bytes, true, true, false, 0, 0},
     {"b", Kind::bytes, true, true, false, 0, -3, false},
     {"s", Kind::seconds, false, false, true, 0, 0},
     {"B/s", Kind::bandwidth, true, true, false, 0, 0},
     {"b/s", Kind::bandwidth, true, true, false, 0, -3, false},
     {"FLOP", Kind::flop, true, false, false, 0, 0},
     {"FLOP/s", Kind::flop_rate, true, false, false, 0, 0},
     {"%", Kind::fraction, false, false, false, -2, 0}}};

struct KindText {
  std::string_view name;      ///< with its article
  std::string_view noun;      ///< in "a … unit"
  std::string_view base;      ///< the unit itself
  std::string_view examples;  ///< for hints
};

/// Indexed by Kind.
inline constexpr std::array<KindText, 6> kind_texts = {
    {{"an amount of data", "data", "B", "'64 KiB' or '1 MB'"},
     {"a time", "time", "s", "'1.2 us' or '5 ms'"},
     {"a bandwidth", "bandwidth", "B/s", "'450 GB/s' or '400 Gb/s'"},
     {"an amount of work", "FLOP", "FLOP", "'2 TFLOP'"},
     {"a compute rate", "FLOP/s", "FLOP/s", "'989 TFLOP/s'"},
     {"a fraction", "percentage", "%", "'5 %'"}}};

[[nodiscard]] constexpr const KindText& text_of(Kind kind) {
  return kind_texts[static_cast<std::size_t>(kind)];
}

[[nodiscard]] constexpr bool allowed(const Prefix& prefix, const Base& base) {
  return (prefix.decimal == 0 && prefix.binary == 0) || (prefix.decimal > 0 && base.multiples) ||
         (prefix.binary > 0 && base.binary) || (prefix.decimal < 0 && base.submultiples);
}

struct Unit {
  Kind kind;
  int decimal;
  int binary;
};

[[nodiscard]] std::optional<Unit> find_unit(std::string_view text);

/// What was probably meant by `unit`, behind `number`, where a `wanted` belongs: "write '450
/// GB/s'".
[[nodiscard]] std::string unit_hint(std::string_view number, std::string_view unit, Kind wanted);

}  // namespace plumbline::core::unit_table
