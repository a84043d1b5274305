// SPDX-License-Identifier: Apache-2.0
// Fat trees of two and three tiers; links are of 50 GB/s (`net`) unless a test says otherwise.
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

/// 4 GPUs, 4 adapters.
const std::string machine =
    "{builder: nvswitch_node, gpus: 4, link: nvlink, links_per_gpu: 18, pcie: {sockets: 1, "
    "switches_per_socket: 4, gpus_per_switch: 1, nics_per_switch: 1, link: pcie}}";

std::string tree(const std::string& rest) {
  return "{builder: fat_tree, host_link: net, " + rest + "}";
}

bool reaches(const Fabric& fabric, const std::string& from, const std::string& to) {
  return Router(fabric).route(*fabric.find(from), *fabric.find(to)).has_value();
}

TEST_CASE("the k-ary fat tree has the counts of Al-Fares et al.") {
  for (const long k : {2, 4, 6, 8}) {
    const Fabric fabric = test::fabric(tree("k: " + std::to_string(k)));
    CHECK(count(fabric, DeviceKind::host) == k * k * k / 4);
    CHECK(count(fabric, DeviceKind::leaf) == k * k / 2);
    CHECK(count(fabric, DeviceKind::spine) == k * k / 2);
    CHECK(count(fabric, DeviceKind::core) == k * k / 4);
    // Each of the three levels has k³/4 cables.
    CHECK(static_cast<long>(fabric.links().size()) == 2 * 3 * (k * k * k / 4));
    for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
      const bool is_host = fabric.devices()[i].kind == DeviceKind::host;
      CHECK(fabric.out_links(DeviceId(i)).size() == (is_host ? 1U : static_cast<unsigned>(k)));
    }
    // Full bisection: half of the hosts send at full rate to the other half.
    CHECK(test::halves(fabric) == static_cast<double>(k * k * k / 8) * 50e9);
  }
}

TEST_CASE("a core of the k-ary fat tree has one link to each pod") {
  // Core 3 of k = 4 is the second of plane 1, so that it meets the second spine of each pod.
  const Fabric fabric = test::fabric(tree("k: 4"));
  for (const char* pod : {"pod0", "pod3"}) {
    CHECK(capacity(fabric, "core3", std::string(pod) + "_spine1") == 50e9);
    CHECK(capacity(fabric, "core3", std::string(pod) + "_spine0") == 0.0);
  }
  CHECK(capacity(fabric, "pod1_leaf1", "pod1_spine0") == 50e9);
  CHECK(capacity(fabric, "pod1_leaf1", "pod0_spine0") == 0.0);
  CHECK(capacity(fabric, "host15", "pod3_leaf1") == 50e9);
}

TEST_CASE("oversubscription of two levels multiplies across the cores") {
  // 2 pods of 4 leaves of 8 hosts: 400 GB/s below a leaf. 2 : 1 leaves 200 over 2 spines: 100 each.
  // A spine gets 4 × 100 from below; 4 : 1 leaves 100 over 2 cores: 50 each. So a pod of 32 hosts,
  // 1600 GB/s, sends 800 to its spines and 200 to the cores.
  const Fabric fabric =
      test::fabric(tree("nodes: 64, nodes_per_leaf: 8, nodes_per_pod: 32, spines: 2, uplink: net, "
                        "oversubscription: 2, cores: 2, core_link: net, core_oversubscription: 4"));
  CHECK(capacity(fabric, "pod0_leaf0", "pod0_spine1") == 100e9);
  CHECK(capacity(fabric, "pod1_spine0", "core1") == 50e9);
  CHECK(test::halves(fabric) == 200e9);
  const auto hosts = fabric.endpoints();
  CHECK(max_flow(fabric, hosts.first(8), hosts.subspan(8, 8)).si() == 200e9);
  CHECK(max_flow(fabric, hosts.first(16), hosts.subspan(16, 16)).si() == 400e9);
}

