// SPDX-License-Identifier: Apache-2.0
#include "analytic/external/wire.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/diagnostic.hpp"
#include "core/text.hpp"

namespace plumbline::analytic::external {
namespace {

using Json = nlohmann::json;

constexpr std::array claims{Claim::lower, Claim::upper, Claim::exact, Claim::estimate};
constexpr std::array quantities{Quantity::time, Quantity::busbw, Quantity::choice};

/// The beginning of a line that could not be understood, as it can be shown.
std::string shown(std::string_view line) {
  std::string text(line.substr(0, 60));
  for (char& c : text) {
    c = c < ' ' || c > '~' ? '.' : c;
  }
  return line.size() > 60 ? text + "…" : text;
}

/// Refuses keys that mean nothing, so that a slip is no silent default.
void only(const Json& object, const std::vector<std::string>& known, std::string_view what) {
  for (const auto& item : object.items()) {
    if (std::ranges::find(known, item.key()) == known.end()) {
      throw core::ModelError(fmt::format("{} has an unknown key '{}'; {}", what, shown(item.key()),
                                         core::suggest(item.key(), known)));
    }
  }
}

/// How deep brackets nest, those in texts included: JSON is written by recursion, and read back in
/// messages.
std::size_t depth_of(std::string_view line) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  for (const char c : line) {
    depth += c == '[' || c == '{' ? 1 : 0;
    depth -= (c == ']' || c == '}') && depth > 0 ? 1 : 0;
    deepest = std::max(deepest, depth);
  }
  return deepest;
}

/// ModelError for anything but an object on the line.
Json parse(const std::string& line, std::string_view what) {
  constexpr std::size_t deepest = 64;
  if (depth_of(line) > deepest) {
    throw core::ModelError(fmt::format("{} nests deeper than {}", what, deepest));
  }
  Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) {
    const bool nan =
        line.find("NaN") != std::string::npos || line.find("Infinity") != std::string::npos;
    throw core::ModelError(nan ? fmt::format("{} holds NaN or Infinity, which are no numbers", what)
                               : fmt::format("{} is not one JSON object: {}", what, shown(line)));
  }
  return json;
}

std::string text_of(const Json& object, const char* key, std::string_view what, bool needed) {
  const auto found = object.find(key);
  if (found == object.end() && !needed) {
    return {};
  }
  if (found == object.end() || !found->is_string()) {
    throw core::ModelError(fmt::format("{} needs `{}`, a text", what, key));
  }
  return found->get<std::string>();
}

double number_of(const Json& value, std::string_view what) {
  if (!value.is_number()) {
    throw core::ModelError(fmt::format("{} is no number: {}", what, shown(value.dump())));
  }
  return value.get<double>();
}

template <class Word>
Word word_of(const std::string& text, std::span<const Word> words, std::string_view what) {
  std::vector<std::string> names;
  for (const Word word : words) {
    if (to_text(word) == text) {
      return word;
    }
    names.emplace_back(to_text(word));
  }
  throw core::ModelError(
      fmt::format("{} '{}' is unknown; {}", what, shown(text), core::suggest(text, names)));
}

DomainAxis axis_of(const std::string& name, const Json& value) {
  DomainAxis axis;
  if (!axis_dimension(name) && !is_word_axis(name)) {
    throw core::ModelError(fmt::format("the domain has an unknown axis '{}'; {}", shown(name),
                                       core::suggest(name, common_axes())));
  }
  if (value.is_array() && !value.empty() && value.front().is_string()) {
    for (const Json& word : value) {
      axis.words.push_back(word.is_string() ? word.get<std::string>() : word.dump());
    }
    return axis;
  }
  if (!value.is_array() || value.size() != 2) {
    throw core::ModelError(
        fmt::format("domain of '{}': a list of two numbers or of words", shown(name)));
  }
  axis.from = number_of(value[0], "an end of a domain");
  axis.to = number_of(value[1], "an end of a domain");
  if (axis.from > axis.to) {
    throw core::ModelError(fmt::format("domain of '{}': its ends are exchanged", shown(name)));
  }
  return axis;
}

DeclaredConstant constant_of(const std::string& name, const Json& value) {
  if (!value.is_object() || !value.contains("value")) {
    throw core::ModelError(
        fmt::format("constant '{}': {{value: number, dimension: text}}", shown(name)));
  }
  only(value, {"value", "dimension"}, "a constant");
  const std::string text = text_of(value, "dimension", "constant '" + shown(name) + "'", true);
  const std::optional<Dimension> dimension = parse_dimension(text);
  if (!dimension) {
    throw core::ModelError(fmt::format("constant '{}': '{}' is no dimension; write 1, s, B, B/s, …",
                                       shown(name), shown(text)));
  }
  return {number_of(value["value"], "a constant"), *dimension};
}

double share_of(const Json& within) {
  if (!within.is_object() || !within.contains("p95")) {
    throw core::ModelError("within: {p95: share} is what an estimate promises");
  }
  only(within, {"p95"}, "within");
  const double share = number_of(within["p95"], "within: p95");
  if (!(share > 0.0 && share <= 1.0)) {
    throw core::ModelError(fmt::format("within: p95 of {} is no share: 0.1 is 10 %", share));
  }
  return share;
}

