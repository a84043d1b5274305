// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "counting.hpp"
#include "from_yaml.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology {
namespace {

using test::capacity;
using test::count;
using test::Found;
using test::refused;

const std::string machine =
    "{builder: nvswitch_node, gpus: 8, link: nvlink, links_per_gpu: 18, switches: 4, pcie: {"
    "sockets: 2, switches_per_socket: 2, gpus_per_switch: 2, nics_per_switch: 1, link: pcie, "
    "uplinks_per_switch: 2, inter_socket: cpu, inter_socket_links: 3}}";

TEST_CASE("an NVSwitch node with its PCIe side") {
  const Fabric fabric = test::fabric(machine);
  // 8 GPUs, one NVSwitch of 4 planes, 2 CPUs, 2 × 2 PCIe switches with one NIC each.
  CHECK(count(fabric, DeviceKind::gpu) == 8);
  CHECK(count(fabric, DeviceKind::nvswitch) == 1);
  CHECK(fabric.device(*fabric.find("nvswitch")).planes == 4);
  CHECK(count(fabric, DeviceKind::cpu) == 2);
  CHECK(count(fabric, DeviceKind::pcie_switch) == 4);
  CHECK(count(fabric, DeviceKind::nic) == 4);
  CHECK(fabric.devices().size() == 19);
  // Cables: 8 NVLink bundles, 8 GPUs and 4 NICs on PCIe, 4 uplinks, 1 between the sockets: 25, each
  // of two directions.
  CHECK(fabric.links().size() == 50);
  CHECK(capacity(fabric, "gpu0", "nvswitch") == 18 * 25e9);
  CHECK(capacity(fabric, "nvswitch", "gpu7") == 18 * 25e9);
  CHECK(capacity(fabric, "gpu3", "pcie_switch1") == 64e9);
  CHECK(capacity(fabric, "nic3", "pcie_switch3") == 64e9);
  CHECK(capacity(fabric, "pcie_switch2", "cpu1") == 2 * 64e9);
  CHECK(capacity(fabric, "cpu1", "cpu0") == 3 * 100e9);
  CHECK(fabric.endpoints().size() == 8);
  CHECK(fabric.nodes() == 1);
}

TEST_CASE("a bidirectional total is halved in a builder as well") {
  const Fabric fabric = test::fabric(
      "{builder: nvswitch_node, gpus: 2, links_per_gpu: 1, link: {kind: nvlink, "
      "bandwidth_bidirectional_total: 900 GB/s, latency: 0 s}}");
  CHECK(capacity(fabric, "gpu0", "nvswitch") == 450e9);
  CHECK(capacity(fabric, "nvswitch", "gpu0") == 450e9);
}

TEST_CASE("a PCIe tree without switches hangs GPUs and NICs from the root complex") {
  const Fabric fabric = test::fabric(
      "{builder: pcie_tree, sockets: 2, switches_per_socket: 0, gpus_per_switch: 3, "
      "nics_per_switch: 1, link: pcie, inter_socket: cpu}");
  CHECK(count(fabric, DeviceKind::gpu) == 6);
  CHECK(count(fabric, DeviceKind::pcie_switch) == 0);
  CHECK(capacity(fabric, "gpu3", "cpu1") == 64e9);
  CHECK(capacity(fabric, "nic1", "cpu1") == 64e9);
  CHECK(capacity(fabric, "cpu0", "cpu1") == 100e9);
}

TEST_CASE("an uplink is of the branch's own class unless another is named") {
  const std::string tree =
      "{builder: pcie_tree, sockets: 1, switches_per_socket: 1, gpus_per_switch: 2, link: pcie";
  CHECK(capacity(test::fabric(tree + "}"), "pcie_switch0", "cpu0") == 64e9);
  const std::string wide =
      ", uplink: {kind: pcie, bandwidth_per_direction: 128 GB/s, latency: 1 us}}";
  CHECK(capacity(test::fabric(tree + wide), "pcie_switch0", "cpu0") == 128e9);
}

TEST_CASE("four sockets are connected pair by pair") {
  const Fabric fabric = test::fabric(
      "{builder: pcie_tree, sockets: 4, switches_per_socket: 0, gpus_per_switch: 1, link: pcie, "
      "inter_socket: cpu}");
  // 4 GPU cables and 4·3/2 = 6 between sockets, two directions each.
  CHECK(fabric.links().size() == 20);
}

TEST_CASE("two leaves of sixteen hosts with one trunk of 200 GB/s each") {
  const Fabric fabric = test::fabric(
      "{builder: fat_tree, nodes: 32, nodes_per_leaf: 16, host_link: net, spines: 1, uplink: "
      "{kind: network, bandwidth_per_direction: 200 GB/s, latency: 0 s}, uplinks: 1}");
  CHECK(count(fabric, DeviceKind::host) == 32);
  CHECK(count(fabric, DeviceKind::leaf) == 2);
  CHECK(fabric.links().size() == 2 * (32 + 2));
  CHECK(capacity(fabric, "leaf0", "spine0") == 200e9);
  CHECK(capacity(fabric, "spine0", "leaf1") == 200e9);
  CHECK(capacity(fabric, "host15", "leaf0") == 50e9);
  CHECK(capacity(fabric, "host16", "leaf1") == 50e9);
  CHECK(fabric.nodes() == 32);
}

TEST_CASE("oversubscription sets what the uplinks of a full leaf carry") {
  // 16 hosts × 2 cables × 50 GB/s = 1600 GB/s from below; over 4 : 1 that is 400, over 4 spines 100
  // to each. The last leaf has 8 hosts only and the same uplinks.
  const Fabric fabric = test::fabric(
      "{builder: fat_tree, nodes: 24, nodes_per_leaf: 16, host_link: net, host_links: 2, spines: "
      "4, uplink: net, oversubscription: 4}");
  CHECK(capacity(fabric, "host0", "leaf0") == 100e9);
  for (const char* spine : {"spine0", "spine3"}) {
    CHECK(capacity(fabric, "leaf0", spine) == 100e9);
    CHECK(capacity(fabric, spine, "leaf1") == 100e9);
  }
  // Machines of 4 NICs, 3 machines to a leaf: 12 × 50 = 600 GB/s below a plain leaf. On rails one
  // NIC of each machine: 3 × 50 = 150. At 1.5 : 1 over 2 spines: 200 and 50.
  const std::string tree = "{builder: fat_tree, node: " + machine +
                           ", nodes: 6, nodes_per_leaf: 3, host_link: net, spines: 2, uplink: net, "
                           "oversubscription: 1.5, rails: ";
  CHECK(capacity(test::fabric(tree + "false}"), "leaf0", "spine0") == 200e9);
  CHECK(capacity(test::fabric(tree + "true}"), "leaf0_rail0", "spine0") == 50e9);
}

TEST_CASE("a plain fat tree brings all NICs of a machine to one leaf, rails to one each") {
  const std::string tree = "{builder: fat_tree, node: " + machine +
                           ", nodes: 6, nodes_per_leaf: 3, host_link: net, spines: 2, uplink: net, "
                           "uplinks: 5, rails: ";
  const Fabric plain = test::fabric(tree + "false}");
  CHECK(count(plain, DeviceKind::leaf) == 2);  // 6 machines / 3
  CHECK(plain.devices().size() == 6 * 19 + 2 + 2);
  // Per machine 50 links inside and 4 NIC cables of 2 directions; 2 leaves × 2 spines × 2.
  CHECK(plain.links().size() == 6 * (50 + 8) + 8);
  CHECK(capacity(plain, "node2/nic3", "leaf0") == 50e9);
  CHECK(capacity(plain, "node3/nic0", "leaf1") == 50e9);
  CHECK(capacity(plain, "leaf1", "spine1") == 5 * 50e9);

  const Fabric rails = test::fabric(tree + "true}");
  CHECK(count(rails, DeviceKind::leaf) == 8);  // 2 groups × 4 rails
  CHECK(rails.links().size() == 6 * (50 + 8) + 8 * 2 * 2);
  CHECK(capacity(rails, "node2/nic3", "leaf0_rail3") == 50e9);
  CHECK(capacity(rails, "node5/nic1", "leaf1_rail1") == 50e9);
  CHECK(capacity(rails, "node0/nic1", "leaf0_rail0") == 0.0);
  CHECK(rails.endpoints().size() == 48);
  CHECK(rails.device(rails.endpoints()[9]).name == "node1/gpu1");
}

TEST_CASE("an explicit graph is what it says") {
  const Fabric fabric = test::fabric(R"(
builder: explicit
devices:
  - {name: a, kind: gpu}
  - {name: b, kind: gpu, node: 1}
  - {name: tor, kind: leaf}
links:
  - {from: a, to: tor, link: net, count: 2}
  - {from: tor, to: b, link: {kind: network, bandwidth_per_direction: 10 GB/s, latency: 1 us}}
  - {from: a, to: b, link: nvlink, direction: forward}
  - {from: b, to: a, link: pcie, direction: forward}
)");
  CHECK(fabric.nodes() == 2);
  CHECK_FALSE(fabric.device(*fabric.find("tor")).in_node);
  CHECK(capacity(fabric, "a", "tor") == 100e9);
  CHECK(capacity(fabric, "b", "tor") == 10e9);
  CHECK(capacity(fabric, "a", "b") == 25e9);
  CHECK(capacity(fabric, "b", "a") == 64e9);
  CHECK(fabric.links().size() == 6);
}

TEST_CASE("an explicit graph has devices of every kind") {
  // A GPU's host memory and drive in one machine; a host behind a network of every kind of switch.
  const Fabric fabric = test::fabric(R"(
builder: explicit
devices:
  - {name: gpu, kind: gpu}
  - {name: nvs, kind: nvswitch}
  - {name: sw, kind: pcie_switch}
  - {name: cpu, kind: cpu}
  - {name: ram, kind: memory}
  - {name: disk, kind: nvme}
  - {name: nic, kind: nic}
  - {name: leaf, kind: leaf, node: 3}
  - {name: spine, kind: spine}
  - {name: core, kind: core}
  - {name: router, kind: router}
  - {name: far, kind: host, node: 1}
links:
  - {from: gpu, to: nvs, link: nvlink}
  - {from: gpu, to: sw, link: pcie}
  - {from: disk, to: sw, link: pcie}
  - {from: nic, to: sw, link: pcie}
  - {from: sw, to: cpu, link: pcie}
  - {from: cpu, to: ram, link: cpu}
  - {from: nic, to: leaf, link: net}
  - {from: leaf, to: spine, link: net}
  - {from: spine, to: core, link: net}
  - {from: core, to: router, link: net}
  - {from: router, to: far, link: net}
)");
  for (const std::string& name : device_kind_names()) {
    INFO(name);
    CHECK(count(fabric, *device_kind(name)) == 1);
  }
  CHECK(fabric.nodes() == 2);
  for (const char* name : {"leaf", "spine", "core", "router"}) {
    CHECK_FALSE(fabric.device(*fabric.find(name)).in_node);
  }
  CHECK(fabric.endpoints().size() == 1);  // ranks sit on the GPU alone
  Router router(fabric);
  const auto hops = [&](const char* from, const char* to) {
    const auto route = router.route(*fabric.find(from), *fabric.find(to));
    return route ? route->links.size() : 0;
  };
  CHECK(hops("gpu", "ram") == 3);   // sw, cpu, ram
  CHECK(hops("disk", "ram") == 3);  // the same by the drive's own link
  CHECK(hops("ram", "far") == 8);   // cpu, sw, nic and five links of the network
}

TEST_CASE("memory and drives hold no ranks and are on nobody's way") {
  CHECK(refused("builder: explicit\ndevices:\n- {name: m, kind: memory}\n- {name: d, kind: nvme}\n"
                "links:\n- {from: m, to: d, link: pcie}\n") == Found{"PL-T024 3:1"});
  CHECK(refused("builder: explicit\ndevices:\n- {name: a, kind: gpu}\n"
                "- {name: m, kind: memory, in_network: true}\nlinks: []\n") ==
        Found{"PL-T026 4:39"});
  const test::Text between(
      "builder: explicit\n"
      "devices:\n"
      "- {name: a, kind: gpu}\n"
      "- {name: m, kind: memory}\n"
      "- {name: b, kind: gpu}\n"
      "links:\n"
      "- {from: a, to: m, link: pcie}\n"
      "- {from: m, to: b, link: pcie}\n");
  CHECK(test::build(between.root()));
  CHECK(between.found() == Found{"PL-T023 5:3"});
}

TEST_CASE("an unknown builder is told the nearest name") {
  const test::Text text("{builder: nvswitch_nod, gpus: 8}");
  CHECK_FALSE(test::build(text.root()));
  CHECK(text.found() == Found{"PL-N001 1:11"});
  CHECK(text.diagnostics().all().front().hint.find("nvswitch_node") != std::string::npos);
  CHECK(refused("{gpus: 8}") == Found{"PL-K002 1:1"});
  CHECK(refused("[1, 2]") == Found{"PL-K005 1:1"});
}

TEST_CASE("mistakes in an NVSwitch node") {
  const std::string node = "builder: nvswitch_node\nlink: nvlink\n";
  CHECK(refused(node + "gpus: 0\nlinks_per_gpu: 18\n") == Found{"PL-T011 3:7"});
  CHECK(refused(node + "gpus: 8\nlinks_per_gpu: 2\nswitches: 4\n") == Found{"PL-T017 5:11"});
  CHECK(refused(node + "gpus: 4294967295\nlinks_per_gpu: 1\n") == Found{"PL-T016 1:1"});
  CHECK(refused(node + "gpu: 8\nlinks_per_gpu: 2\n") == Found{"PL-K002 1:1", "PL-K001 3:1"});
  CHECK(refused(node + "gpus: 8\nlinks_per_gpu: 18\npcie: {sockets: 1, switches_per_socket: 2, "
                       "gpus_per_switch: 2, link: pcie}\n") == Found{"PL-T012 5:7"});
}

TEST_CASE("mistakes in a PCIe tree are all reported at once") {
  CHECK(refused("builder: pcie_tree\nsockets: 2\nswitches_per_socket: 1\ngpus_per_switch: 0\n"
                "uplinks_per_switch: 0\nlink: pcei\n") ==
        Found{"PL-T013 1:1", "PL-T011 4:18", "PL-T011 5:21", "PL-N001 6:7"});
  CHECK(refused("builder: pcie_tree\nsockets: 60000\nswitches_per_socket: 60000\n"
                "gpus_per_switch: 60000\nlink: pcie\ninter_socket: cpu\n") == Found{"PL-T016 1:1"});
}

TEST_CASE("mistakes in a fat tree") {
  const std::string tree = "builder: fat_tree\nnodes: 32\nnodes_per_leaf: 16\nhost_link: net\n";
  CHECK(refused(tree) == Found{"PL-T018 1:1"});
  CHECK(refused(tree + "uplink: net\n") == Found{"PL-T014 1:1"});
  CHECK(refused(tree + "spines: 2\nuplink: net\n") == Found{"PL-T014 1:1"});
  CHECK(refused(tree + "spines: 2\nuplink: net\nuplinks: 1\noversubscription: 2\n") ==
        Found{"PL-T014 1:1"});
  CHECK(refused(tree + "spines: 2\nuplinks: 1\n") == Found{"PL-K002 1:1"});
  CHECK(refused(tree + "spines: 2\nuplink: net\noversubscription: 0\n") == Found{"PL-T015 7:19"});
  CHECK(refused(tree + "spines: 2\nuplink: net\nuplinks: 0\n") == Found{"PL-T011 7:10"});
  CHECK(refused(tree + "spines: 2\nuplink: net\nuplinks: 1\nrails: true\n") ==
        Found{"PL-T019 8:8"});
  CHECK(refused("builder: fat_tree\nnodes: 0\nnodes_per_leaf: 0\nhost_link: net\n") ==
        Found{"PL-T011 2:8", "PL-T011 3:17"});
}

TEST_CASE("the machine of a fat tree is one machine with a NIC") {
  const std::string tree =
      "builder: fat_tree\nnodes: 2\nnodes_per_leaf: 2\nhost_link: net\nnode:\n";
  const std::string no_nic =
      "  {builder: nvswitch_node, gpus: 2, link: nvlink, links_per_gpu: 1}\n";
  CHECK(refused(tree + no_nic) == Found{"PL-T019 6:3"});
  const std::string nested = "  {builder: fat_tree, nodes: 2, nodes_per_leaf: 2, host_link: net}\n";
  CHECK(refused(tree + nested) == Found{"PL-T019 6:3"});
}

TEST_CASE("mistakes in an explicit graph") {
  const std::string devices =
      "builder: explicit\n"
      "devices:\n"
      "- {name: a, kind: gpu}\n"
      "- {name: b, kind: gpu}\n";
  CHECK(refused(devices + "links:\n- {from: a, to: c, link: net}\n") == Found{"PL-T020 6:17"});
  CHECK(refused(devices + "links:\n- {from: a, to: a, link: net}\n") == Found{"PL-T022 6:3"});
  CHECK(refused(devices + "links:\n- {from: a, to: b, link: net, count: 0}\n") ==
        Found{"PL-T011 6:38"});
  CHECK(refused(devices + "links:\n- {from: a, to: b, link: {kind: pcie, latency: 1 us}}\n") ==
        Found{"PL-T001 6:26"});
  CHECK(refused(devices + "- {name: a, kind: nic}\nlinks: []\n") == Found{"PL-T021 5:10"});
  CHECK(refused(devices + "- {name: c, kind: gpu, node: 3}\nlinks: []\n") == Found{"PL-T025 5:30"});
  CHECK(refused(devices + "- {name: c, kind: gpo}\nlinks: []\n") == Found{"PL-N001 5:19"});
  CHECK(refused("builder: explicit\ndevices:\n- {name: s, kind: leaf}\nlinks: []\n") ==
        Found{"PL-T024 3:1"});
}

TEST_CASE("an endpoint without a path is a warning at its place") {
  const test::Text text(
      "builder: explicit\n"
      "devices:\n"
      "- {name: a, kind: gpu}\n"
      "- {name: b, kind: gpu}\n"
      "- {name: c, kind: gpu}\n"
      "links:\n"
      "- {from: a, to: b, link: nvlink}\n"
      "- {from: a, to: c, link: nvlink, direction: forward}\n");
  CHECK(test::build(text.root()));
  CHECK_FALSE(text.diagnostics().has_errors());
  CHECK(text.found() == Found{"PL-T023 5:3"});
}

TEST_CASE("every builder documents every key") {
  for (const BuilderEntry* entry : builders::all()) {
    INFO(entry->name);
    CHECK_FALSE(entry->summary.empty());
    bool knows_builder = false;
    for (const core::FieldInfo& field : entry->schema().fields()) {
      INFO(field.key);
      CHECK_FALSE(field.doc.empty());
      knows_builder = knows_builder || field.key == "builder";
    }
    CHECK(knows_builder);
  }
}

}  // namespace
}  // namespace plumbline::topology
