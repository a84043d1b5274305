// SPDX-License-Identifier: Apache-2.0
// Cases: what is drawn lies in the domain, and is the experiment that its file says.
#include "gate/domain.hpp"

#include <set>

#include <catch2/catch.hpp>

#include "experiments/point.hpp"
#include "gate/transforms.hpp"
#include "gate/truth.hpp"
#include "tests/unit/gate/catalogue.hpp"

namespace {

using namespace plumbline;  // NOLINT(google-build-using-namespace): a test
using namespace plumbline::core::literals;
using gate::Case;
using gate::Domain;

std::vector<Case> drawn(const Domain& domain, std::size_t count) {
  const gate::Sobol sobol(1);
  std::vector<Case> cases;
  for (std::uint32_t i = 0; cases.size() < count && i < 100 * count; ++i) {
    if (const auto at = domain.at(sobol.point(i))) {
      cases.push_back(*at);
    }
  }
  REQUIRE(cases.size() == count);
  return cases;
}

Case two_machines() {
  Case at;
  at.size = 1_MB;
  at.nodes = 2;
  at.gpus_per_node = 2;
  at.gpus_per_nic = 2;
  at.latency = 500_ns;
  at.bandwidth = 25_GBps;
  at.nvlink_latency = 250_ns;
  at.nvlink_ratio = 4.0;
  return at;
}

}  // namespace

TEST_CASE("a case takes what its numbers say") {
  // Packed on two machines of two GPUs that share an adapter, one ring: of the four hops two cross
  // the network, one each way, so that nothing is shared. Each of 2(4-1) steps waits for the
  // slowest hop: four network links of 500 ns (PCIe has no latency, and leaf, spine and leaf lie on
  // the way) and 250 kB at 25 GB/s.
  const auto packed = gate::truth(gate::problem_of(two_machines(), test::catalogue()), {});
  CHECK(packed.time->si() == Approx(6 * (4 * 500e-9 + 250e3 / 25e9)).epsilon(1e-9));
  // Round robin, all four hops cross it: two each way through one adapter.
  Case at = two_machines();
  at.placement = "round_robin";
  const auto shared = gate::truth(gate::problem_of(at, test::catalogue()), {});
  CHECK(shared.time->si() == Approx(6 * (4 * 500e-9 + 250e3 / 12.5e9)).epsilon(1e-9));
  // With an adapter each the trunk is what they share: two times 25 GB/s enter, a fourth leaves.
  at.gpus_per_nic = 1;
  at.oversubscription = 4.0;
  const auto trunk = gate::truth(gate::problem_of(at, test::catalogue()), {});
  CHECK(trunk.time->si() == Approx(6 * (4 * 500e-9 + 250e3 / 6.25e9)).epsilon(1e-9));
}

TEST_CASE("overheads are in the problem and in its file") {
  Case at = two_machines();
  at.step_latency = 1_us;
  at.wire_ratio = 1.5;
  at.launch = 7_us;
  const auto found = gate::truth(gate::problem_of(at, test::catalogue()), {});
  CHECK(found.time->si() == Approx(7e-6 + 6 * (3e-6 + 375e3 / 25e9)).epsilon(1e-9));
}

TEST_CASE("a problem in other units takes as many of them, whatever launches it pays") {
  Case at = two_machines();
  at.launch = 7_us;
  at.step_latency = 1_us;
  const auto problem = gate::problem_of(at, test::catalogue());
  workload::ConstantSet constants = problem.constants();
  constants.network_launch = 3_us;
  constants.protocol_launch.fill(2_us);
  const auto dear = problem.with_constants(constants);
  const double time = gate::truth(dear, {}).time->si();
  // As before, and 3 + 2 us of launch: 12 us + 6 (3 us + 250 kB / 25 GB/s).
  CHECK(time == Approx(12e-6 + 6 * (3e-6 + 250e3 / 25e9)).epsilon(1e-9));
  const auto slower = gate::scaled(dear, {.latency = 8.0, .rate = 1.0 / 8.0, .compute = 8.0});
  CHECK(gate::truth(slower, {}).time->si() == Approx(8.0 * time).epsilon(1e-9));
}

