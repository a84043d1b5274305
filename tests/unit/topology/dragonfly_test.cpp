// SPDX-License-Identifier: Apache-2.0
// Dragonflies of both kinds; all links are of 50 GB/s (`net`).
#include <map>
#include <set>

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

const std::string links = ", host_link: net, local_link: net, global_link: net, ";

std::string dragonfly(const std::string& rest) {
  return "{builder: dragonfly" + links + rest + "}";
}

std::string plus(const std::string& rest) {
  return "{builder: dragonfly_plus" + links + rest + "}";
}

/// `group3` of `group3_router1`.
std::string group_of(const Fabric& fabric, DeviceId device) {
  const std::string& name = fabric.device(device).name;
  return name.substr(0, name.find('_'));
}

/// Cables between each two groups, each counted from both.
std::map<std::pair<std::string, std::string>, std::uint32_t> cables(const Fabric& fabric) {
  std::map<std::pair<std::string, std::string>, std::uint32_t> result;
  for (const Link& link : fabric.links()) {
    if (link.global) {
      result[{group_of(fabric, link.from), group_of(fabric, link.to)}] += link.count;
    }
  }
  return result;
}

/// Global cables that end on a device.
std::uint32_t globals_at(const Fabric& fabric, DeviceId device) {
  std::uint32_t sum = 0;
  for (const LinkId link : fabric.out_links(device)) {
    sum += fabric.link(link).global ? fabric.link(link).count : 0;
  }
  return sum;
}

TEST_CASE("a full dragonfly has one link between each two groups, however they are arranged") {
  // a = 4 routers, h = 2: 4·2 + 1 = 9 groups of 4 routers, 2 hosts each.
  for (const char* arrangement : {"absolute", "palmtree"}) {
    const Fabric fabric = test::fabric(dragonfly(
        std::string("groups: 9, routers_per_group: 4, nodes_per_router: 2, globals_per_router: 2, "
                    "arrangement: ") +
        arrangement));
    CHECK(count(fabric, DeviceKind::host) == 72);
    CHECK(count(fabric, DeviceKind::router) == 36);
    // 72 hosts, 9 × 6 local cables, 9·8/2 global ones.
    CHECK(fabric.links().size() == 2 * (72 + 54 + 36));
    const auto between = cables(fabric);
    CHECK(between.size() == 9 * 8);
    for (const auto& [groups, number] : between) {
      CHECK(groups.first != groups.second);
      CHECK(number == 1);
    }
    for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
      if (fabric.devices()[i].kind == DeviceKind::router) {
        CHECK(globals_at(fabric, DeviceId(i)) == 2);
        CHECK(fabric.out_links(DeviceId(i)).size() == 3 + 2 + 2);
      }
    }
  }
}

TEST_CASE("where the arrangements put the link between two groups") {
  const std::string rest =
      "groups: 9, routers_per_group: 4, nodes_per_router: 1, globals_per_router: 2, arrangement: ";
  // Absolute: group 0's port k leads to group k + 1, so that port 4, of router 2, leads to group 5;
  // there port 0, of router 0, leads to group 0.
  CHECK(capacity(test::fabric(dragonfly(rest + "absolute")), "group0_router2", "group5_router0") ==
        50e9);
  // Palmtree: group 0's port k leads to group 8 - k, so that port 3, of router 1, leads to group 5;
  // there port 4, of router 2, leads to group 5 - 4 - 1 = 0.
  CHECK(capacity(test::fabric(dragonfly(rest + "palmtree")), "group0_router1", "group5_router2") ==
        50e9);
}

TEST_CASE("fewer groups share the global ports, and what is left over stays free") {
  for (const char* arrangement : {"absolute", "palmtree"}) {
    // 4 × 3 = 12 ports for 4 other groups: 3 cables to each. For 6 others 2; for 5 others 2 and 2
    // ports stay free.
    const auto built = [&](int groups) {
      return test::fabric(
          dragonfly("groups: " + std::to_string(groups) +
                    ", routers_per_group: 4, nodes_per_router: 1, globals_per_router: 3, "
                    "arrangement: " +
                    arrangement));
    };
    for (const auto& [groups, each] : std::map<int, unsigned>{{2, 12}, {5, 3}, {6, 2}, {7, 2}}) {
      const auto between = cables(built(groups));
      CHECK(between.size() == static_cast<std::size_t>(groups * (groups - 1)));
      for (const auto& [pair, number] : between) {
        CHECK(number == each);
      }
    }
    // Two groups: the 12 cables are all that one sends to the other; its 4 hosts could send 200.
    const Fabric two = built(2);
    std::vector<DeviceId> left;
    for (const char* name : {"group0_router0", "group0_router1", "group0_router2", "group0_router3",
                             "host0", "host1", "host2", "host3"}) {
      left.push_back(*two.find(name));
    }
    CHECK(cut_capacity(two, left).si() == 12 * 50e9);
    CHECK(test::halves(two) == 200e9);
  }
}

