// SPDX-License-Identifier: Apache-2.0
#include "analytic/external/formula.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "analytic/external/expression.hpp"
#include "analytic/external/wire.hpp"
#include "analytic/question.hpp"
#include "core/read.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

namespace plumbline::analytic::external {
namespace {

using core::Cursor;

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> short_names{{
    {"n", "workload.ranks"},
    {"g", "placement.gpus_per_node"},
    {"k", "placement.nodes"},
    {"S", "workload.size"},
    {"B", "fabric.bandwidth"},
    {"B_v", "fabric.nvlink.bandwidth"},
    {"B_x", "fabric.net.bandwidth"},
    {"alpha", "fabric.latency"},
    {"alpha_v", "fabric.nvlink.latency"},
    {"alpha_x", "fabric.net.latency"},
    {"r", "fabric.oversubscription"},
    {"launch", "constants.launch"},
}};

/// The number that a symbol stands for; nullptr: none.
const NumberInfo* number_of(std::string_view symbol) {
  const auto* const found =
      std::ranges::find(short_names, symbol, &std::pair<std::string_view, std::string_view>::first);
  return find_number(found == short_names.end() ? symbol : found->second);
}

class Formula final : public Subject {
 public:
  Formula(Contract contract, Expression expression)
      : contract_(std::move(contract)), expression_(std::move(expression)) {
    contract_.containment = {"a formula: it runs nothing"};
  }

  [[nodiscard]] const Contract& contract() const override { return contract_; }

  [[nodiscard]] Answer ask(const workload::Problem& problem, const Gauge& gauge) override {
    Answer answer;
    const Question question = question_of(problem);
    answer.not_applicable = outside(contract_.domain, question);
    std::vector<double> values;
    for (const std::string& symbol : expression_.symbols()) {
      const std::optional<double> value = value_of(symbol, question, gauge);
      if (!value && answer.not_applicable.empty()) {
        answer.not_applicable = fmt::format(
            "'{}' has no one value: there is none here, or paths, ranks or machines differ",
            symbol);
      }
      values.push_back(value.value_or(0.0));
    }
    if (!answer.not_applicable.empty()) {
      return answer;
    }
    const double value = expression_.evaluate(values) / gauge.factor(expression_.dimension());
    if (!std::isfinite(value)) {
      answer.failure = fmt::format("its value is {}", value);
      return answer;
    }
    std::optional<double>& place = contract_.claim == Claim::lower   ? answer.lower
                                   : contract_.claim == Claim::upper ? answer.upper
                                                                     : answer.estimate;
    place = value;
    return answer;
  }

 private:
  [[nodiscard]] std::optional<double> value_of(const std::string& symbol, const Question& question,
                                               const Gauge& gauge) const {
    if (const auto own = contract_.constants.find(symbol); own != contract_.constants.end()) {
      return own->second.value * gauge.factor(own->second.dimension);
    }
    const NumberInfo& info = *number_of(symbol);
    const std::optional<double> value = question.number(info.name).value;
    return value ? std::optional(*value * gauge.factor(info.dimension)) : std::nullopt;
  }