TEST_CASE("parallel cables at every level") {
  const Fabric fabric = test::fabric(
      tree("nodes: 4, nodes_per_leaf: 1, nodes_per_pod: 2, host_links: 2, spines: 1, uplink: net, "
           "uplinks: 3, cores: 1, core_link: net, core_links: 5"));
  CHECK(capacity(fabric, "host0", "pod0_leaf0") == 100e9);
  CHECK(capacity(fabric, "pod0_leaf0", "pod0_spine0") == 150e9);
  CHECK(capacity(fabric, "pod0_spine0", "core0") == 250e9);
  // Two hosts of 100 below 250: the hosts limit the pods.
  CHECK(test::halves(fabric) == 200e9);
}

TEST_CASE("the last pod has the leaves that its machines need, and all its spines") {
  // 10 machines, 2 to a leaf, 4 to a pod: pods of 2, 2 and 1 leaves.
  const Fabric fabric =
      test::fabric(tree("nodes: 10, nodes_per_leaf: 2, nodes_per_pod: 4, spines: 2, uplink: net, "
                        "uplinks: 1, cores: 2, core_link: net, core_links: 1"));
  CHECK(count(fabric, DeviceKind::leaf) == 5);
  CHECK(count(fabric, DeviceKind::spine) == 6);
  CHECK(fabric.find("pod2_leaf0"));
  CHECK_FALSE(fabric.find("pod2_leaf1"));
  // 10 hosts, 5 leaves × 2 spines, 6 spines × 2 cores.
  CHECK(fabric.links().size() == 2 * (10 + 10 + 12));
}

TEST_CASE("rails share their spines, or are trees of their own") {
  const std::string rest = "node: " + machine +
                           ", nodes: 4, nodes_per_leaf: 2, spines: 4, uplink: net, uplinks: 1, "
                           "rails: ";
  const Fabric joined = test::fabric(tree(rest + "true"));
  const Fabric only = test::fabric(tree(rest + "only"));
  for (const Fabric* fabric : {&joined, &only}) {
    CHECK(count(*fabric, DeviceKind::leaf) == 8);  // 2 groups × 4 rails
    CHECK(count(*fabric, DeviceKind::spine) == 4);
    CHECK(capacity(*fabric, "node3/nic2", "leaf1_rail2") == 50e9);
    CHECK(reaches(*fabric, "node0/gpu0", "node3/gpu3"));
  }
  // Every leaf to 4 spines, or to the one of its rail.
  CHECK(joined.links().size() - only.links().size() == 2 * 8 * 3);
  CHECK(capacity(only, "leaf1_rail2", "spine0_rail2") == 50e9);
  CHECK(capacity(only, "leaf1_rail2", "spine0_rail1") == 0.0);
  CHECK(reaches(joined, "leaf0_rail0", "leaf1_rail1"));
  CHECK_FALSE(reaches(only, "leaf0_rail0", "leaf1_rail1"));
  CHECK(reaches(only, "leaf0_rail1", "leaf1_rail1"));
  // 4 rails × 1 spine of 50 GB/s leave a group, whose 8 adapters could send 400.
  CHECK(test::halves(only) == 200e9);
}

TEST_CASE("rails of three tiers have cores of their own") {
  const Fabric fabric = test::fabric(
      tree("node: " + machine +
           ", nodes: 8, nodes_per_leaf: 2, nodes_per_pod: 4, rails: only, spines: 8, uplink: net, "
           "uplinks: 1, cores: 8, core_planes: 2, core_link: net, core_links: 1"));
  // Of each rail: 2 spines a pod and 2 cores, each spine with the one core of its plane.
  CHECK(count(fabric, DeviceKind::spine) == 16);
  CHECK(capacity(fabric, "pod1_spine1_rail3", "core1_rail3") == 50e9);
  CHECK(capacity(fabric, "pod1_spine1_rail3", "core0_rail3") == 0.0);
  // 8 machines × 4 adapters, 16 leaves × 2 spines, 16 spines × 1 core, beside the machines' own.
  long network = 0;
  for (const Link& link : fabric.links()) {
    network += link.kind == LinkKind::network ? 1 : 0;
  }
  CHECK(network == 2 * (32 + 32 + 16));
}

