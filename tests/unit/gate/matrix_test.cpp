// SPDX-License-Identifier: Apache-2.0
// The gate on right solvers and on what rules make of them: a small part of docs/gate_matrix.md.
#include <catch2/catch.hpp>

#include "gate/gate.hpp"
#include "tests/support/rederivations.hpp"
#include "tests/unit/gate/catalogue.hpp"

namespace {

using namespace plumbline;  // NOLINT(google-build-using-namespace): a test

gate::Report judged(analytic::Subject& subject, std::size_t points) {
  gate::GateOptions options;
  options.sample.points = points;
  options.sample.seed = 3;
  options.shrink = 0;
  return gate::validate(subject, options, test::catalogue());
}

}  // namespace

TEST_CASE("every right re-derivation ships") {
  CHECK(test::rederivations().size() >= 20);
  for (const test::Solver& solver : test::rederivations()) {
    const auto subject = test::opened(solver);
    REQUIRE(subject);
    const gate::Report report = judged(*subject, 128);
    INFO(solver.name << ": " << report.verdict.reason);
    CHECK(report.verdict.decision == gate::Decision::ship);
  }
}
