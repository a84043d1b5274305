// SPDX-License-Identifier: Apache-2.0
#include "calibration/residuals.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <optional>

#include "calibration/distributions.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::calibration {
namespace {

constexpr std::array regimes{SizeRegime::small, SizeRegime::middle, SizeRegime::large};

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(values.size(), 1));
}

double two_sided(double t, double degrees) {
  return std::isfinite(t) ? 2.0 * student_probability(-std::abs(t), degrees) : 0.0;
}

/// value / error, infinite for an exact value that isn't zero.
double ratio(double value, double error) {
  if (error > 0.0) {
    return value / error;
  }
  return value == 0.0 ? 0.0 : std::copysign(std::numeric_limits<double>::infinity(), value);
}

MeanTest test_mean(std::span<const double> values) {
  MeanTest result{.points = values.size(), .mean = mean_of(values), .t = 0.0, .p = 1.0};
  if (values.size() < 2) {
    return result;
  }
  double squares = 0.0;
  for (const double value : values) {
    squares += std::pow(value - result.mean, 2);
  }
  const auto count = static_cast<double>(values.size());
  result.t = ratio(result.mean, std::sqrt(squares / (count - 1.0) / count));
  result.p = two_sided(result.t, count - 1.0);
  return result;
}

double log_choose(double from, double taken) {
  return std::lgamma(from + 1.0) - std::lgamma(taken + 1.0) - std::lgamma(from - taken + 1.0);
}

/// Places of the points of a group (of all without one), of a regime (of all without one), by size.
std::vector<std::size_t> select(const ResidualData& data, const ResidualOptions& options,
                                std::optional<std::uint32_t> group,
                                std::optional<SizeRegime> regime) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < data.residuals.size(); ++i) {
    if ((!group || data.groups[i] == *group) &&
        (!regime || regime_of(data.sizes[i], options.sizes) == *regime)) {
      result.push_back(i);
    }
  }
  std::stable_sort(result.begin(), result.end(),
                   [&](std::size_t a, std::size_t b) { return data.sizes[a] < data.sizes[b]; });
  return result;
}

std::vector<double> values_of(const ResidualData& data, std::span<const std::size_t> places) {
  std::vector<double> result;
  for (const std::size_t i : places) {
    result.push_back(data.residuals[i]);
  }
  return result;
}

double autocorrelation(std::span<const double> values) {
  const double mean = mean_of(values);
  double products = 0.0;
  double squares = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    squares += std::pow(values[i] - mean, 2);
    products += i == 0 ? 0.0 : (values[i] - mean) * (values[i - 1] - mean);
  }
  return squares > 0.0 ? products / squares : 0.0;
}

void count_runs(std::span<const double> values, CurveStructure& curve) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const double median = 0.5 * (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]);
  std::array<std::size_t, 2> signs{};
  std::optional<bool> last;
  for (const double value : values) {
    if (value != median) {
      const bool above = value > median;
      ++signs[above ? 1 : 0];
      curve.runs += last == above ? 0U : 1U;
      last = above;
    }
  }
  curve.runs_p = runs_probability(curve.runs, signs[1], signs[0]);
}

CurveStructure curve_structure(const ResidualData& data, const ResidualOptions& options,
                               std::uint32_t group) {
  const std::vector<double> values = values_of(data, select(data, options, group, std::nullopt));
  CurveStructure result;
  result.group = group;
  result.offset = test_mean(values);
  if (!values.empty()) {
    result.autocorrelation = autocorrelation(values);
    count_runs(values, result);
  }
  return result;
}

RegimeStructure regime_structure(const ResidualData& data, std::span<const std::size_t> places,
                                 SizeRegime regime) {
  const std::vector<double> values = values_of(data, places);
  RegimeStructure result{
      .regime = regime, .offset = test_mean(values), .slope = 0.0, .slope_p = 1.0};
  std::vector<double> logs;
  for (const std::size_t i : places) {
    logs.push_back(std::log2(data.sizes[i].si()));
  }
  const double middle = mean_of(logs);
  double spread = 0.0;
  double together = 0.0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    spread += std::pow(logs[i] - middle, 2);
    together += (logs[i] - middle) * values[i];
  }
  if (logs.size() < 3 || spread == 0.0) {
    return result;
  }
  result.slope = together / spread;
  double squares = 0.0;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    squares += std::pow(values[i] - result.offset.mean - result.slope * (logs[i] - middle), 2);
  }
  const double degrees = static_cast<double>(logs.size()) - 2.0;
  result.slope_p = two_sided(ratio(result.slope, std::sqrt(squares / degrees / spread)), degrees);
  return result;
}

const char* to_text(SizeRegime regime) {
  switch (regime) {
    case SizeRegime::small:
      return "small";
    case SizeRegime::middle:
      return "middle";
    case SizeRegime::large:
      break;
  }
  return "large";
}

