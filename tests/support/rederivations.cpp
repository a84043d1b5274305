// SPDX-License-Identifier: Apache-2.0
#include "tests/support/rederivations.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "analytic/external/expression.hpp"
#include "analytic/external/formula.hpp"
#include "core/document.hpp"
#include "tests/support/mis_models.hpp"

namespace plumbline::test {
namespace {

using analytic::Answer;
using analytic::Contract;
using analytic::Subject;
using analytic::external::Expression;

/// What is true of gpipe without messages: m micro-batches one after the other on each of n stages,
/// and the last stage begins n - 1 of them late (Huang et al. 2019, arXiv:1811.06965, section 2).
constexpr const char* pipeline_text = "time: m*t*(1 + (n-1)/m)\n";

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::unique_ptr<Subject> read(const std::string& text, const std::string& name) {
  core::Diagnostics diagnostics;
  const core::Document document = core::Document::parse(text, name, diagnostics);
  const core::Reading reading{&document, &diagnostics, nullptr, nullptr};
  return diagnostics.has_errors() ? nullptr
                                  : analytic::external::read_formula(core::Cursor(reading), name);
}

/// Takes what its formulas say to be fastest.
class Choice final : public Subject {
 public:
  Choice(const std::string& name, std::vector<std::unique_ptr<Subject>> candidates)
      : candidates_(std::move(candidates)), contract_(candidates_.front()->contract()) {
    contract_.name = name;
    contract_.quantity = analytic::Quantity::choice;
    contract_.claim = analytic::Claim::estimate;
    for (const auto& candidate : candidates_) {
      names_.push_back(candidate->contract().name);
    }
    contract_.domain["algorithm"].words = names_;
  }

  [[nodiscard]] const Contract& contract() const override { return contract_; }

  /// `terms` is what each would take.
  [[nodiscard]] Answer ask(const workload::Problem& problem,
                           const analytic::Gauge& gauge) override {
    Answer answer;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const Answer one = candidates_[i]->ask(problem, gauge);
      answer.failure += one.failure;
      answer.not_applicable += one.not_applicable;
      answer.terms[names_[i]] = one.estimate.value_or(0.0);
    }
    answer.choice = std::ranges::min_element(answer.terms, {}, [](const auto& term) {
                      return term.second;
                    })->first;
    return answer;
  }

 private:
  std::vector<std::unique_ptr<Subject>> candidates_;
  Contract contract_;
  std::vector<std::string> names_;
};

/// A candidate answers whatever algorithm the problem is set for.
std::unique_ptr<Subject> choice(const Solver& solver) {
  std::vector<std::unique_ptr<Subject>> candidates;
  for (const std::string& text : solver.texts) {
    candidates.push_back(read(text, solver.name));
    if (candidates.back() == nullptr) {
      return nullptr;
    }
  }
  return std::make_unique<Choice>(solver.name, std::move(candidates));
}

double value_of(const std::string& symbol, const Symbols& symbols) {
  return symbol == "n" ? symbols.n : symbol == "m" ? symbols.m : symbols.t;
}

std::unique_ptr<Subject> pipeline(const Solver& solver) {
  const std::string& line = solver.texts.front();
  const std::vector<std::string> names{"n", "m", "t"};
  const auto dimension_of = [](std::string_view name) {
    return std::optional(analytic::Dimension{name == "t" ? 1 : 0, 0});
  };
  auto parsed = Expression::parse(line.substr(6, line.find('\n') - 6), dimension_of, names);
  const Expression* expression = std::get_if<Expression>(&parsed);
  if (expression == nullptr || expression->dimension() != analytic::Dimension{1, 0}) {
    return nullptr;
  }
  Contract contract;
  contract.name = solver.name;
  contract.claim = analytic::Claim::exact;
  contract.citation = "Huang et al. 2019, arXiv:1811.06965, section 2";
  contract.domain["collective"] = {0, 0, {"pipeline"}};
  contract.domain["algorithm"] = {0, 0, {"pipeline"}};
  return formula(contract, [says = *expression](const Symbols& symbols) {
    std::vector<double> values;
    for (const std::string& symbol : says.symbols()) {
      values.push_back(value_of(symbol, symbols));
    }
    Answer answer;
    answer.estimate = says.evaluate(values);
    return answer;
  });
}

std::string candidate(const char* algorithm, const char* time) {
  return std::string("name: ") + algorithm + "\ntime: " + time +
         "\nclaim: exact\ndomain: {collective: [all_reduce], nodes: [1, 1]}\n";
}

}  // namespace

std::vector<Solver> rederivations() {
  std::vector<Solver> solvers;
  const std::filesystem::path folder =
      std::filesystem::path(PL_SOURCE_DIR) / "tests" / "support" / "rederivations";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    solvers.push_back({entry.path().stem().string(), Kind::formula, {text_of(entry.path())}});
  }
  solvers.push_back({"gpipe", Kind::pipeline, {pipeline_text}});
  // Little is sent at once, much goes round: as in one_shot_all_reduce.yaml and
  // ring_all_reduce.yaml.
  solvers.push_back({"ring_or_one_shot",
                     Kind::choice,
                     {candidate("ring", "2*(n-1)*(alpha + S/(n*B))"),
                      candidate("one_shot", "alpha + (n-1)*S/B")}});
  std::ranges::sort(solvers, {}, &Solver::name);
  return solvers;
}

std::unique_ptr<Subject> opened(const Solver& solver) {
  switch (solver.kind) {
    case Kind::choice:
      return choice(solver);
    case Kind::pipeline:
      return pipeline(solver);
    case Kind::formula:
      break;
  }
  return read(solver.texts.front(), solver.name);
}

}  // namespace plumbline::test
