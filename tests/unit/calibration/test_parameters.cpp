// SPDX-License-Identifier: Apache-2.0
// Which constants problems depend on, what they may be, and where they go.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <catch2/catch.hpp>

#include "calibration/parameters.hpp"
#include "core/diagnostic.hpp"
#include "tests/unit/calibration/tiny_engine.hpp"

namespace plumbline::calibration {
namespace {

using namespace core::literals;
using workload::PathClass;
using workload::Protocol;
using Names = std::vector<std::string>;

Names names(const std::vector<Parameter>& parameters) {
  Names result;
  for (const Parameter& parameter : parameters) {
    result.push_back(parameter.name);
  }
  return result;
}

const Parameter& named(const std::vector<Parameter>& parameters, const std::string& name) {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  INFO(name);
  REQUIRE(found != parameters.end());
  return *found;
}

std::shared_ptr<const topology::Fabric> built(const std::string& yaml) {
  return std::make_shared<const topology::Fabric>(topology::test::fabric(yaml));
}

/// Two sockets of one GPU each: the way between them crosses PCIe and the sockets' own link.
std::shared_ptr<const topology::Fabric> two_sockets() {
  return built(
      "builder: pcie_tree\nsockets: 2\nswitches_per_socket: 1\ngpus_per_switch: 1\nlink: pcie\n"
      "inter_socket: cpu\n");
}

/// Two machines of two GPUs on NVLink, with an adapter behind PCIe.
std::shared_ptr<const topology::Fabric> two_machines() {
  return built(
      "{builder: fat_tree, nodes: 2, nodes_per_leaf: 2, host_link: net, node: {builder: "
      "nvswitch_node, gpus: 2, link: nvlink, links_per_gpu: 1, switches: 1, pcie: {sockets: 1, "
      "switches_per_socket: 1, gpus_per_switch: 2, nics_per_switch: 1, link: pcie}}}");
}

void check_range(const Parameter& parameter, double low, double start, double high) {
  INFO(parameter.name);
  CHECK(std::exp(parameter.range.low) == Approx(low));
  CHECK(std::exp(parameter.start) == Approx(start));
  CHECK(std::exp(parameter.range.high) == Approx(high));
}

TEST_CASE("NVSwitch, two protocols: the launch, the second's own, two of each, no network") {
  // Launches are told apart but for one: LL's is the common one.
  const auto parameters =
      declared({ring_on_star(Protocol::ll, 1_MiB), ring_on_star(Protocol::simple, 1_MiB),
                ring_on_star(Protocol::simple, 2_MiB)});
  CHECK(names(parameters) ==
        Names{"launch", "protocols.simple.launch", "protocols.ll.nvlink.step_latency",
              "protocols.ll.nvlink.wire_ratio", "protocols.simple.nvlink.step_latency",
              "protocols.simple.nvlink.wire_ratio"});
  CHECK(names(declared({ring_on_star(Protocol::simple, 1_MiB)})) ==
        Names{"launch", "protocols.simple.nvlink.step_latency",
              "protocols.simple.nvlink.wire_ratio"});
}

TEST_CASE("Ranges lie around the prior, and neutral is the end at which a constant does least") {
  const auto parameters =
      declared({ring_on_star(Protocol::ll, 1_MiB), ring_on_star(Protocol::ll128, 1_MiB),
                ring_on_star(Protocol::simple, 1_MiB)});
  check_range(named(parameters, "launch"), 5e-6 / 30.0, 5e-6, 150e-6);
  // Of 5 us a hundredth to ten times: LL128's prior is nothing, which is below.
  check_range(named(parameters, "protocols.ll128.launch"), 0.05e-6, 0.05e-6, 50e-6);
  check_range(named(parameters, "protocols.simple.launch"), 0.05e-6, 2e-6, 50e-6);
  check_range(named(parameters, "protocols.ll.nvlink.step_latency"), 1e-6 / 30.0, 1e-6, 30e-6);
  check_range(named(parameters, "protocols.ll.nvlink.wire_ratio"), 2.0, 2.0, 128.0);
  check_range(named(parameters, "protocols.ll128.nvlink.wire_ratio"), 1.25, 1.25, 20.0);
  check_range(named(parameters, "protocols.simple.nvlink.wire_ratio"), 1.0, 1.0, 4.0);
  for (const Parameter& parameter : parameters) {
    INFO(parameter.name);
    CHECK(parameter.neutral == parameter.range.low);
    CHECK(parameter.prior.mean == parameter.start);
    CHECK(std::exp(parameter.prior.deviation) == Approx(4.0));
  }
}

TEST_CASE(
    "Several classes on PCIe: their efficiencies, and wire ratios by which protocols differ") {
  const auto parameters = declared({ring_on(two_sockets(), Protocol::ll, 1_MiB),
                                    ring_on(two_sockets(), Protocol::simple, 1_MiB)});
  CHECK(names(parameters) ==
        Names{"launch", "protocols.simple.launch", "protocols.ll.pcie.step_latency",
              "protocols.ll.pcie.wire_ratio", "protocols.simple.pcie.step_latency",
              "protocols.simple.pcie.wire_ratio", "links.cpu.efficiency", "links.pcie.efficiency"});
  check_range(named(parameters, "links.cpu.efficiency"), 0.01, 1.0, 1.0);
  CHECK(named(parameters, "links.cpu.efficiency").neutral == 0.0);
  // What a fit may do without: what is paid on top, and how LL packs its bytes.
  Names optional;
  for (const Parameter& parameter : parameters) {
    if (parameter.optional) {
      optional.push_back(parameter.name);
    }
  }
  CHECK(optional == Names{"protocols.simple.launch", "protocols.ll.pcie.wire_ratio"});
}

TEST_CASE("Several classes on PCIe, Simple alone: efficiencies in the place of its wire ratio") {
  CHECK(names(declared({ring_on(two_sockets(), Protocol::simple, 1_MiB)})) ==
        Names{"launch", "protocols.simple.pcie.step_latency", "links.cpu.efficiency",
              "links.pcie.efficiency"});
}

TEST_CASE("Copies by no protocol: efficiencies alone, of one class too") {
  const auto one_socket = built(
      "builder: pcie_tree\nsockets: 1\nswitches_per_socket: 1\ngpus_per_switch: 2\nlink: pcie\n");
  const workload::Problem copies = ring_on(one_socket, Protocol::none, 1_MiB);
  const workload::Problem* one = &copies;
  const auto parameters = declare_parameters({&one, 1}, workload::ConstantSet{});
  CHECK(names(parameters) == Names{"links.pcie.efficiency"});
  check_range(parameters.front(), 0.01, 1.0, 1.0);
}

TEST_CASE("One class on PCIe: a wire ratio, and no efficiency") {
  const auto one_socket = built(
      "builder: pcie_tree\nsockets: 1\nswitches_per_socket: 1\ngpus_per_switch: 2\nlink: pcie\n");
  CHECK(names(declared({ring_on(one_socket, Protocol::simple, 1_MiB)})) ==
        Names{"launch", "protocols.simple.pcie.step_latency", "protocols.simple.pcie.wire_ratio"});
}

TEST_CASE("Between machines: a launch of the network, and a flight where messages overlap") {
  const auto machines = two_machines();
  const Names without{"launch",
                      "network_launch",
                      "protocols.ll.nvlink.step_latency",
                      "protocols.ll.nvlink.wire_ratio",
                      "protocols.ll.net.step_latency",
                      "protocols.ll.net.wire_ratio"};
  const auto one_slot = declared({ring_on(machines, Protocol::ll, 1_MiB)});
  CHECK(names(one_slot) == without);
  check_range(named(one_slot, "network_launch"), 0.05e-6, 0.05e-6, 50e-6);
  Names with = without;
  with.emplace_back("protocols.*.net.flight");
  const auto slots = declared({ring_on(machines, Protocol::ll, 1_MiB, 8)});
  CHECK(names(slots) == with);
  check_range(slots.back(), 0.7e-6 / 8.0, 0.7e-6, 2.8e-6);  // of 0.7 x 1 us
  // Where nothing leaves its machine no message is kept by a network.
  CHECK(names(declared({ring_on(std::make_shared<const topology::Fabric>(workload::star(4)),
                                Protocol::ll, 1_MiB, 8)})) ==
        Names{"launch", "protocols.ll.nvlink.step_latency", "protocols.ll.nvlink.wire_ratio"});
}

TEST_CASE("A prior that gives no scale is refused by the name of what is missing") {
  const std::vector<workload::Problem> problems{ring_on_star(Protocol::ll, 1_MiB)};
  workload::ConstantSet prior = round_prior();
  prior.steps[static_cast<std::size_t>(Protocol::ll)][0].step_latency = {};
  CHECK_THROWS_WITH(declared(problems, prior),
                    Catch::Contains("no protocols.ll.nvlink.step_latency"));
  prior = round_prior();
  prior.launch = {};
  CHECK_THROWS_WITH(declared(problems, prior), Catch::Contains("no launch"));
  CHECK_THROWS_AS(declared(problems, prior), core::ModelError);
}

TEST_CASE("Every parameter goes to its own place, and to no other") {
  const auto machines = two_machines();
  const auto parameters = declared({ring_on(machines, Protocol::ll, 1_MiB, 8),
                                    ring_on(machines, Protocol::simple, 1_MiB, 8),
                                    ring_on(two_sockets(), Protocol::simple, 1_MiB)});
  REQUIRE(parameters.size() == 15);
  std::vector<double> theta(parameters.size());
  std::iota(theta.rbegin(), theta.rend(), 1.0);  // the last is exp(1): no step is below a flight
  const auto value = [&](const std::string& name) {
    return std::exp(theta[static_cast<std::size_t>(&named(parameters, name) - parameters.data())]);
  };
  const workload::ConstantSet set = constants_at(round_prior(), parameters, theta);
  const auto step = [&](Protocol protocol, PathClass path) {
    return set.steps[static_cast<std::size_t>(protocol)][static_cast<std::size_t>(path)];
  };
  CHECK(set.launch.si() == value("launch"));
  CHECK(set.network_launch.si() == value("network_launch"));
  CHECK(set.protocol_launch[static_cast<std::size_t>(Protocol::simple)].si() ==
        value("protocols.simple.launch"));
  CHECK(set.protocol_launch[static_cast<std::size_t>(Protocol::ll)] == core::Seconds{});
  for (const auto& [protocol, path, at] :
       {std::tuple{Protocol::ll, PathClass::nvlink, "protocols.ll.nvlink"},
        {Protocol::ll, PathClass::net, "protocols.ll.net"},
        {Protocol::simple, PathClass::nvlink, "protocols.simple.nvlink"},
        {Protocol::simple, PathClass::net, "protocols.simple.net"}}) {
    const std::string name(at);
    CHECK(step(protocol, path).step_latency.si() == value(name + ".step_latency"));
    CHECK(step(protocol, path).wire_ratio == value(name + ".wire_ratio"));
  }
  CHECK(step(Protocol::simple, PathClass::pcie).step_latency.si() ==
        value("protocols.simple.pcie.step_latency"));
  CHECK(set.links.at("pcie").efficiency == value("links.pcie.efficiency"));
  CHECK(set.links.at("cpu").efficiency == value("links.cpu.efficiency"));
  // A sender is busy for what is left of a step without the flight.
  for (const Protocol protocol : {Protocol::ll, Protocol::simple}) {
    const workload::StepConstants of = step(protocol, PathClass::net);
    CHECK(of.step_latency.si() * (1.0 - of.occupancy) == Approx(value("protocols.*.net.flight")));
  }
  // What isn't a parameter is the base's.
  CHECK(step(Protocol::ll128, PathClass::nvlink).step_latency == 2_us);
  CHECK(step(Protocol::ll, PathClass::nvlink).occupancy == 0.0);
  CHECK(step(Protocol::simple, PathClass::pcie).wire_ratio == 1.0);
  CHECK(set.links.size() == 2);
}

TEST_CASE("Twice the bytes: every wire ratio doubles, a parameter's or not, and nothing else") {
  const auto parameters = declared({ring_on_star(Protocol::ll, 1_MiB)});
  const std::vector<double> theta{std::log(7e-6), std::log(3e-6), std::log(5.0)};
  const workload::ConstantSet set = constants_at(round_prior(), parameters, theta, 2.0);
  CHECK(set.steps[static_cast<std::size_t>(Protocol::ll)][0].wire_ratio == Approx(10.0));
  CHECK(set.steps[static_cast<std::size_t>(Protocol::ll128)][0].wire_ratio == Approx(2.5));
  CHECK(set.steps[static_cast<std::size_t>(Protocol::none)][0].wire_ratio == Approx(2.0));
  CHECK(set.launch.si() == Approx(7e-6));
  CHECK(set.steps[static_cast<std::size_t>(Protocol::ll)][0].step_latency.si() == Approx(3e-6));
}

TEST_CASE("Values as people write them") {
  const auto machines = two_machines();
  const auto parameters = declared({ring_on(machines, Protocol::ll, 1_MiB, 8)});
  CHECK(value_text(named(parameters, "launch"), 1.3e-6) == "1.3 us");
  CHECK(value_text(named(parameters, "protocols.ll.net.wire_ratio"), 2.1) == "2.1");
}

TEST_CASE("Trees have a ratio of their own where other schedules use the network too") {
  const auto machines = two_machines();
  const workload::Problem ring = ring_on(machines, Protocol::simple, 1_MiB);
  const workload::Problem tree =
      ring_on(machines, Protocol::simple, 1_MiB, 1, "double_binary_tree");
  const auto has_ratio = [](const std::vector<Parameter>& parameters) {
    return std::ranges::find(parameters, "tree_ratio", &Parameter::name) != parameters.end();
  };
  CHECK_FALSE(has_ratio(declared({ring})));
  CHECK_FALSE(has_ratio(declared({tree})));  // it could not be told from the wire ratio
  const auto parameters = declared({ring, tree});
  REQUIRE(has_ratio(parameters));
  check_range(named(parameters, "tree_ratio"), 0.25, 1.0, 32.0);
  CHECK(named(parameters, "tree_ratio").optional);
  // On one machine a tree is a chain, and on no network.
  const workload::Problem chain =
      ring_on(std::make_shared<const topology::Fabric>(workload::star(4)), Protocol::simple, 1_MiB,
              1, "double_binary_tree");
  CHECK_FALSE(has_ratio(declared({ring, chain})));

  std::vector<double> theta;
  for (const Parameter& parameter : parameters) {
    theta.push_back(parameter.name == "tree_ratio" ? std::log(3.0) : parameter.start);
  }
  CHECK(constants_at(round_prior(), parameters, theta).tree_ratio == Approx(3.0));
}

}  // namespace
}  // namespace plumbline::calibration
