// SPDX-License-Identifier: Apache-2.0
#include "workload/costs.hpp"

#include <catch2/catch.hpp>

#include "fabrics.hpp"
#include "topology/placement.hpp"

namespace plumbline::workload {
namespace {

using core::Bandwidth;
using core::Seconds;
using topology::DeviceId;
using topology::DeviceKind;
using topology::LinkId;
using topology::LinkKind;

/// A fabric, routes written out by their devices, and a transfer of 1 MB over each.
class Scene {
 public:
  explicit Scene(topology::Fabric fabric) : fabric_(std::move(fabric)) {}

  [[nodiscard]] LinkId link(const char* from, const char* to) const {
    for (const LinkId id : fabric_.out_links(*fabric_.find(from))) {
      if (fabric_.link(id).to == *fabric_.find(to)) {
        return id;
      }
    }
    throw std::runtime_error("no such link");
  }

  /// Between ranks 0 and 1, whatever the links are.
  Scene& transfer(std::vector<LinkId> links, OpKind kind = OpKind::copy,
                  Protocol protocol = Protocol::none) {
    builder_.add({.kind = kind,
                  .protocol = protocol,
                  .rank = RankId(0),
                  .peer = RankId(1),
                  .route = routes_.intern(links),
                  .amount = 1e6},
                 {});
    return *this;
  }

  Scene& delay(double seconds) {
    builder_.add({.kind = OpKind::delay, .amount = seconds}, {});
    return *this;
  }

  /// Rank i on endpoint i. The schedule is the scene's from then on.
  Costs costs(const ConstantSet& constants = {}) {
    schedule_ = builder_.finish();
    const auto endpoints = fabric_.endpoints();
    return derive_costs(fabric_, routes_, schedule_, endpoints, constants);
  }

  [[nodiscard]] double uncontended(const Costs& costs, std::uint32_t op) const {
    return costs.uncontended(schedule_.operations()[op], op).si();
  }

