// SPDX-License-Identifier: Apache-2.0
// Quantities as text, both ways: `450 GB/s`, `400 Gb/s`, `64 KiB`, `1.2 us`, `989 TFLOP/s`, `5 %`.
// Decimal prefixes are powers of 1000, binary ones of 1024; a number without a unit is an error.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "core/quantity.hpp"

namespace plumbline::core {

/// Why a text is not the wanted quantity. `offset` counts bytes into the text.
struct UnitError {
  std::string message;
  std::string hint;
  std::size_t offset = 0;
  std::string_view code = "PL-U002";
};

template <class T>
using Parsed = std::variant<T, UnitError>;

[[nodiscard]] Parsed<Bytes> parse_bytes(std::string_view text);
[[nodiscard]] Parsed<Seconds> parse_seconds(std::string_view text);
[[nodiscard]] Parsed<Bandwidth> parse_bandwidth(std::string_view text);
[[nodiscard]] Parsed<Flop> parse_flop(std::string_view text);
[[nodiscard]] Parsed<FlopRate> parse_flop_rate(std::string_view text);
[[nodiscard]] Parsed<Fraction> parse_fraction(std::string_view text);

/// Text that parses back to the same double.
[[nodiscard]] std::string format(Bytes value);
[[nodiscard]] std::string format(Seconds value);
[[nodiscard]] std::string format(Bandwidth value);
[[nodiscard]] std::string format(Flop value);
[[nodiscard]] std::string format(FlopRate value);
[[nodiscard]] std::string format(Fraction value);

/// About four significant digits with a fitting prefix, for tables and messages.
[[nodiscard]] std::string display(Bytes value);
[[nodiscard]] std::string display(Seconds value);
[[nodiscard]] std::string display(Bandwidth value);

}  // namespace plumbline::core
