// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "analytic/dag_times.hpp"
#include "analytic/latest_ends.hpp"
#include "tests/support/fluid_reference.hpp"
#include "tests/support/random_problem.hpp"
#include "tests/support/star.hpp"
#include "tests/unit/analytic/solve.hpp"

namespace plumbline::test {
namespace {

using workload::Collective;
using workload::Problem;

struct StarFlow {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  double megabytes = 0.0;
  double start_ms = 0.0;
};

/// Flows between hosts of a star whose ports carry 1 GB/s (1 MB per ms) with paths of 10 us.
Problem star_flows(std::initializer_list<StarFlow> flows) {
  const auto fabric = star({.hosts = 20,
                            .bandwidth = core::Bandwidth::from_si(1e9),
                            .latency = core::Seconds::from_si(10e-6)});
  workload::Workload workload = collective(Collective::flows, "flows", 0.0);
  workload.ranks = topology::RankCount(20);
  for (const StarFlow& flow : flows) {
    workload.flows.push_back({.from = fabric->endpoints()[flow.from],
                              .to = fabric->endpoints()[flow.to],
                              .size = core::Bytes::from_si(flow.megabytes * 1e6),
                              .start = core::Seconds::from_si(flow.start_ms * 1e-3)});
  }
  return make_problem(fabric, topology::packed(*fabric, workload.ranks), workload, {});
}

double upper(const Problem& problem) {
  return bound("work_conserving", problem);
}

double reference(const Problem& problem) {
  return fluid_reference(problem).makespan;
}

TEST_CASE("The critical path adds launch, latencies, bytes and computations along a path") {
  // launch 5 us, two transfers of 1 MB at 1 GB/s with 10 us each: 5 + 2·(10 + 1000) us
  workload::ConstantSet constants;
  constants.launch = core::Seconds::from_si(5e-6);
  const Problem problem = on_star({.hosts = 2,
                                   .bandwidth = core::Bandwidth::from_si(1e9),
                                   .latency = core::Seconds::from_si(10e-6)},
                                  collective(Collective::ping_pong, "ping_pong", 1e6), constants);
  CHECK(bound("critical_path", problem) == exactly(2025e-6));
  CHECK(estimate("uncontended", problem) == exactly(2025e-6));
  const workload::Outcome outcome = solve("uncontended", problem);
  CHECK(outcome.terms[workload::Term::launch].si() == exactly(5e-6));
  CHECK(outcome.terms[workload::Term::latency].si() == exactly(20e-6));
  CHECK(outcome.terms[workload::Term::serialisation].si() == exactly(2e-3));
  CHECK(outcome.binding ==
        "2 operations from host0 to host0: 5 us launch + 20 us latency + "
        "2 ms data");
}

TEST_CASE("The load of a port counts from its earliest head to its shortest tail") {
  SECTION("three senders into one port: 10 us + 3 ms; the critical path sees 1.01 ms") {
    const Problem problem = star_flows({{1, 0, 1}, {2, 0, 1}, {3, 0, 1}});
    CHECK(bound("link_load", problem) == exactly(3.01e-3));
    CHECK(bound("critical_path", problem) == exactly(1.01e-3));
    CHECK(solve("link_load", problem).binding == "switch→host0, crossed by 3 operations");
  }
  SECTION("a late large flow: 8 + 0.01 + 5 ms beats the whole load of 6 ms from 0.01 ms") {
    const Problem problem = star_flows({{1, 0, 1}, {2, 0, 5, 8}});
    CHECK(bound("link_load", problem) == exactly(13.01e-3));
  }
  SECTION("eight sources, 1 MB each to a host of their own and to a common one") {
    // The common port: 10 us + 8 ms. (A replay with lazy sharing errors prints a fraction of it.)
    const Problem problem = star_flows({{0, 8, 1},
                                        {0, 16, 1},
                                        {1, 9, 1},
                                        {1, 16, 1},
                                        {2, 10, 1},
                                        {2, 16, 1},
                                        {3, 11, 1},
                                        {3, 16, 1},
                                        {4, 12, 1},
                                        {4, 16, 1},
                                        {5, 13, 1},
                                        {5, 16, 1},
                                        {6, 14, 1},
                                        {6, 16, 1},
                                        {7, 15, 1},
                                        {7, 16, 1}});
    CHECK(bound("link_load", problem) == exactly(8.01e-3));
    CHECK(reference(problem) == exactly(8.01e-3));
  }
}

TEST_CASE("The sweep finds the maximum over all pairs of thresholds") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomShape shape = random_shape(seed);
    shape.operations = std::min(shape.operations, 60U);
    const Problem problem = random_problem(shape);
    const auto head = analytic::heads(problem).data_start;
    const auto tail = analytic::tails(problem);
    const workload::Dag& dag = problem.dag();
    double best = 0.0;
    const auto& costs = problem.costs();
    for (std::size_t e = 0; e < costs.resources().size(); ++e) {
      std::vector<std::pair<std::size_t, double>> on;  // operation, seconds on the resource
      for (std::size_t i = 0; i < dag.size(); ++i) {
        if (!dag.operations[i].is_transfer()) {
          continue;
        }
        const auto path = costs.path_of(dag.origin[i]);
        for (const workload::Use& use : costs.uses(path)) {
          if (use.resource.index() == e) {
            on.emplace_back(i, use.weight * costs.wire_bytes(dag.operations[i], path).si() /
                                   costs.resources()[e].capacity.si());
          }
        }
      }
      for (const auto& [h, unused_h] : on) {
        for (const auto& [q, unused_q] : on) {
          double load = 0.0;
          for (const auto& [i, seconds] : on) {
            load += head[i] >= head[h] && tail[i] >= tail[q] ? seconds : 0.0;
          }
          best = load > 0.0 ? std::max(best, head[h].si() + load + tail[q].si()) : best;
        }
      }
    }
    CHECK(bound("link_load", problem) == exactly(best));
  }
}

