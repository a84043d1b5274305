// SPDX-License-Identifier: Apache-2.0
#include "calibration/printed.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

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

}  // namespace plumbline::calibration
