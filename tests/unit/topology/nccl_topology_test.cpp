// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "nccl_import.hpp"
#include "topology/imports/nccl_paths.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology::imports {
namespace {

using test::Found;

struct Read {
  std::optional<NcclTopology> topology;
  Found found;
};

Read read(const std::string& text) {
  core::Diagnostics diagnostics;
  const auto root = core::parse_xml(text, "test.xml", diagnostics);
  REQUIRE(root);
  Read result;
  result.topology = import_nccl_topology(*root, test::rates(), diagnostics);
  result.found = test::places(diagnostics);
  return result;
}

NcclTopology load(const std::string& seed) {
  core::Diagnostics diagnostics;
  const auto root = core::load_xml(
      std::filesystem::path(PL_SOURCE_DIR) / "tests/fuzz/seeds" / (seed + ".xml"), diagnostics);
  REQUIRE(root);
  auto imported = import_nccl_topology(*root, test::rates(), diagnostics);
  CHECK(diagnostics.all().empty());
  REQUIRE(imported);
  return std::move(*imported);
}

/// `NVL 40` between two devices by name.
std::string path(const NcclTopology& topology, const std::string& from, const std::string& to) {
  NcclPaths paths(topology.fabric);
  const NcclPath found = paths.between(*topology.fabric.find(from), *topology.fabric.find(to));
  return fmt::format("{} {:.6g}", to_text(found.type), found.bandwidth.si() / 1e9);
}

TEST_CASE("a machine with some NVLinks", "[nccl]") {
  const NcclTopology machine = load("hybrid");
  REQUIRE(machine.fabric.endpoints().size() == 4);
  CHECK(path(machine, "gpu0", "gpu0").starts_with("LOC"));
  // sm 70: 20 GB/s a link, two of them.
  CHECK(path(machine, "gpu0", "gpu1") == "NVL 40");
  CHECK(path(machine, "gpu0", "gpu2") == "NVL 20");
  // 1 to 2 over NVLink through GPU 0, two hops of 40 and 20; through two sockets it is farther.
  CHECK(path(machine, "gpu1", "gpu2") == "NVB 20");
  // Gen 3: 16 lanes of 60 over 80 are 12, 8 lanes are 6.
  CHECK(path(machine, "gpu2", "gpu3") == "PIX 6");
  // Skylake sockets carry 10.
  CHECK(path(machine, "gpu0", "gpu3") == "SYS 10");
  CHECK(path(machine, "gpu0", "nic0") == "PIX 12");
  CHECK(path(machine, "gpu3", "nic0") == "SYS 10");
  // GPU 2 has NVLink to GPU 0, which is the adapter's own, and so spares two CPUs.
  CHECK(path(machine, "gpu2", "nic0") == "PXN 12");
  REQUIRE(machine.nets.size() == 1);
  CHECK(machine.nets[0].rate.si() == Approx(12.5e9));  // 100,000 Mb/s
  CHECK(machine.notes.empty());
}

TEST_CASE("NVSwitch, links of GPUs to their CPU, and joined PCIe switches", "[nccl]") {
  const NcclTopology machine = load("grace");
  CHECK(path(machine, "gpu0", "gpu1") == "NVL 721.8");  // 18 times 40.1
  // The adapter hangs from the CPU, PHB, 48; each GPU reaches it through its own link of 14 times
  // 44,712 MB/s, which is C2C and then PCIe.
  CHECK(path(machine, "gpu0", "nic0") == "P2C 48");
  REQUIRE(machine.nets.size() == 2);
  CHECK(machine.nets[0].latency.si() == Approx(1.5e-6));
  CHECK(machine.nets[1].rate.si() == Approx(1.25e9));  // unknown: 10,000 Mb/s
  const auto nvswitch = machine.fabric.find("nvswitch");
  REQUIRE(nvswitch);
  CHECK(machine.bus_ids.size() == machine.fabric.devices().size());
  Router router(machine.fabric);
  const auto route = router.route(*machine.fabric.find("gpu0"), *machine.fabric.find("gpu1"));
  REQUIRE(route);
  CHECK(route->links.size() == 2);  // up to the NVSwitch and down
}

TEST_CASE("a template tells GPUs by their class and keeps the rest as notes", "[nccl]") {
  const NcclTopology machine = load("template");
  CHECK(machine.fabric.endpoints().size() == 2);
  CHECK(path(machine, "gpu0", "gpu1") == "PHB 24");  // a width of 0 counts as 16
  CHECK(path(machine, "gpu0", "nic0") == "PHB 12");  // an empty speed counts as 8 GT/s
  CHECK(path(machine, "gpu0", "nic1") == "PHB 24");  // right at the CPU
  REQUIRE(machine.notes.size() == 2);
  CHECK(machine.notes[0].where.line == 7);  // the disk
  CHECK(machine.notes[1].where.line == 8);  // the speed
}

TEST_CASE("GPUs are numbered by dev, and by bus address without", "[nccl]") {
  const auto machine = [](const std::string& first, const std::string& second) {
    return read("<system><cpu numaid='0' arch='arm64'><pci busid='0000:02:00.0' class='0x030200'>" +
                first + "</pci><pci busid='0000:01:00.0' class='0x030200'>" + second +
                "</pci></cpu></system>");
  };
  const Read by_dev = machine("<gpu dev='4' rank='0'/>", "<gpu dev='6' rank='1'/>");
  REQUIRE(by_dev.topology);
  CHECK(by_dev.topology->fabric.device(by_dev.topology->fabric.endpoints()[0]).name == "gpu4");
  CHECK(by_dev.topology->bus_ids[0] == "0000:02:00.0");
  const Read by_bus = machine("", "");
  REQUIRE(by_bus.topology);
  CHECK(by_bus.topology->fabric.device(by_bus.topology->fabric.endpoints()[0]).name == "gpu0");
  CHECK(by_bus.topology->bus_ids[0] == "0000:01:00.0");
}

/// One GPU and a text within it, on line 3.
Read with_link(const std::string& link, const std::string& pci = "link_width='16'") {
  return read("<system><cpu numaid='0' arch='arm64'>\n<pci busid='0000:01:00.0' class='0x030200' " +
              pci + "><gpu dev='0' sm='80' rank='0'>\n" + link +
              "</gpu></pci>\n<pci busid='0000:02:00.0' class='0x030200'><gpu dev='1' sm='80' "
              "rank='1'><nvlink target='0000:01:00.0' count='4' tclass='0x0302'/></gpu></pci>"
              "</cpu></system>");
}

TEST_CASE("impossible values are refused at their element", "[nccl]") {
  const std::string good = "<nvlink target='0000:02:00.0' count='4' tclass='0x0302'/>";
  CHECK(with_link(good).found.empty());
  CHECK(with_link("<nvlink target='0000:02:00.0' count='0' tclass='0x0302'/>").found ==
        Found{"PL-T082 3:1"});
  CHECK(with_link("<nvlink target='0000:02:00.0' count='four' tclass='0x0302'/>").found ==
        Found{"PL-T082 3:1"});
  CHECK(with_link("<nvlink target='0000:02:00.0' tclass='0x0302'/>").found == Found{"PL-T082 3:1"});
  CHECK(with_link("<nvlink count='4' tclass='0x0302'/>").found == Found{"PL-T082 3:1"});
  CHECK(with_link("<nvlink target='0000:01:00.0' count='4' tclass='0x0302'/>").found ==
        Found{"PL-T022 3:1"});
  CHECK(with_link("<c2c bw='0' count='1'/>").found == Found{"PL-T082 3:1"});
  CHECK(with_link(good, "link_width='-16'").found == Found{"PL-T082 2:1"});
  CHECK(with_link(good, "link_width='16' link_speed='-8 GT/s'").found == Found{"PL-T082 2:1"});
  CHECK(read("<system><cpu numaid='0'><pci busid='0:1:0.0' class='0x030200'/>\n"
             "<pci busid='0:1:0.0' class='0x030200'/></cpu></system>")
            .found == Found{"PL-T081 2:1"});
  CHECK(read("<system><cpu numaid='0'/>\n<cpu numaid='0'/></system>").found ==
        Found{"PL-T081 2:1"});
  CHECK(read("<system><cpu numaid='0'><pci class='0x030200'/></cpu></system>").found ==
        Found{"PL-T082 1:25"});
  CHECK(read("<graphs version='1'/>").found == Found{"PL-T086 1:1"});
  CHECK(read("<system version='1'/>").found == Found{"PL-T024 1:1"});
}

TEST_CASE("links that the other end does not know are warnings", "[nccl]") {
  // A job that sees two GPUs of a larger machine.
  const Read unseen = with_link(
      "<nvlink target='0000:02:00.0' count='4' tclass='0x0302'/>"
      "<nvlink target='0000:03:00.0' count='4' tclass='0x0302'/>");
  CHECK(unseen.topology);
  CHECK(unseen.found == Found{"PL-T083 3:58"});
  const Read fewer = with_link("<nvlink target='0000:02:00.0' count='3' tclass='0x0302'/>");
  REQUIRE(fewer.topology);
  CHECK(fewer.found == Found{"PL-T085 3:1"});
  CHECK(path(*fewer.topology, "gpu0", "gpu1") == "NVL 60");  // 3 links of 20
  const Read one_way = with_link("");
  REQUIRE(one_way.topology);
  CHECK(one_way.found == Found{"PL-T085 4:74"});
  CHECK(path(*one_way.topology, "gpu0", "gpu1") == "NVL 80");
}

TEST_CASE("unknown elements and attributes are notes", "[nccl]") {
  const Read machine = read(
      "<system version='1' colour='red'>\n<cpu numaid='0' arch='arm64'>\n<pci busid='0000:01:00.0' "
      "class='0x030200' link_width='16' link_speed='16 GT/s'/><fan/></cpu>\n<rack/></system>");
  REQUIRE(machine.topology);
  REQUIRE(machine.topology->notes.size() == 3);
  CHECK(machine.topology->notes[0].message == "colour of <system> is not used");
  CHECK(machine.topology->notes[1].message == "<fan> in <cpu> is not used");
  CHECK(machine.topology->notes[2].where.line == 4);
}

}  // namespace
}  // namespace plumbline::topology::imports