TEST_CASE("The upper bound on a port shared by two flows") {
  SECTION("equal flows: 10 us + 2 ms, which is also what happens") {
    const Problem problem = star_flows({{1, 0, 1}, {2, 0, 1}});
    CHECK(upper(problem) == exactly(2.01e-3));
    CHECK(reference(problem) == exactly(2.01e-3));
  }
  SECTION("1 MB and 9 MB: fair shares end the small one by 2 ms; both by 10 ms") {
    const Problem problem = star_flows({{1, 0, 1}, {2, 0, 9}});
    const auto ends = analytic::latest_ends(problem).end;
    CHECK(ends[0].si() == exactly(2.01e-3));
    CHECK(ends[1].si() == exactly(10.01e-3));
  }
  SECTION("the same two ports for both: the rival counts once, not once per port") {
    CHECK(upper(star_flows({{1, 0, 1}, {1, 0, 2}})) == exactly(3.01e-3));
  }
  SECTION("a rival that comes when the first has ended: no contention") {
    // ends by 1.01 ms; the other's data starts at 1.01 ms
    const Problem problem = star_flows({{1, 0, 1}, {2, 0, 1, 1.0}});
    CHECK(upper(problem) == exactly(2.01e-3));
  }
  SECTION("a rival that comes when 0.25 MB are left takes no more than that from the first") {
    // Alone until 0.76 ms, then 0.25 MB at half the rate: ends by 1.26 ms. The second meets it for
    // 0.5 ms at most, loses 0.25 ms: 0.76 + 1.25 = 2.01 ms.
    const Problem problem = star_flows({{1, 0, 1}, {2, 0, 1, 0.75}});
    const auto ends = analytic::latest_ends(problem).end;
    CHECK(ends[0].si() == exactly(1.26e-3));
    CHECK(fluid_reference(problem).end[0] == exactly(1.26e-3));
    CHECK(upper(problem) >= reference(problem) * (1 - 1e-12));
    CHECK(reference(problem) == exactly(2.01e-3));
  }
}

TEST_CASE("Where the model is tight, the upper bound equals the lower one") {
  const Star shape{.hosts = 8};
  const auto both_are = [](const Problem& problem, double seconds) {
    CHECK(bound("critical_path", problem) == exactly(seconds));
    CHECK(upper(problem) == exactly(seconds));
  };
  SECTION("ring: every port serves one chain; 14·(500 ns + 2.5 ms)") {
    both_are(on_star(shape, collective(Collective::all_reduce, "ring", 1e9)), 35.007e-3);
  }
  SECTION("pairwise: the dag leaves steps unordered on a receiving port, windows separate them") {
    both_are(on_star(shape, collective(Collective::all_to_all, "pairwise", 1e9)), 17.5035e-3);
  }
  SECTION("binomial: 6·(500 ns + 20 ms)") {
    both_are(on_star(shape, collective(Collective::all_reduce, "binomial", 1e9)), 120.003e-3);
  }
  SECTION("channels: at most one operation of a channel is active, so shares are S/c at most") {
    workload::Workload workload = collective(Collective::all_reduce, "ring", 1e9);
    workload.channels = 4;
    CHECK(upper(on_star(shape, workload)) == exactly(35.007e-3));
  }
  SECTION("a ring of 362 ranks, 261,364 operations: 722·(500 ns + 1 GB/362/50 GB/s)") {
    const Problem problem =
        on_star({.hosts = 362}, collective(Collective::all_reduce, "ring", 1e9));
    both_are(problem, 722 * (500e-9 + 1e9 / 362 / 50e9));
    CHECK(bound("link_load", problem) <= 722 * (500e-9 + 1e9 / 362 / 50e9) * (1 + 1e-12));
  }
}

}  // namespace
}  // namespace plumbline::test
