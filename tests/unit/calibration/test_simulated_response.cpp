// SPDX-License-Identifier: Apache-2.0
// Pieces of simulated times, against engines whose formula is known.
#include <algorithm>
#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

#include "calibration/calibrate.hpp"
#include "calibration/simulated_response.hpp"
#include "core/diagnostic.hpp"
#include "tests/unit/calibration/tiny_engine.hpp"

namespace plumbline::calibration {
namespace {

using namespace core::literals;
using workload::Problem;
using workload::Protocol;

/// Two chains race: one of six steps, one that waits for bytes alone.
double two_chains(const Problem& problem) {
  const Ingredients in(problem);
  return in.launch + std::max(6.0 * in.step, 1.5 * in.wire / rate);
}

/// launch, step latency and wire ratio of one protocol.
std::vector<double> logs(double launch, double step, double wire) {
  return {std::log(launch), std::log(step), std::log(wire)};
}

/// One family of LL at 1 MiB, asked for at the sizes.
struct OneFamily {
  TinyEngine engine;
  SimulatedResponse response;

  OneFamily(TinyEngine::Formula formula, const std::vector<core::Bytes>& sizes)
      : engine(std::move(formula)),
        response(engine, engine, {family(Protocol::ll, 1_MiB)}, asked(sizes),
                 declared({ring_on_star(Protocol::ll, 1_MiB)}), round_prior()) {}

  static std::vector<Asked> asked(const std::vector<core::Bytes>& sizes) {
    std::vector<Asked> result;
    result.reserve(sizes.size());
    for (const core::Bytes size : sizes) {
      result.push_back({.size = size, .families = {0}});
    }
    return result;
  }

