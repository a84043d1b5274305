// SPDX-License-Identifier: Apache-2.0
// Bounds against a second opinion on random problems (the generator is stated in
// random_problem.hpp).
#include <algorithm>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include "analytic/dag_times.hpp"
#include "analytic/latest_ends.hpp"
#include "tests/support/fluid_reference.hpp"
#include "tests/support/random_problem.hpp"
#include "tests/unit/analytic/solve.hpp"

namespace plumbline::test {
namespace {

using workload::Problem;

/// Rounding of sums over a few hundred operations; the slack that inside_bounds uses.
constexpr double slack = 1e-9;

struct Sides {
  double lower = 0.0;
  double upper = 0.0;
};

Sides sides(const Problem& problem) {
  return {std::max(bound("critical_path", problem), bound("link_load", problem)),
          bound("work_conserving", problem)};
}

bool holds(const Sides& sides, double time) {
  return sides.lower <= time * (1 + slack) && time <= sides.upper * (1 + slack);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Share of the operations that took longer than alone.
double contended_share(const Problem& problem, const FluidTimes& times) {
  const workload::Dag& dag = problem.dag();
  double contended = 0.0;
  for (std::size_t i = 0; i < dag.size(); ++i) {
    const double work =
        analytic::alone(problem.costs(), dag.operations[i], dag.origin[i]).work.si();
    contended += times.end[i] - times.data_start[i] > work * (1 + 1e-6) ? 1.0 : 0.0;
  }
  return contended / static_cast<double>(dag.size());
}

/// Any of 2^64, from the first draw on (rapidcheck begins with small numbers otherwise).
std::uint64_t any_seed() {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>());
}

/// 100 draws of rapidcheck times 20 problems.
constexpr std::uint64_t problems_per_draw = 20;

TEST_CASE("2,000 random problems lie between their bounds, and the bounds are tight") {
  std::vector<double> over_lower;
  std::vector<double> over_sides;
  std::vector<double> contended;
  rc::prop("lower <= T <= upper", [&] {
    const auto seed = any_seed();
    for (std::uint64_t i = 0; i < problems_per_draw; ++i) {
      const Problem problem = random_problem(random_shape(seed + i));
      const FluidTimes times = fluid_reference(problem);
      const Sides both = sides(problem);
      RC_LOG() << "random_shape(" << seed + i << "): " << both.lower << " <= " << times.makespan
               << " <= " << both.upper << '\n';
      RC_ASSERT(holds(both, times.makespan));
      over_lower.push_back(times.makespan / both.lower);
      over_sides.push_back(both.upper / both.lower);
      contended.push_back(contended_share(problem, times));
    }
  });
  REQUIRE(over_lower.size() >= 2000);
  WARN("medians over " << over_lower.size() << " problems: T/lower " << median(over_lower)
                       << ", upper/lower " << median(over_sides) << ", operations that met a rival "
                       << median(contended));
  CHECK(median(over_lower) <= 1.3);
  CHECK(median(over_sides) <= 2.5);
  CHECK(median(contended) >= 0.4);
}

TEST_CASE("Every operation, not just the last, starts and ends within its windows") {
  rc::prop("heads <= times <= latest ends", [] {
    const Problem problem = random_problem(random_shape(any_seed()));
    const FluidTimes times = fluid_reference(problem);
    const analytic::Heads heads = analytic::heads(problem);
    const auto latest = analytic::latest_ends(problem);
    // With no ancestors or pairs known, after one round or few meetings only: looser, still true.
    const auto rough = analytic::latest_ends(problem, {.pairs = 0, .ancestor_words = 0});
    const auto pairs = analytic::latest_ends(problem, {.pairs = 1U << 27, .ancestor_words = 0});
    const auto early = analytic::latest_ends(problem, {}, 1);
    const auto tired = analytic::latest_ends(problem, {.meetings = 20});
    for (std::size_t i = 0; i < times.end.size(); ++i) {
      RC_ASSERT(heads.data_start[i].si() <= times.data_start[i] * (1 + slack));
      RC_ASSERT(heads.end[i].si() <= times.end[i] * (1 + slack));
      for (const auto* ends : {&latest, &rough, &pairs, &early, &tired}) {
        RC_ASSERT(times.end[i] <= ends->end[i].si() * (1 + slack));
      }
      RC_ASSERT(latest.end[i] <= early.end[i]);
    }
  });
}

/// How many of 100 random problems break bounds that were computed from a wrong twin.
template <class Twist>
int broken(Twist twist) {
  int count = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const RandomShape shape = random_shape(seed);
    RandomShape wrong = shape;
    twist(wrong);
    count += holds(sides(random_problem(wrong)), fluid_reference(random_problem(shape)).makespan)
                 ? 0
                 : 1;
  }
  return count;
}

TEST_CASE("The check above catches bounds with a mistake in them") {
  CHECK(broken([](RandomShape&) {}) == 0);
  // A forgotten or invented latency, capacity taken for half or twice as much: the side that the
  // mistake moves towards the truth breaks.
  CHECK(broken([](RandomShape& s) { s.latency_factor = 0.0; }) > 0);
  CHECK(broken([](RandomShape& s) { s.latency_factor = 2.0; }) > 0);
  CHECK(broken([](RandomShape& s) { s.capacity_factor = 2.0; }) > 0);
  CHECK(broken([](RandomShape& s) { s.capacity_factor = 0.5; }) > 0);
  // One forgotten flow, wherever it is.
  CHECK(broken([](RandomShape& s) { s.forgotten = s.operations - 1; }) > 0);
  CHECK(broken([](RandomShape& s) { s.forgotten = s.operations / 2; }) > 0);
}

}  // namespace
}  // namespace plumbline::test
