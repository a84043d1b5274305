// SPDX-License-Identifier: Apache-2.0
// The largest part of a domain on which a claim held: a box of a few limits.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gate/differential.hpp"

namespace plumbline::gate {

/// One side of a box: a number's range, or one word.
struct Limit {
  std::string axis;
  Range range;
  std::string word;  ///< instead of a range

  [[nodiscard]] bool lets_through(const Case& at) const;
};

/// `oversubscription = 1`, `size at most 64 KiB`.
[[nodiscard]] std::string to_text(const Limit& limit);

struct Box {
  std::vector<Limit> limits;
  std::size_t points = 0;
  double share = 0.0;      ///< of all points that could be judged
  std::size_t fresh = 0;   ///< points drawn from it afterwards, to confirm it
  std::size_t broken = 0;  ///< of these

  [[nodiscard]] bool lets_through(const Case& at) const;
};

/// Whether a claim stands where `bad` of `count` points broke it.
using Stands = std::function<bool(std::size_t bad, std::size_t count)>;

/// Of the boxes of at most three limits that a greedy search meets, the one with most points on
/// which the claim stands. The first limit is the one that matters most. Nullopt where there is
/// none. Among so many boxes one may stand by chance: see confirm().
[[nodiscard]] std::optional<Box> largest_box(const std::vector<Sample>& samples,
                                             const std::vector<Judgement>& judgements,
                                             const Stands& stands);

/// As the `domain:` of a contract.
[[nodiscard]] std::string to_yaml(const Box& box);

}  // namespace plumbline::gate
