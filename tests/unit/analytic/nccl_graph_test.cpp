// SPDX-License-Identifier: Apache-2.0
// The channels derived from a fabric, against those that NCCL is known to find, or worked out by
// hand from the list of speeds.
#include "analytic/nccl_graph.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/analytic/nccl_tables.hpp"
#include "tests/unit/topology/from_yaml.hpp"

namespace plumbline::test {
namespace {

using namespace core::literals;
using analytic::nccl::Communicator;
using topology::test::fabric;
using workload::MachineFacts;

MachineFacts machine(const char* arch, const char* cpu = "intel_sapphire_rapids") {
  MachineFacts facts;
  facts.gpu = workload::GpuFacts{"", arch};
  facts.nccl =
      workload::NcclFacts{.cpu = cpu, .net_latency = {}, .one_machine = {}, .machines = {}};
  return facts;
}

Communicator on(const topology::Fabric& machines, const MachineFacts& facts, std::uint32_t ranks) {
  const auto found = analytic::nccl::communicator_of(
      tables(), facts, machines, topology::packed(machines, topology::RankCount(ranks)));
  if (const auto* missing = std::get_if<std::string>(&found)) {
    FAIL(*missing);
  }
  return std::get<Communicator>(found);
}

void check(const std::optional<workload::NcclGraph>& graph, std::uint32_t channels, double intra,
           double inter) {
  REQUIRE(graph);
  CHECK(graph->channels == channels);
  CHECK(graph->intra.si() == Approx(intra * 1e9));
  CHECK(graph->inter.si() == Approx(inter * 1e9));
}

constexpr const char* hgx =
    "{builder: nvswitch_node, gpus: 8, link: nvlink, links_per_gpu: 18, switches: 4, pcie: "
    "{sockets: 2, switches_per_socket: 4, gpus_per_switch: 1, nics_per_switch: 1, link: pcie, "
    "inter_socket: cpu}}";

TEST_CASE("Eight H100 behind NVSwitches: 12 rings of 30, 8 switch channels of 40") {
  // 18 links of 20.6 = 370.8. Rings: 60 * 6 = 360, and no slower speed gives more; doubled from 50
  // on: 12 of 30, as NCCL prints on such machines. Switches: a GPU carries 7 channels once and its
  // own twice: 9 * 40 = 360 fits, 9 * 50 does not; nothing limits the rate outwards but the list.
  const Communicator found = on(fabric(hgx), machine("hopper"), 8);
  CHECK(found.machines == 1);
  CHECK(found.nvlink);
  check(found.ring, 12, 30, 30);
  check(found.tree, 12, 30, 30);
  check(found.nvls, 8, 40, 60);
  // Four of them: the same rings; 5 * 60 = 300 fits. Two: NCCL uses no switches.
  const Communicator four = on(fabric(hgx), machine("hopper"), 4);
  check(four.ring, 12, 30, 30);
  check(four.nvls, 4, 60, 60);
  CHECK_FALSE(on(fabric(hgx), machine("hopper"), 2).nvls);
}

TEST_CASE("Eight A100: 12 rings of 20; eight B200: 16 of 45") {
  // 12 * 20 = 240 = 6 * 40, doubled. 18 * 40.1 = 721.8: 8 * 90 = 720, doubled.
  const Communicator ampere =
      on(fabric("{builder: nvswitch_node, gpus: 8, link: nvlink, links_per_gpu: 12, switches: 6}"),
         machine("ampere"), 8);
  check(ampere.ring, 12, 20, 20);
  const Communicator blackwell =
      on(fabric("{builder: nvswitch_node, gpus: 8, link: nvlink, links_per_gpu: 18, switches: 2}"),
         machine("blackwell"), 8);
  check(blackwell.ring, 16, 45, 45);
  check(blackwell.nvls, 8, 80, 90);  // 9 * 80 = 720
}

TEST_CASE("Four V100 joined pairwise by two links: six rings, as NCCL found there") {
  // NVIDIA/nccl issue 713 shows a graph of six. 6 links of 20 = 120 = 3 * 40, doubled.
  const Communicator found = on(
      fabric(
          "{builder: explicit, devices: [{name: a, kind: gpu}, {name: b, kind: gpu}, "
          "{name: c, kind: gpu}, {name: d, kind: gpu}], links: ["
          "{from: a, to: b, link: nvlink, count: 2}, {from: a, to: c, link: nvlink, count: 2}, "
          "{from: a, to: d, link: nvlink, count: 2}, {from: b, to: c, link: nvlink, count: 2}, "
          "{from: b, to: d, link: nvlink, count: 2}, {from: c, to: d, link: nvlink, count: 2}]}"),
      machine("volta"), 4);
  check(found.ring, 6, 20, 20);
  CHECK_FALSE(found.nvls);
}

TEST_CASE("Without NVLink the narrowest link of the ring counts: two of 5, by sockets of AMD") {
  // PCIe of 64 GB/s counts as 48; each socket holds four GPUs and the ring goes over and back, one
  // crossing each way, which counts as 16: 15 * 1, and 12 and 10 * 1 give less, 9 too.
  const char* server =
      "{builder: pcie_tree, sockets: 2, switches_per_socket: 0, gpus_per_switch: 4, link: pcie, "
      "inter_socket: cpu}";
  const Communicator eight = on(fabric(server), machine("ada", "amd"), 8);
  CHECK_FALSE(eight.nvlink);
  check(eight.ring, 1, 15, 15);
  // Four on one socket: 48 of PCIe; 40 * 1, 24 is none of the list, 20 * 2 = 40 gives no more.
  // One channel of 40 is doubled: fast enough from 25 on.
  check(on(fabric(server), machine("ada", "amd"), 4).ring, 2, 20, 20);
  const auto unknown =
      analytic::nccl::communicator_of(tables(), machine("ada", ""), fabric(server),
                                      topology::packed(fabric(server), topology::RankCount(8)));
  CHECK(std::get<std::string>(unknown) ==
        "the system does not say which CPUs it has (nccl: {cpu: …})");
}

TEST_CASE("Over machines the adapters limit: eight of 50 GB/s on PCIe of 48") {
  // 48: 8 by adapters, 7 by NVLink (370.8 / 48), 336; 45: 8, 360; no lower speed gives more. More
  // than four channels below 50 are not doubled. Switches: 40 inside as before, outwards raised to
  // the adapters' 48.
  std::string text = "{builder: fat_tree, nodes: 4, nodes_per_leaf: 4, host_link: net, node: ";
  text += hgx;
  text += "}";
  const topology::Fabric four = fabric(text);
  const Communicator found = on(four, machine("hopper"), 32);
  CHECK(found.machines == 4);
  CHECK(found.near_network);
  check(found.ring, 8, 45, 45);
  check(found.nvls, 8, 40, 48);
  // A stated graph holds for whole machines only.
  MachineFacts stated = machine("hopper");
  stated.nccl->machines.emplace();
  stated.nccl->machines->ring = workload::NcclGraph{16, 20_GBps, 20_GBps};
  check(on(four, stated, 32).ring, 16, 20, 20);
  check(on(four, stated, 32).nvls, 8, 40, 48);
  check(on(four, stated, 16).ring, 16, 20, 20);
  // Half of the second machine: 4 * 48 of four adapters, few enough to be doubled.
  check(on(four, stated, 12).ring, 8, 24, 24);
}

TEST_CASE("Trees go faster inside machines: up to twice the adapters, as far as NVLink allows") {
  // Adapters of 25 GB/s: 8 * 24. Inside, 8 * 45 of 370.8 fit, and 8 * 48 do not.
  std::string text =
      "{builder: fat_tree, nodes: 2, nodes_per_leaf: 2, host_link: {kind: network, "
      "bandwidth_per_direction: 25 GB/s, latency: 1 us}, node: ";
  text += hgx;
  text += "}";
  const Communicator found = on(fabric(text), machine("hopper"), 16);
  check(found.ring, 8, 24, 24);
  check(found.tree, 8, 45, 24);
}

TEST_CASE("Without the generation of the GPUs nothing is guessed") {
  const topology::Fabric one = fabric(hgx);
  const auto none = analytic::nccl::communicator_of(tables(), {}, one,
                                                    topology::packed(one, topology::RankCount(8)));
  CHECK(std::get<std::string>(none) ==
        "the system does not say of which generation its GPUs are (gpu: {arch: …})");
  const auto other = analytic::nccl::communicator_of(tables(), machine("rubin"), one,
                                                     topology::packed(one, topology::RankCount(8)));
  CHECK(std::get<std::string>(other).starts_with("the tuner knows no GPU generation 'rubin' (ada"));
}

}  // namespace
}  // namespace plumbline::test
