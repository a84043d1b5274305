// SPDX-License-Identifier: Apache-2.0
// The replay against a second simulator of the model M that shares no code with it and knows no
// SimGrid, on random problems; and properties that need no second opinion.
#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "des/replay.hpp"
#include "scenario.hpp"
#include "tests/support/fluid_reference.hpp"

namespace {

using namespace plumbline;
using namespace plumbline::core::literals;
using des::test::After;
using des::test::Scenario;
using topology::LinkId;
using topology::Sharing;
using workload::OpId;
using workload::OpKind;
using workload::Outcome;
using workload::Problem;

/// The same numbers from the same seed everywhere (the standard's distributions are not).
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : engine_(seed) {}

  std::size_t below(std::size_t n) { return engine_() % n; }

  double between(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_()) / 4294967296.0;
  }

 private:
  std::mt19937 engine_;
};

/// Equal and unequal sizes and bandwidths, since simultaneous events are where simulators differ.
core::Bytes random_size(Dice& dice) {
  switch (dice.below(4)) {
    case 0:
      return 0_B;
    case 1:
      return dice.between(1.0, 1e5) * 1_B;
    default:
      return static_cast<double>(1 + dice.below(8)) * 8_kB;
  }
}

core::Bandwidth random_bandwidth(Dice& dice) {
  return dice.below(2) == 0 ? static_cast<double>(1U << dice.below(5)) * 1_GBps
                            : dice.between(1.0, 20.0) * 1_GBps;
}

Sharing random_sharing(Dice& dice) {
  constexpr std::array kinds = {Sharing::full_duplex, Sharing::full_duplex, Sharing::half_duplex,
                                Sharing::unshared};
  return kinds[dice.below(kinds.size())];
}

After random_predecessors(Dice& dice, std::uint32_t op) {
  After after;
  for (std::size_t k = op == 0 ? 0 : dice.below(4); k > 0; --k) {
    after.push_back(op - 1 - static_cast<std::uint32_t>(dice.below(std::min(op, 16U))));
  }
  std::sort(after.begin(), after.end());
  after.erase(std::unique(after.begin(), after.end()), after.end());
  return after;
}

/// Two leaves, random cables, a trunk or two, transfers routed or along links named up to three
/// times, computes, delays, launch and reduction limits.
Problem random_problem(std::uint32_t seed, std::uint32_t operations) {
  Dice dice(seed);
  const std::size_t hosts = 2 + dice.below(7);
  Scenario scenario = Scenario::bare(hosts);
  const std::array leaves = {scenario.add_switch("left"), scenario.add_switch("right")};
  for (std::size_t i = 0; i < hosts; ++i) {
    scenario.cable(scenario.host(i), leaves[dice.below(2)], random_bandwidth(dice),
                   static_cast<double>(dice.below(4)) * 500_ns, random_sharing(dice));
  }
  scenario.cable(leaves[0], leaves[1], random_bandwidth(dice), 300_ns, random_sharing(dice));
  const std::size_t links = 2 * (hosts + 1);
  for (std::uint32_t op = 0; op < operations; ++op) {
    const After after = random_predecessors(dice, op);
    const std::size_t from = dice.below(hosts);
    const std::size_t to = (from + 1 + dice.below(hosts - 1)) % hosts;
    switch (dice.below(8)) {
      case 0:
        scenario.wait(OpKind::compute, static_cast<double>(dice.below(5)) * 1_us, after);
        break;
      case 1:
        scenario.wait(OpKind::delay, dice.between(0.0, 3.0) * 1_us, after);
        break;
      case 2:
        scenario.transfer_along(std::vector<LinkId>(1 + dice.below(3), LinkId(dice.below(links))),
                                random_size(dice), after);
        break;
      case 3:
        scenario.transfer(from, to, random_size(dice), after, OpKind::reduce);
        break;
      default:
        scenario.transfer(from, to, random_size(dice), after);
    }
  }
  workload::ConstantSet constants;
  constants.launch = static_cast<double>(dice.below(2)) * 3_us;
  if (dice.below(2) == 0) {
    constants.reduction_bandwidth = 3_GBps;
  }
  return scenario.problem(constants);
}

Outcome replay(const Problem& problem) {
  REQUIRE(des::Replay({}).accepts(problem).valid);
  return des::Replay({.timeline = true}).run(problem);
}

