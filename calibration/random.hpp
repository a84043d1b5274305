// SPDX-License-Identifier: Apache-2.0
// Random numbers that are the same on every machine: the distributions of <random> are not.
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <random>

namespace plumbline::calibration {

class Random {
 public:
  explicit Random(std::uint64_t seed) : bits_(seed) {}

  /// In [0, 1).
  [[nodiscard]] double uniform() { return static_cast<double>(bits_() >> 11U) * 0x1p-53; }

  /// 0 to count - 1; count above zero.
  [[nodiscard]] std::size_t below(std::size_t count) {
    return static_cast<std::size_t>(uniform() * static_cast<double>(count));
  }

  /// Mean 0, deviation 1 (Box & Muller 1958).
  [[nodiscard]] double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

 private:
  std::mt19937_64 bits_;
};

}  // namespace plumbline::calibration
