// SPDX-License-Identifier: Apache-2.0
// Rings that share out the NVLinks of GPUs without switches.
#include "analytic/mesh_rings.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include <catch2/catch.hpp>

#include "tests/unit/topology/from_yaml.hpp"

namespace plumbline::test {
namespace {

using analytic::nccl::ChannelOrders;
using topology::test::fabric;

ChannelOrders rings(const topology::Fabric& machine, std::uint32_t channels) {
  return analytic::nccl::mesh_rings(machine, machine.endpoints(), channels);
}

/// How many channels go from one GPU to another.
std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> crossings(
    const ChannelOrders& orders) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> result;
  for (const auto& order : orders) {
    for (std::size_t i = 0; i < order.size(); ++i) {
      ++result[{order[i].value, order[(i + 1) % order.size()].value}];
    }
  }
  return result;
}

std::string mesh(std::uint32_t gpus, std::uint32_t links) {
  return fmt::format("{{builder: gpu_mesh, gpus: {}, link: nvlink, all_to_all: {}}}", gpus, links);
}

TEST_CASE("Four GPUs joined pairwise: three cycles in both directions, all pairs on as many") {
  // Four GPUs have 3! / 2 = 3 cycles of 4 hops; with both directions 24 hops over 12 directed
  // pairs.
  for (const std::uint32_t channels : {6U, 12U}) {
    const ChannelOrders orders = rings(fabric(mesh(4, 2)), channels);
    REQUIRE(orders.size() == channels);
    const auto found = crossings(orders);
    CHECK(found.size() == 12);
    CHECK(std::ranges::all_of(found,
                              [&](const auto& pair) { return pair.second == channels / 6 * 2; }));
  }
  // Two go opposite ways round, on different directions of the same pairs.
  const auto two = crossings(rings(fabric(mesh(4, 1)), 2));
  CHECK(two.size() == 8);
}

TEST_CASE("Links that are twice as wide carry twice as many") {
  // Hops a-b and c-d have three cables, the others one. A cycle takes both of them or one and
  // three others, so that of four channels all take a-b-c-d or a-b-d-c, one way or the other: every
  // cable of the pairs bc, da, bd, ac is on one of them, and each direction of the wide ones on
  // two.
  const auto found = crossings(rings(
      fabric("{builder: explicit, devices: [{name: a, kind: gpu}, {name: b, kind: gpu}, "
             "{name: c, kind: gpu}, {name: d, kind: gpu}], links: ["
             "{from: a, to: b, link: nvlink, count: 3}, {from: c, to: d, link: nvlink, count: 3}, "
             "{from: b, to: c, link: nvlink}, {from: a, to: d, link: nvlink}, "
             "{from: b, to: d, link: nvlink}, {from: a, to: c, link: nvlink}]}"),
      4));
  CHECK(found.at({0, 1}) == 2);
  CHECK(found.at({1, 0}) == 2);
  CHECK(found.at({2, 3}) == 2);
  CHECK(found.at({3, 2}) == 2);
  CHECK(found.size() == 12);
}

TEST_CASE("Behind switches, on a line and without NVLink there is nothing to choose") {
  CHECK(rings(fabric("{builder: nvswitch_node, gpus: 4, link: nvlink, links_per_gpu: 2, "
                     "switches: 2}"),
              2)
            .empty());
  CHECK(rings(fabric("{builder: explicit, devices: [{name: a, kind: gpu}, {name: b, kind: gpu}, "
                     "{name: c, kind: gpu}], links: [{from: a, to: b, link: nvlink}, "
                     "{from: b, to: c, link: nvlink}]}"),
              1)
            .empty());
  CHECK(rings(fabric("{builder: pcie_tree, sockets: 1, switches_per_socket: 1, gpus_per_switch: 4, "
                     "link: pcie}"),
              1)
            .empty());
}

}  // namespace
}  // namespace plumbline::test