  Contract contract_;
  Expression expression_;
};

/// `3 us`, `1 MiB`, `50 GB/s`, `0.5`; or {value: 2e-11, dimension: s/B} for any other dimension.
std::optional<DeclaredConstant> read_constant(const Cursor& at) {
  if (at.is_map()) {
    at.reject_unknown({"value", "dimension"});
    const auto value_at = at.require("value");
    const auto dimension_at = at.require("dimension");
    const auto value = value_at ? core::read<double>(*value_at) : std::nullopt;
    const auto text = dimension_at ? core::read<std::string>(*dimension_at) : std::nullopt;
    const auto dimension = text ? parse_dimension(*text) : std::nullopt;
    if (text && !dimension) {
      dimension_at->error("PL-S044", fmt::format("'{}' is no dimension", *text),
                          "write 1, s, B, B/s, s/B, …");
    }
    return value && dimension ? std::optional(DeclaredConstant{*value, *dimension}) : std::nullopt;
  }
  const std::string text = at.is_scalar() ? at.text() : std::string();
  if (const auto plain = core::parse_number(text)) {
    return DeclaredConstant{*plain, {}};
  }
  const auto seconds = core::parse_seconds(text);
  const auto bytes = core::parse_bytes(text);
  const auto rate = core::parse_bandwidth(text);
  if (const auto* value = std::get_if<core::Seconds>(&seconds)) {
    return DeclaredConstant{value->si(), {1, 0}};
  }
  if (const auto* value = std::get_if<core::Bytes>(&bytes)) {
    return DeclaredConstant{value->si(), {0, 1}};
  }
  if (const auto* value = std::get_if<core::Bandwidth>(&rate)) {
    return DeclaredConstant{value->si(), {-1, 1}};
  }
  at.error("PL-S044", "a constant is a number, a time, a number of bytes or a rate",
           "e.g. 3 us, 1 MiB, 50 GB/s, or {value: 2e-11, dimension: s/B}");
  return std::nullopt;
}

void read_axis(const Cursor& domain, const std::string& name, Contract& contract) {
  const Cursor at = *domain.find(name);
  const std::optional<Dimension> dimension = axis_dimension(name);
  const bool is_word = is_word_axis(name);
  if (!dimension && !is_word) {
    domain.diagnostics().error("PL-S045", domain.key_span(name),
                               fmt::format("unknown axis '{}'", name),
                               core::suggest(name, common_axes()));
    return;
  }
  DomainAxis axis;
  const std::vector<Cursor> items = at.is_sequence() ? at.items() : std::vector<Cursor>{};
  if (items.empty() || (!is_word && items.size() != 2)) {
    at.error("PL-S045", is_word ? "a list of words is expected here" : "two ends are expected here",
             is_word ? "e.g. algorithm: [ring]" : "e.g. ranks: [2, 64]");
    return;
  }
  for (const Cursor& item : items) {
    if (is_word) {
      axis.words.push_back(item.is_scalar() ? item.text() : std::string());
      continue;
    }
    const auto end = read_constant(item);
    if (end && end->dimension != *dimension) {
      item.error("PL-S045", fmt::format("{} is {}, not {}", name, describe(*dimension),
                                        describe(end->dimension)));
    }
    (&item == &items.front() ? axis.from : axis.to) = end ? end->value : 0.0;
  }
  contract.domain[name] = axis;
}

struct FormulaText {
  std::string name;
  std::string time;
  std::string busbw;
  std::string claim;
  std::string citation = "none";
  std::optional<core::Fraction> within;
  std::optional<double> exact_to;

  static core::FieldInfo map(const char* key, const char* doc) {
    core::FieldInfo info;
    info.key = key;
    info.type = "map";
    info.json_type = "object";
    info.doc = doc;
    return info;
  }