TEST_CASE("adapters of a machine on one router, or dealt out") {
  const std::string node =
      "node: {builder: pcie_tree, sockets: 1, switches_per_socket: 2, gpus_per_switch: 1, "
      "nics_per_switch: 1, link: pcie}, groups: 1, routers_per_group: 4, globals_per_router: 0, ";
  const Fabric whole = test::fabric(dragonfly(node + "nodes_per_router: 1"));
  CHECK(whole.nodes() == 4);
  CHECK(capacity(whole, "node1/nic0", "group0_router1") == 50e9);
  CHECK(capacity(whole, "node1/nic1", "group0_router1") == 50e9);
  // 4 routers × 1 port are 2 machines of 2 adapters: router 0, 1 and 2, 3.
  const Fabric dealt = test::fabric(dragonfly(node + "nics_per_router: 1"));
  CHECK(dealt.nodes() == 2);
  CHECK(capacity(dealt, "node1/nic0", "group0_router2") == 50e9);
  CHECK(capacity(dealt, "node1/nic1", "group0_router3") == 50e9);
}

TEST_CASE("a dragonfly+ has global links on its spines alone") {
  // 3 groups of 4 leaves and 2 spines, 2 hosts a leaf; 2 × 2 ports for 2 groups: 2 cables to each.
  const Fabric fabric =
      test::fabric(plus("groups: 3, leaves_per_group: 4, spines_per_group: 2, nodes_per_leaf: 2, "
                        "globals_per_spine: 2, in_network: true"));
  CHECK(count(fabric, DeviceKind::host) == 24);
  CHECK(count(fabric, DeviceKind::leaf) == 12);
  CHECK(count(fabric, DeviceKind::spine) == 6);
  for (const auto& [groups, number] : cables(fabric)) {
    CHECK(number == 2);
  }
  for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
    const Device& device = fabric.devices()[i];
    CHECK(globals_at(fabric, DeviceId(i)) == (device.kind == DeviceKind::spine ? 2U : 0U));
    CHECK(device.in_network == !device.in_node);
  }
  CHECK(capacity(fabric, "group2_leaf3", "group2_spine1") == 50e9);
  CHECK(capacity(fabric, "group2_leaf3", "group1_spine1") == 0.0);
  // 8 hosts of a group could send 400 GB/s; its 4 global cables carry 200.
  const auto hosts = fabric.endpoints();
  CHECK(max_flow(fabric, hosts.first(8), hosts.subspan(8)).si() == 200e9);
}

TEST_CASE("mistakes in a dragonfly") {
  const std::string text =
      "builder: dragonfly\nhost_link: net\nlocal_link: net\nglobal_link: net\n"
      "routers_per_group: 4\nglobals_per_router: 2\n";
  // 4 × 2 links reach 8 other groups.
  CHECK(refused(text + "nodes_per_router: 1\ngroups: 10\n") == Found{"PL-T043 8:9"});
  CHECK(refused(text + "groups: 9\n") == Found{"PL-T044 1:1"});
  CHECK(refused(text + "groups: 9\nnodes_per_router: 1\nnics_per_router: 1\n") ==
        Found{"PL-T044 1:1"});
  CHECK(refused(text + "groups: 0\nnodes_per_router: 0\n") == Found{"PL-T011 7:9", "PL-T011 8:19"});
  CHECK(refused(text + "groups: 9\nnodes_per_router: 1\narrangement: palm\n") ==
        Found{"PL-N001 9:14"});
  CHECK(refused("builder: dragonfly_plus\nhost_link: net\nlocal_link: net\nglobal_link: net\n"
                "leaves_per_group: 4\nspines_per_group: 2\nnodes_per_leaf: 2\n"
                "globals_per_spine: 1\ngroups: 4\n") == Found{"PL-T043 9:9"});
}

}  // namespace
}  // namespace plumbline::topology
