// SPDX-License-Identifier: Apache-2.0
// Seeded numbers that are the same on every machine: the standard library's shuffle and
// distributions differ between implementations.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <utility>
#include <vector>

namespace plumbline::topology {

/// SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195).
class SplitMix64 {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// Uniform below `bound`; draws that would favour small values are thrown away.
  std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t excess = (std::numeric_limits<std::uint64_t>::max() % bound + 1) % bound;
    std::uint64_t drawn = next();
    while (drawn > std::numeric_limits<std::uint64_t>::max() - excess) {
      drawn = next();
    }
    return drawn % bound;
  }

 private:
  std::uint64_t state_;
};

/// Fisher–Yates, from the back.
template <class T>
void shuffle(std::vector<T>& values, std::uint64_t seed) {
  SplitMix64 random(seed);
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[random.below(i)]);
  }
}

/// One number for several, every bit of each spread over all of it.
[[nodiscard]] inline std::uint64_t mixed(std::initializer_list<std::uint64_t> values) {
  std::uint64_t hash = 0;
  for (const std::uint64_t value : values) {
    hash = SplitMix64(hash ^ value).next();
  }
  return hash;
}

}  // namespace plumbline::topology