  static const core::Schema<FormulaText>& schema() {
    static const auto s =
        core::Schema<FormulaText>("a solver that is a formula")
            .optional("name", &FormulaText::name, "of the column")
            .optional("time", &FormulaText::time, "the formula, in seconds")
            .optional("busbw", &FormulaText::busbw, "or the formula, in bytes per second")
            .choice("claim", &FormulaText::claim, "what it promises",
                    {"lower", "upper", "exact", "estimate"}, "estimate")
            .optional("citation", &FormulaText::citation, "where it comes from", "none")
            .optional("within", &FormulaText::within,
                      "of an estimate: error that 95 % of its answers keep within")
            .optional("exact_to", &FormulaText::exact_to, "of an exact claim: relative error",
                      "1e-9")
            .also(map("domain", "axis → [from, to] or words: where it holds"))
            .also(map("constants", "name → `3 us`, or {value, dimension}: numbers of its own"));
    return s;
  }
};

Claim claim_of(const std::string& text) {
  for (const Claim claim : {Claim::lower, Claim::upper, Claim::exact}) {
    if (to_text(claim) == text) {
      return claim;
    }
  }
  return Claim::estimate;
}

/// False after a diagnostic.
bool read_constants(const Cursor& cursor, Contract& contract) {
  bool good = true;
  const std::optional<Cursor> at = cursor.find("constants");
  for (const std::string& key : at && at->is_map() ? at->keys() : std::vector<std::string>{}) {
    if (number_of(key) != nullptr) {
      at->diagnostics().error("PL-S044", at->key_span(key),
                              fmt::format("'{}' already means something", key),
                              "choose another name");
      good = false;
    } else {
      const auto constant = read_constant(*at->find(key));
      contract.constants[key] = constant.value_or(DeclaredConstant{});
      good = good && constant.has_value();
    }
  }
  return good;
}

std::optional<Expression> read_expression(const Cursor& at, const Contract& contract) {
  std::vector<std::string> names;
  names.reserve(short_names.size() + contract.constants.size());
  for (const auto& [name, full] : short_names) {
    names.emplace_back(name);
  }
  for (const auto& [name, constant] : contract.constants) {
    names.push_back(name);
  }
  const auto dimension_of = [&](std::string_view name) -> std::optional<Dimension> {
    if (const auto own = contract.constants.find(std::string(name));
        own != contract.constants.end()) {
      return own->second.dimension;
    }
    const NumberInfo* const info = number_of(name);
    return info != nullptr ? std::optional(info->dimension) : std::nullopt;
  };
  auto parsed = Expression::parse(at.text(), dimension_of, names);
  core::SourceSpan place = at.span();
  if (const auto* error = std::get_if<ExpressionError>(&parsed)) {
    place.column += static_cast<int>(error->offset) + (at.quoted() ? 1 : 0);
    at.diagnostics().error(error->code, place, error->message, error->hint);
    return std::nullopt;
  }
  Expression expression = std::get<Expression>(std::move(parsed));
  const Dimension wanted =
      contract.quantity == Quantity::busbw ? Dimension{-1, 1} : Dimension{1, 0};
  if (expression.dimension() != wanted) {
    at.error("PL-S043",
             fmt::format("the formula is {}, not {}", describe(expression.dimension()),
                         describe(wanted)),
             contract.quantity == Quantity::busbw ? "" : "e.g. alpha + S/B");
    return std::nullopt;
  }
  return expression;
}

}  // namespace

std::unique_ptr<Subject> read_formula(const Cursor& cursor, const std::string& name) {
  const Cursor here = cursor.unswept();
  std::optional<FormulaText> text = FormulaText::schema().bind(here);
  if (!text) {
    return nullptr;
  }
  if (text->time.empty() == text->busbw.empty()) {
    here.error("PL-S043", "exactly one of `time` and `busbw` is the formula",
               "e.g. time: 2*(n-1)*(alpha + S/(n*B))");
    return nullptr;
  }
  Contract contract;
  contract.name = text->name.empty() ? name : text->name;
  contract.claim = claim_of(text->claim);
  contract.quantity = text->time.empty() ? Quantity::busbw : Quantity::time;
  contract.citation = text->citation;
  contract.exact_to = text->exact_to.value_or(contract.exact_to);
  if (text->within) {
    contract.within_p95 = text->within->value;
  }
  const bool had_errors = here.diagnostics().has_errors();
  if (!read_constants(here, contract)) {
    return nullptr;  // the dimensions of the formula hang on them
  }
  if (const std::optional<Cursor> domain = here.find("domain")) {
    for (const std::string& axis : domain->is_map() ? domain->keys() : std::vector<std::string>{}) {
      read_axis(*domain, axis, contract);
    }
  }
  const Cursor formula = *here.find(text->time.empty() ? "busbw" : "time");
  std::optional<Expression> expression = read_expression(formula, contract);
  if (!expression || (!had_errors && here.diagnostics().has_errors())) {
    return nullptr;
  }
  return std::make_unique<Formula>(std::move(contract), std::move(*expression));
}

}  // namespace plumbline::analytic::external