  /// What the formula says, by itself: the problem made anew at that size.
  [[nodiscard]] double truth(core::Bytes size, const std::vector<double>& theta) const {
    return engine
        .run(ring_on_star(Protocol::ll, size)
                 .with_constants(constants_at(round_prior(), response.declared(), theta)))
        .estimate->si();
  }
};

TEST_CASE("One chain: a single piece is right everywhere, at every size", "[simulated]") {
  OneFamily test(one_chain, {1_KiB, 1_MiB, 64_MiB});
  test.response.explore(logs(5e-6, 1e-6, 2.0));
  // Look at the least size, take its piece (here, three parameters, all bytes), look at the
  // largest: one piece gives both, so that the size between needs no look.
  CHECK(test.response.engine_runs() == 1 + (1 + 3 + 1) + 1);
  for (const std::vector<double>& theta :
       {logs(5e-6, 1e-6, 2.0), logs(50e-6, 0.1e-6, 60.0), logs(0.2e-6, 20e-6, 3.0)}) {
    const std::vector<double> times = evaluated(test.response, theta);
    CHECK(times[0] == Approx(test.truth(1_KiB, theta)).epsilon(1e-6));
    CHECK(times[1] == Approx(test.truth(1_MiB, theta)).epsilon(1e-6));
    CHECK(times[2] == Approx(test.truth(64_MiB, theta)).epsilon(1e-6));
  }
  // 5 + 6 * 1 us and 1.5 * 2 * 64 MiB / (100 GB/s) = 2013.266 us.
  CHECK(evaluated(test.response, logs(5e-6, 1e-6, 2.0))[2] == Approx(2024.266e-6).epsilon(1e-6));
}

TEST_CASE("S bytes under a wire ratio of w take as long as S0 under w S / S0", "[simulated]") {
  OneFamily test(two_chains, {3_MiB});
  const auto theta = logs(5e-6, 1e-6, 2.0);
  const double three = test.response.simulate(0, 3_MiB, theta).si();
  CHECK(three == Approx(test.truth(3_MiB, theta)).epsilon(1e-12));
  CHECK(three == Approx(test.response.simulate(0, 1_MiB, logs(5e-6, 1e-6, 6.0)).si()));
}

TEST_CASE("A wire ratio that is no parameter weighs all the same", "[simulated]") {
  const TinyEngine engine(one_chain);
  std::vector<Parameter> parameters = declared({ring_on_star(Protocol::ll, 1_MiB)});
  parameters.pop_back();  // the wire ratio stays at the base's 2
  SimulatedResponse response(engine, engine, {family(Protocol::ll, 1_MiB)},
                             {{.size = 1_MiB, .families = {0}}, {.size = 16_MiB, .families = {0}}},
                             parameters, round_prior());
  const std::vector<double> theta{std::log(5e-6), std::log(1e-6)};
  response.refine(theta);
  // 11 us and 1.5 * 2 * 16 MiB / (100 GB/s) = 503.316 us.
  CHECK(evaluated(response, theta)[1] == Approx(514.316e-6).epsilon(1e-6));
}

TEST_CASE("Chains that race: the largest piece, once both were seen", "[simulated]") {
  OneFamily test(two_chains, {1_KiB, 64_MiB});
  const auto theta = logs(5e-6, 1e-6, 2.0);
  CHECK(test.response.refine(theta) < 1e-6);
  // Here the other chain is the last one at either size: 6 * 25 us against 1.5 * 2 * 1 MiB / rate =
  // 31 us, and 1.5 * 100 * 1 KiB / rate = 1.5 us against 6 * 0.1 us.
  for (const std::vector<double>& other : {logs(1e-6, 25e-6, 2.0), logs(1e-6, 0.1e-6, 100.0)}) {
    CHECK(test.response.refine(other) < 1e-6);
    CHECK(evaluated(test.response, other)[0] == Approx(test.truth(1_KiB, other)).epsilon(1e-6));
    CHECK(evaluated(test.response, other)[1] == Approx(test.truth(64_MiB, other)).epsilon(1e-6));
  }
}

TEST_CASE("A sketch that falls short is corrected where the engine was run", "[simulated]") {
  const TinyEngine engine(one_chain);
  const TinyEngine sketch(two_chains);
  SimulatedResponse response(engine, sketch, {family(Protocol::ll, 1_MiB)},
                             {{.size = 1_MiB, .families = {0}}},
                             declared({ring_on_star(Protocol::ll, 1_MiB)}), round_prior());
  // Bytes: 1.5 * 2 * 1 MiB / rate = 31.45728 us. Steps: 30 us here, 60 us there; launch 5 us.
  const auto here = logs(5e-6, 5e-6, 2.0);
  const auto there = logs(5e-6, 10e-6, 2.0);
  response.explore(here);
  CHECK(evaluated(response, here)[0] == Approx(36.45728e-6).epsilon(1e-6));
  CHECK(response.refine(here) == Approx(1.0 - 36.45728 / 66.45728).epsilon(1e-6));
  CHECK(evaluated(response, here)[0] == Approx(66.45728e-6).epsilon(1e-6));
  CHECK(response.refine(here) < 1e-12);
  // Elsewhere as much more than the sketch as here, until the engine is asked there.
  response.explore(there);
  CHECK(evaluated(response, there)[0] == Approx(65e-6 * (66.45728 / 36.45728)).epsilon(1e-6));
  CHECK(response.refine(there) ==
        Approx(65.0 * (66.45728 / 36.45728) / 96.45728 - 1.0).epsilon(1e-6));
  CHECK(evaluated(response, there)[0] == Approx(96.45728e-6).epsilon(1e-6));
}

TEST_CASE("Each family has corrections of its own, and each size", "[simulated]") {
  const TinyEngine engine(one_chain);
  const TinyEngine sketch(two_chains);
  SimulatedResponse response(
      engine, sketch, {family(Protocol::ll, 1_MiB), family(Protocol::simple, 1_MiB)},
      {{.size = 1_KiB, .families = {0}},
       {.size = 1_MiB, .families = {1}},
       {.size = 64_MiB, .families = {0}}},
      declared({ring_on_star(Protocol::ll, 1_MiB), ring_on_star(Protocol::simple, 1_MiB)}),
      round_prior());
  const std::vector<double> theta{std::log(5e-6), std::log(2e-6), std::log(1e-6),
                                  std::log(2.0),  std::log(4e-6), std::log(1.0)};
  response.refine(theta);
  // Of every point the engine's answer: LL 5 + 6 + 0.03072 us and 5 + 6 + 2013.26592 us; Simple
  // 5 + 2 + 24 + 15.72864 us.
  const std::vector<double> times = evaluated(response, theta);
  CHECK(times[0] == Approx(11.03072e-6).epsilon(1e-6));
  CHECK(times[1] == Approx(46.72864e-6).epsilon(1e-6));
  CHECK(times[2] == Approx(2024.26592e-6).epsilon(1e-6));
}

/// LL and Simple at one size and two, and the fastest counts; of the second point a half.
struct TwoFamilies {
  TinyEngine engine{one_chain};
  SimulatedResponse response{
      engine,
      engine,
      {family(Protocol::ll, 1_MiB), family(Protocol::simple, 1_MiB)},
      {{.size = 1_KiB, .families = {0, 1}}, {.size = 64_MiB, .families = {0, 1}, .share = 0.5}},
      declared({ring_on_star(Protocol::ll, 1_MiB), ring_on_star(Protocol::simple, 1_MiB)}),
      round_prior()};
  /// launch, Simple's, then step latency and wire ratio of LL and of Simple.
  std::vector<double> theta{std::log(5e-6), std::log(2e-6), std::log(1e-6),
                            std::log(2.0),  std::log(4e-6), std::log(1.0)};
};

TEST_CASE("The fastest family counts, and the share that a measurement reports", "[simulated]") {
  TwoFamilies test;
  test.response.refine(test.theta);
  CHECK(test.response.taken(0, test.theta) == 0);
  CHECK(test.response.taken(1, test.theta) == 1);
  // LL 11 us + 1.5 * 2 KiB / rate = 0.030720 us. Simple (31 us + 1006.6330 us) / 2.
  const std::vector<double> times = evaluated(test.response, test.theta);
  CHECK(times[0] == Approx(11.03072e-6).epsilon(1e-6));
  CHECK(times[1] == Approx(518.81648e-6).epsilon(1e-6));
}

TEST_CASE("Rivals alone are looked at: who is half as slow again is left alone", "[simulated]") {
  TwoFamilies test;
  test.response.refine(
      test.theta);  // at 1 KiB Simple takes 31 us, at 64 MiB LL takes twice as long
  const std::size_t before = test.response.engine_runs();
  CHECK(test.response.refine(test.theta) < 1e-6);
  CHECK(test.response.engine_runs() == before + 2);
}

TEST_CASE("Derivatives are those of the times", "[simulated]") {
  // Efficiencies of two classes of links beside wire ratios: 64 and 100 GB/s, one after the other.
  const auto formula = [](const Problem& problem) {
    const workload::ConstantSet& constants = problem.constants();
    const workload::StepConstants& step =
        constants.steps[static_cast<std::size_t>(problem.workload().protocol)]
                       [static_cast<std::size_t>(workload::PathClass::pcie)];
    const double wire = problem.workload().size.si() * step.wire_ratio;
    return (constants.launch + 2.0 * step.step_latency).si() +
           wire / (64e9 * constants.links.at("pcie").efficiency) +
           wire / (100e9 * constants.links.at("cpu").efficiency);
  };
  const TinyEngine engine(formula);
  const auto fabric = std::make_shared<const topology::Fabric>(topology::test::fabric(
      "builder: pcie_tree\nsockets: 2\nswitches_per_socket: 1\ngpus_per_switch: 1\nlink: pcie\n"
      "inter_socket: cpu\n"));
  const Problem problem = ring_on(fabric, Protocol::ll, 1_MiB);
  SimulatedResponse response(engine, engine, {{.label = "ll", .problem = problem, .size = 1_MiB}},
                             {{.size = 64_KiB, .families = {0}}, {.size = 1_MiB, .families = {0}}},
                             declared({problem}), round_prior());
  // launch, step latency, wire ratio, efficiencies of cpu and pcie
  const std::vector<double> theta{std::log(5e-6), std::log(1e-6), std::log(3.0), std::log(0.5),
                                  std::log(0.8)};
  REQUIRE(response.parameters() == theta.size());
  response.refine(theta);
  Matrix jacobian(2, theta.size());
  std::vector<double> times(2);
  response.evaluate(theta, times, &jacobian);
  for (std::size_t j = 0; j < theta.size(); ++j) {
    std::vector<double> above = theta;
    std::vector<double> below = theta;
    above[j] += 1e-5;
    below[j] -= 1e-5;
    for (std::size_t i = 0; i < 2; ++i) {
      const core::Bytes size = i == 0 ? 64_KiB : 1_MiB;
      const double slope = (std::log(response.simulate(0, size, above).si()) -
                            std::log(response.simulate(0, size, below).si())) /
                           2e-5;
      INFO(response.declared()[j].name << ", point " << i);
      CHECK(jacobian(i, j) == Approx(slope).epsilon(1e-5));
    }
  }
  // Far away too: 5 + 2 us, 3 MiB / 64 GB/s / 0.1 and / 100 GB/s / 0.2.
  std::vector<double> far = theta;
  far[3] = std::log(0.2);
  far[4] = std::log(0.1);
  CHECK(evaluated(response, far)[1] ==
        Approx(7e-6 + 3.0 * 1048576.0 / 6.4e9 + 3.0 * 1048576.0 / 20e9).epsilon(1e-6));
}

TEST_CASE("A tree ratio multiplies what trees put on the network, and moves them alone",
          "[simulated]") {
  const auto machines = std::make_shared<const topology::Fabric>(topology::test::fabric(
      "{builder: fat_tree, nodes: 2, nodes_per_leaf: 2, host_link: net, node: {builder: "
      "nvswitch_node, gpus: 1, link: nvlink, links_per_gpu: 1, switches: 1, pcie: {sockets: 1, "
      "switches_per_socket: 1, gpus_per_switch: 1, nics_per_switch: 1, link: pcie}}}"));
  const Problem tree = ring_on(machines, Protocol::simple, 1_MiB, 1, "double_binary_tree");
  const Problem ring = ring_on(machines, Protocol::simple, 1_MiB);
  // launch + 2 steps + the bytes over the rate, those of a tree times its ratio.
  const TinyEngine engine([](const Problem& problem) {
    const workload::ConstantSet& constants = problem.constants();
    const workload::StepConstants& step =
        constants.steps[static_cast<std::size_t>(Protocol::simple)]
                       [static_cast<std::size_t>(workload::PathClass::net)];
    const bool is_tree = problem.workload().algorithm == "double_binary_tree";
    return (constants.launch + constants.network_launch + 2.0 * step.step_latency).si() +
           problem.workload().size.si() * step.wire_ratio * (is_tree ? constants.tree_ratio : 1.0) /
               rate;
  });
  SimulatedResponse response(engine, engine,
                             {{.label = "tree", .problem = tree, .size = 1_MiB},
                              {.label = "ring", .problem = ring, .size = 1_MiB}},
                             {{.size = 1_MiB, .families = {0}}, {.size = 1_MiB, .families = {1}}},
                             declared({tree, ring}), round_prior());
  std::vector<double> theta;
  std::size_t ratio = 0;
  for (std::size_t j = 0; j < response.declared().size(); ++j) {
    theta.push_back(response.declared()[j].start);
    ratio = response.declared()[j].name == "tree_ratio" ? j : ratio;
  }
  response.refine(theta);
  theta[ratio] = std::log(4.0);
  std::vector<double> times(2);
  Matrix jacobian(2, theta.size());
  response.evaluate(theta, times, &jacobian);
  for (const std::size_t i : {0U, 1U}) {
    CHECK(std::exp(times[i]) == Approx(response.simulate(i, 1_MiB, theta).si()).epsilon(1e-6));
  }
  std::vector<double> above = theta;
  above[ratio] += 1e-4;
  CHECK(jacobian(0, ratio) == Approx((std::log(response.simulate(0, 1_MiB, above).si()) -
                                      std::log(response.simulate(0, 1_MiB, theta).si())) /
                                     1e-4)
                                  .epsilon(1e-3));
  CHECK(jacobian(1, ratio) == 0.0);
}

TEST_CASE("What the engine does not take is a mistake that names the family", "[simulated]") {
  const TinyEngine engine(one_chain);
  SimulatedResponse response(engine, engine, {family(Protocol::ll, 0_B)}, {}, {}, round_prior());
  CHECK_THROWS_WITH(response.simulate(0, 0_B, {}), "ll: it is empty");
}

/// launch + 2 (n - 1) steps + 2 (n - 1) / n bytes over the rate.
double ring(const Problem& problem) {
  const Ingredients in(problem);
  const double ranks = problem.workload().ranks.value;
  return in.launch + 2.0 * (ranks - 1.0) * (in.step + in.wire / ranks / rate);
}

/// The faster of LL and Simple on 2, 4 and 8 ranks, without noise.
struct Recovery {
  TinyEngine engine{ring};
  std::vector<Family> families;
  std::vector<Asked> points;

