// SPDX-License-Identifier: Apache-2.0
#include "gate/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "calibration/random.hpp"

namespace plumbline::gate {
namespace {

constexpr double level = 0.05;
constexpr int draws = 400;

/// P(X <= bad) of `count` draws of which each is bad with probability `rate`, 0 < rate < 1.
double at_most(std::size_t bad, std::size_t count, double rate) {
  double sum = 0.0;
  const auto n = static_cast<double>(count);
  for (std::size_t k = 0; k <= bad; ++k) {
    const auto i = static_cast<double>(k);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(i + 1) - std::lgamma(n - i + 1) +
                    i * std::log(rate) + (n - i) * std::log1p(-rate));
  }
  return sum;
}

}  // namespace

double upper_limit(std::size_t bad, std::size_t count) {
  if (bad >= count) {
    return 1.0;
  }
  double low = 0.0;
  double high = 1.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2.0;
    (at_most(bad, count, middle) > level ? low : high) = middle;
  }
  return high;
}

double quantile(std::vector<double> values, double share) {
  if (values.empty()) {
    return 0.0;
  }
  const auto rank = static_cast<std::size_t>(
      std::max(0.0, std::ceil(share * static_cast<double>(values.size())) - 1.0));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::min(rank, values.size() - 1));
  std::ranges::nth_element(values, at);
  return *at;
}

double kendall_tau(std::span<const double> a, std::span<const double> b) {
  double score = 0.0;
  double ordered_a = 0.0;
  double ordered_b = 0.0;
  const auto sign = [](double x) { return x > 0.0 ? 1.0 : (x < 0.0 ? -1.0 : 0.0); };
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = i + 1; j < a.size(); ++j) {
      const double in_a = sign(a[i] - a[j]);
      const double in_b = sign(b[i] - b[j]);
      score += in_a * in_b;
      ordered_a += std::abs(in_a);
      ordered_b += std::abs(in_b);
    }
  }
  return ordered_a > 0.0 && ordered_b > 0.0 ? score / std::sqrt(ordered_a * ordered_b) : 0.0;
}

MeanInterval bootstrap(std::span<const Paired> pairs, std::uint64_t seed) {
  MeanInterval result;
  if (pairs.empty()) {
    return result;
  }
  std::vector<std::vector<double>> groups;
  double total = 0.0;
  for (const Paired& pair : pairs) {
    groups.resize(std::max(groups.size(), pair.group + 1));
    groups[pair.group].push_back(pair.difference);
    total += pair.difference;
  }
  std::erase_if(groups, [](const auto& group) { return group.empty(); });
  calibration::Random random(seed);
  std::vector<double> means;
  for (int draw = 0; draw < draws; ++draw) {
    double sum = 0.0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const std::vector<double>& group = groups[random.below(groups.size())];
      sum += std::accumulate(group.begin(), group.end(), 0.0);
      count += group.size();
    }
    means.push_back(sum / static_cast<double>(count));
  }
  result.mean = total / static_cast<double>(pairs.size());
  result.low = quantile(means, 0.05);
  result.high = quantile(means, 0.95);
  return result;
}

}  // namespace plumbline::gate
