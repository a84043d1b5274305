// SPDX-License-Identifier: Apache-2.0
// Statistics of calibrated curves, and the constants file.
#include "report/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include "core/text.hpp"
#include "report/gap.hpp"

namespace plumbline::report {

std::optional<double> mean_error(const CalibratedCurve& curve, TimeOf time) {
  double sum = 0.0;
  for (const CalibratedPoint& point : curve.points) {
    const std::optional<core::Seconds> value = time(point);
    if (!value) {
      return std::nullopt;
    }
    sum += std::abs(*value / point.measured - 1.0);
  }
  return curve.points.empty() ? std::nullopt
                              : std::optional(sum / static_cast<double>(curve.points.size()));
}

std::optional<double> median_gap(const CalibratedCurve& curve, std::string_view regime) {
  std::vector<double> gaps;
  for (const CalibratedPoint& point : curve.points) {
    if (regime_of(point.size) == regime) {
      gaps.push_back(point.predicted / point.measured - 1.0);
    }
  }
  if (gaps.empty()) {
    return std::nullopt;
  }
  std::ranges::sort(gaps);
  const std::size_t half = gaps.size() / 2;
  return gaps.size() % 2 == 1 ? gaps[half] : (gaps[half - 1] + gaps[half]) / 2.0;
}

std::optional<double> coverage(const CalibratedCurve& curve) {
  std::size_t inside = 0;
  for (const CalibratedPoint& point : curve.points) {
    if (!std::isfinite(point.high.si())) {
      return std::nullopt;
    }
    inside += point.low <= point.measured && point.measured <= point.high ? 1U : 0U;
  }
  return curve.points.empty() ? std::nullopt
                              : std::optional(static_cast<double>(inside) /
                                              static_cast<double>(curve.points.size()));
}

std::string to_constants_file(const Calibration& calibration) {
  std::vector<std::string> sets;
  for (const workload::FittedSet& source : calibration.sources) {
    sets.push_back(source.set);
  }
  return fmt::format(
      "# SPDX-License-Identifier: Apache-2.0\n"
      "# Written by `plumbline calibrate`. Fitted to the fastest schedule of each point: use it "
      "with\n"
      "# `choose: fastest` where the workload says `auto`.\n"
      "title: fitted to {}\n"
      "source: {}\n{}",
      core::join(sets, ", "),
      workload::yaml_text(
          fmt::format("plumbline {}, fitted to {}", calibration.plumbline, core::join(sets, ", "))),
      to_yaml(calibration.fitted));
}

}  // namespace plumbline::report
