// SPDX-License-Identifier: Apache-2.0
// Strong integers: ids and counts that can't be mixed up.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace plumbline::core {

/// A 32-bit id or count of one kind. `Tag` only makes the type distinct.
template <class Tag>
struct Id {
  std::uint32_t value = 0;

  constexpr Id() = default;

  template <std::integral Integer>
  constexpr explicit Id(Integer v) : value(static_cast<std::uint32_t>(v)) {}

  /// For indexing a vector of what the id names.
  [[nodiscard]] constexpr std::size_t index() const { return value; }

  friend constexpr auto operator<=>(Id, Id) = default;
};

}  // namespace plumbline::core

template <class Tag>
struct std::hash<plumbline::core::Id<Tag>> {
  std::size_t operator()(plumbline::core::Id<Tag> id) const noexcept {
    return std::hash<std::uint32_t>{}(id.value);
  }
};
