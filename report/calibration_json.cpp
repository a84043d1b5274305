// SPDX-License-Identifier: Apache-2.0
// A calibration as one JSON document, `plumbline.calibration/1`.
#include <cmath>

#include <nlohmann/json.hpp>

#include "report/calibration.hpp"

namespace plumbline::report {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json number(const std::optional<core::Seconds>& time) {
  return time ? number(time->si()) : Json(nullptr);
}

Json number(const std::optional<double>& value) {
  return value ? number(*value) : Json(nullptr);
}

Json to_json(const FittedConstant& constant) {
  return {{"name", constant.name},       {"value", number(constant.value)},
          {"low", number(constant.low)}, {"high", number(constant.high)},
          {"unit", constant.unit},       {"relative_error", number(constant.relative_error)},
          {"dropped", constant.dropped}, {"note", constant.note}};
}

Json to_json(const CalibratedPoint& point) {
  return {{"size_B", point.size.si()},
          {"measured_s", number(point.measured.si())},
          {"predicted_s", number(point.predicted.si())},
          {"interval_low_s", number(point.low.si())},
          {"interval_high_s", number(point.high.si())},
          {"speed_of_light_s", number(point.speed_of_light.si())},
          {"null_s", number(point.fitted_null)},
          {"null_transferred_s", number(point.transferred_null)},
          {"nccl_tuner_s", number(point.tuner)},
          {"schedule", point.schedule}};
}

Json to_json(const CalibratedCurve& curve) {
  const auto error = [&](TimeOf time) { return number(mean_error(curve, time)); };
  Json json{{"curve", curve.label},
            {"system", curve.system},
            {"set", curve.set},
            {"collective", curve.collective},
            {"nodes", curve.nodes},
            {"ranks", curve.ranks},
            {"use", curve.fitted ? "fitted" : "scored"}};
  json["mean_error"] = {
      {"ours", error([](const CalibratedPoint& p) { return std::optional(p.predicted); })},
      {"left_out", number(curve.left_out_error)},
      {"null", error([](const CalibratedPoint& p) { return p.fitted_null; })},
      {"null_transferred", error([](const CalibratedPoint& p) { return p.transferred_null; })},
      {"nccl_tuner", error([](const CalibratedPoint& p) { return p.tuner; })}};
  for (const char* regime : {"small", "middle", "large"}) {
    json["median_gap"][regime] = number(median_gap(curve, regime));
  }
  json["coverage"] = number(coverage(curve));
  json["points"] = Json::array();
  for (const CalibratedPoint& point : curve.points) {
    json["points"].push_back(to_json(point));
  }
  return json;
}

Json record_parts(const Calibration& calibration) {
  Json json = Json::object();
  const workload::CalibrationRecord record = calibration.fitted.calibration
                                                 ? *calibration.fitted.calibration
                                                 : workload::CalibrationRecord{};
  json["systems"] = record.systems;
  json["margins"] = {{"small", record.margins.small},
                     {"middle", record.margins.middle},
                     {"large", record.margins.large},
                     {"groups", record.margins.groups}};
  json["correlations"] = Json::array();
  for (const workload::Correlation& pair : record.correlations) {
    json["correlations"].push_back(
        {{"first", pair.first}, {"second", pair.second}, {"correlation", pair.correlation}});
  }
  return json;
}

}  // namespace

std::string to_json(const Calibration& calibration) {
  Json json{{"schema", "plumbline.calibration/1"}, {"plumbline", calibration.plumbline},
            {"name", calibration.fitted.name},     {"free_parameters", calibration.free_parameters},
            {"intervals", calibration.intervals},  {"fit", calibration.fit}};
  json["constants"] = Json::array();
  for (const FittedConstant& constant : calibration.constants) {
    json["constants"].push_back(to_json(constant));
  }
  json["curves"] = Json::array();
  for (const CalibratedCurve& curve : calibration.curves) {
    json["curves"].push_back(to_json(curve));
  }
  json["fitted_on"] = Json::array();
  for (const workload::FittedSet& source : calibration.sources) {
    json["fitted_on"].push_back({{"set", source.set},
                                 {"source", source.source},
                                 {"licence", source.licence},
                                 {"points", source.points}});
  }
  json.update(record_parts(calibration));
  json["decisions"] = calibration.decisions;
  json["open"] = calibration.open;
  json["residuals"] = calibration.residuals;
  json["intervals_of_predictions"] = calibration.margins;
  json["measure_next"] = Json::array();
  for (const Suggestion& suggestion : calibration.suggestions) {
    json["measure_next"].push_back({{"command", suggestion.command},
                                    {"target", suggestion.target},
                                    {"factor_before", number(suggestion.before)},
                                    {"factor_after", number(suggestion.after)}});
  }
  json["notes"] = calibration.notes;
  return json.dump(2) + "\n";
}

}  // namespace plumbline::report