TEST_CASE("a changed problem keeps its routing, and its time where nothing of it counts") {
  // Eight machines in fours below two spines. By the destination's number the cables from a leaf
  // are shared evenly, of four flows two each; by the first of equal ways all four cross one.
  const auto routed = [](const char* routing) {
    experiments::Experiment experiment({.name = "routed", .text = std::string(R"(
experiment: routed
fabric:
  builder: fat_tree
  nodes: 8
  nodes_per_leaf: 4
  spines: 2
  uplinks: 1
  host_link: {kind: network, bandwidth_per_direction: 25 GB/s, latency: 500 ns}
  uplink: {kind: network, bandwidth_per_direction: 25 GB/s, latency: 500 ns}
workload: {collective: permutation, permutation: {pattern: shift, by: 4}, ranks: 8, size: 1 MB}
routing: )") + routing + R"(
)"},
                                       test::catalogue());
    return experiments::problem_of(experiment.bind(0));
  };
  const auto time = [](const workload::Problem& problem) {
    return gate::truth(problem, {}).time->si();
  };
  for (const auto& [routing, flows] : {std::pair{"shortest", 4.0}, {"d_mod_k", 2.0}}) {
    INFO(routing);
    const auto problem = routed(routing);
    const double alone = 4 * 500e-9 + flows * 1e6 / 25e9;
    CHECK(time(problem) == Approx(alone).epsilon(1e-9));
    CHECK(time(gate::scaled(problem, {.latency = 3.0, .bytes = 3.0})) ==
          Approx(3.0 * alone).epsilon(1e-9));
    CHECK(time(gate::with_spare_endpoint(problem)) == Approx(alone).epsilon(1e-9));
    CHECK(time(gate::expanded(problem)) == Approx(alone).epsilon(1e-9));
  }
}

TEST_CASE("one rank alone takes the launch") {
  Case at = two_machines();
  at.launch = 7_us;
  const auto one = gate::alone(gate::problem_of(at, test::catalogue()));
  CHECK(one.workload().ranks.value == 1);
  CHECK(gate::truth(one, {}).time->si() == Approx(7e-6).epsilon(1e-12));
}

TEST_CASE("cases lie in the domain that a contract names") {
  analytic::Contract contract;
  contract.domain["collective"] = {0, 0, {"all_reduce", "all_gather"}};
  contract.domain["algorithm"] = {0, 0, {"ring"}};
  contract.domain["ranks"] = {4, 16, {}};
  contract.domain["size"] = {1e6, 1e9, {}};
  const Domain domain(contract);
  CHECK(domain.works().size() == 2);
  std::set<std::uint32_t> ranks;
  std::set<std::string> collectives;
  for (const Case& at : drawn(domain, 200)) {
    CHECK(domain.contains(at));
    CHECK((at.ranks() >= 4 && at.ranks() <= 16));
    CHECK((at.size >= 1_MB && at.size <= 1_GB));
    CHECK(at.channels == 1);  // overheads are not named
    CHECK(at.gpus_per_node % at.gpus_per_nic == 0);
    CHECK((at.nodes > 1 || at.oversubscription == 1.0));
    ranks.insert(at.ranks());
    collectives.insert(at.collective);
  }
  CHECK(ranks.size() > 4);
  CHECK(collectives.size() == 2);
  CHECK(domain.corners().size() > 20);
}

TEST_CASE("an axis that no problem has is the solver's mistake") {
  analytic::Contract contract;
  contract.domain["rank"] = {4, 16, {}};
  CHECK_THROWS_AS(Domain(contract), core::InputError);
  contract.domain = {{"ranks", {16, 4, {}}}};
  CHECK_THROWS_AS(Domain(contract), core::InputError);
  contract.domain = {{"algorithm", {0, 0, {"rings"}}}};
  CHECK_THROWS_AS(Domain(contract), core::InputError);
}
