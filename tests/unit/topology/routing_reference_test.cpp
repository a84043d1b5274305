// SPDX-License-Identifier: Apache-2.0
// Routes on random graphs against a reference of the test's own, and on large fabrics.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "from_yaml.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology {
namespace {

using namespace core::literals;

/// Hops by kind, dearest first; compared like words. The reference for the router's numbers.
using Hops = std::array<int, 4>;
constexpr Hops far{1'000'000, 0, 0, 0};

Hops operator+(const Hops& a, const Hops& b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]};
}

Hops hops_of(const Fabric& fabric, const Link& link) {
  switch (link.kind) {
    case LinkKind::nvlink:
      return {0, 0, 0, 1};
    case LinkKind::pcie:
      return {0, 0, 1, 0};
    case LinkKind::cpu:
      return {0, 1, 0, 0};
    case LinkKind::network:
      break;
  }
  const bool leaves_machine = fabric.device(link.from).in_node || fabric.device(link.to).in_node;
  return leaves_machine ? Hops{1, 0, 0, 0} : Hops{0, 0, 0, 1};
}

/// Floyd–Warshall's answer for one pair: intermediate devices are those that may forward.
Hops reference(const Fabric& fabric, DeviceId from, DeviceId to) {
  const std::size_t n = fabric.devices().size();
  std::vector<std::vector<Hops>> best(n, std::vector<Hops>(n, far));
  for (const Link& link : fabric.links()) {
    Hops& entry = best[link.from.index()][link.to.index()];
    entry = std::min(entry, hops_of(fabric, link));
  }
  for (std::size_t k = 0; k < n; ++k) {
    const Device& through = fabric.devices()[k];
    const bool own =
        through.node == fabric.device(from).node || through.node == fabric.device(to).node;
    if (is_endpoint(through.kind) || (through.in_node && !own)) {
      continue;
    }
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        best[i][j] = std::min(best[i][j], best[i][k] + best[k][j]);
      }
    }
  }
  return best[from.index()][to.index()];
}

Fabric random_fabric() {
  const auto kinds =
      std::array{DeviceKind::gpu, DeviceKind::host,     DeviceKind::cpu,  DeviceKind::pcie_switch,
                 DeviceKind::nic, DeviceKind::nvswitch, DeviceKind::leaf, DeviceKind::spine};
  const auto devices = *rc::gen::inRange<std::size_t>(2, 14);
  const auto machines = *rc::gen::inRange<std::uint32_t>(1, 4);
  FabricBuilder builder;
  for (std::size_t i = 0; i < devices; ++i) {
    const DeviceKind kind = i < 2 ? DeviceKind::gpu : *rc::gen::elementOf(kinds);
    const bool in_node = kind != DeviceKind::leaf && kind != DeviceKind::spine;
    // A fabric switch's number means nothing: one of no machine, so that the reference can compare.
    builder.add({.name = fmt::format("d{}", i),
                 .kind = kind,
                 .node = in_node ? *rc::gen::inRange<std::uint32_t>(0, machines) : 1000,
                 .in_node = in_node});
  }
  const auto links = *rc::gen::inRange<std::size_t>(0, 40);
  const auto link_kinds =
      std::array{LinkKind::nvlink, LinkKind::pcie, LinkKind::cpu, LinkKind::network};
  for (std::size_t i = 0; i < links; ++i) {
    const auto from = *rc::gen::inRange<std::size_t>(0, devices);
    const auto to = *rc::gen::inRange<std::size_t>(0, devices);
    if (from != to) {
      builder.add_link(
          DeviceId(from), DeviceId(to),
          {"random", *rc::gen::elementOf(link_kinds), 1_GBps, 1_us, Sharing::full_duplex});
    }
  }
  return builder.finish();
}

TEST_CASE("on any graph, routes are valid and of least cost") {
  rc::prop("contiguous, through forwarding devices only, as cheap as Floyd-Warshall finds", [] {
    const Fabric fabric = random_fabric();
    Router router(fabric);
    for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
      for (std::size_t j = 0; j < fabric.devices().size(); ++j) {
        if (i == j) {
          continue;
        }
        const auto route = router.route(DeviceId(i), DeviceId(j));
        const Hops expected = reference(fabric, DeviceId(i), DeviceId(j));
        RC_ASSERT(route.has_value() == (expected[0] < far[0]));
        if (!route) {
          continue;
        }
        DeviceId at(i);
        Hops hops{};
        for (const LinkId link : *route) {
          RC_ASSERT(fabric.link(link).from == at);
          RC_ASSERT(at == DeviceId(i) || !is_endpoint(fabric.device(at).kind));
          hops = hops + hops_of(fabric, fabric.link(link));
          at = fabric.link(link).to;
        }
        RC_ASSERT(at == DeviceId(j));
        RC_ASSERT(hops == expected);
      }
    }
  });
}

TEST_CASE("a ring over a star of 100,000 hosts") {
  const Fabric fabric =
      test::fabric("{builder: fat_tree, nodes: 100000, nodes_per_leaf: 100000, host_link: net}");
  Router router(fabric);
  RouteTable table;
  const auto hosts = fabric.endpoints();
  REQUIRE(hosts.size() == 100'000);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const auto route = router.route(hosts[i], hosts[(i + 1) % hosts.size()]);
    REQUIRE(route->size() == 2);  // up to the leaf and down
    table.intern(*route);
  }
  CHECK(table.size() == hosts.size());
}

const std::string nvlink_server =
    "{builder: nvswitch_node, gpus: 8, link: nvlink, links_per_gpu: 18, switches: 4, pcie: {"
    "sockets: 2, switches_per_socket: 4, gpus_per_switch: 1, nics_per_switch: 1, link: pcie, "
    "inter_socket: cpu}}";

TEST_CASE("a ring over 512 eight-GPU machines on rails") {
  const Fabric fabric = test::fabric("{builder: fat_tree, node: " + nvlink_server +
                                     ", nodes: 512, nodes_per_leaf: 32, rails: true, host_link: "
                                     "net, spines: 32, uplink: net, uplinks: 1}");
  Router router(fabric);
  const auto gpus = fabric.endpoints();
  REQUIRE(gpus.size() == 4096);
  std::size_t hops = 0;
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    hops += router.route(gpus[i], gpus[(i + 1) % gpus.size()])->size();
  }
  // 7 of 8 steps stay on NVLink (2 hops); from GPU 7 to GPU 0 of the next machine it is GPU, PCIe
  // switch, NIC, leaf, spine, leaf, NIC, PCIe switch, GPU: 8 hops.
  CHECK(hops == 512 * (7 * 2 + 8));
}

}  // namespace
}  // namespace plumbline::topology
