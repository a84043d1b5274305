// SPDX-License-Identifier: Apache-2.0
// Machines without a switch between their GPUs: meshes of pairs and tori.
#include <catch2/catch.hpp>

#include "from_yaml.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology {
namespace {

using test::Found;
using test::refused;

/// Capacity of all links from one device to another, in bytes per second.
double capacity(const Fabric& fabric, const std::string& from, const std::string& to) {
  double sum = 0.0;
  for (const LinkId link : fabric.out_links(*fabric.find(from))) {
    sum += fabric.link(link).to == fabric.find(to) ? fabric.link(link).capacity.si() : 0.0;
  }
  return sum;
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

std::string warnings(const std::string& yaml) {
  const test::Text text(yaml);
  CHECK(test::build(text.root()));
  CHECK_FALSE(text.diagnostics().has_errors());
  std::string codes;
  for (const std::string& found : text.found()) {
    codes += found + " ";
  }
  return codes;
}

TEST_CASE("four GPUs with four links between every two") {
  const Fabric fabric = test::fabric("{builder: gpu_mesh, gpus: 4, link: nvlink, all_to_all: 4}");
  // 4·3/2 = 6 cables of two directions, each of 4 × 25 GB/s.
  CHECK(fabric.links().size() == 12);
  CHECK(capacity(fabric, "gpu0", "gpu3") == 100e9);
  CHECK(capacity(fabric, "gpu3", "gpu0") == 100e9);
  CHECK(way(fabric, "gpu2", "gpu1") == "gpu2 gpu1");
}

TEST_CASE("pairs of a mesh have the links that are listed, whichever GPU is named first") {
  const Fabric fabric = test::fabric(
      "{builder: gpu_mesh, gpus: 3, link: nvlink, pairs: [[0, 1, 2], [2, 0, 1], [1, 2, 3]]}");
  CHECK(capacity(fabric, "gpu1", "gpu0") == 50e9);
  CHECK(capacity(fabric, "gpu0", "gpu2") == 25e9);
  CHECK(capacity(fabric, "gpu2", "gpu1") == 75e9);
}

TEST_CASE("the PCIe side of a mesh joins bridged pairs") {
  // Two bridges; 0 and 2 have no NVLink in common and meet at the CPU.
  const Fabric fabric = test::fabric(
      "{builder: gpu_mesh, gpus: 4, link: nvlink, pairs: [[0, 1, 4], [2, 3, 4]], pcie: {sockets: "
      "1, switches_per_socket: 2, gpus_per_switch: 2, link: pcie}}");
  CHECK(way(fabric, "gpu0", "gpu1") == "gpu0 gpu1");
  CHECK(way(fabric, "gpu0", "gpu2") == "gpu0 pcie_switch0 cpu0 pcie_switch1 gpu2");
}

TEST_CASE("a mesh that leaves a GPU out is warned of") {
  const std::string pcie =
      ", pcie: {sockets: 1, switches_per_socket: 0, gpus_per_switch: 3, link: pcie}";
  const std::string pair = "{builder: gpu_mesh, gpus: 3, link: nvlink, pairs: [[0, 1, 1]]";
  CHECK(warnings(pair + pcie + "}") == "PL-T052 1:51 ");
  CHECK(warnings(pair + "}") == "PL-T023 1:51 ");
}

TEST_CASE("mistakes in pairs are reported together, each at its entry") {
  CHECK(refused("builder: gpu_mesh\n"
                "gpus: 4\n"
                "link: nvlink\n"
                "pairs:\n"
                "  - [0, 1, 1]\n"
                "  - [1, 0, 1]\n"   // the same pair
                "  - [2, 2, 1]\n"   // itself
                "  - [0, 4, 1]\n"   // no GPU 4
                "  - [0, 2]\n"      // no links
                "  - [0, 3, 0]\n")  // zero links
        == Found{"PL-T051 6:5", "PL-T022 7:5", "PL-T020 8:5", "PL-T050 9:5", "PL-T011 10:5"});
}

TEST_CASE("a mesh states its links once") {
  const std::string mesh = "builder: gpu_mesh\ngpus: 2\nlink: nvlink\n";
  CHECK(refused(mesh) == Found{"PL-K007 1:1"});
  CHECK(refused(mesh + "all_to_all: 1\npairs: [[0, 1, 1]]\n") == Found{"PL-K007 1:1"});
  CHECK(refused(mesh + "all_to_all: 0\n") == Found{"PL-T011 4:13"});
  CHECK(refused("builder: gpu_mesh\ngpus: 100000\nlink: nvlink\nall_to_all: 1\n") ==
        Found{"PL-T016 1:1"});
}

TEST_CASE("a torus of 4 by 3 by 2 chips") {
  const Fabric fabric = test::fabric("{builder: torus, dims: [4, 3, 2], link: nvlink}");
  // 24 chips of a GPU and a router. Cables: 24 along x, 24 along y (rings), 12 along z, where two
  // chips have one cable; and 24 between GPU and router.
  CHECK(fabric.endpoints().size() == 24);
  CHECK(fabric.devices().size() == 48);
  CHECK(fabric.links().size() == 2 * (24 + 24 + 12 + 24));
  CHECK(fabric.nodes() == 1);
  CHECK(capacity(fabric, "router3.0.0", "router0.0.0") == 25e9);
  CHECK(capacity(fabric, "router0.2.1", "router0.0.1") == 25e9);
  CHECK(capacity(fabric, "router0.0.0", "router0.0.1") == 25e9);
  // Five cables on every router: two along x, two along y, one along z.
  CHECK(capacity(fabric, "gpu0", "router0.0.0") == 5 * 25e9);
  // x counts fastest: chip 1 + 4·(2 + 3·1) = 21.
  CHECK(capacity(fabric, "gpu21", "router1.2.1") == 5 * 25e9);
}

TEST_CASE("without wraparound the ends of a dimension are apart") {
  const Fabric fabric =
      test::fabric("{builder: torus, dims: [3, 4], link: nvlink, links: 2, wrap: [false, true]}");
  CHECK(capacity(fabric, "router2.0", "router0.0") == 0.0);
  CHECK(capacity(fabric, "router0.3", "router0.0") == 50e9);
  // A corner in x: one neighbour there, two along y, two links to each.
  CHECK(capacity(fabric, "gpu0", "router0.0") == 6 * 25e9);
  CHECK(capacity(fabric, "router1.0", "gpu1") == 8 * 25e9);
}

TEST_CASE("routes of a torus go the shorter way round, through routers only") {
  const Fabric fabric = test::fabric("{builder: torus, dims: [5], link: nvlink}");
  CHECK(way(fabric, "gpu0", "gpu2") == "gpu0 router0 router1 router2 gpu2");
  CHECK(way(fabric, "gpu0", "gpu3") == "gpu0 router0 router4 router3 gpu3");
  // Manhattan distance on a 4 × 4 × 4 torus from chip 0 to (1, 3, 2): 1 + 1 + 2 hops, and on and
  // off the routers.
  const Fabric cube = test::fabric("{builder: torus, dims: [4, 4, 4], link: nvlink}");
  Router router(cube);
  CHECK(router.route(*cube.find("gpu0"), *cube.find("gpu45"))->links.size() == 4 + 2);
}

TEST_CASE("a torus of routers joins machines") {
  // Six routers of two machines each: routers are fabric switches, machines are numbered router by
  // router.
  const Fabric fabric = test::fabric(
      "{builder: torus, dims: [3, 2], link: net, host_link: net, nodes_per_router: 2, node: "
      "{builder: pcie_tree, sockets: 1, switches_per_socket: 0, gpus_per_switch: 1, "
      "nics_per_switch: 1, link: pcie}}");
  CHECK(fabric.nodes() == 12);
  CHECK_FALSE(fabric.device(*fabric.find("router2.1")).in_node);
  CHECK(capacity(fabric, "node11/nic0", "router2.1") == 50e9);
  CHECK(capacity(fabric, "router2.1", "router0.1") == 50e9);
  CHECK(way(fabric, "node0/gpu0", "node11/gpu0")
            .ends_with("router2.1 node11/nic0 node11/cpu0 node11/gpu0"));
  // Hosts where no machine is named.
  CHECK(way(test::fabric("{builder: torus, dims: [4], link: net, host_link: net}"), "host0",
            "host3") == "host0 router0 router3 host3");
}

TEST_CASE("a torus needs a shape") {
  const std::string torus = "builder: torus\nlink: nvlink\n";
  CHECK(refused(torus + "dims: []\n") == Found{"PL-T053 3:7"});
  CHECK(refused(torus + "dims: [2, 0, 3]\n") == Found{"PL-T011 3:11"});
  CHECK(refused(torus + "dims: [4, 4]\nwrap: [true, true, false]\n") == Found{"PL-T053 4:7"});
  CHECK(refused(torus + "dims: [4, 4]\nlinks: 0\n") == Found{"PL-T011 4:8"});
  CHECK(refused(torus + "dims: [4096, 4096]\n") == Found{"PL-T016 1:1"});
  CHECK(refused(torus + "dims: [4]\nnode: {builder: gpu_mesh}\n") == Found{"PL-K002 1:1"});
}

TEST_CASE("a supernode of 48 nodes with 8 GPUs each, 7 planes") {
  // The figures of CloudMatrix384, arXiv:2506.12708, section 3: two links from a GPU to each of 7
  // L1 switches, 16 L2 switches in each plane.
  const Fabric fabric = test::fabric(
      "{builder: supernode, nodes: 48, gpus_per_node: 8, planes: 7, link: nvlink, links_per_plane: "
      "2, l2_per_plane: 16}");
  CHECK(fabric.endpoints().size() == 384);
  CHECK(fabric.devices().size() == 384 + 48 + 1);
  CHECK(fabric.device(*fabric.find("l1_node47")).planes == 7);
  CHECK(fabric.device(*fabric.find("l2")).planes == 7 * 16);
  // 7 planes × 2 links × 25 GB/s; a node's 8 GPUs send as much as its L1 switches pass up:
  // 8 × 14 = 7 × 16 links.
  CHECK(capacity(fabric, "gpu383", "l1_node47") == 14 * 25e9);
  CHECK(capacity(fabric, "l1_node0", "l2") == 8 * capacity(fabric, "gpu0", "l1_node0"));
  CHECK(way(fabric, "gpu0", "gpu7") == "gpu0 l1_node0 gpu7");
  CHECK(way(fabric, "gpu0", "gpu8") == "gpu0 l1_node0 l2 l1_node1 gpu8");
  CHECK(fabric.nodes() == 1);
}

TEST_CASE("the upper tier of a supernode has links of its own") {
  const Fabric fabric = test::fabric(
      "{builder: supernode, nodes: 2, gpus_per_node: 1, planes: 3, link: nvlink, links_per_plane: "
      "1, l2_per_plane: 2, uplink: net, uplinks: 2}");
  CHECK(capacity(fabric, "l1_node1", "l2") == 3 * 2 * 2 * 50e9);
}

TEST_CASE("counts of a supernode are above zero") {
  CHECK(refused("builder: supernode\nnodes: 0\ngpus_per_node: 8\nplanes: 0\nlink: "
                "nvlink\nlinks_per_plane: 1\nl2_per_plane: 1\nuplinks: 0\n") ==
        Found{"PL-T011 2:8", "PL-T011 4:9", "PL-T011 8:10"});
}

TEST_CASE("a torus of chips is crossed in dimension order, whatever the destination's number") {
  // From (0, 0) to (2, 1) and (1, 2) of 4 × 4: along x first; both 2s are opposite, and even goes
  // up.
  const Fabric fabric = test::fabric("{builder: torus, dims: [4, 4], link: nvlink}");
  CHECK(way(fabric, "gpu0", "gpu6") == "gpu0 router0.0 router1.0 router2.0 router2.1 gpu6");
  CHECK(way(fabric, "gpu0", "gpu9") == "gpu0 router0.0 router1.0 router1.1 router1.2 gpu9");
  CHECK(way(fabric, "gpu9", "gpu0") == "gpu9 router1.2 router0.2 router0.3 router0.0 gpu0");
}

TEST_CASE("on a ring of even length opposite chips load both ways alike") {
  // 4 chips, each sends to the one opposite: 4 routes of 2 hops over 8 directed cables, so that one
  // route crosses each.
  const Fabric fabric = test::fabric("{builder: torus, dims: [4], link: nvlink}");
  Router router(fabric);
  std::vector<int> crossed(fabric.links().size());
  for (const std::size_t from : {0U, 1U, 2U, 3U}) {
    const auto route = router.route(fabric.endpoints()[from], fabric.endpoints()[(from + 2) % 4]);
    for (const LinkId link : route->links) {
      ++crossed[link.index()];
    }
  }
  for (std::size_t i = 0; i < crossed.size(); ++i) {
    INFO(fabric.link_name(LinkId(i)));
    CHECK(crossed[i] == 1);
  }
}

}  // namespace
}  // namespace plumbline::topology
