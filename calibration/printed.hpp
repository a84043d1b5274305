// SPDX-License-Identifier: Apache-2.0
// Numbers as a program printed them: rounded, so that each is an interval.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plumbline::calibration {

/// A number and half a unit of its last printed digit: 12.34 ± 0.005, 1.2e+04 ± 500.
struct Printed {
  double value = 0.0;
  double half_unit = 0.0;

  friend constexpr Printed operator*(Printed a, double factor) {
    return {a.value * factor, a.half_unit * factor};
  }
};

/// In JSON's grammar; nothing for NaN, infinities and whatever else is no number.
[[nodiscard]] std::optional<Printed> parse_printed(std::string_view text);

/// What a row looks like whose size / time is `low` to `high` times its printed bandwidth, and what
/// to do: a hint.
[[nodiscard]] std::string unit_suspicion(double low, double high);

}  // namespace plumbline::calibration
