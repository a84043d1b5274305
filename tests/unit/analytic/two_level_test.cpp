// SPDX-License-Identifier: Apache-2.0
// Algorithms on two levels, with fewer and fewer network adapters; Bruck's all_to_all.
#include "tests/support/fluid_reference.hpp"
#include "tests/support/star.hpp"
#include "tests/unit/analytic/solve.hpp"

namespace plumbline::test {
namespace {

using Catch::Matchers::Contains;
using topology::DeviceKind;
using workload::Collective;
using workload::Problem;

topology::LinkClass link(const char* name, topology::LinkKind kind, double bandwidth,
                         double latency) {
  return {.name = name,
          .kind = kind,
          .bandwidth_per_direction = core::Bandwidth::from_si(bandwidth),
          .latency = core::Seconds::from_si(latency),
          .sharing = topology::Sharing::full_duplex};
}

/// Two machines of 8 GPUs: 400 GB/s of NVLink each, 500 ns from one to another; `adapters` of 50
/// GB/s a machine, each behind 8 / adapters GPUs, and 2 us from one over the leaf to another.
Problem two_machines(std::uint32_t adapters, workload::Workload workload) {
  topology::FabricBuilder builder;
  const auto leaf = builder.add({.name = "leaf", .kind = DeviceKind::leaf, .in_node = false});
  for (std::uint32_t m = 0; m < 2; ++m) {
    const std::string machine = "node" + std::to_string(m) + "/";
    const auto hub =
        builder.add({.name = machine + "nvswitch", .kind = DeviceKind::nvswitch, .node = m});
    std::vector<topology::DeviceId> nics;
    for (std::uint32_t a = 0; a < adapters; ++a) {
      nics.push_back(builder.add(
          {.name = machine + "nic" + std::to_string(a), .kind = DeviceKind::nic, .node = m}));
      builder.connect(nics.back(), leaf, link("port", topology::LinkKind::network, 50e9, 1e-6));
    }
    for (std::uint32_t g = 0; g < 8; ++g) {
      const auto gpu = builder.add(
          {.name = machine + "gpu" + std::to_string(g), .kind = DeviceKind::gpu, .node = m});
      builder.connect(gpu, hub, link("nvlink", topology::LinkKind::nvlink, 400e9, 250e-9));
      builder.connect(gpu, nics[g * adapters / 8], link("pcie", topology::LinkKind::pcie, 60e9, 0));
    }
  }
  const auto fabric = std::make_shared<const topology::Fabric>(builder.finish());
  workload.ranks = topology::RankCount(16);
  topology::Placement placement = topology::packed(*fabric, workload.ranks);
  workload.site = workload::site_of(*fabric, placement);
  return make_problem(fabric, std::move(placement), std::move(workload), {});
}

double reference(const Problem& problem) {
  return fluid_reference(problem).makespan;
}

TEST_CASE("Hierarchical all_reduce of 6.4 GB with 8, 4, 2 and 1 adapters a machine") {
  // Inside: 2·7 steps of 800 MB at 400 GB/s: 14 · (500 ns + 2 ms) = 28.007 ms. On a rail: 2 steps
  // of 400 MB; the 8 rails share A adapters: 8 ms · 8/A and 2 us each.
  const auto all_reduce = collective(Collective::all_reduce, "hierarchical", 6.4e9);
  for (const std::uint32_t adapters : {8U, 4U, 2U, 1U}) {
    INFO(adapters << " adapters");
    const double expected = 28.007e-3 + 2 * (2e-6 + 64e-3 / adapters);
    const Problem problem = two_machines(adapters, all_reduce);
    CHECK(estimate("hierarchical_all_reduce", problem) == exactly(expected));
    CHECK(estimate("even_steps", problem) == exactly(expected));
    CHECK(reference(problem) == exactly(expected));
  }
  // A ring over all 16 crosses between machines twice, each time alone on its adapter, and all
  // steps wait for these: 30 · (2 us + 400 MB / 50 GB/s).
  const Problem ring = two_machines(8, collective(Collective::all_reduce, "ring", 6.4e9));
  CHECK(reference(ring) == Approx(30 * (2e-6 + 8e-3)).epsilon(0.1));
}

TEST_CASE("Halves on two levels: 6.4 GB in total") {
  // Rail: 2 us + 400 MB / 50 GB/s. Inside: 7 steps of both machines' 400 MB: 7 · (500 ns + 2 ms).
  for (const Collective kind : {Collective::all_gather, Collective::reduce_scatter}) {
    const Problem problem = two_machines(8, collective(kind, "hierarchical", 6.4e9));
    CHECK(estimate("even_steps", problem) == exactly(8.002e-3 + 14.0035e-3));
    CHECK(reference(problem) == exactly(8.002e-3 + 14.0035e-3));
  }
}

TEST_CASE("Hierarchical all_to_all of 1.6 GB per rank") {
  // 100 MB for each rank: 800 MB for the other machine, at 50 GB/s; then 7 steps of 2 · 100 MB
  // inside: 2 us + 16 ms + 7 · (500 ns + 0.5 ms). With two adapters 64 ms instead of 16.
  const auto all_to_all = collective(Collective::all_to_all, "hierarchical", 1.6e9);
  CHECK(estimate("even_steps", two_machines(8, all_to_all)) == exactly(19.5055e-3));
  CHECK(reference(two_machines(8, all_to_all)) == exactly(19.5055e-3));
  CHECK(estimate("even_steps", two_machines(2, all_to_all)) == exactly(67.5055e-3));
  CHECK(reference(two_machines(2, all_to_all)) == exactly(67.5055e-3));
}

TEST_CASE("Hierarchical all_to_all of tokens for experts: less crosses, as much is handed out") {
  // 16 experts on 2 machines, 2 per token: both on one machine with 7/15, so 1 + 8/15 machines for
  // 2 copies: 23/30 of 16 ms.
  workload::Workload tokens = collective(Collective::all_to_all, "hierarchical", 1.6e9);
  tokens.experts = {.count = 16, .per_token = 2};
  const double expected = 2e-6 + 16e-3 * 23 / 30 + 3.5035e-3;
  CHECK(estimate("even_steps", two_machines(8, tokens)) == exactly(expected));
  CHECK(reference(two_machines(8, tokens)) == exactly(expected));
}

TEST_CASE("Gather, scatter and outcast share the root's port; a barrier takes log2 n latencies") {
  // 7 · 125 MB, and 7 · 1 GB, at 50 GB/s
  for (const auto& [kind, time] : {std::pair{Collective::gather, 17.5e-3},
                                   {Collective::scatter, 17.5e-3},
                                   {Collective::outcast, 140e-3}}) {
    const Problem problem = on_star({}, collective(kind, "direct", 1e9));
    CHECK(estimate("even_steps", problem) == exactly(500e-9 + time));
    CHECK(reference(problem) == exactly(500e-9 + time));
  }
  // 3 rounds, and 3 up and 3 down a binomial tree, of 500 ns + 8 B / 50 GB/s
  const double signal = 500e-9 + 8 / 50e9;
  const Problem spread = on_star({}, collective(Collective::barrier, "dissemination", 8.0));
  CHECK(estimate("even_steps", spread) == exactly(3 * signal));
  CHECK(reference(on_star({}, collective(Collective::barrier, "binomial", 8.0))) ==
        exactly(6 * signal));
}

TEST_CASE("Bruck's all_to_all on 8 ranks: 3 rounds of half a buffer") {
  // 3 · (500 ns + 4 · 125 MB / 50 GB/s); pairwise would take 7 · (500 ns + 2.5 ms) = 17.5035 ms.
  const Problem problem = on_star({}, collective(Collective::all_to_all, "bruck", 1e9));
  CHECK(estimate("bruck_all_to_all", problem) == exactly(30.0015e-3));
  CHECK(reference(problem) == exactly(30.0015e-3));
  // 8 · 8 kB: 3 · (500 ns + 0.64 us) against 7 · (500 ns + 0.16 us)
  const Problem small = on_star({}, collective(Collective::all_to_all, "bruck", 64e3));
  CHECK(estimate("bruck_all_to_all", small) == exactly(3.42e-6));
  const Problem direct = on_star({}, collective(Collective::all_to_all, "pairwise", 64e3));
  CHECK(estimate("pairwise_all_to_all", direct) == exactly(4.62e-6));
  CHECK_THAT(refusal("bruck_all_to_all",
                     on_star({.hosts = 6}, collective(Collective::all_to_all, "bruck", 1e9))),
             Contains("power of two"));
}

}  // namespace
}  // namespace plumbline::test
