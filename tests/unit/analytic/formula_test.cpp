// SPDX-License-Identifier: Apache-2.0
// Formulas: what they compute, in any gauge, and the mistakes that dimensions find.
#include "analytic/external/formula.hpp"

#include <utility>

#include <catch2/catch.hpp>

#include "analytic/external/expression.hpp"
#include "tests/support/star.hpp"

namespace {

using namespace plumbline;
using analytic::Answer;
using analytic::Dimension;
using analytic::external::Expression;
using analytic::external::ExpressionError;
using Catch::Matchers::Contains;

/// t is a time, S bytes, n a number.
std::variant<Expression, ExpressionError> parse(std::string_view text) {
  return Expression::parse(text,
                           [](std::string_view name) -> std::optional<Dimension> {
                             return name == "t"   ? std::optional(Dimension{1, 0})
                                    : name == "S" ? std::optional(Dimension{0, 1})
                                    : name == "n" ? std::optional(Dimension{0, 0})
                                                  : std::nullopt;
                           },
                           {"t", "S", "n"});
}

double value(std::string_view text, double n = 0.0) {
  const auto parsed = parse(text);
  REQUIRE(std::holds_alternative<Expression>(parsed));
  const auto& expression = std::get<Expression>(parsed);
  return expression.evaluate(std::vector<double>(expression.symbols().size(), n));
}

std::string mistake(std::string_view text) {
  const auto parsed = parse(text);
  REQUIRE(std::holds_alternative<ExpressionError>(parsed));
  const auto& error = std::get<ExpressionError>(parsed);
  return std::string(error.code) + " at " + std::to_string(error.offset);
}

struct Read {
  std::unique_ptr<analytic::Subject> subject;
  core::Diagnostics diagnostics;
};

Read read(const std::string& yaml) {
  Read result;
  const core::Document document = core::Document::parse(yaml, "formula.yaml", result.diagnostics);
  const core::Reading reading{&document, &result.diagnostics, nullptr, nullptr};
  result.subject = analytic::external::read_formula(core::Cursor(reading), "mine");
  return result;
}

workload::Problem ring(std::uint32_t hosts, workload::ConstantSet constants = {}) {
  return test::on_star({.hosts = hosts},
                       test::collective(workload::Collective::all_reduce, "ring", 8e6),
                       std::move(constants));
}

}  // namespace

TEST_CASE("a formula computes as people read it") {
  CHECK(value("1 + 2*3") == 7.0);
  CHECK(value("(1 + 2)*3") == 9.0);
  CHECK(value("2 - 3 - 4") == -5.0);
  CHECK(value("16/4/2") == 2.0);
  CHECK(value("-2^2") == -4.0);  // the power first
  CHECK(value("2^-1") == 0.5);
  CHECK(value("max(1, 2, 3) + min(4, 5)") == 7.0);
  CHECK(value("ceil(log2(n))", 5.0) == 3.0);
  CHECK(value("floor(2.5) * sqrt(9) + 1e3") == 1006.0);
  CHECK(value("n*n - n", 7.0) == 42.0);
}

TEST_CASE("the dimension of a formula follows from its parts") {
  const auto dimension = [](std::string_view text) {
    return std::get<Expression>(parse(text)).dimension();
  };
  CHECK(dimension("2*(n-1)*t") == Dimension{1, 0});
  CHECK(dimension("S/t") == Dimension{-1, 1});
  CHECK(dimension("sqrt(t*t*S^2)") == Dimension{1, 1});
  CHECK(dimension("max(t, 3*t)") == Dimension{1, 0});
  CHECK(dimension("log2(S/S)") == Dimension{0, 0});
}

TEST_CASE("what a formula may not do is found at its place") {
  CHECK(mistake("t + S") == "PL-S042 at 2");
  CHECK(mistake("n*t - S/n") == "PL-S042 at 4");
  CHECK(mistake("1 + t") == "PL-S042 at 2");
  CHECK(mistake("max(t, S)") == "PL-S042 at 5");
  CHECK(mistake("n + log2(S)") == "PL-S042 at 4");
  CHECK(mistake("ceil(t)") == "PL-S042 at 0");
  CHECK(mistake("sqrt(t)") == "PL-S042 at 0");
  CHECK(mistake("t^0.5") == "PL-S042 at 1");
  CHECK(mistake("2*q") == "PL-S041 at 2");
  CHECK(mistake("cos(n)") == "PL-S041 at 0");
  CHECK(mistake("2*") == "PL-S040 at 2");
  CHECK(mistake("(n") == "PL-S040 at 2");
  CHECK(mistake("n n") == "PL-S040 at 2");
  CHECK(mistake("n ** 2") == "PL-S040 at 3");
  CHECK(mistake("") == "PL-S040 at 0");
  CHECK(mistake(std::string(1000, '(')) == "PL-S040 at 64");
  CHECK(mistake(std::string(1000, '-')) == "PL-S040 at 64");
}

TEST_CASE("the ring as a formula, in any units") {
  const Read ring_formula = read(
      "time: launch + 2*(n-1)*(alpha + S/(n*B))\n"
      "claim: exact\n"
      "domain: {algorithm: [ring], ranks: [2, 8], size: [1 kB, 1 GB]}\n");
  REQUIRE(ring_formula.subject != nullptr);
  CHECK(ring_formula.subject->contract().domain.at("size").to == 1e9);
  workload::ConstantSet constants;
  constants.launch = core::Seconds::from_si(3e-6);
  // 6 steps of 500 ns and 2e6 B at 50 GB/s, 3 us before them.
  for (const analytic::Gauge gauge : {analytic::Gauge{}, analytic::Gauge{1e6, 1e-3}}) {
    const Answer answer = ring_formula.subject->ask(ring(4, constants), gauge);
    CHECK(answer.estimate.value() == Approx(3e-6 + 6 * (500e-9 + 40e-6)).epsilon(1e-12));
  }
  CHECK_THAT(ring_formula.subject->ask(ring(16), {}).not_applicable,
             Contains("ranks 16 is outside"));
}

TEST_CASE("a formula with constants of its own answers on the side that it claims") {
  const Read bound = read(
      "time: call + S*per_byte\n"
      "claim: lower\n"
      "constants: {call: 3 us, per_byte: {value: 2e-11, dimension: s/B}}\n");
  REQUIRE(bound.subject != nullptr);
  const Answer answer = bound.subject->ask(ring(4), {.time = 1e3, .data = 64.0});
  CHECK_FALSE(answer.estimate);
  CHECK(answer.lower.value() == Approx(3e-6 + 8e6 * 2e-11).epsilon(1e-12));
}

TEST_CASE("a formula does not apply where a symbol has no one value") {
  const Read nvlink = read("time: S/B_v\n");
  REQUIRE(nvlink.subject != nullptr);
  CHECK_THAT(nvlink.subject->ask(ring(4), {}).not_applicable, Contains("'B_v' has no one value"));
}

TEST_CASE("a formula without a finite value has failed") {
  const Read broken = read("time: alpha/(n - n)\n");
  REQUIRE(broken.subject != nullptr);
  CHECK(broken.subject->ask(ring(4), {}).failure == "its value is inf");
}
