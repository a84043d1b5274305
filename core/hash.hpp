// SPDX-License-Identifier: Apache-2.0
// FNV-1a, 64 bit, on whole numbers in place of bytes (Fowler, Noll and Vo,
// draft-eastlake-fnv). Fast, the same in every run, and no protection against anybody.
#pragma once

#include <cstdint>

namespace plumbline::core {

class Hash {
 public:
  constexpr void mix(std::uint64_t number) { value_ = (value_ ^ number) * 0x100000001b3U; }

  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace plumbline::core