 private:
  topology::Fabric fabric_;
  topology::RouteTable routes_;
  ScheduleBuilder builder_{RankCount(2), 1};
  Schedule schedule_;
};

ConstantSet half_efficient() {
  ConstantSet constants;
  constants.links["nvlink"] = {.efficiency = 0.5, .extra_latency = Seconds::from_si(50e-9)};
  constants.steps[static_cast<std::size_t>(Protocol::ll)][static_cast<std::size_t>(
      PathClass::nvlink)] = {.step_latency = Seconds::from_si(1e-6), .wire_ratio = 2.0};
  return constants;
}

// gpu0 → switch → gpu1, 100 GB/s and 250 ns each: 1 MB takes 500 ns + 10 us. At half the capacity,
// 50 ns more per link and LL's step of 1 us with 2 bytes per byte: 600 ns + 1 us + 2 MB / 50 GB/s
// = 41.6 us.
TEST_CASE("A path adds up latencies and takes the least capacity") {
  Scene scene(star(2));
  const std::vector<LinkId> path{scene.link("gpu0", "switch"), scene.link("switch", "gpu1")};
  scene.transfer(path).transfer(path, OpKind::copy, Protocol::ll);
  SECTION("nominal") {
    const Costs costs = scene.costs();
    REQUIRE(costs.resources().size() == 2);
    CHECK(costs.resources()[0].name == "gpu0→switch");
    CHECK(costs.resources()[0].capacity == Bandwidth::from_si(100e9));
    CHECK(scene.uncontended(costs, 0) == Approx(10.5e-6).epsilon(1e-12));
    CHECK(scene.uncontended(costs, 1) == Approx(10.5e-6).epsilon(1e-12));
    CHECK(costs.path(costs.path_of(0)).path_class == PathClass::nvlink);
    CHECK(costs.path(costs.path_of(0)).cap == Bandwidth::infinity());
    CHECK(costs.bottleneck(costs.path_of(0)) == "gpu0→switch");
    CHECK(costs.launch() == Seconds{});
  }
  SECTION("with constants") {
    ConstantSet constants = half_efficient();
    constants.launch = Seconds::from_si(7e-6);
    const Costs costs = scene.costs(constants);
    CHECK(scene.uncontended(costs, 0) == Approx(0.6e-6 + 20e-6).epsilon(1e-12));
    CHECK(scene.uncontended(costs, 1) == Approx(41.6e-6).epsilon(1e-12));
    CHECK(costs.paths().size() == 2);
    CHECK(costs.launch() == Seconds::from_si(7e-6));
  }
}

TEST_CASE("Constants of another class or path class do nothing") {
  Scene scene(star(2));
  scene.transfer({scene.link("gpu0", "switch"), scene.link("switch", "gpu1")}, OpKind::copy,
                 Protocol::simple);
  ConstantSet constants;
  constants.links["nvlink5"] = {.efficiency = 0.1, .extra_latency = Seconds::from_si(1.0)};
  constants
      .steps[static_cast<std::size_t>(Protocol::simple)][static_cast<std::size_t>(PathClass::net)]
      .step_latency = Seconds::from_si(1.0);
  CHECK(scene.uncontended(scene.costs(constants), 0) == Approx(10.5e-6).epsilon(1e-12));
}

/// gpu — pcie — cpu — net — leaf — host, one class each, all 10 GB/s.
topology::Fabric chain(topology::Sharing pcie_sharing = topology::Sharing::full_duplex) {
  topology::FabricBuilder builder;
  const DeviceId gpu = builder.add({.name = "gpu", .kind = DeviceKind::gpu});
  const DeviceId bridge = builder.add({.name = "bridge", .kind = DeviceKind::pcie_switch});
  const DeviceId cpu = builder.add({.name = "cpu", .kind = DeviceKind::cpu});
  const DeviceId nic = builder.add({.name = "nic", .kind = DeviceKind::nic});
  const DeviceId peer = builder.add({.name = "peer", .kind = DeviceKind::gpu});
  builder.connect(gpu, bridge, link_class("nvl", LinkKind::nvlink, 10e9, 1e-6));
  builder.connect(bridge, cpu, link_class("pci", LinkKind::pcie, 10e9, 1e-6, pcie_sharing));
  builder.connect(cpu, nic, link_class("upi", LinkKind::cpu, 10e9, 1e-6));
  builder.connect(nic, peer, link_class("net", LinkKind::network, 10e9, 1e-6));
  return builder.finish();
}

TEST_CASE("The slowest kind of link names the path class") {
  Scene scene(chain());
  const LinkId nvlink = scene.link("gpu", "bridge");
  const LinkId pcie = scene.link("bridge", "cpu");
  const LinkId cpu = scene.link("cpu", "nic");
  const LinkId net = scene.link("nic", "peer");
  const Costs costs = scene.transfer({nvlink})
                          .transfer({nvlink, pcie})
                          .transfer({cpu, nvlink})
                          .transfer({net, pcie, nvlink})
                          .costs();
  const auto path_class = [&](std::uint32_t op) {
    return costs.path(costs.path_of(op)).path_class;
  };
  CHECK(path_class(0) == PathClass::nvlink);
  CHECK(path_class(1) == PathClass::pcie);
  CHECK(path_class(2) == PathClass::pcie);
  CHECK(path_class(3) == PathClass::net);
}

TEST_CASE("Both directions of a half-duplex cable are one resource") {
  Scene scene(chain(topology::Sharing::half_duplex));
  const Costs costs = scene.transfer({scene.link("bridge", "cpu")})
                          .transfer({scene.link("cpu", "bridge")})
                          .transfer({scene.link("gpu", "bridge")})
                          .transfer({scene.link("bridge", "gpu")})
                          .costs();
  const auto resource = [&](std::uint32_t op) { return costs.uses(costs.path_of(op))[0].resource; };
  CHECK(resource(0) == resource(1));
  CHECK(resource(2) != resource(3));
  CHECK(costs.resources().size() == 3);
  CHECK(costs.resources()[resource(0).index()].name == "bridge↔cpu");
  CHECK(costs.resources()[resource(0).index()].capacity == Bandwidth::from_si(10e9));
}

// There and back over one cable: each byte takes two of its 10 GB/s.
TEST_CASE("A resource that is crossed twice carries twice the weight") {
  Scene scene(chain(topology::Sharing::half_duplex));
  const Costs costs =
      scene.transfer({scene.link("bridge", "cpu"), scene.link("cpu", "bridge")}).costs();
  REQUIRE(costs.uses(costs.path_of(0)).size() == 1);
  CHECK(costs.uses(costs.path_of(0))[0].weight == 2.0);
  CHECK(costs.path(costs.path_of(0)).rate == Bandwidth::from_si(5e9));
  CHECK(scene.uncontended(costs, 0) == Approx(2e-6 + 1e6 / 5e9).epsilon(1e-12));
}

TEST_CASE("An unshared link is a cap and no resource") {
  Scene scene(chain(topology::Sharing::unshared));
  ConstantSet constants;
  constants.links["pci"] = {.efficiency = 0.5, .extra_latency = {}};
  const Costs costs =
      scene.transfer({scene.link("gpu", "bridge"), scene.link("bridge", "cpu")}).costs(constants);
  CHECK(costs.resources().size() == 1);
  const Path& path = costs.path(costs.path_of(0));
  CHECK(path.cap == Bandwidth::from_si(5e9));
  CHECK(path.rate == Bandwidth::from_si(5e9));
  CHECK(costs.bottleneck(costs.path_of(0)) == "bridge→cpu (per transfer)");
}

TEST_CASE("One channel's rate caps every transfer") {
  Scene scene(star(2));
  scene.transfer({scene.link("gpu0", "switch"), scene.link("switch", "gpu1")});
  ConstantSet constants;
  constants.channel_rate = Bandwidth::from_si(20e9);
  const Costs costs = scene.costs(constants);
  CHECK(costs.path(costs.path_of(0)).rate == Bandwidth::from_si(20e9));
  CHECK(costs.bottleneck(costs.path_of(0)) == "the rate of one channel");
  CHECK(scene.uncontended(costs, 0) == Approx(0.5e-6 + 50e-6).epsilon(1e-12));
}

// A limit of 40 GB/s on what gpu1 reduces: 1 MB takes 25 us there instead of 10 us. Copies to it
// are not concerned.
TEST_CASE("Reductions use their receiver's reduction, copies do not") {
  Scene scene(star(2));
  const std::vector<LinkId> path{scene.link("gpu0", "switch"), scene.link("switch", "gpu1")};
  scene.transfer(path).transfer(path, OpKind::reduce);
  SECTION("limited") {
    ConstantSet constants;
    constants.reduction_bandwidth = Bandwidth::from_si(40e9);
    const Costs costs = scene.costs(constants);
    const Path& reduce = costs.path(costs.path_of(1));
    CHECK(costs.path(costs.path_of(0)).rate == Bandwidth::from_si(100e9));
    CHECK(reduce.link_rate == Bandwidth::from_si(100e9));
    CHECK(reduce.rate == Bandwidth::from_si(40e9));
    CHECK(costs.bottleneck(costs.path_of(1)) == "gpu1 reduction");
    const auto uses = costs.uses(costs.path_of(1));
    CHECK(costs.resources()[uses.back().resource.index()].reduction);
    CHECK(scene.uncontended(costs, 1) == Approx(0.5e-6 + 25e-6).epsilon(1e-12));
  }
  SECTION("without a limit both are one path") {
    const Costs costs = scene.costs();
    CHECK(costs.path_of(0) == costs.path_of(1));
    CHECK(costs.paths().size() == 1);
  }
}

TEST_CASE("Delays take their own time, and a route of no links none") {
  Scene scene(star(2));
  const Costs costs = scene.delay(0.25).transfer({}).costs();
  CHECK(scene.uncontended(costs, 0) == 0.25);
  CHECK(scene.uncontended(costs, 1) == 0.0);
  CHECK(costs.bottleneck(costs.path_of(1)) == "nothing");
}

}  // namespace
}  // namespace plumbline::workload
