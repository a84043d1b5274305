// SPDX-License-Identifier: Apache-2.0
// Short ways to ask a solver.
#pragma once

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "analytic/solver.hpp"

namespace plumbline::test {

[[nodiscard]] inline workload::Outcome solve(std::string_view solver,
                                             const workload::Problem& problem) {
  const auto engine = analytic::find_solver(solver)->make(nullptr);
  const workload::Validity validity = engine->accepts(problem);
  INFO(solver << ": " << validity.why_not);
  REQUIRE(validity.valid);
  return engine->run(problem);
}

/// Seconds of a solver's estimate; its terms must sum to it.
[[nodiscard]] inline double estimate(std::string_view solver, const workload::Problem& problem) {
  const workload::Outcome outcome = solve(solver, problem);
  REQUIRE(outcome.estimate.has_value());
  CHECK(outcome.terms.sum().si() == Approx(outcome.estimate->si()).epsilon(1e-12));
  return outcome.estimate->si();
}

/// Seconds of a solver's one bound.
[[nodiscard]] inline double bound(std::string_view solver, const workload::Problem& problem) {
  const workload::Outcome outcome = solve(solver, problem);
  REQUIRE(outcome.bounds.size() == 1);
  return outcome.bounds[0].value.si();
}

/// Why a solver refuses; empty if it doesn't.
[[nodiscard]] inline std::string refusal(std::string_view solver,
                                         const workload::Problem& problem) {
  const workload::Validity validity =
      analytic::find_solver(solver)->make(nullptr)->accepts(problem);
  CHECK(validity.valid == validity.why_not.empty());
  return validity.why_not;
}

/// Equality of the kind the claim `exact` means.
[[nodiscard]] inline Approx exactly(double seconds) {
  return Approx(seconds).epsilon(1e-9).margin(0.0);
}

}  // namespace plumbline::test
