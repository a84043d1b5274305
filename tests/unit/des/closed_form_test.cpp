// SPDX-License-Identifier: Apache-2.0
// Cases whose answer is known on paper, collectives as the generators make them included.
#include <string>

#include <catch2/catch.hpp>

#include "des/replay.hpp"
#include "scenario.hpp"

namespace {

using namespace plumbline;
using namespace plumbline::core::literals;
using des::test::collective_on_star;
using des::test::Scenario;
using workload::Collective;

core::Seconds replay(const workload::Problem& problem) {
  return des::Replay({}).run(problem).estimate.value();
}

/// |a/b − 1| ≤ tolerance, with both values shown where it fails.
void check_close(core::Seconds replayed, core::Seconds expected, double tolerance = 1e-9) {
  CHECK(replayed / 1_s == Approx(expected / 1_s).epsilon(tolerance).margin(0.0));
}

TEST_CASE("One transfer alone takes its latency plus its bytes over the bandwidth, exactly") {
  // Two links of 250 ns; 1 B to 1 TB, and sizes that are no round numbers.
  const std::vector<core::Bytes> sizes = {1_B,   3_B,        64_B,  1000_B, 12345.678_B, 1_MB,
                                          1_MiB, 33333333_B, 8_GiB, 1_GB,   1000_GB};
  for (const core::Bandwidth bandwidth : {12.5_GBps, 25_GBps, 450_GBps, 63.015_GBps}) {
    for (const core::Bytes size : sizes) {
      Scenario scenario = Scenario::star(2, bandwidth, 250_ns);
      scenario.transfer(0, 1, size);
      check_close(replay(scenario.problem()), 500_ns + size / bandwidth, 1e-12);
    }
  }
}

TEST_CASE("A thousand transfers one after the other take a thousand times as long") {
  // Each 2 × 500 ns + 10 kB / 10 GB/s = 2 us. 1000 sums of doubles: 1e-12 is left.
  Scenario scenario = Scenario::star(2, 10_GBps, 500_ns);
  std::uint32_t last = scenario.transfer(0, 1, 10_kB);
  for (int i = 1; i < 1000; ++i) {
    last = scenario.transfer(static_cast<std::size_t>(i % 2), static_cast<std::size_t>(1 - i % 2),
                             10_kB, {last});
  }
  check_close(replay(scenario.problem()), 2_ms, 1e-12);
}

TEST_CASE("Ring all_reduce: 2(n−1)(α + S/(nB))") {
  // 8 ranks, 1 GB, 50 GB/s, 500 ns per path: 14 (500 ns + 125 MB / 50 GB/s) = 14 × 2.5005 ms.
  check_close(replay(collective_on_star(Collective::all_reduce, "ring", 8, 1_GB, 50_GBps, 250_ns)),
              35.007_ms);
  // 7 ranks: chunks are 1/7 of the buffer, no whole number of bytes: 12 (500 ns + S/7/B).
  check_close(replay(collective_on_star(Collective::all_reduce, "ring", 7, 1_GB, 50_GBps, 250_ns)),
              12.0 * (500_ns + 1_GB / 50_GBps / 7.0));
}

TEST_CASE("Unpipelined binomial all_reduce: 2 log2(n) (α + S/B)") {
  // 8 ranks: 3 rounds of reduce and 3 of broadcast, each 500 ns + 20 ms.
  check_close(
      replay(collective_on_star(Collective::all_reduce, "binomial", 8, 1_GB, 50_GBps, 250_ns)),
      120.003_ms);
}

TEST_CASE("A heap-shaped binary tree pays for two children at one port") {
  // Ranks 1, 2 under 0; 3, 4 under 1; 5, 6 under 2; 7 under 3. With t = S/B = 20 ms, α = 500 ns:
  // up: 7→3 and 4→1 take α + t; 3→1 then α + t more: rank 1 is ready at 2α + 2t. 5→2 and 6→2
  // share rank 2's port: α + 2t, and 2→0 starts then, α before 1→0. The port of rank 0 has 2t to
  // carry from 2α + 2t on (2→0's data begins there): the reduction ends at 2α + 4t.
  // down: 0→1 and 0→2 share rank 0's port, α + 2t; the two below each of them α + 2t; 3→7 α + t.
  // In all 2α + 4t + 3α + 5t = 5α + 9t = 180.0025 ms.
  check_close(
      replay(collective_on_star(Collective::all_reduce, "binary_tree", 8, 1_GB, 50_GBps, 250_ns)),
      180.0025_ms);
}

TEST_CASE("Pairwise all_to_all: (n−1)(α + S/(nB))") {
  // 8 ranks, each sends 1 GB in total: 7 rounds of 500 ns + 125 MB / 50 GB/s.
  check_close(
      replay(collective_on_star(Collective::all_to_all, "pairwise", 8, 1_GB, 50_GBps, 250_ns)),
      17.5035_ms);
}

TEST_CASE("Incast: the receiver's port carries everything") {
  // 15 sources of 16 MiB to one of 50 GB/s: 15 × 16 MiB / 50 GB/s = 5.0331648 ms, plus 1 us.
  Scenario scenario = Scenario::star(16, 50_GBps, 500_ns);
  for (std::size_t i = 0; i < 15; ++i) {
    scenario.transfer(i, 15, 16_MiB);
  }
  check_close(replay(scenario.problem()), 5.0341648_ms);
}

TEST_CASE("A leaf's one trunk stretches a ring that alternates between leaves") {
  // 2 leaves × 16 hosts at 50 GB/s, one trunk of 200 GB/s per direction, no latency; 1 GiB ring.
  // In order, one transfer crosses each trunk: 62 × S/32/50 GB/s. In alternating order all 16 of a
  // leaf cross, 200/16 GB/s each: four times that.
  for (const bool alternating : {false, true}) {
    Scenario scenario = Scenario::bare(32);
    const auto left = scenario.add_switch("left");
    const auto right = scenario.add_switch("right");
    for (std::size_t i = 0; i < 32; ++i) {
      const bool is_left = alternating ? i % 2 == 0 : i < 16;
      scenario.cable(scenario.host(i), is_left ? left : right, 50_GBps, 0_s);
    }
    scenario.cable(left, right, 200_GBps, 0_s);
    std::vector<std::uint32_t> step;
    for (std::size_t s = 0; s < 62; ++s) {
      std::vector<std::uint32_t> next;
      for (std::size_t i = 0; i < 32; ++i) {
        const des::test::After after =
            s == 0 ? des::test::After{} : des::test::After{step[i], step[(i + 31) % 32]};
        next.push_back(scenario.transfer(i, (i + 1) % 32, 1_GiB / 32.0, after));
      }
      step = next;
    }
    const core::Seconds contiguous = 62.0 * (1_GiB / 32.0 / 50_GBps);
    check_close(replay(scenario.problem()), (alternating ? 4.0 : 1.0) * contiguous);
  }
}

TEST_CASE("The self-test's cases hold: lazy updates share the common link") {
  CHECK_NOTHROW(des::self_test());
  CHECK(des::simgrid_version().rfind("3.", 0) == 0);
}

}  // namespace
