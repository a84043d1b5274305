// SPDX-License-Identifier: Apache-2.0
// Points that fill a cube evenly, and that nobody can foresee who does not know the seed.
#pragma once

#include <array>
#include <cstdint>

namespace plumbline::gate {

inline constexpr std::size_t sobol_dimensions = 19;

/// Sobol's sequence with the direction numbers new-joe-kuo-6.21201 (Joe and Kuo, "Constructing
/// Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30, 2008),
/// scrambled as Owen does ("Randomly permuted (t,m,s)-nets and (t,s)-sequences", 1995): each digit
/// is flipped or not by the seed and all digits before it, so that the scrambled points are as
/// even as the plain ones.
class Sobol {
 public:
  explicit Sobol(std::uint64_t seed);

  /// Point `index` of the sequence, in [0, 1) on every dimension; any index below 2^32, in any
  /// order.
  [[nodiscard]] std::array<double, sobol_dimensions> point(std::uint32_t index) const;

 private:
  [[nodiscard]] std::uint32_t scrambled(std::size_t dimension, std::uint32_t digits) const;

  std::uint64_t seed_;
  std::array<std::array<std::uint32_t, 32>, sobol_dimensions> directions_{};
};

/// SplitMix64's mixing of a number (Steele, Lea and Flood 2014): the same on every machine.
[[nodiscard]] std::uint64_t mixed(std::uint64_t number);

}  // namespace plumbline::gate