  Recovery() {
    for (const std::uint32_t ranks : {2U, 4U, 8U}) {
      for (std::uint64_t size = 1024; size < 1'000'000'000; size *= 4) {
        points.push_back({.size = core::Bytes::from_si(static_cast<double>(size)),
                          .families = {families.size(), families.size() + 1}});
      }
      for (const Protocol protocol : {Protocol::ll, Protocol::simple}) {
        families.push_back(
            {.label = "", .problem = ring_on_star(protocol, 1_MiB, ranks), .size = 1_MiB});
      }
    }
  }

  [[nodiscard]] Observations observed(const SimulatedResponse& response,
                                      const std::vector<double>& truth) const {
    Observations result;
    for (const Asked& point : points) {
      double least = std::numeric_limits<double>::infinity();
      for (const std::size_t of : point.families) {
        least = std::min(least, response.simulate(of, point.size, truth).si());
      }
      result.log_seconds.push_back(std::log(least));
    }
    result.relative_precision.assign(points.size(), 0.0);
    result.group.assign(points.size(), 0);
    result.weight.assign(points.size(), 1.0);
    return result;
  }
};

TEST_CASE("Without noise a calibration finds the constants themselves", "[simulated]") {
  const Recovery test;
  SimulatedResponse response(
      test.engine, test.engine, test.families, test.points,
      declared({ring_on_star(Protocol::ll, 1_MiB), ring_on_star(Protocol::simple, 1_MiB)}),
      round_prior());
  // launch 8.5 us, Simple's 6 us, LL 0.6 us and 6, Simple 10 us and 1.3.
  const std::vector<double> truth{std::log(8.5e-6), std::log(6e-6),  std::log(0.6e-6),
                                  std::log(6.0),    std::log(10e-6), std::log(1.3)};
  const Calibrated found =
      calibrate(response, test.observed(response, truth), std::vector<bool>(truth.size(), false));
  CHECK(found.disagreement < 1e-3);
  for (std::size_t j = 0; j < truth.size(); ++j) {
    INFO(response.declared()[j].name);
    CHECK(found.fit.theta[j] == Approx(truth[j]).margin(1e-4));
  }
}

TEST_CASE("What is held stays at its neutral value, and the others make the best of it",
          "[simulated]") {
  const Recovery test;
  SimulatedResponse response(
      test.engine, test.engine, test.families, test.points,
      declared({ring_on_star(Protocol::ll, 1_MiB), ring_on_star(Protocol::simple, 1_MiB)}),
      round_prior());
  // Simple's launch is the least there is, 0.05 us: held there, the rest is found as before.
  const std::vector<double> truth{std::log(8.5e-6), std::log(0.05e-6), std::log(0.6e-6),
                                  std::log(6.0),    std::log(10e-6),   std::log(1.3)};
  std::vector<bool> fixed(truth.size(), false);
  fixed[1] = true;
  const Calibrated found = calibrate(response, test.observed(response, truth), fixed);
  CHECK(found.fixed == fixed);
  CHECK(found.fit.theta[1] == response.declared()[1].neutral);
  for (std::size_t j = 0; j < truth.size(); ++j) {
    CHECK(found.fit.theta[j] == Approx(truth[j]).margin(1e-4));
  }
}

}  // namespace
}  // namespace plumbline::calibration