TEST_CASE("Every operation of 300 random problems ends when the reference says") {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    const Problem problem = random_problem(seed, seed % 10 == 0 ? 400 : 60);
    const Outcome outcome = replay(problem);
    const std::vector<double> reference = plumbline::test::fluid_reference(problem).end;
    const double makespan = *std::max_element(reference.begin(), reference.end());
    CHECK(outcome.estimate.value() / 1_s == Approx(makespan).epsilon(1e-9).margin(0.0));
    for (std::size_t i = 0; i < reference.size(); ++i) {
      INFO("operation " << i);
      REQUIRE(outcome.replay->timeline[i].end / 1_s ==
              Approx(reference[i]).margin(1e-9 * makespan));
    }
  }
}

/// Every rank sends to every other on two leaves of four hosts and three spines, routed adaptively.
Problem adaptive_all_to_all() {
  topology::FabricBuilder builder;
  const topology::LinkClass cable{.name = "cable",
                                  .kind = topology::LinkKind::network,
                                  .bandwidth_per_direction = 10_GBps,
                                  .latency = 1_us};
  const auto add = [&](const std::string& name, topology::DeviceKind kind, std::uint32_t node) {
    return builder.add(
        {.name = name, .kind = kind, .node = node, .in_node = kind == topology::DeviceKind::host});
  };
  std::vector<topology::DeviceId> spines;
  for (std::uint32_t i = 0; i < 3; ++i) {
    spines.push_back(add("spine" + std::to_string(i), topology::DeviceKind::spine, i));
  }
  for (std::uint32_t l = 0; l < 2; ++l) {
    const auto leaf = add("leaf" + std::to_string(l), topology::DeviceKind::leaf, l);
    for (const topology::DeviceId spine : spines) {
      builder.connect(leaf, spine, cable);
    }
    for (std::uint32_t h = 4 * l; h < 4 * l + 4; ++h) {
      builder.connect(add("host" + std::to_string(h), topology::DeviceKind::host, h), leaf, cable);
    }
  }
  auto fabric = std::make_shared<const topology::Fabric>(builder.finish());
  workload::Workload request;
  request.collective = workload::Collective::all_to_all;
  request.algorithm = "direct";
  request.size = 8_MB;
  request.ranks = workload::RankCount(8);
  topology::Placement placement = topology::packed(*fabric, request.ranks);
  return workload::make_problem(std::move(fabric), std::move(placement), request, {},
                                {.kind = topology::RoutingKind::adaptive});
}

TEST_CASE("Adaptive routing replays as the reference says") {
  const Problem problem = adaptive_all_to_all();
  // Three equal parts: thirds are no binary fractions, so that rounding is met.
  const auto& shares = problem.routes().shares(topology::RouteId(3));
  CHECK(std::ranges::any_of(shares, [](const auto& share) { return share.bytes < 0.34; }));
  const std::vector<double> reference = plumbline::test::fluid_reference(problem).end;
  const double makespan = *std::max_element(reference.begin(), reference.end());
  CHECK(replay(problem).estimate.value() / 1_s == Approx(makespan).epsilon(1e-9).margin(0.0));
}

TEST_CASE("The terms of random problems sum to the makespan, and the chain has no gap") {
  for (std::uint32_t seed = 1000; seed < 1100; ++seed) {
    INFO("seed " << seed);
    const Problem problem = random_problem(seed, 100);
    const Outcome outcome = replay(problem);
    CHECK(outcome.terms.sum() / *outcome.estimate == Approx(1.0).epsilon(1e-9));
    for (const core::Seconds term : outcome.terms.values) {
      CHECK(term >= 0_s);
    }
    const auto& times = outcome.replay->timeline;
    const auto& chain = outcome.replay->chain;
    REQUIRE_FALSE(chain.empty());
    CHECK(problem.dag().before(chain.front()).empty());
    CHECK(times[chain.back().index()].end == *outcome.estimate);
    for (std::size_t i = 1; i < chain.size(); ++i) {
      CHECK(times[chain[i].index()].start == times[chain[i - 1].index()].end);
    }
  }
}

TEST_CASE("Two replays of one problem agree in every bit") {
  for (std::uint32_t seed = 2000; seed < 2010; ++seed) {
    const Problem problem = random_problem(seed, 300);
    const auto first = replay(problem).replay->timeline;
    const auto second = replay(problem).replay->timeline;
    REQUIRE(first.size() == second.size());
    CHECK(std::memcmp(first.data(), second.data(), first.size() * sizeof first[0]) == 0);
  }
}

}  // namespace
