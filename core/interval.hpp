// SPDX-License-Identifier: Apache-2.0
// Closed intervals of a quantity.
#pragma once

#include <algorithm>

namespace plumbline::core {

/// [lower, upper]; the default is empty of meaning until both ends are set.
template <class Q>
struct Interval {
  Q lower{};
  Q upper = Q::infinity();

  /// Whether `value` lies inside, with slack relative to the ends (floating-point dust, not
  /// tolerance).
  [[nodiscard]] constexpr bool contains(Q value, double relative_slack = 0.0) const {
    return value.si() >= lower.si() * (1.0 - relative_slack) &&
           value.si() <= upper.si() * (1.0 + relative_slack);
  }

  /// Whether the two intervals share a point.
  [[nodiscard]] constexpr bool overlaps(Interval other) const {
    return lower < other.upper && other.lower < upper;
  }
};

}  // namespace plumbline::core
