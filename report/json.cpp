// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "report/series.hpp"
#include "report/writers.hpp"

namespace plumbline::report {
namespace {

using Json = nlohmann::ordered_json;
using core::Seconds;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

template <class Quantity>
Json number(const std::optional<Quantity>& value) {
  return value ? number(value->si()) : Json(nullptr);
}

/// Bytes are whole numbers for people, and fractions only where someone asked for one.
Json bytes(core::Bytes value) {
  constexpr double exact_limit = 9007199254740992.0;  // 2^53: above, doubles skip integers
  const double si = value.si();
  if (si >= 0.0 && si <= exact_limit && std::floor(si) == si) {
    return static_cast<std::uint64_t>(si);
  }
  return number(si);
}

Json terms(const workload::Terms& values) {
  Json json = Json::object();
  for (std::size_t i = 0; i < workload::term_count; ++i) {
    if (values.values[i] != Seconds{}) {
      json[std::string(workload::to_text(static_cast<workload::Term>(i)))] =
          number(values.values[i].si());
    }
  }
  return json;
}

Json axes(const Point& point) {
  Json json{{"collective", workload::to_text(point.collective)},
            {"algorithm", point.algorithm},
            {"ranks", point.ranks},
            {"nodes", point.nodes},
            {"size_B", bytes(point.size)}};
  for (const auto& [path, value] : point.labels) {
    json[path] = value;
  }
  return json;
}

Json bounds(const Point& point) {
  Json list = Json::array();
  for (const workload::Bound& bound : point.bounds) {
    list.push_back({{"name", bound.name},
                    {"scope", workload::to_text(bound.scope)},
                    {"side", workload::to_text(bound.side)},
                    {"value_s", number(bound.value.si())},
                    {"binding", bound.binding}});
  }
  return list;
}

Json predictions(const Point& point) {
  Json list = Json::array();
  for (const Prediction& prediction : point.predictions) {
    list.push_back({{"solver", prediction.solver},
                    {"estimate_s", number(prediction.estimate)},
                    {"terms", terms(prediction.terms)},
                    {"valid", prediction.valid},
                    {"claim", prediction.claim.empty() ? Json() : Json(prediction.claim)},
                    {"refuted", prediction.refuted ? Json(*prediction.refuted) : Json()},
                    {"notes", prediction.notes}});
  }
  return list;
}

/// The wall time of the replay differs from run to run: it is in `run`.
Json replay(const Point& point) {
  if (!point.replay) {
    return nullptr;
  }
  Json json = Json::object();
  if (const auto& details = point.replay->replay) {
    json["operations"] = details->operations;
    json["replayed_operations"] = details->replayed_operations;
    json["folded"] = details->folded;
  }
  json["terms"] = terms(point.replay->terms);
  json["hottest_links"] = Json::array();
  if (const auto& details = point.replay->replay) {
    for (const workload::PartTimes& part : details->parts) {
      json["parts"].push_back({{"name", part.name},
                               {"start_s", number(part.start.si())},
                               {"end_s", number(part.end.si())}});
    }
    for (const workload::LinkLoad& load : details->hottest_links) {
      json["hottest_links"].push_back({{"link", load.link},
                                       {"bytes_B", number(load.bytes.si())},
                                       {"utilisation", number(load.utilisation)}});
    }
  }
  json["notes"] = point.replay->notes;
  return json;
}

Json gaps(const Point& point) {
  Json list = Json::array();
  for (const Gap& gap : point.gaps) {
    Json by_term = Json::object();
    for (const auto& [term, difference] : gap.terms) {
      by_term[term] = number(difference.si());
    }
    Json json{{"of", gap.of},
              {"against", gap.against},
              {"relative", number(gap.relative)},
              {"terms", std::move(by_term)}};
    if (!gap.regime.empty()) {
      json["regime"] = gap.regime;
    }
    json["explanation"] = gap.explanation;
    list.push_back(std::move(json));
  }
  return list;
}

void add_measured(Json& json, const Point& point) {
  const auto& measured = point.measured;
  json["measured_s"] = measured ? number(measured->time.si()) : Json(nullptr);
  json["measured_low_s"] = measured ? number(measured->low) : Json(nullptr);
  json["measured_high_s"] = measured ? number(measured->high) : Json(nullptr);
  json["measured_below"] = measured && measured->below ? Json(*measured->below) : Json(nullptr);
}

/// `algbw_Bps` and `busbw_Bps` are the replay's, the measurement's have their own keys: one key
/// that means now this, now that would be compared across results by mistake.
void add_bandwidths(Json& json, const Point& point) {
  for (const char* key : {"algbw_Bps", "busbw_Bps", "measured_algbw_Bps", "measured_busbw_Bps"}) {
    json[key] = nullptr;
  }
  for (const Answer& answer : answers(point)) {
    if (answer.engine == "replay") {
      json["algbw_Bps"] = number(algorithm_bandwidth(point, answer));
      json["busbw_Bps"] = number(bus_bandwidth(point, answer));
    } else if (answer.engine == "measured") {
      json["measured_algbw_Bps"] = number(algorithm_bandwidth(point, answer));
      json["measured_busbw_Bps"] = number(bus_bandwidth(point, answer));
    }
  }
}

Json to_json(const Point& point) {
  Json json{{"axes", axes(point)},
            {"choice",
             {{"algorithm", point.algorithm},
              {"protocol", point.protocol},
              {"channels", point.channels},
              {"by", point.chosen_by}}},
            {"placement", point.placement},
            {"routing", point.routing},
            {"constants", point.constants},
            {"status", to_text(point.status)},
            {"verified", point.verified},
            {"lower_s", number(point.lower)},
            {"upper_s", number(point.upper)},
            {"speed_of_light_s", number(point.speed_of_light)},
            {"bounds", bounds(point)},
            {"predictions", predictions(point)},
            {"simulated_s", point.replay ? number(point.replay->estimate) : Json(nullptr)},
            {"replay", replay(point)}};
  if (point.likely_low) {
    json["likely_low_s"] = number(point.likely_low);
    json["likely_high_s"] = number(point.likely_high);
  }
  add_measured(json, point);
  add_bandwidths(json, point);
  json["inside_bounds"] = point.inside_bounds ? Json(*point.inside_bounds) : Json(nullptr);
  json["gaps"] = gaps(point);
  json["notes"] = point.notes;
  return json;
}

Json axes(const ResultSet& result) {
  Json list = Json::array();
  for (const AxisInfo& info : result.axes) {
    const Coordinate axis = coordinate(info);
    Json json{{"path", axis.path}, {"values", axis.texts}};
    json["unit"] = axis.is_numeric() ? Json(axis.unit) : Json(nullptr);
    json["si"] = axis.is_numeric() ? Json(axis.numbers) : Json(nullptr);
    list.push_back(std::move(json));
  }
  return list;
}

Json measured_set(const ResultSet& result) {
  if (!result.measured) {
    return nullptr;
  }
  return {{"set", result.measured->set},
          {"title", result.measured->title},
          {"source", result.measured->source},
          {"licence", result.measured->licence},
          {"algorithm", result.measured->algorithm}};
}

Json place(const core::SourceSpan& where) {
  return {{"file", where.file}, {"line", where.line}, {"column", where.column}};
}

Json diagnostics(const ResultSet& result) {
  Json list = Json::array();
  for (const core::Diagnostic& diagnostic : result.diagnostics) {
    list.push_back({{"code", diagnostic.code},
                    {"severity", core::to_text(diagnostic.severity)},
                    {"where", place(diagnostic.where)},
                    {"message", diagnostic.message},
                    {"hint", diagnostic.hint}});
  }
  return list;
}

Json provenance(const ResultSet& result) {
  Json list = Json::array();
  for (const core::ProvenanceEntry& entry : result.provenance) {
    list.push_back({{"path", entry.path},
                    {"text", entry.text},
                    {"source", entry.source},
                    {"verified", entry.verified},
                    {"where", place(entry.where)}});
  }
  return list;
}

/// All that may differ between two runs of the same inputs.
Json run(const ResultSet& result) {
  Json json = Json::object();
  for (const auto& [key, value] : result.run) {
    json[key] = value;
  }
  Json walls = Json::array();
  for (const Point& point : result.points) {
    const bool replayed = point.replay && point.replay->replay;
    walls.push_back(replayed ? number(point.replay->replay->wall.si()) : Json(nullptr));
  }
  json["replay_wall_s"] = std::move(walls);
  return json;
}

}  // namespace

std::string to_json(const ResultSet& result) {
  Json points = Json::array();
  for (const Point& point : result.points) {
    points.push_back(to_json(point));
  }
  const Json json{
      {"schema", "plumbline.result/1"},
      {"experiment", result.experiment},
      {"question", result.question},
      {"system", result.system},
      {"interrupted", result.interrupted},
      {"axes", axes(result)},
      {"measured", measured_set(result)},
      {"points", std::move(points)},
      {"verdict", {{"accepted", result.verdict.accepted}, {"failures", result.verdict.failures}}},
      {"diagnostics", diagnostics(result)},
      {"provenance", provenance(result)},
      {"run", run(result)}};
  // Texts come from people's files: bytes that are not UTF-8 are replaced, not a reason to die.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace plumbline::report
