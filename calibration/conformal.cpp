// SPDX-License-Identifier: Apache-2.0
#include "calibration/conformal.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>

#include "calibration/distributions.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::calibration {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Moments {
  double count = 0.0;
  double sum = 0.0;
  double squares = 0.0;
};

/// By group.
template <typename Scores>
std::map<std::size_t, Moments> moments_of(const Scores& scores) {
  std::map<std::size_t, Moments> result;
  for (const auto& score : scores) {
    Moments& moments = result[score.group];
    moments.count += 1.0;
    moments.sum += score.residual;
    moments.squares += score.residual * score.residual;
  }
  return result;
}

struct Value {
  double value = 0.0;
  double mass = 0.0;
};

/// The least value below or at which `level` of the mass lies; infinite where all of it is too
/// little.
double weighted_quantile(std::vector<Value> values, double level) {
  std::sort(values.begin(), values.end(),
            [](const Value& a, const Value& b) { return a.value < b.value; });
  double mass = 0.0;
  for (const Value& value : values) {
    mass += value.mass;
    if (mass >= level - 1e-12) {
      return value.value;
    }
  }
  return infinity;
}

struct TwoLevels {
  double mean_square = 0.0;
  double points = 0.0;  // in a group, harmonic mean
  double correlation = 0.0;
};

/// The mean square of a group, and how alike points of one group are: the one-way analysis of
/// variance around zero, since a prediction has no mean to subtract.
TwoLevels two_levels(const std::map<std::size_t, Moments>& groups) {
  const auto count = static_cast<double>(groups.size());
  TwoLevels result;
  double inverse = 0.0;
  double within = 0.0;
  double spare = 0.0;
  for (const auto& [name, group] : groups) {
    result.mean_square += group.squares / group.count / count;
    inverse += 1.0 / group.count / count;
    within += group.squares - group.sum * group.sum / group.count;
    spare += group.count - 1.0;
  }
  result.points = 1.0 / inverse;
  const double noise = spare > 0.0 ? within / spare : 0.0;
  if (result.mean_square > 0.0) {
    result.correlation = std::clamp(1.0 - noise / result.mean_square, 0.0, 1.0);
  }
  return result;
}

}  // namespace

SizeRegime regime_of(core::Bytes size, const ConformalOptions& options) {
  return size < options.small   ? SizeRegime::small
         : size > options.large ? SizeRegime::large
                                : SizeRegime::middle;
}

std::string Margin::text() const {
  return fmt::format("errors on {} points of {} groups left out in turn{}, {}", points, groups,
                     pooled ? ", of all sizes" : "",
                     distribution_free ? "by rank" : "by a two-level t distribution");
}

Conformal::Conformal(HeldOut held_out, const ConformalOptions& options)
    : held_out_(std::move(held_out)), options_(options), groups_(held_out_.groups) {
  if (held_out_.residuals.size() != held_out_.sizes.size() ||
      held_out_.residuals.size() != held_out_.groups.size()) {
    throw core::InternalError("held-out residuals whose parts have different sizes");
  }
  std::sort(groups_.begin(), groups_.end());
  groups_.erase(std::unique(groups_.begin(), groups_.end()), groups_.end());
}

Conformal::Choice Conformal::choose(core::Bytes size) const {
  Choice regime;
  Choice all{{}, true};
  std::vector<bool> met(groups_.size(), false);
  for (std::size_t i = 0; i < held_out_.residuals.size(); ++i) {
    const auto place = static_cast<std::size_t>(
        std::lower_bound(groups_.begin(), groups_.end(), held_out_.groups[i]) - groups_.begin());
    all.scores.push_back({place, held_out_.residuals[i]});
    if (regime_of(held_out_.sizes[i], options_) == regime_of(size, options_)) {
      regime.scores.push_back(all.scores.back());
      met[place] = true;
    }
  }
  const auto groups = static_cast<std::size_t>(std::count(met.begin(), met.end(), true));
  const bool enough =
      regime.scores.size() >= options_.fewest_points && groups >= options_.fewest_groups;
  return enough ? regime : all;
}

bool Conformal::ranks_suffice(std::size_t groups) const {
  // At most half of what the level may miss is the mass at infinity.
  return static_cast<double>(groups + 1) * (1.0 - options_.level) >= 2.0 - 1e-9;
}

Margin Conformal::margin(core::Bytes size) const {
  const Choice choice = choose(size);
  const std::map<std::size_t, Moments> groups = moments_of(choice.scores);
  const auto count = static_cast<double>(groups.size());
  Margin result{.width = infinity,
                .groups = groups.size(),
                .points = choice.scores.size(),
                .pooled = choice.pooled,
                .distribution_free = ranks_suffice(groups.size()),
                .within_group_correlation = 0.0};
  if (groups.size() < 2) {
    return result;
  }
  const TwoLevels levels = two_levels(groups);
  result.within_group_correlation = levels.correlation;
  if (result.distribution_free) {
    std::vector<Value> values;
    for (const Score& score : choice.scores) {
      values.push_back(
          {std::abs(score.residual), 1.0 / ((count + 1.0) * groups.at(score.group).count)});
    }
    result.width = weighted_quantile(std::move(values), options_.level);
    return result;
  }
  const double rho = levels.correlation + (1.0 - levels.correlation) / count;
  const double share = 1.0 / levels.points;
  const double degrees = count / (share + (1.0 - share) * rho * rho);
  result.width =
      student_quantile(0.5 * (1.0 + options_.level), degrees) * std::sqrt(levels.mean_square);
  return result;
}

LogInterval Conformal::interval(double log_seconds, core::Bytes size, double log_floor,
                                std::span<const double> left_out) const {
  const Margin width = margin(size);
  LogInterval result{log_seconds - width.width, log_seconds + width.width};
  if (!left_out.empty() && left_out.size() != groups_.size()) {
    throw core::InternalError("the jackknife+ needs one prediction for each group left out");
  }
  if (!left_out.empty() && width.distribution_free) {
    const Choice choice = choose(size);
    const std::map<std::size_t, Moments> groups = moments_of(choice.scores);
    std::vector<Value> below;
    std::vector<Value> above;
    for (const Score& score : choice.scores) {
      const double mass =
          1.0 / ((static_cast<double>(groups.size()) + 1.0) * groups.at(score.group).count);
      below.push_back({std::abs(score.residual) - left_out[score.group], mass});
      above.push_back({std::abs(score.residual) + left_out[score.group], mass});
    }
    result = {-weighted_quantile(std::move(below), options_.level),
              weighted_quantile(std::move(above), options_.level)};
  }
  return {std::max(result.low, log_floor), std::max(result.high, log_floor)};
}

}  // namespace plumbline::calibration
