// SPDX-License-Identifier: Apache-2.0
#include "topology/routing.hpp"

#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "from_yaml.hpp"

namespace plumbline::topology {
namespace {

using Names = std::vector<std::string>;

/// Devices along the route, its ends included.
Names path(const Fabric& fabric, const std::string& from, const std::string& to,
           Routing routing = {}) {
  Router router(fabric, routing);
  const auto route = router.route(*fabric.find(from), *fabric.find(to));
  if (!route) {
    return {"no path"};
  }
  Names names{from};
  for (const LinkId link : route->links) {
    names.push_back(fabric.device(fabric.link(link).to).name);
  }
  return names;
}

// Two sockets, each with two PCIe switches of two GPUs and one NIC:
//   cpu0: pcie_switch0 {gpu0 gpu1 nic0}, pcie_switch1 {gpu2 gpu3 nic1}; cpu1: the same from 4 on.
const std::string pcie_server =
    "{builder: pcie_tree, sockets: 2, switches_per_socket: 2, gpus_per_switch: 2, "
    "nics_per_switch: 1, link: pcie, inter_socket: cpu}";

const std::string nvlink_server =
    "{builder: nvswitch_node, gpus: 8, link: nvlink, links_per_gpu: 18, switches: 4, pcie: {"
    "sockets: 2, switches_per_socket: 4, gpus_per_switch: 1, nics_per_switch: 1, link: pcie, "
    "inter_socket: cpu}}";

TEST_CASE("within a PCIe server a route climbs no higher than it must") {
  const Fabric fabric = test::fabric(pcie_server);
  CHECK(path(fabric, "gpu0", "gpu0") == Names{"gpu0"});
  CHECK(path(fabric, "gpu0", "gpu1") == Names{"gpu0", "pcie_switch0", "gpu1"});
  CHECK(path(fabric, "gpu0", "gpu3") ==
        Names{"gpu0", "pcie_switch0", "cpu0", "pcie_switch1", "gpu3"});
  CHECK(path(fabric, "gpu1", "gpu6") ==
        Names{"gpu1", "pcie_switch0", "cpu0", "cpu1", "pcie_switch3", "gpu6"});
  CHECK(path(fabric, "gpu5", "cpu0") == Names{"gpu5", "pcie_switch2", "cpu1", "cpu0"});
}

TEST_CASE("NVLink is preferred to a PCIe switch that both GPUs share") {
  const Fabric fabric = test::fabric(
      "{builder: nvswitch_node, gpus: 4, link: nvlink, links_per_gpu: 1, pcie: {sockets: 1, "
      "switches_per_socket: 2, gpus_per_switch: 2, link: pcie}}");
  CHECK(path(fabric, "gpu0", "gpu1") == Names{"gpu0", "nvswitch", "gpu1"});
  // A bridge of NVLink through one GPU is a way, and goes before PCIe; through two it is none.
  const Fabric bridge = test::fabric(R"(
builder: explicit
devices:
  - {name: a, kind: gpu}
  - {name: b, kind: gpu}
  - {name: c, kind: gpu}
  - {name: d, kind: gpu}
  - {name: s, kind: pcie_switch}
links:
  - {from: a, to: b, link: nvlink}
  - {from: b, to: c, link: nvlink}
  - {from: c, to: d, link: nvlink}
  - {from: a, to: s, link: pcie}
  - {from: c, to: s, link: pcie}
  - {from: d, to: s, link: pcie}
)");
  CHECK(path(bridge, "a", "b") == Names{"a", "b"});
  CHECK(path(bridge, "a", "c") == Names{"a", "b", "c"});
  CHECK(path(bridge, "b", "d") == Names{"b", "c", "d"});
  CHECK(path(bridge, "a", "d") == Names{"a", "s", "d"});
}

TEST_CASE("a socket crossing is preferred to the network, a PCIe detour to a crossing") {
  // a and d are joined by two sockets, by a long PCIe chain, and by a leaf.
  const std::string devices = R"(
builder: explicit
devices:
  - {name: a, kind: gpu}
  - {name: d, kind: gpu}
  - {name: c0, kind: cpu}
  - {name: c1, kind: cpu}
  - {name: leaf, kind: leaf}
  - {name: s0, kind: pcie_switch}
  - {name: s1, kind: pcie_switch}
links:
  - {from: a, to: leaf, link: net}
  - {from: leaf, to: d, link: net}
  - {from: a, to: c0, link: pcie}
  - {from: c0, to: c1, link: cpu}
  - {from: c1, to: d, link: pcie}
  - {from: s0, to: s1, link: pcie}
)";
  CHECK(path(test::fabric(devices), "a", "d") == Names{"a", "c0", "c1", "d"});
  const std::string detour =
      "  - {from: a, to: s0, link: pcie}\n  - {from: s1, to: d, link: pcie}\n";
  CHECK(path(test::fabric(devices + detour), "a", "d") == Names{"a", "s0", "s1", "d"});
}

TEST_CASE("on rails, traffic of a rail crosses one leaf only") {
  const Fabric fabric = test::fabric(
      "{builder: fat_tree, node: " + nvlink_server +
      ", nodes: 2, nodes_per_leaf: 2, rails: true, host_link: net, spines: 2, uplink: net, "
      "uplinks: 4}");
  CHECK(path(fabric, "node0/gpu3", "node1/gpu3") == Names{"node0/gpu3", "node0/pcie_switch3",
                                                          "node0/nic3", "leaf0_rail3", "node1/nic3",
                                                          "node1/pcie_switch3", "node1/gpu3"});
  // To another rail: out by the NIC nearest the source, in by the NIC nearest the destination, over
  // a spine; not across a socket to the other rail's NIC. Spine (7 + node 1) mod 2 = 0.
  CHECK(path(fabric, "node0/gpu0", "node1/gpu7") ==
        Names{"node0/gpu0", "node0/pcie_switch0", "node0/nic0", "leaf0_rail0", "spine0",
              "leaf0_rail7", "node1/nic7", "node1/pcie_switch7", "node1/gpu7"});
  // Within a machine the network is never used.
  CHECK(path(fabric, "node0/gpu0", "node0/gpu7") ==
        Names{"node0/gpu0", "node0/nvswitch", "node0/gpu7"});
}

TEST_CASE("rails without spines: another rail is reached inside a machine") {
  // Rail-only: gpu0's traffic to rail 1 changes rails by PCIe in one of the two machines, never in
  // a third.
  const Fabric fabric = test::fabric(
      "{builder: fat_tree, node: {builder: pcie_tree, sockets: 1, switches_per_socket: 2, "
      "gpus_per_switch: 1, nics_per_switch: 1, link: pcie}, nodes: 3, nodes_per_leaf: 3, rails: "
      "true, host_link: net}");
  const Names names = path(fabric, "node0/gpu0", "node1/gpu1");
  REQUIRE(names.size() == 9);
  CHECK(std::count_if(names.begin(), names.end(),
                      [](const std::string& name) { return name.find("leaf") == 0; }) == 1);
  for (const std::string& name : names) {
    CHECK(name.find("node2") != 0);
  }
}

TEST_CASE("a machine does not forward for others") {
  // Three machines in a row, NIC to NIC: a and c have no switch between them.
  const Fabric fabric = test::fabric(R"(
builder: explicit
devices:
  - {name: a, kind: host, node: 0}
  - {name: b, kind: host, node: 1}
  - {name: c, kind: host, node: 2}
  - {name: na, kind: nic, node: 0}
  - {name: nb, kind: nic, node: 1}
  - {name: nc, kind: nic, node: 2}
  - {name: leaf0, kind: leaf}
  - {name: leaf1, kind: leaf}
links:
  - {from: a, to: na, link: pcie}
  - {from: b, to: nb, link: pcie}
  - {from: c, to: nc, link: pcie}
  - {from: na, to: nb, link: net}
  - {from: nb, to: leaf0, link: net}
  - {from: leaf0, to: leaf1, link: net}
  - {from: leaf1, to: nc, link: net}
  - {from: na, to: leaf1, link: net}
)");
  CHECK(path(fabric, "a", "b") == Names{"a", "na", "nb", "b"});
  // b → leaf0 → leaf1 → c and not over machine a.
  CHECK(path(fabric, "b", "c") == Names{"b", "nb", "leaf0", "leaf1", "nc", "c"});
}

TEST_CASE("traffic passes a leaf of the destination's machine for a NIC nearer to it") {
  // From l1 it is one PCIe hop more by nx, and one hop between leaves more by ny, which is cheaper.
  const Fabric fabric = test::fabric(R"(
builder: explicit
devices:
  - {name: a, kind: host, node: 0}
  - {name: b, kind: host, node: 1}
  - {name: nx, kind: nic, node: 1}
  - {name: ny, kind: nic, node: 1}
  - {name: s, kind: pcie_switch, node: 1}
  - {name: l0, kind: leaf}
  - {name: l1, kind: leaf}
  - {name: l2, kind: leaf}
links:
  - {from: a, to: l0, link: net}
  - {from: l0, to: l1, link: net}
  - {from: l1, to: l2, link: net}
  - {from: l1, to: nx, link: net}
  - {from: l2, to: ny, link: net}
  - {from: nx, to: s, link: pcie}
  - {from: s, to: b, link: pcie}
  - {from: ny, to: b, link: pcie}
)");
  CHECK(path(fabric, "a", "b") == Names{"a", "l0", "l1", "l2", "ny", "b"});
}

TEST_CASE("where links lead only one way there may be no path back") {
  const Fabric fabric = test::fabric(R"(
builder: explicit
devices: [{name: a, kind: cpu}, {name: b, kind: host}]
links: [{from: a, to: b, link: pcie, direction: forward}]
)");
  CHECK(path(fabric, "a", "b") == Names{"a", "b"});
  CHECK(path(fabric, "b", "a") == Names{"no path"});
}

/// How often each spine is crossed by the routes between the given pairs.
std::map<std::string, int> spine_use(const Fabric& fabric,
                                     const std::vector<std::pair<DeviceId, DeviceId>>& pairs) {
  std::map<std::string, int> uses;
  Router router(fabric);
  for (const auto& [from, to] : pairs) {
    const auto route = router.route(from, to);
    REQUIRE(route);
    for (const LinkId link : route->links) {
      const Device& device = fabric.device(fabric.link(link).to);
      if (device.kind == DeviceKind::spine) {
        ++uses[device.name];
      }
    }
  }
  return uses;
}

TEST_CASE("destinations spread evenly over the spines") {
  // Hosts: 16 under each of 2 leaves, 8 spines. Host i → host i + 16: destinations 16 … 31 are
  // twice 0 … 7 modulo 8, so that every spine carries 2 of the 16 flows.
  const Fabric hosts = test::fabric(
      "{builder: fat_tree, nodes: 32, nodes_per_leaf: 16, host_link: net, spines: 8, uplink: net, "
      "uplinks: 1}");
  std::vector<std::pair<DeviceId, DeviceId>> pairs;
  for (std::size_t i = 0; i < 16; ++i) {
    pairs.emplace_back(hosts.endpoints()[i], hosts.endpoints()[i + 16]);
  }
  auto uses = spine_use(hosts, pairs);
  CHECK(uses.size() == 8);
  for (const auto& [spine, count] : uses) {
    CHECK(count == 2);
  }

  // One rail of 8-GPU machines: GPU 3 of machines 8 … 15 all have index 3; their machines' numbers
  // set them apart: 3 + 8 … 3 + 15 are eight consecutive numbers, one for each spine.
  const Fabric rails = test::fabric("{builder: fat_tree, node: " + nvlink_server +
                                    ", nodes: 16, nodes_per_leaf: 8, rails: true, host_link: net, "
                                    "spines: 8, uplink: net, uplinks: 1}");
  pairs.clear();
  for (std::size_t node = 0; node < 8; ++node) {
    pairs.emplace_back(rails.endpoints()[8 * node + 3], rails.endpoints()[8 * (node + 8) + 3]);
  }
  uses = spine_use(rails, pairs);
  CHECK(uses.size() == 8);
}

TEST_CASE("parallel bundles between two devices share the destinations too") {
  const Fabric fabric = test::fabric(R"(
builder: explicit
devices:
  - {name: l0, kind: leaf}
  - {name: l1, kind: leaf}
  - {name: a, kind: host, node: 0}
  - {name: b, kind: host, node: 1}
  - {name: c, kind: host, node: 2}
links:
  - {from: a, to: l0, link: net}
  - {from: b, to: l1, link: net}
  - {from: c, to: l1, link: net}
  - {from: l0, to: l1, link: net}
  - {from: l0, to: l1, link: net}
)");
  Router router(fabric);
  const auto to_b = router.route(*fabric.find("a"), *fabric.find("b"));
  const auto to_c = router.route(*fabric.find("a"), *fabric.find("c"));
  // Machine 1 and machine 2: odd and even over two bundles.
  CHECK(to_b->links[1] != to_c->links[1]);
}

TEST_CASE("GPU j leaves by NIC j of those that its switch offers") {
  const Fabric fabric = test::fabric(
      "{builder: fat_tree, node: {builder: pcie_tree, sockets: 1, switches_per_socket: 1, "
      "gpus_per_switch: 4, nics_per_switch: 4, link: pcie}, nodes: 3, nodes_per_leaf: 3, rails: "
      "true, host_link: net}");
  for (int gpu = 0; gpu < 4; ++gpu) {
    const std::string j = std::to_string(gpu);
    CHECK(path(fabric, "node1/gpu" + j, "node2/gpu" + j) ==
          Names{"node1/gpu" + j, "node1/pcie_switch0", "node1/nic" + j, "leaf0_rail" + j,
                "node2/nic" + j, "node2/pcie_switch0", "node2/gpu" + j});
  }
}

TEST_CASE("a route table gives the same list of links the same id") {
  RouteTable table;
  const std::vector<LinkId> a{LinkId(1), LinkId(2)};
  const std::vector<LinkId> b{LinkId(2), LinkId(1)};
  const std::vector<LinkId> none;
  const RouteId first = table.intern(a);
  const RouteId second = table.intern(b);
  const RouteId third = table.intern(none);
  CHECK(table.size() == 3);
  CHECK(first != second);
  CHECK(table.intern(a) == first);
  CHECK(table.intern(none) == third);
  CHECK(std::equal(a.begin(), a.end(), table.links(first).begin(), table.links(first).end()));
  CHECK(std::equal(b.begin(), b.end(), table.links(second).begin(), table.links(second).end()));
  CHECK(table.links(third).empty());
}

}  // namespace
}  // namespace plumbline::topology
