// SPDX-License-Identifier: Apache-2.0
// What the model M says about resources and waits, one rule at a time, with the dates of each
// operation.
#include <limits>
#include <vector>

#include <catch2/catch.hpp>

#include "core/diagnostic.hpp"
#include "des/replay.hpp"
#include "scenario.hpp"

namespace {

using namespace plumbline;
using namespace plumbline::core::literals;
using Catch::Matchers::Contains;
using des::test::Scenario;
using topology::LinkId;
using topology::Sharing;
using workload::OperationTimes;
using workload::OpKind;
using workload::Protocol;

std::vector<OperationTimes> dates(const workload::Problem& problem) {
  return des::Replay({.timeline = true}).run(problem).replay->timeline;
}

void check_end(const OperationTimes& times, core::Seconds expected, double tolerance = 1e-12) {
  CHECK(times.end / 1_s == Approx(expected / 1_s).epsilon(tolerance).margin(0.0));
}

constexpr auto data_at_once = 0_s;

TEST_CASE("Transfers on one link get equal shares, and what one leaves the others take") {
  // 1 GB/s, no latency: 1, 2 and 3 MB together. Thirds until 1 MB each has passed (3 ms); halves
  // until 1 MB more each (2 ms); then 1 MB alone (1 ms).
  Scenario scenario = Scenario::star(2, 1_GBps, data_at_once);
  for (const core::Bytes size : {1_MB, 2_MB, 3_MB}) {
    scenario.transfer(0, 1, size);
  }
  const auto times = dates(scenario.problem());
  check_end(times[0], 3_ms);
  check_end(times[1], 5_ms);
  check_end(times[2], 6_ms);
}

TEST_CASE("A route that names a link three times takes three shares of it") {
  // One direction of a 100 GB/s cable m: a names it three times, b once. Max-min: 3x + x = 100
  // GB/s, 25 GB/s each. a: 25 MB take 1 ms. b: 50 MB: 25 by then, the rest alone at 100 GB/s:
  // 0.25 ms.
  Scenario scenario = Scenario::bare(2);
  scenario.cable(scenario.host(0), scenario.host(1), 100_GBps, data_at_once);
  const LinkId m(0);
  scenario.transfer_along({m, m, m}, 25_MB);
  scenario.transfer_along({m}, 50_MB);
  const auto times = dates(scenario.problem());
  check_end(times[0], 1_ms);
  check_end(times[1], 1.25_ms);
}

TEST_CASE("A weighted transfer alone gets the capacity over its weight") {
  // 75 MB along a route that names a 100 GB/s link three times: 75 MB / (100/3 GB/s) = 2.25 ms.
  Scenario scenario = Scenario::bare(2);
  scenario.cable(scenario.host(0), scenario.host(1), 100_GBps, data_at_once);
  const LinkId m(0);
  scenario.transfer_along({m, m, m}, 75_MB);
  check_end(dates(scenario.problem())[0], 2.25_ms);
}

TEST_CASE("A route that splits over two links takes half a share of each") {
  // Two cables of 1 GB/s and 2 us. a splits 1 MB over both: alone 2 GB/s, and it waits half of each
  // latency, 2 us. b sends 1 MB over the second only. Max-min: x/2 + y = 1 GB/s on the second, and
  // x = y as both cross it: 2/3 GB/s each, 1.5 ms for either.
  const std::vector<topology::Share> halves{{0.5, 0.5}, {0.5, 0.5}};
  for (const bool rival : {false, true}) {
    Scenario scenario = Scenario::bare(2);
    scenario.cable(scenario.host(0), scenario.host(1), 1_GBps, 2_us);
    scenario.cable(scenario.host(0), scenario.host(1), 1_GBps, 2_us);
    scenario.transfer_along({LinkId(0), LinkId(2)}, 1_MB, {}, halves);
    if (rival) {
      scenario.transfer_along({LinkId(2)}, 1_MB);
    }
    const auto times = dates(scenario.problem());
    check_end(times[0], rival ? 1.502_ms : 0.502_ms);
    if (rival) {
      check_end(times[1], 1.502_ms);
    }
  }
}

TEST_CASE("Parts that no common unit divides are refused") {
  // 1/5 and 1/16: the least common unit is 1/80, and 64 parts are the most.
  Scenario scenario = Scenario::bare(2);
  scenario.cable(scenario.host(0), scenario.host(1), 1_GBps, 2_us);
  scenario.transfer_along({LinkId(0)}, 1_MB, {}, {{0.2, 0.2}});
  scenario.transfer_along({LinkId(0)}, 1_MB, {}, {{0.0625, 0.0625}});
  CHECK_THAT(des::Replay({}).accepts(scenario.problem()).why_not, Contains("1/64"));
}

TEST_CASE("Each direction of a full-duplex cable is a resource of its own") {
  // Both ways 1 MB at 1 GB/s with 2 × 1 us: 1.002 ms each.
  Scenario scenario = Scenario::star(2, 1_GBps, 1_us);
  scenario.transfer(0, 1, 1_MB);
  scenario.transfer(1, 0, 1_MB);
  const auto times = dates(scenario.problem());
  check_end(times[0], 1.002_ms);
  check_end(times[1], 1.002_ms);
}

TEST_CASE("Both directions of a half-duplex cable share one capacity") {
  // 1 MB both ways at 1 GB/s: half each, 2 ms, plus 1 us.
  Scenario scenario = Scenario::bare(2);
  scenario.cable(scenario.host(0), scenario.host(1), 1_GBps, 1_us, Sharing::half_duplex);
  scenario.transfer(0, 1, 1_MB);
  scenario.transfer(1, 0, 1_MB);
  const auto times = dates(scenario.problem());
  check_end(times[0], 2.001_ms);
  check_end(times[1], 2.001_ms);
}

TEST_CASE("An unshared link caps each transfer and is divided among none") {
  // Host 0 sends two transfers of 1 MB over a cable of 10 GB/s and an unshared one of 1 GB/s: each
  // has 1 GB/s to itself, 1 ms. A third that avoids the cap takes what is left: 8 GB/s, 0.5 ms for
  // 4 MB.
  Scenario scenario = Scenario::bare(3);
  const auto centre = scenario.add_switch("switch");
  scenario.cable(scenario.host(0), centre, 10_GBps, data_at_once);
  scenario.cable(centre, scenario.host(1), 1_GBps, data_at_once, Sharing::unshared);
  scenario.cable(centre, scenario.host(2), 100_GBps, data_at_once);
  scenario.transfer(0, 1, 1_MB);
  scenario.transfer(0, 1, 1_MB);
  scenario.transfer(0, 2, 4_MB);
  const auto times = dates(scenario.problem());
  check_end(times[0], 1_ms);
  check_end(times[1], 1_ms);
  check_end(times[2], 0.5_ms);
}

TEST_CASE("Fractions of a byte on the wire count") {
  // 64 B of payload at 128/120 wire bytes each, 25 GB/s, 1 us: 1 us + 68.2667 B / 25 GB/s. Rounded
  // to whole bytes it would be 0.4 % of the data time off. A transfer of 1 GB runs beside it on
  // other links, so that sizes span 7 decades.
  workload::ConstantSet constants;
  constexpr double ratio = 128.0 / 120.0;
  for (auto& of_path : constants.steps[static_cast<std::size_t>(Protocol::ll128)]) {
    of_path.wire_ratio = ratio;
  }
  Scenario scenario = Scenario::star(4, 25_GBps, 500_ns);
  scenario.transfer(0, 1, 64_B, {}, OpKind::copy, Protocol::ll128);
  scenario.transfer(2, 3, 1_GB);
  const auto times = dates(scenario.problem(constants));
  check_end(times[0], 1_us + 64_B * ratio / 25_GBps);
  check_end(times[1], 1_us + 1_GB / 25_GBps);
}

TEST_CASE("A transfer of nothing ends after its latency, and what waits for it goes on") {
  // 2 us; the next 2 us and 1 MB at 1 GB/s.
  Scenario scenario = Scenario::star(2, 1_GBps, 1_us);
  const auto empty = scenario.transfer(0, 1, 0_B);
  scenario.transfer(1, 0, 1_MB, {empty});
  const auto times = dates(scenario.problem());
  check_end(times[0], 2_us);
  CHECK(times[0].data_start == times[0].end);
  CHECK(times[1].start == times[0].end);
  check_end(times[1], 1.004_ms);
}

TEST_CASE("Schedules of nothing but waits need no network") {
  Scenario scenario = Scenario::bare(1);
  const auto first = scenario.wait(OpKind::compute, 3_ms);
  const auto second = scenario.wait(OpKind::delay, 1_ms);
  scenario.wait(OpKind::compute, 2_ms, {first, second});
  const auto times = dates(scenario.problem());
  check_end(times[0], 3_ms);
  check_end(times[1], 1_ms);
  check_end(times[2], 5_ms);
}

TEST_CASE("A long chain of operations that take no time ends at once") {
  Scenario scenario = Scenario::bare(1);
  std::uint32_t last = scenario.wait(OpKind::delay, 0_s);
  for (int i = 0; i < 200'000; ++i) {
    last = scenario.wait(OpKind::delay, 0_s, {last});
  }
  CHECK(des::Replay({}).run(scenario.problem()).estimate == 0_s);
}

TEST_CASE("Launch is paid by what waits for nothing, once, before its latency") {
  // launch 10 us: the root 10 + 2 + 1000 us, its successor 2 + 1000 us more; a compute of 5 us that
  // waits for nothing ends at 15 us.
  workload::ConstantSet constants;
  constants.launch = 10_us;
  Scenario scenario = Scenario::star(2, 1_GBps, 1_us);
  const auto root = scenario.transfer(0, 1, 1_MB);
  scenario.transfer(1, 0, 1_MB, {root});
  scenario.wait(OpKind::compute, 5_us);
  const auto times = dates(scenario.problem(constants));
  CHECK(times[0].start == 0_s);
  check_end(times[0], 1.012_ms);
  check_end(times[1], 2.014_ms);
  check_end(times[2], 15_us);
}

TEST_CASE("An operation waits for the last of its predecessors") {
  // Transfers of 1 and 2 ms apart from each other, then 1 us of latency and 1 ms of data.
  Scenario scenario = Scenario::star(4, 1_GBps, 500_ns);
  const auto quick = scenario.transfer(0, 1, 999_kB);
  const auto slow = scenario.transfer(2, 3, 1999_kB);
  scenario.transfer(1, 0, 999_kB, {quick, slow});
  const auto times = dates(scenario.problem());
  check_end(times[0], 1_ms);
  check_end(times[1], 2_ms);
  CHECK(times[2].start == times[1].end);
  check_end(times[2], 3_ms);
}

TEST_CASE("A schedule of nanoseconds is as exact as one of hours") {
  // SimGrid takes events within 1e-12 of its unit for simultaneous. Two transfers, 1 and 1.001 B at
  // 450 GB/s: they end 2e-15 s apart, and after the first the second has the link to itself.
  // Together 2 B, then 0.001 B alone: 2.001 B / 450 GB/s.
  for (const double size : {1.0, 1e15}) {
    Scenario scenario = Scenario::star(2, 450_GBps, data_at_once);
    scenario.transfer(0, 1, size * 1_B);
    scenario.transfer(0, 1, size * 1.001_B);
    const auto times = dates(scenario.problem());
    check_end(times[0], size * 2_B / 450_GBps);
    check_end(times[1], size * 2.001_B / 450_GBps);
  }
}

TEST_CASE("A replay that outgrows its limits is a ModelError that names the limit") {
  Scenario scenario = Scenario::star(64, 50_GBps, 500_ns);
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < 100'000; ++i) {
    // Sizes differ, so that no two events coincide: seconds of work.
    last = scenario.transfer(i % 64, (i + 1) % 64, (1.0 + static_cast<double>(i % 977)) * 1_kB,
                             i < 512 ? des::test::After{} : des::test::After{last - 511});
  }
  const workload::Problem problem = scenario.problem();
  CHECK_THROWS_WITH(des::Replay({.time_limit = 50_ms}).run(problem), Contains("time_limit"));
#ifndef __SANITIZE_ADDRESS__  // which stands still where it can map no more memory
  CHECK_THROWS_WITH(des::Replay({.memory_limit = 1_MiB}).run(problem), Contains("memory_limit"));
#endif
  const volatile std::sig_atomic_t stop = 1;
  CHECK_THROWS_WITH(des::Replay({.stop = &stop}).run(problem), "interrupted");
}

TEST_CASE("A path without bandwidth is refused, with its name") {
  Scenario scenario = Scenario::star(2, 0_GBps, 1_us);
  scenario.transfer(0, 1, 1_MB);
  const auto validity = des::Replay({}).accepts(scenario.problem());
  CHECK_FALSE(validity.valid);
  CHECK_THAT(validity.why_not, Contains("host0") && Contains("no bandwidth"));
}

}  // namespace
