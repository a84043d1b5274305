// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "tests/support/fluid_reference.hpp"
#include "tests/support/star.hpp"
#include "tests/unit/analytic/solve.hpp"

namespace plumbline::test {
namespace {

using Catch::Matchers::Contains;
using workload::Collective;
using workload::Problem;

Star port(double bytes_per_second, double latency, std::uint32_t hosts = 8) {
  return {.hosts = hosts,
          .bandwidth = core::Bandwidth::from_si(bytes_per_second),
          .latency = core::Seconds::from_si(latency)};
}

double reference(const Problem& problem) {
  return fluid_reference(problem).makespan;
}

/// Two leaves with hosts of 50 GB/s each, joined by one trunk of 200 GB/s per direction.
Problem two_leaves(std::uint32_t per_leaf, bool alternating, workload::Workload workload) {
  topology::FabricBuilder builder;
  const topology::LinkClass edge{.name = "edge",
                                 .kind = topology::LinkKind::network,
                                 .bandwidth_per_direction = core::Bandwidth::from_si(50e9),
                                 .latency = {},
                                 .sharing = topology::Sharing::full_duplex};
  topology::LinkClass trunk = edge;
  trunk.name = "trunk";
  trunk.bandwidth_per_direction = core::Bandwidth::from_si(200e9);
  const auto leaf = [&](const char* name) {
    return builder.add(
        {.name = name, .kind = topology::DeviceKind::leaf, .node = 0, .in_node = false});
  };
  const std::array leaves{leaf("leaf0"), leaf("leaf1")};
  builder.connect(leaves[0], leaves[1], trunk);
  for (std::uint32_t h = 0; h < 2 * per_leaf; ++h) {
    const auto host = builder.add(
        {.name = "host" + std::to_string(h), .kind = topology::DeviceKind::host, .node = h});
    builder.connect(host, leaves[alternating ? h % 2 : h / per_leaf], edge);
  }
  const auto fabric = std::make_shared<const topology::Fabric>(builder.finish());
  workload.ranks = topology::RankCount(2 * per_leaf);
  topology::Placement placement = topology::packed(*fabric, workload.ranks);
  return make_problem(fabric, std::move(placement), std::move(workload), {});
}

TEST_CASE("Closed forms of 1 GB on 8 ranks with ports of 50 GB/s and paths of 500 ns") {
  const Star shape = port(50e9, 500e-9);
  SECTION("ring all_reduce: 2·7 steps of 125 MB: 14·(500 ns + 2.5 ms) = 35.007 ms") {
    const Problem problem = on_star(shape, collective(Collective::all_reduce, "ring", 1e9));
    CHECK(estimate("ring_all_reduce", problem) == exactly(35.007e-3));
    CHECK(reference(problem) == exactly(35.007e-3));
    const workload::Terms terms = solve("ring_all_reduce", problem).terms;
    CHECK(terms[workload::Term::latency].si() == exactly(7e-6));         // 14 · 500 ns
    CHECK(terms[workload::Term::serialisation].si() == exactly(35e-3));  // 14 · 2.5 ms
  }
  SECTION("ring all_gather and reduce_scatter, 1 GB in total: 7 steps: 17.5035 ms") {
    const Problem gather = on_star(shape, collective(Collective::all_gather, "ring", 1e9));
    CHECK(estimate("ring_all_gather", gather) == exactly(17.5035e-3));
    CHECK(reference(gather) == exactly(17.5035e-3));
    const Problem scatter = on_star(shape, collective(Collective::reduce_scatter, "ring", 1e9));
    CHECK(estimate("ring_reduce_scatter", scatter) == exactly(17.5035e-3));
    CHECK(reference(scatter) == exactly(17.5035e-3));
  }
  SECTION("pairwise all_to_all, 1 GB sent by each rank: 7 steps of 125 MB: 17.5035 ms") {
    const Problem problem = on_star(shape, collective(Collective::all_to_all, "pairwise", 1e9));
    CHECK(estimate("pairwise_all_to_all", problem) == exactly(17.5035e-3));
    CHECK(reference(problem) == exactly(17.5035e-3));
  }
  SECTION("binomial trees: 3 rounds of 500 ns + 20 ms each way: 60.0015 and 120.003 ms") {
    for (const Collective kind : {Collective::broadcast, Collective::reduce}) {
      workload::Workload workload = collective(kind, "binomial", 1e9);
      workload.root = topology::RankId(5);
      const Problem problem = on_star(shape, workload);
      CHECK(estimate("binomial", problem) == exactly(60.0015e-3));
      CHECK(reference(problem) == exactly(60.0015e-3));
    }
    const Problem both = on_star(shape, collective(Collective::all_reduce, "binomial", 1e9));
    CHECK(estimate("binomial", both) == exactly(120.003e-3));
    CHECK(reference(both) == exactly(120.003e-3));
  }
  SECTION("heap-shaped binary tree: no closed form; the reference and the bounds") {
    // 20 ms per buffer; rank 7 is below 3, 3 and 4 below 1, 5 and 6 below 2, 1 and 2 below 0.
    // Up: 7 → 3 ends at 20.0005 ms, as 4 → 1 does; 3 → 1 at 40.001; 5 and 6 share 2's port until
    // 40.0005. The root's port works from 40.001, when 2's data arrives, for 40 ms without a pause:
    // 80.001. Down: 40.0005 for two children at once, the same again, 20.0005 for rank 7: 180.0025.
    const Problem tree = on_star(shape, collective(Collective::all_reduce, "binary_tree", 1e9));
    CHECK(reference(tree) == exactly(180.0025e-3));
    CHECK_THAT(refusal("ring_all_reduce", tree), Contains("binary_tree"));
  }
}

TEST_CASE("Ring all_reduce of 16.06 GB on 8 GPUs") {
  const auto ring = collective(Collective::all_reduce, "ring", 16.06e9);
  // 14·(500 ns + 16.06e9/8 B / 450 GB/s) = 14·(0.5 us + 4.461111… ms)
  const Problem nvlink = on_star(port(450e9, 500e-9), ring);
  CHECK(estimate("ring_all_reduce", nvlink) == exactly(14 * (0.5e-6 + 2.0075e9 / 450e9)));
  CHECK(estimate("ring_all_reduce", nvlink) == Approx(62.4626e-3).epsilon(1e-6));
  // 14·(1 us + 2.0075e9 B / 64 GB/s) = 14·31.3681875 ms
  const Problem pcie = on_star(port(64e9, 1e-6), ring);
  CHECK(estimate("ring_all_reduce", pcie) == exactly(439.154625e-3));
}

TEST_CASE("One message over a path of 500 ns and 450 GB/s: latency plus bytes over bandwidth") {
  // 0.5 us + 64e3/450e9 s = 0.642222… us, and so on
  for (const auto& [bytes, microseconds] : {std::pair{64e3, 0.6422222222222222},
                                            {1e6, 2.7222222222222222},
                                            {64e6, 142.72222222222222}}) {
    workload::Workload workload = collective(Collective::send_recv, "send_recv", bytes);
    const Problem problem = on_star(port(450e9, 500e-9, 2), workload);
    CHECK(estimate("hockney", problem) == exactly(microseconds * 1e-6));
    CHECK(reference(problem) == exactly(microseconds * 1e-6));
  }
}

TEST_CASE("Incast: the root's port serves everybody") {
  // 15 · 16 MiB / 50 GB/s = 15 · 16777216 / 50e9 = 5.0331648 ms; alone each would take 0.336 ms
  const Problem problem =
      on_star(port(50e9, 0.0, 16), collective(Collective::incast, "incast", 16 * 1048576.0));
  CHECK(estimate("incast", problem) == exactly(5.0331648e-3));
  CHECK(reference(problem) == exactly(5.0331648e-3));
  const workload::Terms terms = solve("incast", problem).terms;
  CHECK(terms[workload::Term::serialisation].si() == exactly(0.33554432e-3));
  CHECK(terms[workload::Term::contention].si() == exactly(14 * 0.33554432e-3));
  CHECK(estimate("uncontended", problem) == exactly(0.33554432e-3));
}

TEST_CASE("Channels of one hop share it: the closed form of a ring knows") {
  // 4 channels, 8 ranks, 1 GB: chunks of 31.25 MB, four at a time on a 50 GB/s port: a step still
  // takes 500 ns + 2.5 ms.
  workload::Workload workload = collective(Collective::all_reduce, "ring", 1e9);
  workload.channels = 4;
  const Problem even = on_star(port(50e9, 500e-9), workload);
  CHECK(estimate("ring_all_reduce", even) == exactly(35.007e-3));
  CHECK(reference(even) == exactly(35.007e-3));
  // With at most 10 GB/s per channel they don't fill the port: 500 ns + 31.25 MB / 10 GB/s a step.
  workload::ConstantSet constants;
  constants.channel_rate = core::Bandwidth::from_si(10e9);
  const Problem capped = on_star(port(50e9, 500e-9), workload, constants);
  CHECK(estimate("ring_all_reduce", capped) == exactly(14 * (0.5e-6 + 3.125e-3)));
  CHECK(reference(capped) == exactly(14 * (0.5e-6 + 3.125e-3)));
}

TEST_CASE("Constants enter the closed forms: launch, protocol, reduction throughput") {
  workload::Workload workload = collective(Collective::all_reduce, "ring", 1e9);
  workload.protocol = workload::Protocol::ll;
  workload::ConstantSet constants;
  constants.launch = core::Seconds::from_si(10e-6);
  for (auto& step : constants.steps[static_cast<std::size_t>(workload::Protocol::ll)]) {
    step = {.step_latency = core::Seconds::from_si(1e-6), .wire_ratio = 2.0};
  }
  const Problem slow_wire = on_star(port(50e9, 500e-9), workload, constants);
  // 10 us + 14·(500 ns + 1 us + 2·125 MB / 50 GB/s)
  CHECK(estimate("ring_all_reduce", slow_wire) == exactly(10e-6 + 14 * (1.5e-6 + 5e-3)));
  CHECK(reference(slow_wire) == exactly(10e-6 + 14 * (1.5e-6 + 5e-3)));
  constants.steps = {};
  constants.reduction_bandwidth = core::Bandwidth::from_si(25e9);
  const Problem slow_sum = on_star(port(50e9, 500e-9), workload, constants);
  // reduce-scatter steps run at 25 GB/s: 5 ms instead of 2.5 ms, seven times
  CHECK(estimate("ring_all_reduce", slow_sum) == exactly(10e-6 + 14 * 3e-6 / 6 + 7 * 7.5e-3));
  CHECK(reference(slow_sum) == exactly(10e-6 + 7e-6 + 52.5e-3));
  CHECK(solve("ring_all_reduce", slow_sum).terms[workload::Term::reduction].si() ==
        exactly(7 * 2.5e-3));
}

TEST_CASE("Closed forms refuse what breaks them, and say why") {
  SECTION("hops that meet on a trunk; the reference shows what they would have missed") {
    const auto ring = collective(Collective::all_reduce, "ring", 1073741824.0);
    // Contiguous: one hop per direction crosses the trunk, alone: 62·(2^30/32)/50e9 = 41.6075 ms.
    const Problem contiguous = two_leaves(16, false, ring);
    CHECK(estimate("ring_all_reduce", contiguous) == exactly(62 * 33554432.0 / 50e9));
    CHECK(reference(contiguous) == exactly(62 * 33554432.0 / 50e9));
    // Alternating: 16 hops per direction share 200 GB/s: 12.5 GB/s each, 4 times as long.
    const Problem alternating = two_leaves(16, true, ring);
    CHECK_THAT(refusal("ring_all_reduce", alternating), Contains("at the same time"));
    CHECK(reference(alternating) == exactly(4 * 62 * 33554432.0 / 50e9));
  }
  SECTION("a half-duplex port between two ranks") {
    Star shape = port(50e9, 500e-9, 2);
    shape.sharing = topology::Sharing::half_duplex;
    const Problem problem = on_star(shape, collective(Collective::all_reduce, "ring", 1e9));
    CHECK_THAT(refusal("ring_all_reduce", problem), Contains("at the same time"));
  }
  SECTION("another collective, another algorithm") {
    const Problem problem =
        on_star(port(50e9, 500e-9), collective(Collective::all_gather, "ring", 1e9));
    CHECK_THAT(refusal("ring_all_reduce", problem), Contains("all_gather"));
    CHECK_THAT(refusal("hockney", problem), Contains("send_recv"));
    CHECK_THAT(refusal("incast", problem), Contains("incast"));
    CHECK_THAT(refusal("pipeline", problem), Contains("pipeline"));
  }
  SECTION("a number of ranks that is no power of two") {
    const Problem problem =
        on_star(port(50e9, 500e-9, 6), collective(Collective::broadcast, "binomial", 1e9));
    CHECK_THAT(refusal("binomial", problem), Contains("power of two"));
  }
  SECTION("a source that is farther away, or slower than its share") {
    auto flows = collective(Collective::incast, "incast", 1e6);
    topology::FabricBuilder builder;
    const auto hub = builder.add(
        {.name = "switch", .kind = topology::DeviceKind::leaf, .node = 0, .in_node = false});
    for (std::uint32_t h = 0; h < 3; ++h) {
      const auto host = builder.add(
          {.name = "host" + std::to_string(h), .kind = topology::DeviceKind::host, .node = h});
      builder.connect(host, hub,
                      {.name = "port" + std::to_string(h),
                       .kind = topology::LinkKind::network,
                       .bandwidth_per_direction = core::Bandwidth::from_si(h == 2 ? 10e9 : 50e9),
                       .latency = core::Seconds::from_si(1e-6),
                       .sharing = topology::Sharing::full_duplex});
    }
    const auto fabric = std::make_shared<const topology::Fabric>(builder.finish());
    flows.ranks = topology::RankCount(3);
    const Problem problem = make_problem(fabric, topology::packed(*fabric, flows.ranks), flows, {});
    CHECK_THAT(refusal("incast", problem), Contains("tighter"));
  }
}

}  // namespace
}  // namespace plumbline::test
