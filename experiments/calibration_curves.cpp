// SPDX-License-Identifier: Apache-2.0
#include "experiments/calibration_curves.hpp"

#include <algorithm>
#include <cmath>

#include "calibration/null_model.hpp"

namespace plumbline::experiments {
namespace {

using calibration::Curve;
using calibration::NullModel;

std::vector<Curve> plain_curves(const CalibrationInput& input) {
  std::vector<Curve> curves;
  for (const MeasuredCurve& curve : input.curves) {
    curves.push_back({.collective = curve.collective,
                      .ranks = curve.ranks,
                      .nodes = curve.nodes,
                      .sizes = {},
                      .times = {}});
  }
  for (const MeasuredPoint& point : input.points) {
    curves[point.curve].sizes.push_back(point.row.size);
    curves[point.curve].times.push_back(point.row.time);
  }
  return curves;
}

/// The null model of the nearest of `known`, but for number `except`; nothing where there is none.
std::optional<NullModel> transfer(const std::vector<Curve>& known, const Curve& to,
                                  std::size_t except) {
  std::vector<Curve> others;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (i != except) {
      others.push_back(known[i]);
    }
  }
  if (others.empty()) {
    return std::nullopt;
  }
  const Curve& from = others[calibration::nearest(others, to)];
  return calibration::transferred(
      calibration::fit_null_model(from),
      ring_steps(to.collective, to.ranks) / ring_steps(from.collective, from.ranks),
      ring_bytes(to.collective, to.ranks) / ring_bytes(from.collective, from.ranks));
}

report::CalibratedCurve heading(const MeasuredCurve& curve, bool fitted) {
  return {.label = curve.label,
          .system = curve.system,
          .set = curve.set->name,
          .collective = curve.collective,
          .nodes = curve.nodes,
          .ranks = curve.ranks,
          .fitted = fitted,
          .points = {},
          .left_out_error = {}};
}

}  // namespace

double ring_steps(const std::string& collective, std::uint32_t ranks) {
  if (collective == "ping_pong" || collective == "send_recv" || collective == "copy" || ranks < 2) {
    return 1.0;
  }
  return (collective == "all_reduce" ? 2.0 : 1.0) * (ranks - 1.0);
}

double ring_bytes(const std::string& collective, std::uint32_t ranks) {
  const auto known = workload::collective(collective);
  const double factor = known ? workload::bus_factor(*known, workload::RankCount(ranks)) : 1.0;
  return factor > 0.0 ? factor : 1.0;
}

std::vector<report::CalibratedCurve> calibrated_curves(
    const CalibrationInput& input, const CalibrationInput& fitted,
    const calibration::SimulatedResponse& response, std::span<const double> theta,
    const calibration::Conformal* intervals) {
  const bool is_fitted = &input == &fitted;
  const std::vector<Curve> curves = plain_curves(input);
  const std::vector<Curve> known = plain_curves(fitted);
  std::vector<report::CalibratedCurve> result;
  std::vector<NullModel> own;
  std::vector<std::optional<NullModel>> from_others;
  for (std::size_t c = 0; c < curves.size(); ++c) {
    result.push_back(heading(input.curves[c], is_fitted));
    own.push_back(calibration::fit_null_model(curves[c]));
    from_others.push_back(transfer(known, curves[c], is_fitted ? c : known.size()));
  }
  std::vector<double> predicted(response.points());
  response.evaluate(theta, predicted, nullptr);
  for (std::size_t i = 0; i < input.points.size(); ++i) {
    const MeasuredPoint& point = input.points[i];
    const core::Bytes size = point.row.size;
    const calibration::LogInterval interval =
        intervals == nullptr
            ? calibration::LogInterval{-HUGE_VAL, HUGE_VAL}
            : intervals->interval(predicted[i], size, std::log(point.speed_of_light.si()));
    const auto& transferred = from_others[point.curve];
    result[point.curve].points.push_back(
        {.size = size,
         .measured = point.row.time,
         .predicted = core::Seconds::from_si(std::exp(predicted[i])),
         .low = core::Seconds::from_si(std::exp(interval.low)),
         .high = core::Seconds::from_si(std::exp(interval.high)),
         .speed_of_light = point.speed_of_light,
         .fitted_null = own[point.curve].at(size),
         .transferred_null = transferred ? std::optional(transferred->at(size)) : std::nullopt,
         .tuner = point.tuner,
         .schedule = response.families()[response.taken(i, theta)].label});
  }
  for (report::CalibratedCurve& curve : result) {
    std::ranges::stable_sort(curve.points, {}, &report::CalibratedPoint::size);
  }
  return result;
}

}  // namespace plumbline::experiments
