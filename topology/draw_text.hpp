// SPDX-License-Identifier: Apache-2.0
// Words of a picture and how wide they are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "topology/fabric.hpp"

namespace plumbline::topology::drawing {

inline constexpr double letter = 7.2;  ///< mean width of a 12-pixel letter

/// Letters, not bytes.
[[nodiscard]] std::size_t letters(const std::string& text);

/// Of the longest line, with a little room.
[[nodiscard]] double width_of(const std::vector<std::string>& lines);

/// Name without its machine, broken at the last underscore: `pcie` over `switch0`.
[[nodiscard]] std::vector<std::string> label(const Device& device);

}  // namespace plumbline::topology::drawing
