// SPDX-License-Identifier: Apache-2.0
#include "gate/sobol.hpp"

namespace plumbline::gate {
namespace {

/// A primitive polynomial modulo 2 by its degree and inner coefficients, and the first direction
/// numbers. The first dimension is van der Corput's and needs none.
struct Directions {
  std::uint32_t degree;
  std::uint32_t coefficients;
  std::array<std::uint32_t, 6> first;
};

constexpr std::array<Directions, sobol_dimensions - 1> table{{{1, 0, {1}},
                                                              {2, 1, {1, 3}},
                                                              {3, 1, {1, 3, 1}},
                                                              {3, 2, {1, 1, 1}},
                                                              {4, 1, {1, 1, 3, 3}},
                                                              {4, 4, {1, 3, 5, 13}},
                                                              {5, 2, {1, 1, 5, 5, 17}},
                                                              {5, 4, {1, 1, 5, 5, 5}},
                                                              {5, 7, {1, 1, 7, 11, 19}},
                                                              {5, 11, {1, 1, 5, 1, 1}},
                                                              {5, 13, {1, 1, 1, 3, 11}},
                                                              {5, 14, {1, 3, 5, 5, 31}},
                                                              {6, 1, {1, 3, 3, 9, 7, 49}},
                                                              {6, 13, {1, 1, 1, 15, 21, 21}},
                                                              {6, 16, {1, 3, 1, 13, 27, 49}},
                                                              {6, 19, {1, 1, 1, 15, 7, 5}},
                                                              {6, 22, {1, 3, 1, 15, 13, 25}},
                                                              {6, 25, {1, 1, 5, 5, 19, 61}}}};

std::array<std::uint32_t, 32> directions_of(const Directions& given) {
  std::array<std::uint32_t, 32> result{};
  for (std::uint32_t i = 0; i < result.size(); ++i) {
    if (i < given.degree) {
      result[i] = given.first[i] << (31U - i);
      continue;
    }
    const std::uint32_t back = result[i - given.degree];
    result[i] = back ^ (back >> given.degree);
    for (std::uint32_t k = 1; k < given.degree; ++k) {
      if ((given.coefficients >> (given.degree - 1 - k) & 1U) != 0) {
        result[i] ^= result[i - k];
      }
    }
  }
  return result;
}

}  // namespace

std::uint64_t mixed(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15U;
  number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
  number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
  return number ^ (number >> 31U);
}

Sobol::Sobol(std::uint64_t seed) : seed_(seed) {
  for (std::uint32_t i = 0; i < 32; ++i) {
    directions_[0][i] = 1U << (31U - i);
  }
  for (std::size_t d = 1; d < sobol_dimensions; ++d) {
    directions_[d] = directions_of(table[d - 1]);
  }
}

std::uint32_t Sobol::scrambled(std::size_t dimension, std::uint32_t digits) const {
  std::uint32_t result = 0;
  for (std::uint32_t bit = 0; bit < 32; ++bit) {
    // The digits before this one, with a marker for how many there are.
    const std::uint64_t before = (std::uint64_t{1} << 32U | digits) >> (32U - bit);
    const std::uint64_t flip = mixed(seed_ ^ mixed(dimension << 40U | before)) & 1U;
    const std::uint64_t digit = digits >> (31U - bit) & 1U;
    result |= static_cast<std::uint32_t>(digit ^ flip) << (31U - bit);
  }
  return result;
}

std::array<double, sobol_dimensions> Sobol::point(std::uint32_t index) const {
  std::array<double, sobol_dimensions> result{};
  for (std::size_t d = 0; d < sobol_dimensions; ++d) {
    std::uint32_t digits = 0;
    for (std::uint32_t i = 0; i < 32; ++i) {
      digits ^= (index >> i & 1U) != 0 ? directions_[d][i] : 0U;
    }
    result[d] = scrambled(d, digits) * 0x1p-32;
  }
  return result;
}

}  // namespace plumbline::gate
