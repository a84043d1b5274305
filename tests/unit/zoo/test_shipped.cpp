// SPDX-License-Identifier: Apache-2.0
// What the catalogue ships: every file is sound, every number has a source, and the machines have
// the shapes and rates that their makers state.
#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/document.hpp"
#include "topology/routing.hpp"
#include "zoo_test.hpp"

namespace plumbline::zoo {
namespace {

using Catch::Matchers::WithinRel;
using topology::DeviceKind;

std::vector<std::string> names(Kind kind) {
  std::vector<std::string> result;
  for (const Item& item : shipped().list(kind)) {
    result.push_back(item.name);
  }
  return result;
}

/// Sum of what leaves devices of one kind towards devices of another.
double capacity(const topology::Fabric& fabric, DeviceKind from, DeviceKind to) {
  double sum = 0;
  for (const topology::Link& link : fabric.links()) {
    const bool wanted = fabric.device(link.from).kind == from && fabric.device(link.to).kind == to;
    sum += wanted ? link.capacity.si() : 0.0;
  }
  return sum;
}

TEST_CASE("The catalogue holds the links, systems, constants and sets that it should", "[zoo]") {
  const std::vector<std::string> links = names(Kind::links);
  for (const char* name :
       {"nvlink3", "nvlink4", "nvlink5", "pcie3_x16", "pcie4_x16", "pcie5_x16", "pcie6_x16",
        "hdr_infiniband", "ndr_infiniband", "xdr_infiniband", "roce_400g", "slingshot_11"}) {
    CHECK(std::count(links.begin(), links.end(), name) == 1);
    CHECK(shipped().links().contains(name));
  }
  CHECK(links.size() == shipped().links().size());
  const std::vector<std::string> systems = names(Kind::systems);
  for (const char* name : {"dgx_a100", "dgx_h100", "gb200_nvl72", "asus_esc8000a_e13p",
                           "h100_superpod_32", "h100_fat_tree_32", "hosts_2x16"}) {
    CHECK(std::count(systems.begin(), systems.end(), name) == 1);
  }
  CHECK(names(Kind::constants) ==
        std::vector<std::string>{"a100_nccl_2_29", "abci2_a100", "abci2_v100", "b200_nccl_2_29",
                                 "h100_nccl_2_29", "l40s_nccl_2_27", "mn5_h100", "nccl_protocols",
                                 "nominal", "rtx_pro_6000_nccl_2_29"});
  CHECK(names(Kind::tuners) == std::vector<std::string>{"nccl_2_30"});
  CHECK(names(Kind::measurements) == std::vector<std::string>{"h100_8gpu_all_reduce"});
  for (const Kind kind :
       {Kind::links, Kind::systems, Kind::constants, Kind::tuners, Kind::measurements}) {
    for (const Item& item : shipped().list(kind)) {
      INFO(item.path.string());
      CHECK_FALSE(item.summary.empty());
    }
  }
}

TEST_CASE("Every system builds and goes by the name of its file", "[zoo]") {
  for (const std::string& name : names(Kind::systems)) {
    const System system = load(name);
    CHECK(system.name == name);
    CHECK_FALSE(system.title.empty());
    CHECK_FALSE(system.text.empty());
    CHECK(system.fabric->endpoints().size() > 1);
    core::Diagnostics diagnostics;
    const auto constants = shipped().nominal_constants(system, diagnostics);
    report(diagnostics);
    REQUIRE(constants.has_value());
  }
}

TEST_CASE("Every endpoint of every system reaches every other", "[zoo]") {
  for (const std::string& name : names(Kind::systems)) {
    INFO(name);
    const System system = load(name);
    topology::Router router(*system.fabric);
    const auto endpoints = system.fabric->endpoints();
    for (const topology::DeviceId to : endpoints) {
      if (to != endpoints.front()) {
        CHECK(router.route(endpoints.front(), to).has_value());
        CHECK(router.route(to, endpoints.front()).has_value());
      }
    }
  }
}

TEST_CASE("A system says which GPUs it has, a cluster what its nodes say", "[zoo]") {
  for (const char* name : {"dgx_h100", "h100_superpod_32"}) {
    const System system = load(name);
    REQUIRE((system.facts.gpu && system.facts.nccl));
    CHECK(system.facts.gpu->arch == "hopper");
    CHECK(system.facts.nccl->cpu == "intel_sapphire_rapids");
  }
  CHECK_FALSE(load("hosts_2x16").facts.gpu);
}

TEST_CASE("The nominal constants change nothing", "[zoo]") {
  Text text("constants: nominal");
  const auto read = shipped().constants(text.at("constants"), {});
  report(text.diagnostics());
  REQUIRE(read.has_value());
  const workload::ConstantSet identity;
  CHECK(read->name == "nominal");
  CHECK(read->links.empty());
  CHECK(read->launch == identity.launch);
  CHECK_FALSE(read->reduction_bandwidth.has_value());
  CHECK_FALSE(read->channel_rate.has_value());
  for (const auto& protocol : read->steps) {
    for (const workload::StepConstants& step : protocol) {
      CHECK(step.step_latency == core::Seconds{});
      CHECK(step.wire_ratio == 1.0);
    }
  }
}

/// Every number of the catalogue, once: those of the link files and those of the systems.
std::vector<core::ProvenanceEntry> all_numbers() {
  std::map<core::SourceSpan, core::ProvenanceEntry> by_place;
  for (const std::string& name : names(Kind::systems)) {
    for (const core::ProvenanceEntry& entry : load(name).provenance) {
      by_place.emplace(entry.where, entry);
    }
  }
  core::Diagnostics diagnostics;
  for (const Item& item : shipped().list(Kind::links)) {
    const core::Document document = core::Document::load(item.path, diagnostics);
    core::Provenance provenance;
    const core::Reading reading{&document, &diagnostics, nullptr, &provenance};
    CHECK(topology::read_link_class(core::Cursor(reading), item.name).has_value());
    for (const core::ProvenanceEntry& entry : provenance) {
      by_place.emplace(entry.where, entry);
    }
  }
  report(diagnostics);
  std::vector<core::ProvenanceEntry> result;
  for (auto& [place, entry] : by_place) {
    result.push_back(std::move(entry));
  }
  return result;
}

TEST_CASE("Every number has a source, and few of them are unverified", "[zoo]") {
  const std::vector<core::ProvenanceEntry> numbers = all_numbers();
  // Two numbers of each link class at least, so that an empty walk can't pass.
  REQUIRE(numbers.size() > 2 * shipped().links().size());
  std::size_t unverified = 0;
  for (const core::ProvenanceEntry& entry : numbers) {
    INFO(entry.where.file << ":" << entry.where.line << " " << entry.path << " = " << entry.text);
    CHECK(entry.source.size() > 3);
    unverified += entry.verified ? 0U : 1U;
    if (entry.path.find("bandwidth") != std::string::npos) {
      CHECK(entry.verified);
    }
  }
  const double share = static_cast<double>(unverified) / static_cast<double>(numbers.size());
  std::cout << "zoo: " << numbers.size() << " numbers, " << unverified << " unverified ("
            << static_cast<int>(100 * share + 0.5) << " %)\n";
  CHECK(share <= 0.10);
}

TEST_CASE("Link classes have the rates of their standards", "[zoo]") {
  const auto rate = [](const char* name) {
    return shipped().links().at(name).bandwidth_per_direction.si();
  };
  // PCIe: GT/s × 16 lanes × coding / 8 bits; 128b/130b in generations 3 to 5, and in generation 6
  // 242 of the 256 bytes of a flit.
  CHECK_THAT(rate("pcie3_x16"), WithinRel(8e9 * 16 * 128 / 130 / 8, 1e-5));
  CHECK_THAT(rate("pcie4_x16"), WithinRel(16e9 * 16 * 128 / 130 / 8, 1e-5));
  CHECK_THAT(rate("pcie5_x16"), WithinRel(32e9 * 16 * 128 / 130 / 8, 1e-5));
  CHECK_THAT(rate("pcie6_x16"), WithinRel(64e9 * 16 * 242 / 256 / 8, 1e-5));
  // InfiniBand, Ethernet and Slingshot name their data rate in bits per second.
  CHECK_THAT(rate("hdr_infiniband"), WithinRel(200e9 / 8, 1e-12));
  CHECK_THAT(rate("ndr_infiniband"), WithinRel(400e9 / 8, 1e-12));
  CHECK_THAT(rate("xdr_infiniband"), WithinRel(800e9 / 8, 1e-12));
  CHECK_THAT(rate("roce_400g"), WithinRel(400e9 / 8, 1e-12));
  CHECK_THAT(rate("slingshot_11"), WithinRel(200e9 / 8, 1e-12));
  // NVLink: data sheets give the total of both directions of all links of a GPU: 600 GB/s over 12
  // links (A100), 900 over 18 (H100), 1800 over 18 (B200).
  CHECK_THAT(rate("nvlink3"), WithinRel(600e9 / 12 / 2, 1e-12));
  CHECK_THAT(rate("nvlink4"), WithinRel(900e9 / 18 / 2, 1e-12));
  CHECK_THAT(rate("nvlink5"), WithinRel(1800e9 / 18 / 2, 1e-12));
}

/// Least nominal capacity on the route between two devices, and the latency of the route.
struct Way {
  double bandwidth = 0;
  double latency = 0;
  std::size_t links = 0;
};

Way way(const topology::Fabric& fabric, const char* from, const char* to) {
  topology::Router router(fabric);
  const auto route = router.route(*fabric.find(from), *fabric.find(to));
  REQUIRE(route.has_value());
  Way result{.bandwidth = core::Bandwidth::infinity().si()};
  for (const topology::LinkId id : route->links) {
    const topology::Link& link = fabric.link(id);
    result.bandwidth = std::min(result.bandwidth, link.capacity.si());
    result.latency += link.latency.si();
    ++result.links;
  }
  return result;
}

TEST_CASE("A DGX H100 gives 450 GB/s from GPU to GPU and an adapter to every GPU", "[zoo]") {
  const System system = load("dgx_h100");
  const topology::Fabric& fabric = *system.fabric;
  CHECK(count(fabric, DeviceKind::gpu) == 8);
  CHECK(count(fabric, DeviceKind::nic) == 8);
  CHECK(count(fabric, DeviceKind::cpu) == 2);
  CHECK(fabric.nodes() == 1);
  CHECK(fabric.device(*fabric.find("nvswitch")).planes == 4);
  // 18 links × 25 GB/s = 450 GB/s per direction, up to the switches and down again, 2 × 250 ns.
  const Way nvlink = way(fabric, "gpu0", "gpu7");
  CHECK_THAT(nvlink.bandwidth, WithinRel(450e9, 1e-12));
  CHECK_THAT(nvlink.latency, WithinRel(500e-9, 1e-12));
  CHECK(nvlink.links == 2);
  // Eight branches of one x16 slot each: GPUs to switches, adapters to switches, switches to CPUs.
  const double x16 = shipped().links().at("pcie5_x16").bandwidth_per_direction.si();
  CHECK_THAT(capacity(fabric, DeviceKind::gpu, DeviceKind::pcie_switch), WithinRel(8 * x16, 1e-12));
  CHECK_THAT(capacity(fabric, DeviceKind::nic, DeviceKind::pcie_switch), WithinRel(8 * x16, 1e-12));
  CHECK_THAT(capacity(fabric, DeviceKind::pcie_switch, DeviceKind::cpu), WithinRel(8 * x16, 1e-12));
}

TEST_CASE("A DGX A100 gives 300 GB/s from GPU to GPU and pairs GPUs on PCIe switches", "[zoo]") {
  const System system = load("dgx_a100");
  const topology::Fabric& fabric = *system.fabric;
  CHECK(count(fabric, DeviceKind::gpu) == 8);
  CHECK(count(fabric, DeviceKind::nic) == 8);
  CHECK(count(fabric, DeviceKind::pcie_switch) == 4);
  CHECK(fabric.device(*fabric.find("nvswitch")).planes == 6);
  // 12 links × 25 GB/s.
  CHECK_THAT(way(fabric, "gpu0", "gpu7").bandwidth, WithinRel(300e9, 1e-12));
  // Four uplinks for eight GPUs: half of what the GPUs could send.
  CHECK_THAT(capacity(fabric, DeviceKind::pcie_switch, DeviceKind::cpu) * 2,
             WithinRel(capacity(fabric, DeviceKind::gpu, DeviceKind::pcie_switch), 1e-12));
}

TEST_CASE("A GB200 NVL72 gives 900 GB/s between any two of 72 GPUs", "[zoo]") {
  const System system = load("gb200_nvl72");
  CHECK(count(*system.fabric, DeviceKind::gpu) == 72);
  // 18 links × 50 GB/s, one link to each of 18 switch chips.
  CHECK_THAT(way(*system.fabric, "gpu0", "gpu71").bandwidth, WithinRel(900e9, 1e-12));
  CHECK(system.fabric->device(*system.fabric->find("nvswitch")).planes == 18);
}

TEST_CASE("GPUs of one chip of the PCIe server never use its uplinks", "[zoo]") {
  const System system = load("asus_esc8000a_e13p");
  const topology::Fabric& fabric = *system.fabric;
  CHECK(count(fabric, DeviceKind::gpu) == 8);
  const double x16 = shipped().links().at("pcie5_x16").bandwidth_per_direction.si();
  const double hop = shipped().links().at("pcie5_x16").latency.si();
  // Same half: GPU - switch - GPU. Other half of the chip: one link more, of no latency. Other
  // chip: GPU - switch - root port - CPU - root port - switch - GPU, four slots' links, the one
  // between the sockets, and the way into a root port, of no latency.
  for (const auto& [to, links] : {std::pair{"gpu1", 2U}, {"gpu2", 3U}, {"gpu3", 3U}}) {
    const Way near = way(fabric, "gpu0", to);
    CHECK(near.links == links);
    CHECK_THAT(near.bandwidth, WithinRel(x16, 1e-12));
    CHECK_THAT(near.latency, WithinRel(2 * hop, 1e-12));
  }
  const Way far = way(fabric, "gpu0", "gpu4");
  CHECK(far.links == 6);
  CHECK_THAT(far.bandwidth, WithinRel(x16, 1e-12));
  CHECK_THAT(far.latency, WithinRel(4 * hop + shipped().links().at("xgmi3").latency.si(), 1e-12));
}

TEST_CASE("Way out to the other socket: a link for each root port of the PCIe server", "[zoo]") {
  const System system = load("asus_esc8000a_e13p");
  const topology::Fabric& fabric = *system.fabric;
  // Two targets behind two root ports share the link of the source's port, two sources' ports
  // don't.
  const auto crossing = [&](const char* from, const char* to) {
    topology::Router router(fabric);
    const auto route = router.route(*fabric.find(from), *fabric.find(to));
    const auto link = std::ranges::find_if(route->links, [&](topology::LinkId id) {
      return fabric.link_classes()[fabric.link(id).link_class] == "xgmi3";
    });
    REQUIRE(link != route->links.end());
    return *link;
  };
  CHECK(crossing("gpu0", "gpu4") == crossing("gpu1", "gpu6"));
  CHECK(crossing("gpu0", "gpu4") != crossing("gpu2", "gpu4"));
  CHECK(crossing("gpu4", "gpu0") != crossing("gpu0", "gpu4"));
}

TEST_CASE("Between the chips of the Threadripper server its fabric limits two uplinks", "[zoo]") {
  const System system = load("wrx90_2vs");
  // 95.2 GB/s for two x16 uplinks of 63 GB/s each; one way alone is limited by its slot.
  CHECK_THAT(way(*system.fabric, "gpu0", "gpu4").bandwidth,
             WithinRel(shipped().links().at("pcie5_x16").bandwidth_per_direction.si(), 1e-12));
  CHECK(way(*system.fabric, "gpu0", "gpu4").links == 5);
  CHECK(way(*system.fabric, "gpu0", "gpu2").links == 3);
}

TEST_CASE("The SuperPOD keeps a rail on one leaf, the plain fat tree a node", "[zoo]") {
  const double ndr = 50e9;
  for (const char* name : {"h100_superpod_32", "h100_fat_tree_32"}) {
    const System system = load(name);
    const topology::Fabric& fabric = *system.fabric;
    CHECK(fabric.nodes() == 32);
    CHECK(fabric.endpoints().size() == 256);
    CHECK(count(fabric, DeviceKind::nic) == 256);
    CHECK(count(fabric, DeviceKind::leaf) == 8);
    CHECK(count(fabric, DeviceKind::spine) == 4);
    // 256 adapters below and 256 cables above the leaves: not oversubscribed.
    CHECK_THAT(capacity(fabric, DeviceKind::nic, DeviceKind::leaf), WithinRel(256 * ndr, 1e-12));
    CHECK_THAT(capacity(fabric, DeviceKind::leaf, DeviceKind::spine), WithinRel(256 * ndr, 1e-12));
    CHECK_THAT(way(fabric, "node0/gpu0", "node31/gpu0").bandwidth, WithinRel(ndr, 1e-12));
  }
  const auto spines_on = [](const char* name, const char* to) {
    const System system = load(name);
    topology::Router router(*system.fabric);
    const auto route = router.route(*system.fabric->find("node0/gpu0"), *system.fabric->find(to));
    REQUIRE(route.has_value());
    const auto& links = route->links;
    return std::count_if(links.begin(), links.end(), [&](topology::LinkId id) {
      return system.fabric->device(system.fabric->link(id).to).kind == DeviceKind::spine;
    });
  };
  // Adapter 0 of node 0 and of node 31 are on one leaf with rails, on leaves 0 and 7 without.
  CHECK(spines_on("h100_superpod_32", "node31/gpu0") == 0);
  CHECK(spines_on("h100_fat_tree_32", "node31/gpu0") == 1);
  // Nodes 0 to 3 share a leaf of the plain tree.
  CHECK(spines_on("h100_fat_tree_32", "node3/gpu0") == 0);
  CHECK(spines_on("h100_fat_tree_32", "node4/gpu0") == 1);
}

TEST_CASE("The textbook leaves have 16 hosts of 50 GB/s and a trunk of 200 GB/s each", "[zoo]") {
  const System system = load("hosts_2x16");
  const topology::Fabric& fabric = *system.fabric;
  CHECK(count(fabric, DeviceKind::host) == 32);
  CHECK(count(fabric, DeviceKind::leaf) == 2);
  for (const topology::Link& link : fabric.links()) {
    CHECK(link.latency == core::Seconds{});
    const bool trunk = fabric.device(link.from).kind != DeviceKind::host &&
                       fabric.device(link.to).kind != DeviceKind::host;
    CHECK_THAT(link.capacity.si(), WithinRel(trunk ? 200e9 : 50e9, 1e-12));
  }
}

}  // namespace
}  // namespace plumbline::zoo
