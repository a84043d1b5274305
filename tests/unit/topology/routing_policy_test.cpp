// SPDX-License-Identifier: Apache-2.0
// How equal ways are chosen among, PXN, detours by other groups, and what `explain` says of it.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "from_yaml.hpp"
#include "topology/route_explanation.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology {
namespace {

using Names = std::vector<std::string>;

Names along(const Fabric& fabric, const std::string& from, const Route& route) {
  Names names{from};
  for (const LinkId link : route.links) {
    names.push_back(fabric.device(fabric.link(link).to).name);
  }
  return names;
}

Names path(const Fabric& fabric, Routing routing, const std::string& from, const std::string& to,
           std::uint32_t flow = 0) {
  const auto route = Router(fabric, routing).route(*fabric.find(from), *fabric.find(to), flow);
  return route ? along(fabric, from, *route) : Names{"no path"};
}

// Hosts 0 … 3 under leaf0, 4 … 7 under leaf1, four spines.
const std::string two_leaves =
    "{builder: fat_tree, nodes: 8, nodes_per_leaf: 4, host_link: net, spines: 4, uplink: net, "
    "uplinks: 1}";

const std::string nvlink_server =
    "{builder: nvswitch_node, gpus: 4, link: nvlink, links_per_gpu: 18, switches: 4, pcie: {"
    "sockets: 2, switches_per_socket: 2, gpus_per_switch: 1, nics_per_switch: 1, link: pcie, "
    "inter_socket: cpu}}";

TEST_CASE("shortest takes the first of equal ways, d_mod_k the destination's") {
  const Fabric fabric = test::fabric(two_leaves);
  for (const std::string to : {"host4", "host5", "host6", "host7"}) {
    CHECK(path(fabric, {.kind = RoutingKind::shortest}, "host0", to)[2] == "spine0");
  }
  // Number of host h: its index in its machine, 0, and its machine, h; h mod 4.
  CHECK(path(fabric, {}, "host0", "host6") == Names{"host0", "leaf0", "spine2", "leaf1", "host6"});
}

TEST_CASE("ecmp: one seed one answer, and flows spread over all spines") {
  const Fabric fabric = test::fabric(two_leaves);
  std::map<std::string, int> uses;
  std::set<Names> by_seed;
  for (std::uint32_t flow = 0; flow < 400; ++flow) {
    const Names names = path(fabric, {.kind = RoutingKind::ecmp}, "host0", "host6", flow);
    CHECK(names == path(fabric, {.kind = RoutingKind::ecmp}, "host0", "host6", flow));
    REQUIRE(names.size() == 5);
    ++uses[names[2]];
  }
  for (std::uint64_t seed = 0; seed < 32; ++seed) {
    by_seed.insert(path(fabric, {.kind = RoutingKind::ecmp, .seed = seed}, "host0", "host6"));
  }
  CHECK(by_seed.size() == 4);
  // 400 draws of 1/4: 100 expected, standard deviation sqrt(400 × 3/16) = 8.7; five of them.
  CHECK(uses.size() == 4);
  for (const auto& [spine, count] : uses) {
    CHECK(std::abs(count - 100) < 44);
  }
}

TEST_CASE("adaptive splits evenly at every switch, and all of it arrives") {
  const Fabric fabric = test::fabric(two_leaves);
  const auto route = Router(fabric, {.kind = RoutingKind::adaptive})
                         .route(*fabric.find("host0"), *fabric.find("host6"));
  // host0 → leaf0 whole, four uplinks and four downlinks a quarter each, leaf1 → host6 whole.
  REQUIRE(route->links.size() == 10);
  REQUIRE(route->shares.size() == 10);
  std::map<std::string, double> out;
  std::map<std::string, double> in;
  double latency = 0.0;
  for (std::size_t i = 0; i < 10; ++i) {
    const Link& link = fabric.link(route->links[i]);
    out[fabric.device(link.from).name] += route->shares[i].bytes;
    in[fabric.device(link.to).name] += route->shares[i].bytes;
    latency += route->shares[i].latency;
    const bool at_host = link.from == *fabric.find("host0") || link.to == *fabric.find("host6");
    CHECK(route->shares[i].bytes == (at_host ? 1.0 : 0.25));
  }
  CHECK(latency == Approx(4.0));  // every way has four links
  for (const auto& [name, share] : out) {
    CHECK(share == Approx(name == "host0" ? 1.0 : in.at(name)));
  }
  // Under one leaf nothing splits.
  CHECK(Router(fabric, {.kind = RoutingKind::adaptive})
            .route(*fabric.find("host0"), *fabric.find("host1"))
            ->shares.empty());
}

TEST_CASE("pxn reaches another rail from the GPU beside that rail's adapter") {
  const Fabric fabric = test::fabric(
      "{builder: fat_tree, node: " + nvlink_server +
      ", nodes: 2, nodes_per_leaf: 2, rails: true, host_link: net, spines: 2, uplink: net, "
      "uplinks: 4}");
  CHECK(path(fabric, {.pxn = true}, "node0/gpu0", "node1/gpu3") ==
        Names{"node0/gpu0", "node0/nvswitch", "node0/gpu3", "node0/pcie_switch3", "node0/nic3",
              "leaf0_rail3", "node1/nic3", "node1/pcie_switch3", "node1/gpu3"});
  // Its own rail, and its own machine, as without.
  for (const std::string to : {"node1/gpu0", "node0/gpu3"}) {
    CHECK(path(fabric, {.pxn = true}, "node0/gpu0", to) == path(fabric, {}, "node0/gpu0", to));
  }
  CHECK(path(fabric, {}, "node0/gpu0", "node1/gpu3")[4] != "leaf0_rail3");
}

TEST_CASE("where rails are not joined only pxn reaches another one, and the message says so") {
  const Fabric fabric = test::fabric(test::two_rails);
  CHECK(path(fabric, {}, "a0", "b0") == Names{"a0", "an0", "rail0", "bn0", "b0"});
  CHECK(path(fabric, {}, "a0", "b1") == Names{"no path"});
  CHECK(path(fabric, {.pxn = true}, "a0", "b1") == Names{"a0", "a1", "an1", "rail1", "bn1", "b1"});
  const std::string message = no_path(fabric, *fabric.find("a0"), *fabric.find("b1"), {});
  CHECK(message.find("no path from a0 to b1") != std::string::npos);
  CHECK(message.find("pxn: true") != std::string::npos);
}

/// Four groups of two routers, one host each, a global link between any two groups.
Fabric dragonfly() {
  FabricBuilder builder;
  const LinkClass cable{.name = "net",
                        .kind = LinkKind::network,
                        .bandwidth_per_direction = core::Bandwidth::from_si(1e9),
                        .latency = core::Seconds::from_si(1e-6)};
  std::vector<std::vector<DeviceId>> routers(4);
  for (std::uint32_t g = 0; g < 4; ++g) {
    for (std::uint32_t r = 0; r < 2; ++r) {
      const std::string number = std::to_string(2 * g + r);
      routers[g].push_back(
          builder.add({.name = "r" + number, .kind = DeviceKind::router, .in_node = false}));
      builder.connect(
          builder.add({.name = "h" + number, .kind = DeviceKind::host, .node = 2 * g + r}),
          routers[g].back(), cable);
    }
    builder.connect(routers[g][0], routers[g][1], cable);
    for (std::uint32_t other = 0; other < g; ++other) {
      builder.make_global(builder.connect(routers[g][other % 2], routers[other][g % 2], cable));
    }
  }
  return builder.finish();
}

std::size_t globals(const Fabric& fabric, const Route& route) {
  return static_cast<std::size_t>(
      std::ranges::count_if(route.links, [&](LinkId link) { return fabric.link(link).global; }));
}

TEST_CASE("on a dragonfly a shortest way takes one global link, valiant two by a third group") {
  const Fabric fabric = dragonfly();
  Router minimal(fabric);
  Router valiant(fabric, {.kind = RoutingKind::valiant, .seed = 7});
  for (std::uint32_t from = 0; from < 8; ++from) {
    for (std::uint32_t to = 0; to < 8; ++to) {
      if (from == to) {
        continue;
      }
      const DeviceId a = *fabric.find("h" + std::to_string(from));
      const DeviceId b = *fabric.find("h" + std::to_string(to));
      const auto direct = minimal.route(a, b);
      CHECK(globals(fabric, *direct) == (from / 2 == to / 2 ? 0 : 1));
      CHECK(direct->links.size() <= 5);  // up, local, global, local, down
      const auto detour = valiant.route(a, b);
      CHECK(globals(fabric, *detour) == 2);
      std::set<std::uint32_t> groups;
      for (const LinkId link : detour->links) {
        const Device& device = fabric.device(fabric.link(link).to);
        if (device.kind == DeviceKind::router) {
          groups.insert(static_cast<std::uint32_t>(std::stoi(device.name.substr(1))) / 2);
        }
      }
      CHECK(groups.size() == (from / 2 == to / 2 ? 2 : 3));
    }
  }
}

TEST_CASE("an explanation names the choice, the kind of way and its bottleneck") {
  const Fabric fabric = test::fabric(two_leaves);
  const auto of = [&](Routing routing) {
    return *Router(fabric, routing).explain(*fabric.find("host0"), *fabric.find("host6"));
  };
  const RouteExplanation plain = of({});
  REQUIRE(plain.hops.size() == 4);
  CHECK(plain.kind == "over the network");
  CHECK(plain.hops[0].why == "the only shortest way");
  CHECK(plain.hops[1].alternatives == 4);
  CHECK(plain.hops[1].why == "4 equal links, d_mod_k: destination 6 mod 4 = 2");
  CHECK(of({.kind = RoutingKind::shortest}).hops[1].why == "4 equal links, shortest: the first");
  CHECK(of({.kind = RoutingKind::adaptive}).hops[1].why ==
        "4 equal links, adaptive: an equal part each");
  const Fabric rails = test::fabric(test::two_rails);
  CHECK(Router(rails, {.pxn = true}).explain(*rails.find("a0"), *rails.find("b1"))->kind ==
        "over the network, from another GPU (PXN)");
}

TEST_CASE("where GPUs may not copy to each other, PCIe goes by the receiver's memory") {
  // Two sockets with two switches of two GPUs each: gpu0 and gpu1, gpu2 and gpu3, … share one.
  const Fabric fabric = test::fabric(
      "{builder: pcie_tree, sockets: 2, switches_per_socket: 2, gpus_per_switch: 2, "
      "nics_per_switch: 1, link: pcie, inter_socket: cpu, memory: {link: cpu}}");
  const auto way = [&](PeerToPeer allowed, const char* from, const char* to) {
    Router router(fabric, {.peer_to_peer = allowed});
    const auto route = router.route(*fabric.find(from), *fabric.find(to));
    REQUIRE(route);
    std::string text = from;
    for (const LinkId link : route->links) {
      text += " " + fabric.device(fabric.link(link).to).name;
    }
    return text;
  };
  const std::string near = "gpu0 pcie_switch0 gpu1";
  const std::string socket = "gpu0 pcie_switch0 cpu0 pcie_switch1 gpu2";
  CHECK(way(PeerToPeer::anywhere, "gpu0", "gpu1") == near);
  CHECK(way(PeerToPeer::anywhere, "gpu0", "gpu2") == socket);
  CHECK(way(PeerToPeer::switches, "gpu0", "gpu1") == near);
  CHECK(way(PeerToPeer::switches, "gpu0", "gpu2") ==
        "gpu0 pcie_switch0 cpu0 memory0 cpu0 pcie_switch1 gpu2");
  CHECK(way(PeerToPeer::switches, "gpu0", "gpu4") ==
        "gpu0 pcie_switch0 cpu0 cpu1 memory1 cpu1 pcie_switch2 gpu4");
  CHECK(way(PeerToPeer::never, "gpu0", "gpu1") ==
        "gpu0 pcie_switch0 cpu0 memory0 cpu0 pcie_switch0 gpu1");
  // Neither memory itself nor an adapter is a peer.
  CHECK(way(PeerToPeer::never, "gpu0", "memory1") == "gpu0 pcie_switch0 cpu0 cpu1 memory1");
  CHECK(way(PeerToPeer::never, "gpu0", "nic0") == "gpu0 pcie_switch0 nic0");
}

TEST_CASE("NCCL lets two GPUs on AMD's CPUs copy to each other anywhere, no others") {
  const auto peers = [](PeerToPeer given, const char* cpu, std::size_t gpus) {
    return decided({.peer_to_peer = given}, cpu, gpus).peer_to_peer;
  };
  CHECK(peers(PeerToPeer::nccl, "amd", 2) == PeerToPeer::anywhere);
  CHECK(peers(PeerToPeer::nccl, "amd", 4) == PeerToPeer::switches);
  CHECK(peers(PeerToPeer::nccl, "intel_skylake", 2) == PeerToPeer::switches);
  CHECK(peers(PeerToPeer::nccl, "", 2) == PeerToPeer::switches);
  CHECK(peers(PeerToPeer::never, "amd", 2) == PeerToPeer::never);
}

TEST_CASE("NVLink is no matter of PCIe, and a machine without memory can't stage") {
  const Fabric nvlink = test::fabric(
      "{builder: nvswitch_node, gpus: 4, link: nvlink, links_per_gpu: 1, pcie: {sockets: 1, "
      "switches_per_socket: 2, gpus_per_switch: 2, link: pcie, memory: {link: cpu}}}");
  Router router(nvlink, {.peer_to_peer = PeerToPeer::never});
  CHECK(router.route(*nvlink.find("gpu0"), *nvlink.find("gpu3"))->links.size() == 2);
  const Fabric bare = test::fabric(
      "{builder: pcie_tree, sockets: 1, switches_per_socket: 0, gpus_per_switch: 2, link: pcie}");
  Router staged(bare, {.peer_to_peer = PeerToPeer::switches});
  CHECK_THROWS_AS(staged.route(*bare.find("gpu0"), *bare.find("gpu1")), core::ModelError);
}

TEST_CASE("a routing is read as a name or as a map") {
  const auto read = [](const std::string& yaml) {
    const test::Text text(yaml);
    return read_routing(text.root().find("routing"));
  };
  CHECK(*read("other: 1") == Routing{});
  CHECK(*read("routing: valiant") == Routing{.kind = RoutingKind::valiant});
  CHECK(*read("routing: {policy: ecmp, seed: 3, pxn: true}") ==
        Routing{.kind = RoutingKind::ecmp, .seed = 3, .pxn = true});
  CHECK(*read("routing: {pxn: true}") == Routing{.pxn = true});
  CHECK(read("routing: {policy: ecmp, seed: 3, pxn: true}")->description() ==
        "ecmp {seed: 3, pxn: true}");
  CHECK(*read("routing: {peer_to_peer: switches}") ==
        Routing{.peer_to_peer = PeerToPeer::switches});
  CHECK(read("routing: {policy: ecmp, peer_to_peer: never}")->description() ==
        "ecmp {seed: 0, peer_to_peer: never}");
  CHECK(*read("routing: {peer_to_peer: nccl}") == Routing{.peer_to_peer = PeerToPeer::nccl});
  CHECK_FALSE(read("routing: {peer_to_peer: PHB}"));
  CHECK_FALSE(read("routing: ecpm"));
  CHECK_FALSE(read("routing: {policy: ecpm}"));
}

}  // namespace
}  // namespace plumbline::topology
