// SPDX-License-Identifier: Apache-2.0
#include "calibration/printed.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/text.hpp"

namespace plumbline::calibration {

std::optional<Printed> parse_printed(std::string_view text) {
  const std::optional<double> value = core::parse_number(text);
  if (!value) {
    return std::nullopt;
  }
  const std::size_t mantissa = std::min(text.find_first_of("eE"), text.size());
  const std::size_t point = text.find('.');
  int power = 0;
  if (mantissa < text.size()) {
    const std::string_view exponent = text.substr(mantissa + 1);
    const std::size_t sign = exponent.starts_with('+') ? 1 : 0;
    std::from_chars(exponent.data() + sign, exponent.data() + exponent.size(), power);
  }
  if (point < mantissa) {
    power -= static_cast<int>(mantissa - point - 1);
  }
  return Printed{*value, 0.5 * std::pow(10.0, power)};
}

std::string unit_suspicion(double low, double high) {
  constexpr double gibi = 1024.0 * 1024.0 * 1024.0 / 1e9;
  constexpr double dust = 1e-9;
  constexpr std::array<std::pair<double, std::string_view>, 4> units{
      {{1000.0, "the time is 1000 x too short: ms that are called us? Correct the line of units"},
       {0.001, "the time is 1000 x too long: us that are called ms? Correct the line of units"},
       {gibi, "the bandwidth fits GiB/s, and is called GB/s: correct the line of units"},
       {1 / gibi, "the bandwidth fits GB/s, and is called GiB/s: correct the line of units"}}};
  for (const auto& [factor, hint] : units) {
    if (factor >= low * (1 - dust) && factor <= high * (1 + dust)) {
      return std::string(hint) + "; the row is left out";
    }
  }
  return "the row is damaged, or its unit is another; it is left out";
}

}  // namespace plumbline::calibration
