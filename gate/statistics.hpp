// SPDX-License-Identifier: Apache-2.0
// What can be said of all problems from a sample of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plumbline::gate {

/// The largest share of a population of which `bad` or fewer of `count` draws still happen with a
/// probability of 5 %: the one-sided 95 % limit of Clopper and Pearson (1934). 1 without draws.
[[nodiscard]] double upper_limit(std::size_t bad, std::size_t count);

/// The smallest value that `share` of the values do not exceed; 0 without values.
[[nodiscard]] double quantile(std::vector<double> values, double share);

/// Kendall's tau-b: agreement of two orders, 1 for the same and -1 for the opposite; 0 where either
/// has no order.
[[nodiscard]] double kendall_tau(std::span<const double> a, std::span<const double> b);

/// A paired difference with its group: points of one group stand or fall together.
struct Paired {
  double difference = 0.0;
  std::size_t group = 0;
};

/// Mean of the differences and the range of nine in ten bootstrap draws of whole groups (Efron
/// 1979).
struct MeanInterval {
  double mean = 0.0;
  double low = 0.0;
  double high = 0.0;
};

[[nodiscard]] MeanInterval bootstrap(std::span<const Paired> pairs, std::uint64_t seed);

}  // namespace plumbline::gate
