// SPDX-License-Identifier: Apache-2.0
// The gate on right solvers and on what rules make of them: a small part of docs/gate_matrix.md.
#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/trial.hpp"
#include "tests/unit/gate/catalogue.hpp"

namespace {

using namespace plumbline;  // NOLINT(google-build-using-namespace): a test

test::Court court() {
  return {.seed = 3, .points = 128, .catalogue = test::catalogue()};
}

}  // namespace

TEST_CASE("every right re-derivation ships") {
  CHECK(test::rederivations().size() >= 20);
  for (const test::Solver& solver : test::rederivations()) {
    const auto subject = test::opened(solver);
    REQUIRE(subject);
    test::Court seed = court();
    const test::Trial trial = test::tried(*subject, seed);
    INFO(solver.name << ": " << trial.reason);
    CHECK(trial.ships);
  }
}

TEST_CASE("what rules break is rejected for what they broke") {
  // Every rule, on the first solver that it breaks.
  const std::vector<test::Mutant> mutants = test::mutants(test::catalogue());
  CHECK(mutants.size() >= 50);
  test::Court seed = court();
  for (const test::Rule& rule : test::rules()) {
    const auto mutant = std::ranges::find_if(
        mutants, [&](const test::Mutant& one) { return one.rule == &rule && !one.is_right; });
    REQUIRE(mutant != mutants.end());
    const test::Trial trial = test::tried(*mutant, seed);
    INFO(rule.name << " in " << mutant->original.name << ": " << trial.cause << ": "
                   << trial.reason);
    CHECK(trial.rejected);
    CHECK(mutant->named_by(trial.cause));
  }
  // max(alpha, x) without alpha is lower still, and so a lower bound as before; twice of it is
  // none.
  for (const test::Mutant& mutant : mutants) {
    if (mutant.original.name == "all_reduce_at_least" && mutant.rule->name == "latency missing") {
      CHECK(mutant.is_right);
    }
    if (mutant.original.name == "all_reduce_at_least" && mutant.rule->name == "doubled") {
      CHECK_FALSE(mutant.is_right);
    }
  }
}
