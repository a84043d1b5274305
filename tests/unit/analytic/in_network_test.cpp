// SPDX-License-Identifier: Apache-2.0
// Switches that add and replicate: closed forms, bounds, and what a ring loses against them.
#include "tests/support/fluid_reference.hpp"
#include "tests/support/star.hpp"
#include "tests/unit/analytic/solve.hpp"
#include "workload/generator.hpp"

namespace plumbline::test {
namespace {

using Catch::Matchers::Contains;
using workload::Collective;
using workload::Problem;

/// 8 ports of 50 GB/s, 500 ns from port to port: 1 GB takes 20 ms through a port.
constexpr Star adding{.in_network = true};

Problem nvls(Collective kind, double chunk = 0.0) {
  workload::Workload workload = collective(kind, "nvls", 1e9);
  if (chunk > 0.0) {
    workload.chunk = core::Bytes::from_si(chunk);
  }
  return on_star(adding, workload);
}

double reference(const Problem& problem) {
  return fluid_reference(problem).makespan;
}

TEST_CASE("NVLS all_reduce of 1 GB in one piece: two phases of 500 ns + 20 ms") {
  // Each of the 8 sums takes 125 MB from every port, all at once: 1 GB up each port. Then 8
  // multicasts bring 1 GB down each.
  const Problem problem = nvls(Collective::all_reduce);
  CHECK(problem.schedule().operation_count() == 16);
  CHECK(estimate("nvls", problem) == exactly(40.001e-3));
  CHECK(estimate("even_steps", problem) == exactly(40.001e-3));
  CHECK(reference(problem) == exactly(40.001e-3));
}

TEST_CASE("NVLS all_reduce in ten pieces: sums beside multicasts") {
  // 125 MB per rank in pieces of 12.5 MB. First and last step: 100 MB through each port, 2 ms; the
  // nine between: 112.5 MB each way, 2.25 ms. 11 · 500 ns + 2 · 2 ms + 9 · 2.25 ms = 24.2555 ms.
  const Problem problem = nvls(Collective::all_reduce, 12.5e6);
  CHECK(estimate("nvls", problem) == exactly(24.2555e-3));
  CHECK(estimate("even_steps", problem) == exactly(24.2555e-3));
  CHECK(reference(problem) == exactly(24.2555e-3));
  // 14 steps of 500 ns + 2.5 ms
  const Problem ring = on_star(adding, collective(Collective::all_reduce, "ring", 1e9));
  CHECK(estimate("ring_all_reduce", ring) == exactly(35.007e-3));
  // Toward infinitely many pieces the ring's 2·7/8 buffers per port stand against 1 + 1/8.
  workload::Workload fine = collective(Collective::all_reduce, "nvls", 1e9);
  fine.chunk = core::Bytes::from_si(12.5e3);
  const Problem limit = on_star({.latency = {}, .in_network = true}, fine);
  CHECK(estimate("nvls", limit) == Approx(22.5e-3).epsilon(1e-3));
}

TEST_CASE("NVLS halves, broadcast and reduce: the buffer once through every port") {
  for (const Collective kind : {Collective::all_gather, Collective::reduce_scatter,
                                Collective::broadcast, Collective::reduce}) {
    INFO(to_text(kind));
    CHECK(estimate("nvls", nvls(kind)) == exactly(20.0005e-3));
    CHECK(reference(nvls(kind)) == exactly(20.0005e-3));
    // Four pieces, one after the other: four latencies.
    const bool rooted = kind == Collective::broadcast || kind == Collective::reduce;
    const Problem pieces = nvls(kind, rooted ? 250e6 : 31.25e6);
    CHECK(estimate("nvls", pieces) == exactly(20.002e-3));
    CHECK(reference(pieces) == exactly(20.002e-3));
  }
}

TEST_CASE("A tree of switches: the buffer up once and down once, both at the same time") {
  const Problem problem = on_star(adding, collective(Collective::all_reduce, "sharp_tree", 1e9));
  CHECK(estimate("even_steps", problem) == exactly(20.0005e-3));
  CHECK(reference(problem) == exactly(20.0005e-3));
}

TEST_CASE("Where switches add, all_reduce is bounded by its buffer through each port, once") {
  const auto on = [](const Star& star, Collective kind, const char* algorithm) {
    return bound("endpoint", on_star(star, collective(kind, algorithm, 1e9)));
  };
  CHECK(on({}, Collective::all_reduce, "ring") == exactly(500e-9 + 35e-3));
  CHECK(on(adding, Collective::all_reduce, "ring") == exactly(500e-9 + 20e-3));
  CHECK(on(adding, Collective::all_reduce, "sharp_tree") == exactly(500e-9 + 20e-3));  // attained
  // Multicast spares the senders' ports; each rank still takes in 7/8 of the result, and
  // reduce_scatter sends as much.
  CHECK(on(adding, Collective::all_gather, "ring") == exactly(500e-9 + 17.5e-3));
  CHECK(on(adding, Collective::reduce_scatter, "ring") == exactly(500e-9 + 17.5e-3));
}

TEST_CASE("Unequal senders: a multicast needs only what each sends itself") {
  // Ports of 1 GB/s out for everyone and no limit in would be 7 GB out of 8 GB/s in total for 1 GB
  // all_gather among 8; a multicast sends each rank's 125 MB once. Half-duplex ports show it: 7 GB
  // both ways through 8 ports of 50 GB/s are 35 ms; with multicast a port sends 125 MB and takes
  // 875: 20 ms.
  Star shape{.sharing = topology::Sharing::half_duplex};
  const auto gather = collective(Collective::all_gather, "ring", 1e9);
  CHECK(bound("endpoint", on_star(shape, gather)) == exactly(35e-3));
  shape.in_network = true;
  CHECK(bound("endpoint", on_star(shape, gather)) == exactly(20e-3));
}

TEST_CASE("What the switch computes is refused where it doesn't") {
  const workload::GeneratorEntry& entry = *workload::find_generator(Collective::all_reduce, "nvls");
  workload::Workload workload = collective(Collective::all_reduce, "nvls", 1e9);
  workload.ranks = topology::RankCount(8);
  CHECK_THAT(entry.refuses(workload), Contains("no switch that adds and replicates"));
  workload.site.in_network = true;
  CHECK(entry.refuses(workload).empty());
}

TEST_CASE("Steps that are not even are refused") {
  // 0 → 1 and 2 → 1 share a port, 3 → 0 has one to itself.
  const auto fabric = star({.hosts = 4});
  workload::Workload workload = collective(Collective::flows, "flows", 0.0);
  workload.ranks = topology::RankCount(4);
  for (const auto& [from, to] : {std::pair{0U, 1U}, {2U, 1U}, {3U, 0U}}) {
    workload.flows.push_back({.from = fabric->endpoints()[from],
                              .to = fabric->endpoints()[to],
                              .size = core::Bytes::from_si(1e6),
                              .start = {}});
  }
  const auto problem = [&] {
    return make_problem(fabric, topology::packed(*fabric, workload.ranks), workload, {});
  };
  CHECK_THAT(refusal("even_steps", problem()), Contains("gets more"));
  workload.flows.pop_back();
  CHECK(estimate("even_steps", problem()) == exactly(500e-9 + 40e-6));
  workload.flows[1].size *= 2.0;
  CHECK_THAT(refusal("even_steps", problem()), Contains("another time"));
}

}  // namespace
}  // namespace plumbline::test
