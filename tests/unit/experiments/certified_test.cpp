// SPDX-License-Identifier: Apache-2.0
// The engine that replays only what its bounds leave open.
#include "experiments/certified.hpp"

#include <memory>
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "des/replay.hpp"
#include "experiments/sketch.hpp"
#include "tests/unit/topology/from_yaml.hpp"
#include "workload/problem.hpp"

namespace plumbline::test {
namespace {

using namespace core::literals;
using workload::Collective;
using workload::Problem;

Problem on(topology::Fabric fabric, Collective collective, const std::string& algorithm) {
  const auto shared = std::make_shared<const topology::Fabric>(std::move(fabric));
  const topology::Placement placement =
      topology::packed(*shared, topology::RankCount(shared->endpoints().size()));
  workload::Workload work;
  work.collective = collective;
  work.algorithm = algorithm;
  work.size = 8_MB;
  work.ranks = placement.ranks();
  work.site = workload::site_of(*shared, placement);
  workload::ConstantSet constants;
  constants.launch = 5_us;
  return workload::make_problem(shared, placement, work, constants);
}

/// Eight GPUs around a switch.
topology::Fabric star() {
  return topology::test::fabric(
      "{builder: nvswitch_node, gpus: 8, link: nvlink, links_per_gpu: 1, switches: 1}");
}

/// Two sockets of four GPUs behind two switches each: whoever crosses shares links.
topology::Fabric tree() {
  return topology::test::fabric(
      "{builder: pcie_tree, sockets: 2, switches_per_socket: 2, gpus_per_switch: 2, link: pcie, "
      "inter_socket: cpu}");
}

/// Page faults of this process's children so far: every replay is a child, and has some.
long faults_of_children() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return usage.ru_minflt;
}

TEST_CASE("A ring around a switch: its bounds meet at the closed form, and nothing is replayed") {
  // 5 us, 14 steps of two links of 1 us, 14/8 of 8 MB at 25 GB/s.
  const Problem ring = on(star(), Collective::all_reduce, "ring");
  const long before = faults_of_children();
  const workload::Outcome outcome = experiments::Certified().run(ring);
  CHECK(faults_of_children() == before);
  REQUIRE(outcome.estimate.has_value());
  CHECK(outcome.estimate->si() == Approx(5e-6 + 28e-6 + 560e-6).epsilon(1e-9));
  CHECK(outcome.estimate->si() == Approx(des::Replay({}).run(ring).estimate->si()).epsilon(1e-9));
  CHECK(faults_of_children() > before);
}

TEST_CASE("Where transfers contend the bounds part, and the time is the replay's") {
  for (const auto& [collective, algorithm] : {std::pair{Collective::all_to_all, "pairwise"},
                                              {Collective::all_reduce, "recursive_doubling"},
                                              {Collective::all_reduce, "double_binary_tree"}}) {
    INFO(algorithm);
    const Problem problem = on(tree(), collective, algorithm);
    const long before = faults_of_children();
    const workload::Outcome outcome = experiments::Certified().run(problem);
    CHECK(faults_of_children() > before);
    REQUIRE(outcome.estimate.has_value());
    CHECK(outcome.estimate->si() ==
          Approx(des::Replay({}).run(problem).estimate->si()).epsilon(1e-9));
  }
}

TEST_CASE("Bounds meet where both are known and equal, and only those of the schedule count") {
  using workload::Bound;
  using workload::Scope;
  using workload::Side;
  const Bound lower{"a", Scope::schedule, Side::lower, 10_us, ""};
  const Bound upper{"b", Scope::schedule, Side::upper, 10_us, ""};
  const Bound light{"c", Scope::speed_of_light, Side::upper, 10_us, ""};
  const auto met = [](const std::vector<Bound>& bounds) {
    return experiments::where_they_meet(bounds);
  };
  CHECK(met({lower, upper}) == 10_us);
  CHECK_FALSE(met({lower}));  // nothing says that it is not slower
  CHECK_FALSE(met({upper}));
  CHECK_FALSE(met({lower, light}));
  CHECK_FALSE(met({lower, {"b", Scope::schedule, Side::upper, 11_us, ""}}));
  // The larger lower and the smaller upper bound: 10 and 10 of 9, 10 and 10, 12.
  CHECK(met({{"d", Scope::schedule, Side::lower, 9_us, ""},
             {"e", Scope::schedule, Side::upper, 12_us, ""},
             lower,
             upper}) == 10_us);
}

TEST_CASE("Where the bounds of a schedule have parted, other constants are replayed at once") {
  const Problem problem = on(tree(), Collective::all_reduce, "recursive_doubling");
  const experiments::Certified engine;
  CHECK(engine.run(problem).estimate->si() ==
        Approx(des::Replay({}).run(problem).estimate->si()).epsilon(1e-9));
  workload::ConstantSet slower = problem.constants();
  slower.launch = 50_us;
  // The launch comes before all else: 45 us more.
  CHECK(engine.run(problem.with_constants(slower)).estimate->si() ==
        Approx(engine.run(problem).estimate->si() + 45e-6).epsilon(1e-9));
}

TEST_CASE("A sketch is the time where bounds meet, and never more than it elsewhere") {
  const Problem ring = on(star(), Collective::all_reduce, "ring");
  CHECK(experiments::Sketch().accepts(ring).valid);
  CHECK(experiments::Sketch().run(ring).estimate->si() ==
        Approx(5e-6 + 28e-6 + 560e-6).epsilon(1e-9));
  for (const auto& [collective, algorithm] : {std::pair{Collective::all_to_all, "pairwise"},
                                              {Collective::all_reduce, "recursive_doubling"},
                                              {Collective::all_reduce, "double_binary_tree"}}) {
    INFO(algorithm);
    const Problem problem = on(tree(), collective, algorithm);
    const double time = experiments::Certified().run(problem).estimate->si();
    const double sketched = experiments::Sketch().run(problem).estimate->si();
    CHECK(sketched <= time * (1.0 + 1e-9));
    CHECK(sketched > 0.3 * time);
  }
}

TEST_CASE("Takes every schedule that can be expanded, and has no terms") {
  const Problem ring = on(star(), Collective::all_reduce, "ring");
  CHECK(experiments::Certified().accepts(ring).valid);
  CHECK(experiments::Certified().name() == "certified");
  CHECK(experiments::Certified().run(ring).terms.sum() == core::Seconds{});
}

}  // namespace
}  // namespace plumbline::test
