// SPDX-License-Identifier: Apache-2.0
// The gate under one hidden seed on right re-derivations, on mutants that rules make of them and on
// published mistakes: a line for each, between tabs. tools/gate_matrix makes docs/gate_matrix.md of
// the lines of many seeds.
//
//   bench_gate_matrix SEED [POINTS]
#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>

#include "tests/support/mis_models.hpp"
#include "tests/support/trial.hpp"
#include "tests/unit/gate/catalogue.hpp"

namespace {

using namespace plumbline;  // NOLINT(google-build-using-namespace): a benchmark

/// What is judged: `kind` is right, mutant or published; `group` its rule.
struct Row {
  std::string_view kind;
  std::string group;
  std::string says;
  std::string solver;
  std::string formula;
};

void print(const Row& row, std::string_view verdict, bool named, const test::Trial& trial) {
  fmt::print("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", row.kind, row.group, row.says, row.solver,
             row.formula, verdict, named ? "named" : "-", trial.cause, trial.reason);
  std::cout.flush();
}

void print(const Row& row, bool named, const test::Trial& trial) {
  print(row, trial.ships ? "ship" : trial.rejected ? "reject" : "domain", named, trial);
}

std::string formula_of(const test::Solver& solver) {
  std::string all;
  for (const std::string& text : solver.texts) {
    const std::size_t begin = text.find("time: ") + 6;
    all += (all.empty() ? "" : " or ") + text.substr(begin, text.find('\n', begin) - begin);
  }
  return all;
}

void judge_right(test::Court& court) {
  for (const test::Solver& solver : test::rederivations()) {
    print({"right", "", "", solver.name, formula_of(solver)}, false,
          test::tried(*test::opened(solver), court));
  }
  print({"right", "", "", "ring_exact", "2(n-1)(alpha + S/(nB))"}, false,
        test::tried(*test::ring_exact(), court));
}

void judge_mutants(test::Court& court) {
  for (const test::Mutant& mutant : test::mutants(court.catalogue)) {
    const Row row{"mutant", std::string(mutant.rule->name), std::string(mutant.rule->says),
                  mutant.original.name, formula_of(mutant.solver)};
    if (mutant.is_right) {
      print(row, "right", false, {});
      continue;
    }
    const test::Trial trial = test::tried(mutant, court);
    print(row, mutant.named_by(trial.cause), trial);
  }
}

void judge_published(test::Court& court) {
  for (const test::PublishedMistake& mistake : test::published_mistakes()) {
    const test::Trial trial = test::tried(*mistake.make(), court);
    print({"published", std::string(mistake.name),
           fmt::format("{}", fmt::join(mistake.reasons, ", ")), std::string(mistake.name), ""},
          std::ranges::find(mistake.reasons, trial.cause) != mistake.reasons.end(), trial);
  }
}

}  // namespace

int main(int count, char** words) {
  test::Court court{.seed = count > 1 ? std::strtoull(words[1], nullptr, 10) : 1,
                    .points = count > 2 ? std::strtoull(words[2], nullptr, 10) : 256,
                    .catalogue = test::catalogue()};
  judge_right(court);
  judge_mutants(court);
  judge_published(court);
}
