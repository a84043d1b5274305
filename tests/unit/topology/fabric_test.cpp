// SPDX-License-Identifier: Apache-2.0
#include "topology/fabric.hpp"

#include <catch2/catch.hpp>

#include "core/diagnostic.hpp"
#include "from_yaml.hpp"

namespace plumbline::topology {
namespace {

using namespace core::literals;

const LinkClass cable{"cable", LinkKind::network, 50_GBps, 1_us, Sharing::full_duplex};
const LinkClass half{"half", LinkKind::pcie, 10_GBps, 2_us, Sharing::half_duplex};

TEST_CASE("a cable is two links that know each other, with the bundle's capacity") {
  FabricBuilder builder;
  const DeviceId a = builder.add({.name = "a", .kind = DeviceKind::host});
  const DeviceId b = builder.add({.name = "b", .kind = DeviceKind::host, .node = 1});
  builder.connect(a, b, cable, 3);
  const LinkId one_way = builder.add_link(b, a, half);
  const Fabric fabric = builder.finish();

  REQUIRE(fabric.links().size() == 3);
  const Link& there = fabric.link(LinkId(0));
  CHECK(there.from == a);
  CHECK(there.to == b);
  CHECK(there.capacity.si() == 150e9);  // 3 × 50 GB/s
  CHECK(there.count == 3);
  CHECK(there.reverse == LinkId(1));
  CHECK(fabric.link(LinkId(1)).reverse == LinkId(0));
  CHECK_FALSE(fabric.link(one_way).reverse);
  CHECK(fabric.link(one_way).sharing == Sharing::half_duplex);
  CHECK(fabric.link_classes()[fabric.link(one_way).link_class] == "half");

  CHECK(fabric.out_links(a).size() == 1);
  CHECK(fabric.in_links(a).size() == 2);
  CHECK(fabric.out_links(b)[1] == one_way);
  CHECK(fabric.nodes() == 2);
  CHECK(fabric.find("b") == b);
  CHECK_FALSE(fabric.find("c"));
  CHECK(fabric.link_name(LinkId(0)) == "a→b");
  // Two bundles from b to a: their names must differ, since they are resources of their own.
  CHECK(fabric.link_name(LinkId(1)) == "b→a #1");
  CHECK(fabric.link_name(one_way) == "b→a #2");
}

TEST_CASE("links of a device with many are named as others, whichever end has fewer") {
  FabricBuilder builder;
  const DeviceId hub = builder.add({.name = "hub", .kind = DeviceKind::leaf});
  const DeviceId one = builder.add({.name = "one"});
  const DeviceId two = builder.add({.name = "two"});
  const LinkId first = builder.add_link(hub, two, cable);
  const LinkId alone = builder.add_link(hub, one, cable);
  builder.add_link(one, two, cable);
  builder.add_link(hub, one, cable);
  builder.add_link(hub, one, cable);
  const LinkId second = builder.add_link(hub, two, cable);
  const Fabric fabric = builder.finish();
  // Five links leave the hub, three reach `two`, one of which comes from elsewhere.
  CHECK(fabric.link_name(first) == "hub→two #1");
  CHECK(fabric.link_name(second) == "hub→two #2");
  CHECK(fabric.link_name(alone) == "hub→one #1");
}

TEST_CASE("endpoints are gpus, and hosts only where there are none") {
  FabricBuilder with_gpu;
  with_gpu.add({.name = "host", .kind = DeviceKind::host});
  with_gpu.add({.name = "nic", .kind = DeviceKind::nic});
  const DeviceId gpu = with_gpu.add({.name = "gpu", .kind = DeviceKind::gpu});
  const Fabric first = with_gpu.finish();
  REQUIRE(first.endpoints().size() == 1);
  CHECK(first.endpoints()[0] == gpu);

  FabricBuilder hosts_only;
  hosts_only.add({.name = "leaf", .kind = DeviceKind::leaf, .node = 7, .in_node = false});
  const DeviceId host = hosts_only.add({.name = "host", .kind = DeviceKind::host});
  const Fabric second = hosts_only.finish();
  REQUIRE(second.endpoints().size() == 1);
  CHECK(second.endpoints()[0] == host);
  CHECK(second.nodes() == 1);  // the leaf's number counts leaves, not machines
}

TEST_CASE("an embedded fabric keeps its links, under new names in its machine") {
  FabricBuilder inner;
  const DeviceId gpu = inner.add({.name = "gpu0", .kind = DeviceKind::gpu});
  const DeviceId nic = inner.add({.name = "nic0", .kind = DeviceKind::nic});
  inner.connect(gpu, nic, half);
  const Fabric machine = inner.finish();

  FabricBuilder outer;
  const DeviceId leaf = outer.add({.name = "leaf", .kind = DeviceKind::leaf, .in_node = false});
  for (std::uint32_t node = 0; node < 2; ++node) {
    const auto placed = outer.embed(machine, "node" + std::to_string(node) + "/", node);
    outer.connect(placed[nic.index()], leaf, cable);
  }
  const Fabric fabric = outer.finish();
  CHECK(fabric.devices().size() == 5);
  CHECK(fabric.links().size() == 8);
  CHECK(fabric.nodes() == 2);
  CHECK(fabric.link_classes().size() == 2);
  const auto second = fabric.find("node1/gpu0");
  REQUIRE(second);
  CHECK(fabric.device(*second).node == 1);
  const Link& out = fabric.link(fabric.out_links(*second)[0]);
  CHECK(fabric.device(out.to).name == "node1/nic0");
  CHECK(fabric.link_classes()[out.link_class] == "half");
  CHECK(fabric.link(*out.reverse).to == *second);
}

TEST_CASE("a builder can't make two devices of one name") {
  FabricBuilder builder;
  builder.add({.name = "gpu0"});
  CHECK_THROWS_AS(builder.add({.name = "gpu0"}), core::InternalError);
}

TEST_CASE("kinds of devices are names") {
  for (const DeviceKind kind :
       {DeviceKind::gpu, DeviceKind::host, DeviceKind::cpu, DeviceKind::nvswitch,
        DeviceKind::pcie_switch, DeviceKind::nic, DeviceKind::leaf, DeviceKind::spine}) {
    CHECK(device_kind(to_text(kind)) == kind);
  }
  CHECK_FALSE(device_kind("GPU"));
}

}  // namespace
}  // namespace plumbline::topology