/// As text: `s`, `B/s`; see parse_dimension.
std::string text_of(Dimension dimension) {
  return fmt::format("s^{}*B^{}", dimension.time, dimension.data);
}

Json number_json(const Number& number, const Gauge& gauge) {
  if (!number.value) {
    return nullptr;
  }
  const double value = *number.value * gauge.factor(number.dimension);
  constexpr double exact = 9007199254740992.0;  // 2^53
  const bool whole = number.dimension == Dimension{} && std::trunc(value) == value;
  return whole && std::abs(value) < exact ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

constexpr Dimension seconds{.time = 1, .data = 0};
constexpr Dimension bytes{.time = 0, .data = 1};
constexpr Dimension rate{.time = -1, .data = 1};

/// The model itself: resources, paths over them, operations on paths.
Json dag_json(const workload::Problem& problem, const Gauge& gauge) {
  const workload::Costs& costs = problem.costs();
  const workload::Dag& dag = problem.dag();
  const auto in = [&](double value, Dimension dimension) -> Json {
    return std::isfinite(value) ? Json(value * gauge.factor(dimension)) : Json(nullptr);
  };
  Json json{{"resources", Json::array()}, {"paths", Json::array()}, {"operations", Json::array()}};
  for (const workload::Resource& resource : costs.resources()) {
    json["resources"].push_back(
        {{"name", resource.name}, {"capacity", in(resource.capacity.si(), rate)}});
  }
  for (std::size_t i = 0; i < costs.paths().size(); ++i) {
    const workload::Path& path = costs.paths()[i];
    Json uses = Json::array();
    for (const workload::Use& use : costs.uses(workload::PathId(i))) {
      uses.push_back({use.resource.value, use.weight});
    }
    json["paths"].push_back({{"class", to_text(path.path_class)},
                             {"latency", in(path.latency.si(), seconds)},
                             {"wire_ratio", path.wire_ratio},
                             {"cap", in(path.cap.si(), rate)},
                             {"uses", std::move(uses)}});
  }
  for (std::size_t i = 0; i < dag.size(); ++i) {
    const workload::Operation& op = dag.operations[i];
    Json after = Json::array();
    for (const workload::OpId before : dag.before(workload::OpId(i))) {
      after.push_back(before.value);
    }
    Json operation{
        {"kind", to_text(op.kind)}, {"rank", op.rank.value}, {"after", std::move(after)}};
    if (op.is_transfer()) {
      operation["peer"] = op.peer.value;
      operation["path"] = costs.path_of(dag.origin[i]).value;
      operation["size"] = in(op.amount, bytes);
    } else {
      operation["duration"] = in(op.amount, seconds);
    }
    json["operations"].push_back(std::move(operation));
  }
  return json;
}

/// A number of the answer that is there, in SI.
std::optional<double> value_of(const Json& json, const std::string& key, double factor) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) {
    return std::nullopt;
  }
  return number_of(*found, "its " + key) / factor;
}

Answer answer_of(const Json& json, std::uint64_t id, Quantity quantity, const Gauge& gauge) {
  const std::string unit = quantity == Quantity::busbw ? "_Bps" : "_s";
  only(json,
       {"id", "lower" + unit, "estimate" + unit, "upper" + unit, "terms", "binding", "choice",
        "not_applicable", "failure"},
       "its answer");
  if (const auto at = json.find("id"); at == json.end() || *at != id) {
    throw core::ModelError(
        fmt::format("it answered {}, not problem {}",
                    at == json.end() ? "without an id" : "problem " + shown(at->dump()), id));
  }
  Answer answer;
  answer.failure = text_of(json, "failure", "its answer", false);
  answer.not_applicable = text_of(json, "not_applicable", "its answer", false);
  if (json.contains("not_applicable") && answer.not_applicable.empty()) {
    throw core::ModelError("it does not say why the problem is not applicable");
  }
  const double factor = gauge.factor(quantity == Quantity::busbw ? rate : seconds);
  answer.lower = value_of(json, "lower" + unit, factor);
  answer.estimate = value_of(json, "estimate" + unit, factor);
  answer.upper = value_of(json, "upper" + unit, factor);
  answer.binding = text_of(json, "binding", "its answer", false);
  answer.choice = text_of(json, "choice", "its answer", false);
  if (const auto terms = json.find("terms"); terms != json.end()) {
    if (!terms->is_object()) {
      throw core::ModelError("its terms are no object");
    }
    for (const auto& item : terms->items()) {
      answer.terms[item.key()] =
          number_of(item.value(), "its term '" + shown(item.key()) + "'") / gauge.time;
    }
  }
  const bool empty = !answer.lower && !answer.estimate && !answer.upper && answer.choice.empty();
  if (empty && answer.not_applicable.empty() && answer.failure.empty()) {
    throw core::ModelError(
        fmt::format("its answer says nothing: lower{0}, estimate{0}, upper{0}, "
                    "choice or not_applicable",
                    unit));
  }
  return answer;
}

}  // namespace

