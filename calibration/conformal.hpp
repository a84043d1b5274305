// SPDX-License-Identifier: Apache-2.0
// Prediction intervals for points of groups that nobody measured, from what the fit got wrong about
// groups that it didn't see.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "workload/size_regime.hpp"

namespace plumbline::calibration {

/// Errors made on points by fits that didn't see their groups (cross_validate).
struct HeldOut {
  std::vector<double> residuals;  ///< predicted - measured, log
  std::vector<core::Bytes> sizes;
  std::vector<std::uint32_t> groups;
};

struct ConformalOptions {
  double level = 0.9;
  core::Bytes small = workload::small_below;  ///< sizes below are small
  core::Bytes large = workload::large_above;  ///< sizes above are large
  std::size_t fewest_points = 10;             ///< a size regime with fewer shares in all points
  std::size_t fewest_groups = 3;              ///< likewise
};

enum class SizeRegime { small, middle, large };

[[nodiscard]] SizeRegime regime_of(core::Bytes size, const ConformalOptions& options = {});

/// How far, in log time, measured and predicted are apart.
struct Margin {
  double width = 0.0;  ///< half of the interval; infinite with fewer than two groups
  std::size_t groups = 0;
  std::size_t points = 0;
  bool pooled = false;             ///< from all sizes, for want of points of this regime
  bool distribution_free = false;  ///< from ranks alone; else from the t distribution
  /// Of the residuals that share each group's error; 1 where groups shift as a whole.
  double within_group_correlation = 0.0;

  [[nodiscard]] std::string text() const;  ///< for people: where the width comes from
};

struct LogInterval {
  double low = 0.0;
  double high = 0.0;
};

/// With K groups, of n_g points each, and scores |r_gi|:
///
/// - K + 1 >= 2/(1 - level), so 19 at 90 %: the quantile of the scores at `level`, where each has
///   the mass 1/((K+1) n_g) and infinity has 1/(K+1). For exchangeable groups this is the
///   hierarchical conformal interval (Dunn, Wasserman & Ramdas 2022,
///   doi:10.1080/01621459.2022.2060112, which treats two layers; Lee, Barber & Willett 2023,
///   arXiv:2306.06342), with leave-one-group-out residuals in place of a split's, as in the
///   jackknife+ (Barber, Candes, Ramdas & Tibshirani 2021, doi:10.1214/20-AOS1965), whose guarantee
///   for residuals so made is 1 - 2 (1 - level).
/// - Below, ranks would take the largest scores of all, or have no finite answer. Then two levels,
/// each normal: r = b_g + e.
///   m = mean_g mean_i r_gi^2 estimates the variance of b + e for a new group, and
///   width = t_nu((1 + level)/2) sqrt(m), nu = K / (1/n + (1 - 1/n) rho^2): K groups count as K
///   squares where rho, the correlation within a group, is 1, and as K n where it is 0 (n the
///   harmonic mean of n_g). rho is the analysis of variance's, drawn towards 1 with weight 1/K
///   since few groups can hardly show it.
class Conformal {
 public:
  explicit Conformal(HeldOut held_out, const ConformalOptions& options = {});

  [[nodiscard]] Margin margin(core::Bytes size) const;

  /// Of a point predicted at `log_seconds`. `left_out` has, if not empty, the predictions of the
  /// same point by the fits without each group (ascending): the jackknife+ then centres each score
  /// on its own, where ranks decide. Nothing lies below `log_floor`, the speed of light.
  [[nodiscard]] LogInterval interval(double log_seconds, core::Bytes size,
                                     double log_floor = -std::numeric_limits<double>::infinity(),
                                     std::span<const double> left_out = {}) const;

 private:
  struct Score {
    std::size_t group = 0;  // its place among the groups, ascending
    double residual = 0.0;
  };

  struct Choice {
    std::vector<Score> scores;
    bool pooled = false;
  };

  [[nodiscard]] Choice choose(core::Bytes size) const;
  [[nodiscard]] bool ranks_suffice(std::size_t groups) const;

  HeldOut held_out_;
  ConformalOptions options_;
  std::vector<std::uint32_t> groups_;
};

}  // namespace plumbline::calibration
