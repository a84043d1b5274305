// SPDX-License-Identifier: Apache-2.0
// What is left in the residuals of a fit that noise would not leave: the mark of a missing
// mechanism.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "calibration/conformal.hpp"
#include "core/quantity.hpp"

namespace plumbline::calibration {

/// predicted - measured, log, of each point; a group is a curve over sizes.
struct ResidualData {
  std::vector<double> residuals;
  std::vector<core::Bytes> sizes;
  std::vector<std::uint32_t> groups;     ///< places in group_names
  std::vector<std::string> group_names;  ///< `all_reduce n=2`
};

/// A mean with its t test against zero.
struct MeanTest {
  std::size_t points = 0;
  double mean = 0.0;
  double t = 0.0;  ///< infinite where all are the same and not zero
  double p = 1.0;  ///< two-sided; 1 below two points
};

/// Residuals of one curve in the order of sizes.
struct CurveStructure {
  std::uint32_t group = 0;
  MeanTest offset;
  double autocorrelation = 0.0;  ///< lag 1, about the curve's mean
  std::size_t runs = 0;  ///< of equal sign about the curve's median; the median itself left out
  double runs_p = 1.0;   ///< that noise has so few runs (Wald & Wolfowitz 1940, exact)
};

/// Residuals of one curve (or of all) in one regime of sizes.
struct RegimeStructure {
  SizeRegime regime = SizeRegime::small;
  MeanTest offset;
  double slope = 0.0;    ///< of the residual by log2 of the size: relative error for each doubling
  double slope_p = 1.0;  ///< two-sided t test; 1 below three sizes
};

struct GroupRegime {
  std::uint32_t group = 0;
  RegimeStructure structure;
};

struct ResidualStructure {
  std::vector<CurveStructure> curves;      ///< by group
  std::vector<RegimeStructure> regimes;    ///< all groups together
  std::vector<GroupRegime> group_regimes;  ///< by group, then regime; those with points
  std::vector<std::string> sentences;      ///< for people; empty where it looks like noise
};

struct ResidualOptions {
  double significance = 0.01;  ///< p below this is told
  double smallest = 0.02;      ///< relative; smaller means aren't told, whatever their p
  ConformalOptions sizes;      ///< where regimes begin
};

/// InternalError where the parts have different sizes.
[[nodiscard]] ResidualStructure residual_structure(const ResidualData& data,
                                                   const ResidualOptions& options = {});

/// P(at most `runs` runs) of `above` and `below` signs in random order.
[[nodiscard]] double runs_probability(std::size_t runs, std::size_t above, std::size_t below);

}  // namespace plumbline::calibration