/// `9 % low`, from a log error.
std::string amount(double log_error) {
  const double relative = std::expm1(log_error);
  return fmt::format("{:.2g} % {}", 100.0 * std::abs(relative), relative < 0.0 ? "low" : "high");
}

class Teller {
 public:
  Teller(const ResidualData& data, const ResidualOptions& options)
      : data_(data), options_(options) {}

  /// Curve by curve; a curve that is off in one direction throughout isn't told again by regime.
  std::vector<std::string> tell(const ResidualStructure& structure) {
    for (const CurveStructure& curve : structure.curves) {
      tell_curve(curve, structure);
    }
    for (const RegimeStructure& regime : structure.regimes) {
      if (regime.slope_p < options_.significance &&
          std::abs(regime.slope) >= 0.25 * options_.smallest) {
        sentences_.push_back(fmt::format(
            "{} sizes of all curves: the prediction drifts by {:+.2g} % with each doubling; a rate "
            "or its ramp is off",
            to_text(regime.regime), 100.0 * regime.slope));
      }
    }
    return std::move(sentences_);
  }

 private:
  void tell_curve(const CurveStructure& curve, const ResidualStructure& structure) {
    const std::string& name = data_.group_names[curve.group];
    const std::size_t before = sentences_.size();
    std::size_t agreeing = 0;
    std::size_t present = 0;
    for (const GroupRegime& part : structure.group_regimes) {
      if (part.group == curve.group) {
        ++present;
        agreeing +=
            std::signbit(part.structure.offset.mean) == std::signbit(curve.offset.mean) &&
                    2.0 * std::abs(part.structure.offset.mean) >= std::abs(curve.offset.mean)
                ? 1U
                : 0U;
      }
    }
    if (told(curve.offset) && agreeing == present) {
      sentences_.push_back(
          fmt::format("{}: all sizes are predicted {}; the curve differs as a whole", name,
                      amount(curve.offset.mean)));
      return;
    }
    for (const GroupRegime& part : structure.group_regimes) {
      if (part.group == curve.group && told(part.structure.offset)) {
        sentences_.push_back(fmt::format("{}: {} sizes are predicted {}; mechanism missing", name,
                                         to_text(part.structure.regime),
                                         amount(part.structure.offset.mean)));
      }
    }
    if (sentences_.size() == before && curve.runs_p < options_.significance) {
      sentences_.push_back(fmt::format(
          "{}: neighbouring sizes err alike ({} runs of signs, autocorrelation {:.2f}); the shape "
          "over sizes is off",
          name, curve.runs, curve.autocorrelation));
    }
  }

  [[nodiscard]] bool told(const MeanTest& test) const {
    return test.p < options_.significance && std::abs(test.mean) >= options_.smallest;
  }

  const ResidualData& data_;
  const ResidualOptions& options_;
  std::vector<std::string> sentences_;
};

}  // namespace

double runs_probability(std::size_t runs, std::size_t above, std::size_t below) {
  const auto first = static_cast<double>(above);
  const auto second = static_cast<double>(below);
  if (above == 0 || below == 0) {
    return 1.0;  // one run whatever the order
  }
  double probability = 0.0;
  for (std::size_t r = 2; r <= runs; ++r) {
    // r runs are k of one sign and r - k of the other: compositions of each number of signs.
    const auto ways = [&](std::size_t of_first, std::size_t of_second) {
      return of_first > above || of_second > below
                 ? 0.0
                 : std::exp(log_choose(first - 1.0, static_cast<double>(of_first) - 1.0) +
                            log_choose(second - 1.0, static_cast<double>(of_second) - 1.0) -
                            log_choose(first + second, first));
    };
    probability += ways(r / 2, r - r / 2) + ways(r - r / 2, r / 2);
  }
  return std::min(probability, 1.0);
}

ResidualStructure residual_structure(const ResidualData& data, const ResidualOptions& options) {
  const bool known = std::all_of(data.groups.begin(), data.groups.end(), [&](std::uint32_t group) {
    return group < data.group_names.size();
  });
  if (data.sizes.size() != data.residuals.size() || data.groups.size() != data.residuals.size() ||
      !known) {
    throw core::InternalError("residuals whose parts have different sizes");
  }
  ResidualStructure result;
  for (std::uint32_t group = 0; group < data.group_names.size(); ++group) {
    result.curves.push_back(curve_structure(data, options, group));
    for (const SizeRegime regime : regimes) {
      const std::vector<std::size_t> places = select(data, options, group, regime);
      if (!places.empty()) {
        result.group_regimes.push_back({group, regime_structure(data, places, regime)});
      }
    }
  }
  for (const SizeRegime regime : regimes) {
    result.regimes.push_back(
        regime_structure(data, select(data, options, std::nullopt, regime), regime));
  }
  result.sentences = Teller(data, options).tell(result);
  return result;
}

}  // namespace plumbline::calibration
