// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/scorecard.hpp"

namespace plumbline::app {
namespace {

using gate::Report;
using Json = nlohmann::ordered_json;

constexpr std::string_view schema = "plumbline.scorecard/1";

// A baseline may have been drawn from another seed: what is less than this is chance.
constexpr double error_slack = 1.1;
constexpr double coverage_slack = 0.02;
constexpr double least_error = 1e-6;

Json compared(const std::optional<gate::Comparison>& with) {
  if (!with) {
    return nullptr;
  }
  return {{"with", with->with},
          {"points", with->points},
          {"mean_error", with->own},
          {"mean_error_other", with->other},
          {"difference", {with->difference.low, with->difference.mean, with->difference.high}}};
}

/// How the part of the domain did on points that it was not found by.
Json fresh_json(const std::optional<gate::Box>& box) {
  return box && box->fresh > 0 ? Json{{"points", box->fresh}, {"violations", box->broken}}
                               : Json(nullptr);
}

Json verdict_json(const Report& report) {
  Json limits = Json::array();
  if (report.verdict.box) {
    for (const gate::Limit& limit : report.verdict.box->limits) {
      limits.push_back(
          limit.word.empty()
              ? Json{{"axis", limit.axis}, {"from", limit.range.from}, {"to", limit.range.to}}
              : Json{{"axis", limit.axis}, {"word", limit.word}});
    }
  }
  return {{"decision", to_text(report.verdict.decision)},
          {"reason", report.verdict.reason},
          {"cause", report.verdict.cause},
          {"domain", limits},
          {"domain_share", report.verdict.box ? Json(report.verdict.box->share) : Json(nullptr)},
          {"domain_fresh", fresh_json(report.verdict.box)}};
}

Json score_json(const Report& report) {
  const gate::Score& score = report.score;
  Json parts = Json::array();
  for (const gate::Part& part : score.parts) {
    parts.push_back({{"part", part.name},
                     {"points", part.count},
                     {"kept", part.kept},
                     {"median_error", part.median}});
  }
  return {{"points", score.known},
          {"not_replayed", score.unknown},
          {"violations", score.violations},
          {"violation_limit_95", score.violation_limit},
          {"faster_than_bounds", score.below_bounds},
          {"mean_error", score.mean},
          {"bias", score.bias},
          {"median_error", score.median},
          {"p95_error", score.p95},
          {"largest_error", score.largest},
          {"kendall_tau", score.tau},
          {"worst", score.worst ? Json(to_text(report.samples.all[*score.worst].at)) : Json()},
          {"null_model", compared(score.null)},
          {"incumbent", compared(score.incumbent)},
          {"parts", parts}};
}

Json counterexample_json(const Report& report) {
  if (!report.counterexample) {
    return nullptr;
  }
  const gate::Found& found = report.counterexample->found;
  return {{"case", to_text(found.sample.at)},
          {"ranks", found.sample.at.ranks()},
          {"nodes", found.sample.at.nodes},
          {"error", found.judgement.error},
          {"why", report.counterexample->why},
          {"experiment", to_yaml(found.sample.at, "counterexample", "")}};
}

Json decisions_json(const Report& report) {
  const auto& told = report.decisions;
  return told ? Json{{"points", told->points},
                     {"wrong", told->wrong},
                     {"p95_regret", told->p95},
                     {"worst_regret", told->worst},
                     {"worst", told->worst_at}}
              : Json();
}

Json measured_json(const Report& report) {
  Json sets = Json::array();
  for (const gate::MeasuredScore& score : report.measured) {
    sets.push_back({{"experiment", score.experiment},
                    {"set", score.set},
                    {"points", score.points},
                    {"answered", score.answered},
                    {"why_not", score.why_not},
                    {"mean_error", score.null ? Json(score.mean) : Json()},
                    {"worst_error", score.null ? Json(score.worst) : Json()},
                    {"worst", score.null ? Json(score.worst_at) : Json()},
                    {"null_error", score.null ? Json(*score.null) : Json()}});
  }
  return sets;
}

[[noreturn]] void refuse(const std::string& name, const std::string& why) {
  throw core::InputError(
      {{"PL-D002",
        core::Severity::error,
        {name, 1, 1},
        why,
        "write one with `plumbline validate SOLVER -o DIR`: DIR/scorecard.json"}});
}

int rank_of(std::string_view decision) {
  return decision == to_text(gate::Decision::ship)               ? 0
         : decision == to_text(gate::Decision::ship_with_domain) ? 1
                                                                 : 2;
}

}  // namespace

std::string scorecard_json(const Report& report) {
  Json properties = Json::array();
  for (const gate::Property& property : report.properties) {
    properties.push_back({{"name", property.name},
                          {"passed", property.passed},
                          {"checks", property.checked},
                          {"says", property.says}});
  }
  const Json card{{"schema", schema},
                  {"solver", report.contract.name},
                  {"claim", to_text(report.contract.claim)},
                  {"quantity", to_text(report.contract.quantity)},
                  {"within", gate::tolerance(report.contract)},
                  {"seed", report.seed},
                  {"containment", report.contract.containment},
                  {"verdict", verdict_json(report)},
                  {"coverage", report.samples.coverage()},
                  {"score", score_json(report)},
                  {"counterexample", counterexample_json(report)},
                  {"properties", properties},
                  {"measured", measured_json(report)},
                  {"decisions", decisions_json(report)},
                  {"run",
                   {{"wall_s", report.wall.si()},
                    {"answer_s", report.score.answer_time.si()},
                    {"replay_s", report.score.truth_time.si()}}}};
  return card.dump(2) + "\n";
}

std::vector<std::string> regressions(const Report& report, const std::string& baseline,
                                     const std::string& name) {
  const Json before = Json::parse(baseline, nullptr, false);
  if (before.is_discarded() || !before.is_object() || before.value("schema", "") != schema) {
    refuse(name, "this is no scorecard");
  }
  if (before.value("solver", "") != report.contract.name) {
    refuse(name, fmt::format("this is the scorecard of '{}', not of '{}'",
                             before.value("solver", ""), report.contract.name));
  }
  std::vector<std::string> worse;
  const std::string was = before.value("/verdict/decision"_json_pointer, std::string("REJECT"));
  if (rank_of(to_text(report.verdict.decision)) > rank_of(was)) {
    worse.push_back(fmt::format("the verdict was {}", was));
  }
  const double error = before.value("/score/mean_error"_json_pointer, 0.0);
  if (report.score.mean > std::max(error * error_slack, least_error)) {
    worse.push_back(fmt::format("the mean error was {:.3g} % and is {:.3g} %", error * 100.0,
                                report.score.mean * 100.0));
  }
  const double coverage = before.value("coverage", 0.0);
  if (report.samples.coverage() < coverage - coverage_slack) {
    worse.push_back(fmt::format("it answered {:.1f} % of its domain and answers {:.1f} %",
                                coverage * 100.0, report.samples.coverage() * 100.0));
  }
  return worse;
}

}  // namespace plumbline::app
