// SPDX-License-Identifier: Apache-2.0
#include "analytic/contention.hpp"

#include "tests/support/random_problem.hpp"
#include "tests/support/star.hpp"
#include "tests/unit/analytic/solve.hpp"

namespace plumbline::test {
namespace {

using analytic::Contention;
using analytic::Shared;
using workload::Collective;
using workload::Problem;

/// ancestors[i][j]: j is an ancestor of i. By definition, one edge at a time.
std::vector<std::vector<bool>> ancestors(const workload::Dag& dag) {
  std::vector<std::vector<bool>> result(dag.size(), std::vector<bool>(dag.size(), false));
  for (std::size_t i = 0; i < dag.size(); ++i) {
    for (const workload::OpId p : dag.before(workload::OpId(i))) {
      result[i][p.index()] = true;
      for (std::size_t j = 0; j < p.index(); ++j) {
        result[i][j] = result[i][j] || result[p.index()][j];
      }
    }
  }
  return result;
}

bool bit(const Shared& shared, std::size_t i, std::size_t j) {
  return ((shared.row(i)[j / 64] >> (j % 64)) & 1U) != 0;
}

TEST_CASE("Nobody is a rival on a ring: every port serves one chain") {
  const Problem problem = on_star({}, collective(Collective::all_reduce, "ring", 1e6));
  CHECK(Contention(problem).shared().empty());
  CHECK(Contention(problem).chains() == 0);
}

TEST_CASE("In a direct all_to_all of 3 ranks each of 6 ports has 2 rivals, each its own chain") {
  const Problem problem = on_star({.hosts = 3}, collective(Collective::all_to_all, "direct", 1e6));
  const Contention contention(problem);
  REQUIRE(contention.shared().size() == 6);
  CHECK(contention.chains() == 12);
  for (const Shared& shared : contention.shared()) {
    REQUIRE(shared.ops.size() == 2);
    CHECK(shared.paired);
    CHECK(bit(shared, 0, 1));
    CHECK(bit(shared, 1, 0));
    CHECK_FALSE(bit(shared, 0, 0));
  }
}

TEST_CASE("Rivals are the operations that are neither ancestors nor descendants") {
  // More than 512 operations, so that descendants are found in several batches.
  for (const std::uint32_t operations : {5U, 64U, 65U, 200U, 1300U}) {
    const Problem problem =
        random_problem({.seed = operations, .operations = operations, .links = 4});
    const auto before = ancestors(problem.dag());
    const Contention contention(problem);
    for (const Shared& shared : contention.shared()) {
      REQUIRE(shared.paired);
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < shared.ops.size(); ++i) {
        for (std::size_t j = 0; j < shared.ops.size(); ++j) {
          const bool ordered =
              before[shared.ops[i]][shared.ops[j]] || before[shared.ops[j]][shared.ops[i]];
          wrong += bit(shared, i, j) == (i != j && !ordered) ? 0U : 1U;
          wrong += i != j && shared.chain[i] == shared.chain[j] && !ordered ? 1U : 0U;
        }
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("Without a budget chains are still ordered, and what was given up is said") {
  const Problem problem = random_problem({.seed = 7, .operations = 150, .links = 4});
  const auto before = ancestors(problem.dag());
  const Contention contention(problem, {.pairs = 0, .ancestor_words = 0});
  CHECK_FALSE(contention.given_up().empty());
  CHECK(Contention(problem).given_up().empty());
  REQUIRE_FALSE(contention.shared().empty());
  for (const Shared& shared : contention.shared()) {
    CHECK_FALSE(shared.paired);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < shared.ops.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const bool ordered = before[shared.ops[i]][shared.ops[j]];
        wrong += shared.chain[i] == shared.chain[j] && !ordered ? 1U : 0U;
      }
    }
    CHECK(wrong == 0);
  }
}

}  // namespace
}  // namespace plumbline::test