TEST_CASE("switches add where the file says so") {
  for (const bool adds : {false, true}) {
    const Fabric fabric =
        test::fabric(tree(std::string("k: 4, in_network: ") + (adds ? "true" : "false")));
    for (const Device& device : fabric.devices()) {
      CHECK(device.in_network == (adds && !device.in_node));
    }
  }
}

TEST_CASE("4096 GPUs in three tiers of rails") {
  // 512 machines of 8 GPUs and adapters, 32 to a group of 8 leaves, 128 to a pod: 16 groups and 4
  // pods. A leaf has 32 ports down; 32 spines a pod take one cable each: none oversubscribed. A
  // spine has 32 leaves below and 32 cores above.
  const std::string eight =
      "{builder: nvswitch_node, gpus: 8, link: nvlink, links_per_gpu: 18, switches: 4, pcie: "
      "{sockets: 2, switches_per_socket: 4, gpus_per_switch: 1, nics_per_switch: 1, link: pcie, "
      "inter_socket: cpu}}";
  const Fabric fabric = test::fabric(
      tree("node: " + eight +
           ", nodes: 512, nodes_per_leaf: 32, nodes_per_pod: 128, rails: true, spines: 32, uplink: "
           "net, uplinks: 1, cores: 128, core_planes: 4, core_link: net, core_links: 1"));
  CHECK(fabric.endpoints().size() == 4096);
  CHECK(count(fabric, DeviceKind::leaf) == 128);
  CHECK(count(fabric, DeviceKind::spine) == 128);
  CHECK(count(fabric, DeviceKind::core) == 128);
  std::size_t network = 0;
  for (const Link& link : fabric.links()) {
    network += link.kind == LinkKind::network ? 1U : 0U;
  }
  CHECK(network == 2 * 3 * 4096);
  CHECK(reaches(fabric, "node0/gpu0", "node511/gpu7"));
}

TEST_CASE("mistakes in a fat tree of three tiers") {
  const std::string base =
      "builder: fat_tree\nhost_link: net\nnodes: 32\nnodes_per_leaf: 4\nspines: 2\nuplink: net\n"
      "uplinks: 1\n";
  const std::string pods = base + "nodes_per_pod: 8\n";
  CHECK(refused(base + "nodes_per_pod: 6\n") == Found{"PL-T040 8:16"});
  CHECK(refused(pods) == Found{"PL-T018 1:1"});
  CHECK(refused(base + "cores: 2\ncore_link: net\ncore_links: 1\n") == Found{"PL-T040 8:8"});
  CHECK(refused(pods + "core_links: 1\n") == Found{"PL-T014 1:1"});
  CHECK(refused(pods + "cores: 2\n") == Found{"PL-K002 1:1", "PL-T014 1:1"});
  CHECK(refused(pods + "cores: 2\ncore_link: net\ncore_oversubscription: 0\n") ==
        Found{"PL-T015 11:24"});
  CHECK(refused(pods + "cores: 3\ncore_planes: 2\ncore_link: net\ncore_links: 1\n") ==
        Found{"PL-T041 9:8"});
  CHECK(refused("builder: fat_tree\nhost_link: net\nk: 5\n") == Found{"PL-T042 3:4"});
  CHECK(refused("builder: fat_tree\nhost_link: net\nk: 4\nspines: 2\n") == Found{"PL-T042 4:9"});
  CHECK(refused("builder: fat_tree\nhost_link: net\nk: 4\nnode: " + machine + "\n") ==
        Found{"PL-T042 4:7"});
  CHECK(refused("builder: fat_tree\nhost_link: net\n") == Found{"PL-K002 1:1"});
  CHECK(refused("builder: fat_tree\nhost_link: net\nnodes: 4\nnodes_per_leaf: 2\nnode: " + machine +
                "\nrails: only\nuplink: net\nuplinks: 1\nspines: 6\n") == Found{"PL-T041 9:9"});
  CHECK(refused("builder: fat_tree\nhost_link: net\nnodes: 4\nnodes_per_leaf: 4\nrails: maybe\n") ==
        Found{"PL-N001 5:8"});
}

}  // namespace
}  // namespace plumbline::topology
