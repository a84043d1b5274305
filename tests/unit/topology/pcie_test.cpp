// SPDX-License-Identifier: Apache-2.0
// PCIe: what a link of a generation carries, and trees with drives, memory and nested switches.
#include <catch2/catch.hpp>

#include "from_yaml.hpp"
#include "topology/pcie_rate.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology {
namespace {

using test::Found;
using test::refused;

PcieRate rate(const std::string& yaml) {
  const test::Text text(yaml);
  const std::optional<PcieRate> read = read_pcie_rate(text.root());
  REQUIRE(text.found().empty());
  REQUIRE(read);
  return *read;
}

Found refused_rate(const std::string& yaml) {
  const test::Text text(yaml);
  CHECK_FALSE(read_pcie_rate(text.root()));
  return text.found();
}

/// The devices on the way, by name, both ends included.
std::string way(const Fabric& fabric, const std::string& from, const std::string& to) {
  Router router(fabric);
  const auto route = router.route(*fabric.find(from), *fabric.find(to));
  std::string text = from;
  REQUIRE(route);
  for (const LinkId link : route->links) {
    text += " " + fabric.device(fabric.link(link).to).name;
  }
  return text;
}

TEST_CASE("the raw rate of a PCIe generation is transfers by lanes by coding") {
  // 2.5 GT/s × 8/10 / 8 = 0.25 GB/s a lane; generation 5: 32 × 128/130 / 8 = 3.93846 GB/s a lane;
  // generation 6: 64 × 242/256 / 8 = 7.5625 GB/s.
  CHECK(rate("{generation: 1, lanes: 1}").raw.si() == Approx(0.25e9).epsilon(1e-12));
  CHECK(rate("{generation: 2, lanes: 8}").raw.si() == Approx(4e9).epsilon(1e-12));
  CHECK(rate("{generation: 5, lanes: 16}").raw.si() ==
        Approx(32e9 * 16 * 128 / 130 / 8).epsilon(1e-12));
  CHECK(rate("{generation: 6, lanes: 16}").raw.si() == Approx(121e9).epsilon(1e-12));
  CHECK(rate("{generation: 6, lanes: 16}").efficiency == 1.0);
}

TEST_CASE("the payload's part of PCIe packets") {
  const auto efficiency = [](const char* generation, const char* rest) {
    return rate(std::string("{lanes: 16, max_payload: 256 B, generation: ") + generation + ", " +
                rest + "}")
        .efficiency;
  };
  // Around 256 B: 8 B of framing, sequence number and LCRC, and the header.
  CHECK(efficiency("3", "header: 12 B") == Approx(256.0 / 276).epsilon(1e-12));
  CHECK(efficiency("5", "header: 16 B") == Approx(256.0 / 280).epsilon(1e-12));
  CHECK(efficiency("1", "header: 16 B, ecrc: true") == Approx(256.0 / 284).epsilon(1e-12));
  // Flits: no framing of packets, but 6 of 242 bytes are the link layer's.
  CHECK(efficiency("6", "header: 16 B") == Approx(256.0 / 272 * 236 / 242).epsilon(1e-12));
}

TEST_CASE("a link class of PCIe carries what its packets leave") {
  const Fabric fabric = test::fabric(
      "{builder: explicit, devices: [{name: a, kind: gpu}, {name: b, kind: gpu}], links: [{from: "
      "a, to: b, link: {kind: pcie, pcie: {generation: 4, lanes: 8, max_payload: 128 B, header: 16 "
      "B}, latency: 0 s}}]}");
  // 16 GT/s × 8 × 128/130 / 8 × 128/(128 + 24)
  CHECK(fabric.links()[0].capacity.si() ==
        Approx(16e9 * 8 * 128 / 130 / 8 * 128 / 152).epsilon(1e-12));
}

TEST_CASE("PCIe links that do not exist") {
  CHECK(refused_rate("generation: 7\nlanes: 12\n") == Found{"PL-T054 1:13", "PL-T054 2:8"});
  const std::string slot = "generation: 5\nlanes: 16\n";
  CHECK(refused_rate(slot + "max_payload: 256 B\n") == Found{"PL-T054 3:14"});
  CHECK(refused_rate(slot + "header: 16 B\n") == Found{"PL-T054 3:9"});
  CHECK(refused_rate(slot + "max_payload: 300 B\nheader: 14 B\n") ==
        Found{"PL-T054 3:14", "PL-T054 4:9"});
  CHECK(refused_rate(slot + "ecrc: true\n") == Found{"PL-T054 3:7"});
}

TEST_CASE("a link states its PCIe generation in place of a bandwidth") {
  const auto found = [](const std::string& link) {
    const test::Text text(link);
    CHECK_FALSE(read_link_class(text.root(), "x"));
    return text.found();
  };
  CHECK(found("kind: pcie\nlatency: 0 s\nbandwidth_per_direction: 1 GB/s\n"
              "pcie: {generation: 5, lanes: 16}\n") == Found{"PL-T002 1:1"});
  CHECK(found("kind: nvlink\nlatency: 0 s\npcie: {generation: 5, lanes: 16}\n") ==
        Found{"PL-T054 3:7"});
}

const std::string tree =
    "builder: pcie_tree\nsockets: 2\nswitches_per_socket: 2\ngpus_per_switch: 1\nlink: "
    "pcie\ninter_socket: cpu\n";

TEST_CASE("drives hang from the switches and memory from the CPUs") {
  const Fabric fabric =
      test::fabric(tree + "nvme: {per_switch: 2, link: pcie}\nmemory: {link: cpu}\n");
  // 2 CPUs with their memory, 4 switches with a GPU and two drives each.
  CHECK(fabric.devices().size() == 4 + 2 + 2 + 4 + 8);
  CHECK(fabric.endpoints().size() == 4);  // ranks sit on GPUs alone
  CHECK(way(fabric, "gpu3", "memory1") == "gpu3 pcie_switch3 cpu1 memory1");
  CHECK(way(fabric, "nvme7", "gpu3") == "nvme7 pcie_switch3 gpu3");
  CHECK(way(fabric, "memory0", "gpu3") == "memory0 cpu0 cpu1 pcie_switch3 gpu3");
  // GPU to GPU passes through neither.
  CHECK(way(fabric, "gpu0", "gpu1") == "gpu0 pcie_switch0 cpu0 pcie_switch1 gpu1");
}

TEST_CASE("switches below switches") {
  const std::string nested =
      "builder: pcie_tree\nsockets: 1\nupper_switches_per_socket: 2\nswitches_per_socket: 4\n"
      "gpus_per_switch: 1\nlink: pcie\n";
  const Fabric fabric = test::fabric(nested + "upper_uplink: cpu\n");
  CHECK(way(fabric, "gpu0", "gpu1") == "gpu0 pcie_switch0 upper_switch0 pcie_switch1 gpu1");
  CHECK(way(fabric, "gpu1", "gpu2") ==
        "gpu1 pcie_switch1 upper_switch0 cpu0 upper_switch1 pcie_switch2 gpu2");
  const auto up = fabric.out_links(*fabric.find("upper_switch1"));
  CHECK(fabric.link(up.front()).capacity.si() == 100e9);
}

TEST_CASE("mistakes in drives and nested switches") {
  CHECK(refused(tree + "nvme: {per_switch: 0, link: pcie}\n") == Found{"PL-T011 7:20"});
  CHECK(refused(tree + "upper_switches_per_socket: 3\n") == Found{"PL-T055 7:28"});
  CHECK(refused(tree + "memory: {}\n") == Found{"PL-K002 7:9"});
}

}  // namespace
}  // namespace plumbline::topology
