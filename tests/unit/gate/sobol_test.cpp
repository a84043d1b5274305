// SPDX-License-Identifier: Apache-2.0
// A scrambled Sobol sequence is a net: its first 2^k points fill equal boxes equally.
#include "gate/sobol.hpp"

#include <set>
#include <utility>

#include <catch2/catch.hpp>

using plumbline::gate::Sobol;
using plumbline::gate::sobol_dimensions;

TEST_CASE("every dimension has one of the first 256 points in each 256th") {
  const Sobol sobol(7);
  for (std::size_t d = 0; d < sobol_dimensions; ++d) {
    std::set<int> met;
    for (std::uint32_t i = 0; i < 256; ++i) {
      const double x = sobol.point(i)[d];
      REQUIRE((x >= 0.0 && x < 1.0));
      met.insert(static_cast<int>(x * 256.0));
    }
    CHECK(met.size() == 256);
  }
}

TEST_CASE("the first two dimensions fill every elementary box of area 1/64 once") {
  // Sobol's first two dimensions are a (0, 2)-sequence: boxes of 2^a by 2^(6-a) hold one of the
  // first 64 points each, and scrambling keeps that.
  for (const std::uint64_t seed : {1U, 99U}) {
    const Sobol sobol(seed);
    for (int a = 0; a <= 6; ++a) {
      std::set<std::pair<int, int>> met;
      for (std::uint32_t i = 0; i < 64; ++i) {
        const auto point = sobol.point(i);
        met.emplace(static_cast<int>(point[0] * (1 << a)),
                    static_cast<int>(point[1] * (1 << (6 - a))));
      }
      CHECK(met.size() == 64);
    }
  }
}

TEST_CASE("a seed repeats its points and another has others") {
  CHECK(Sobol(3).point(17) == Sobol(3).point(17));
  CHECK(Sobol(3).point(17) != Sobol(4).point(17));
  CHECK(Sobol(3).point(0) != Sobol(3).point(1));
}