std::optional<Dimension> parse_dimension(std::string_view text) {
  Dimension dimension;
  int sign = 1;
  while (true) {
    const char factor = text.empty() ? '\0' : text.front();
    if (factor != 's' && factor != 'B' && factor != '1') {
      return std::nullopt;
    }
    text.remove_prefix(1);
    int power = 1;
    if (text.size() > 1 && text.front() == '^') {
      text.remove_prefix(1);
      const bool minus = text.front() == '-';
      text.remove_prefix(minus ? 1 : 0);
      if (text.empty() || text.front() < '0' || text.front() > '9') {
        return std::nullopt;
      }
      power = (minus ? -1 : 1) * (text.front() - '0');
      text.remove_prefix(1);
    }
    dimension.time += factor == 's' ? sign * power : 0;
    dimension.data += factor == 'B' ? sign * power : 0;
    if (text.empty()) {
      return dimension;
    }
    if (text.front() != '*' && text.front() != '/') {
      return std::nullopt;
    }
    sign = text.front() == '/' ? -1 : 1;
    text.remove_prefix(1);
  }
}

Contract read_handshake(const std::string& line) {
  constexpr auto what = "its handshake";
  const Json json = parse(line, what);
  only(json,
       {"plumbline", "name", "claim", "within", "quantity", "domain", "citation", "constants",
        "exact_to", "wants"},
       what);
  if (const auto version = json.find("plumbline");
      version == json.end() || *version != protocol_version) {
    throw core::ModelError(fmt::format("{} needs `\"plumbline\": {}`, the version of the protocol",
                                       what, protocol_version));
  }
  Contract contract;
  contract.name = text_of(json, "name", what, true);
  contract.claim = word_of<Claim>(text_of(json, "claim", what, true), claims, "claim");
  contract.citation = text_of(json, "citation", what, true);
  if (json.contains("quantity")) {
    contract.quantity =
        word_of<Quantity>(text_of(json, "quantity", what, true), quantities, "quantity");
  }
  if (json.contains("within")) {
    contract.within_p95 = share_of(json["within"]);
  }
  if (json.contains("exact_to")) {
    contract.exact_to = number_of(json["exact_to"], "exact_to");
  }
  if (json.contains("domain")) {
    for (const auto& item : json["domain"].items()) {
      contract.domain[item.key()] = axis_of(item.key(), item.value());
    }
  }
  if (json.contains("constants")) {
    for (const auto& item : json["constants"].items()) {
      contract.constants[item.key()] = constant_of(item.key(), item.value());
    }
  }
  if (json.contains("wants")) {
    contract.wants_dag = json["wants"] == Json::array({"dag"});
    if (!contract.wants_dag) {
      throw core::ModelError("wants: the one thing that can be asked for is [\"dag\"]");
    }
  }
  return contract;
}

std::string handshake_line(const Contract& contract) {
  Json json{{"plumbline", protocol_version},    {"name", contract.name},
            {"claim", to_text(contract.claim)}, {"quantity", to_text(contract.quantity)},
            {"citation", contract.citation},    {"exact_to", contract.exact_to}};
  for (const auto& [name, axis] : contract.domain) {
    json["domain"][name] = axis.words.empty() ? Json{axis.from, axis.to} : Json(axis.words);
  }
  for (const auto& [name, constant] : contract.constants) {
    json["constants"][name] = {{"value", constant.value},
                               {"dimension", text_of(constant.dimension)}};
  }
  if (contract.within_p95) {
    json["within"]["p95"] = *contract.within_p95;
  }
  return json.dump();
}

std::string problem_line(std::uint64_t id, const workload::Problem& problem,
                         const Contract& contract, const Gauge& gauge) {
  const Question question = question_of(problem);
  Json json{{"id", id}};
  for (const auto& [name, number] : question.numbers) {
    std::string path = "/" + name;
    std::ranges::replace(path, '.', '/');
    json[Json::json_pointer(path)] = number_json(number, gauge);
  }
  for (const auto& [name, word] : question.words) {
    json["workload"][name] = word;
  }
  json["placement"]["node_of"] = question.node_of;
  json["declared"] = Json::object();
  for (const auto& [name, constant] : contract.constants) {
    json["declared"][name] = constant.value * gauge.factor(constant.dimension);
  }
  if (contract.wants_dag) {
    json["dag"] = dag_json(problem, gauge);
  }
  return json.dump();
}

Answer read_answer(const std::string& line, std::uint64_t id, Quantity quantity,
                   const Gauge& gauge) {
  Answer answer;
  try {
    answer = answer_of(parse(line, "its answer"), id, quantity, gauge);
  } catch (const core::ModelError& error) {
    answer.failure = error.what();
  } catch (const std::exception& error) {  // e.g. text that is not UTF-8, shown back
    answer.failure = fmt::format("its answer can't be read: {}", error.what());
  }
  return answer;
}

}  // namespace plumbline::analytic::external
