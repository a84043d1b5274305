// SPDX-License-Identifier: Apache-2.0
#include "experiments/calibration_summary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <set>

#include "calibration/identifiability.hpp"
#include "calibration/residuals.hpp"

namespace plumbline::experiments {
namespace {

using calibration::Parameter;
using calibration::ParameterInterval;

constexpr double noteworthy_correlation = 0.9;

std::vector<std::string> names_of(const Summary& summary) {
  std::vector<std::string> names;
  for (const Parameter& parameter : summary.parameters) {
    names.push_back(parameter.name);
  }
  return names;
}

report::FittedConstant constant(const Parameter& parameter, const ParameterInterval& interval,
                                bool held) {
  const bool is_time = parameter.measure == calibration::Measure::seconds;
  return {.name = parameter.name,
          .value_text = value_text(parameter, interval.value),
          .low_text = value_text(parameter, interval.low),
          .high_text = value_text(parameter, interval.high),
          .unit = is_time ? "s" : "",
          .value = interval.value,
          .low = interval.low,
          .high = interval.high,
          .relative_error = interval.standard_error,
          .dropped = held,
          .note = held ? "dropped: earned nothing" : interval.note};
}

void add_constants(const Summary& summary, report::Calibration& report) {
  for (std::size_t j = 0; j < summary.parameters.size(); ++j) {
    const bool held = summary.calibrated.fixed[j];
    report.constants.push_back(
        constant(summary.parameters[j], summary.uncertainty.parameters[j], held));
    report.free_parameters += held ? 0 : 1;
  }
}

void add_residuals(const Summary& summary, report::Calibration& report) {
  calibration::ResidualData data;
  data.residuals = summary.calibrated.fit.residuals;
  for (const MeasuredPoint& point : summary.input.points) {
    data.sizes.push_back(point.row.size);
    data.groups.push_back(static_cast<std::uint32_t>(point.curve));
  }
  for (const MeasuredCurve& curve : summary.input.curves) {
    data.group_names.push_back(curve.label);
  }
  report.residuals = calibration::residual_structure(data).sentences;
}

/// Sizes that stand for the regimes.
constexpr std::array<std::pair<std::string_view, double>, 3> regimes{
    {{"small", 1024.0}, {"middle", 1048576.0}, {"large", 1073741824.0}}};

void add_margins(const Summary& summary, report::Calibration& report) {
  if (summary.conformal == nullptr) {
    return;
  }
  for (const auto& [name, size] : regimes) {
    const calibration::Margin margin = summary.conformal->margin(core::Bytes::from_si(size));
    report.margins.push_back(
        std::isfinite(margin.width)
            ? fmt::format("{} sizes: predicted times divided and multiplied by {:.3g} ({})", name,
                          std::exp(margin.width), margin.text())
            : fmt::format("{} sizes: none ({})", name, margin.text()));
  }
}

void add_left_out(const Summary& summary, report::Calibration& report) {
  if (summary.validation == nullptr) {
    return;
  }
  std::vector<double> sums(summary.input.curves.size(), 0.0);
  std::vector<double> counts(summary.input.curves.size(), 0.0);
  for (std::size_t i = 0; i < summary.input.points.size(); ++i) {
    const std::size_t curve = summary.input.points[i].curve;
    sums[curve] += std::abs(std::expm1(summary.validation->residuals[i]));
    counts[curve] += 1.0;
  }
  for (std::size_t c = 0; c < sums.size(); ++c) {
    report.curves[c].left_out_error = sums[c] / counts[c];
  }
}

void add_sources(const Summary& summary, report::Calibration& report) {
  for (const MeasuredPoint& point : summary.input.points) {
    const calibration::MeasuredSet& set = *summary.input.curves[point.curve].set;
    auto found = std::ranges::find(report.sources, set.name, &workload::FittedSet::set);
    if (found == report.sources.end()) {
      report.sources.push_back(
          {.set = set.name, .source = set.source, .licence = set.licence, .points = 0.0});
      found = report.sources.end() - 1;
    }
    found->points += 1.0;
  }
}

void add_beaten_bounds(report::Calibration& report) {
  for (const report::CalibratedCurve& curve : report.curves) {
    const auto beaten = std::ranges::count_if(
        curve.points, [](const report::CalibratedPoint& point) { return point.beats_light(); });
    if (beaten > 0) {
      report.notes.push_back(
          fmt::format("{}: {} of {} measured times are below the speed of light: the machine's "
                      "figures are wrong, or the switches add (in-network reduction)",
                      curve.label, beaten, curve.points.size()));
    }
  }
}

std::vector<workload::Correlation> correlations(const Summary& summary) {
  std::vector<workload::Correlation> result;
  const calibration::Matrix& matrix = summary.uncertainty.correlation;
  for (std::size_t i = 0; i < matrix.rows; ++i) {
    for (std::size_t j = i + 1; j < matrix.cols; ++j) {
      if (std::abs(matrix(i, j)) > noteworthy_correlation) {
        result.push_back({.first = summary.parameters[i].name,
                          .second = summary.parameters[j].name,
                          .correlation = matrix(i, j)});
      }
    }
  }
  return result;
}

/// The parameters that make up most of a combination, the largest first.
std::string members(const std::vector<double>& direction, const std::vector<std::string>& names) {
  constexpr double share = 0.5;  // of the largest exponent
  std::vector<std::pair<double, std::string>> sorted;
  for (std::size_t j = 0; j < direction.size(); ++j) {
    sorted.emplace_back(std::abs(direction[j]), names[j]);
  }
  std::ranges::stable_sort(sorted, std::ranges::greater(),
                           [](const auto& item) { return item.first; });
  std::string text;
  for (const auto& [size, name] : sorted) {
    if (size >= share * sorted.front().first) {
      text += (text.empty() ? "" : " against ") + name;
    }
  }
  return text;
}

workload::Margins margins_of(const Summary& summary) {
  workload::Margins result;
  if (summary.conformal == nullptr) {
    return result;
  }
  const std::array<double*, 3> values{&result.small, &result.middle, &result.large};
  for (std::size_t i = 0; i < regimes.size(); ++i) {
    const calibration::Margin margin =
        summary.conformal->margin(core::Bytes::from_si(regimes[i].second));
    *values[i] = std::isfinite(margin.width) ? std::exp(margin.width) : 0.0;
  }
  result.groups = static_cast<double>(summary.input.curves.size());
  return result;
}

workload::CalibrationRecord record_of(const Summary& summary, const CalibrationRequest& request,
                                      const report::Calibration& report) {
  workload::CalibrationRecord record{.plumbline = request.version,
                                     .systems = {},
                                     .choose = std::string(default_choice),
                                     .fitted_on = report.sources,
                                     .numbers = {},
                                     .errors = {},
                                     .margins = margins_of(summary),
                                     .correlations = correlations(summary),
                                     .unidentified = report.open};
  std::set<std::string> systems;
  for (const MeasuredCurve& curve : summary.input.curves) {
    systems.insert(curve.system);
  }
  record.systems.assign(systems.begin(), systems.end());
  if (summary.response.has_choice()) {
    record.choose = choice_of(summary.response.choosing());
  }
  for (const report::FittedConstant& constant : report.constants) {
    record.numbers.push_back({.name = constant.name,
                              .low = constant.low_text,
                              .high = constant.high_text,
                              .relative_error = constant.relative_error,
                              .note = constant.note});
  }
  for (const report::CalibratedCurve& curve : report.curves) {
    record.errors.push_back({.curve = curve.label,
                             .system = curve.system,
                             .points = static_cast<double>(curve.points.size()),
                             .use = curve.fitted ? "fitted" : "scored",
                             .error = report::mean_error(curve,
                                                         [](const report::CalibratedPoint& point) {
                                                           return std::optional(point.predicted);
                                                         })
                                          .value_or(0.0),
                             .left_out = curve.left_out_error.value_or(0.0)});
  }
  return record;
}

}  // namespace

void summarise(const Summary& summary, const CalibrationRequest& request,
               report::Calibration& report) {
  report.plumbline = request.version;
  report.fit = summary.calibrated.fit.why;
  add_constants(summary, report);
  add_left_out(summary, report);
  add_sources(summary, report);
  add_beaten_bounds(report);
  const calibration::Identifiability known =
      calibration::identifiability(summary.problem, summary.calibrated.fit, names_of(summary));
  report.open = known.sentences;
  add_residuals(summary, report);
  add_margins(summary, report);
}

Target weakest_target(const Summary& summary) {
  const std::vector<std::string> names = names_of(summary);
  const calibration::Identifiability known =
      calibration::identifiability(summary.problem, summary.calibrated.fit, names);
  std::size_t widest = 0;
  double most = -1.0;
  for (std::size_t j = 0; j < summary.parameters.size(); ++j) {
    const ParameterInterval& interval = summary.uncertainty.parameters[j];
    const double width = std::log(interval.high / interval.low);
    if (!summary.calibrated.fixed[j] && width > most) {
      widest = j;
      most = width;
    }
  }
  Target target;
  target.direction.assign(summary.parameters.size(), 0.0);
  target.direction[widest] = 1.0;
  target.name = names[widest];
  if (!known.combinations.empty() && known.combinations.front().weak) {
    target.direction = known.combinations.front().exponents;
    target.name = members(target.direction, names);
  }
  return target;
}

workload::ConstantSet constants_of(const Summary& summary, const CalibrationRequest& request,
                                   const report::Calibration& report) {
  workload::ConstantSet set = summary.response.constants(summary.calibrated.fit.theta);
  set.name = request.name;
  set.calibration =
      std::make_shared<const workload::CalibrationRecord>(record_of(summary, request, report));
  return set;
}

}  // namespace plumbline::experiments
