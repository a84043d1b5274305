// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/nvidia_smi_topo.hpp"

#include "core/text_file.hpp"
#include "from_yaml.hpp"
#include "nccl_import.hpp"
#include "topology/imports/nccl_paths.hpp"

namespace plumbline::topology::imports {
namespace {

using test::Found;

struct Read {
  std::optional<Fabric> fabric;
  Found found;
};

Read read(const std::string& text, std::optional<bool> nvswitch = std::nullopt,
          bool with_nvlink = true) {
  const LinkCatalogue links = topology::test::links();
  core::Diagnostics diagnostics;
  auto fabric = import_nvidia_smi_topo(
      text, "topo.txt",
      {.nvlink = with_nvlink ? std::optional(links.at("nvlink")) : std::nullopt,
       .pcie = links.at("pcie"),
       .socket = links.at("cpu"),
       .nic = links.at("pcie"),
       .nvswitch = nvswitch},
      diagnostics);
  return {std::move(fabric), test::places(diagnostics)};
}

std::string type(const Fabric& fabric, const std::string& from, const std::string& to) {
  NcclPaths paths(fabric);
  return std::string(to_text(paths.between(*fabric.find(from), *fabric.find(to)).type));
}

TEST_CASE("a matrix of nvidia-smi becomes the machine that it describes", "[smi]") {
  core::Diagnostics diagnostics;
  const auto text = core::read_text_file(
      std::filesystem::path(PL_SOURCE_DIR) / "tests/conformance/files/four_gpus.txt", diagnostics);
  REQUIRE(text);
  const Read machine = read(*text);
  CHECK(machine.found.empty());
  REQUIRE(machine.fabric);
  const Fabric& fabric = *machine.fabric;
  CHECK(fabric.endpoints().size() == 4);
  // What the text says, NODE being PHB: one CPU between.
  CHECK(type(fabric, "gpu0", "gpu1") == "NVL");
  CHECK(type(fabric, "gpu0", "gpu2") == "PXB");
  CHECK(type(fabric, "gpu1", "gpu2") == "PHB");
  CHECK(type(fabric, "gpu0", "gpu3") == "SYS");
  CHECK(type(fabric, "gpu2", "gpu3") == "NVL");
  CHECK(type(fabric, "gpu0", "nic0") == "PIX");
  CHECK(type(fabric, "gpu2", "nic0") == "PXB");
  const DeviceId gpu0 = *fabric.find("gpu0");
  const DeviceId gpu1 = *fabric.find("gpu1");
  NcclPaths paths(fabric);
  CHECK(paths.between(gpu0, gpu1).bandwidth.si() == Approx(100e9));  // NV4, 25 GB/s each
}

constexpr auto even =
    "\tGPU0\tGPU1\tGPU2\tCPU Affinity\nGPU0\t X \tNV6\tNV6\t0-7\nGPU1\tNV6\t X \tNV6\t0-7\n"
    "GPU2\tNV6\tNV6\t X \t0-7\n";

TEST_CASE("an even matrix needs to be told whether there are NVSwitches", "[smi]") {
  CHECK(read(even).found == Found{"PL-T089 1:1"});
  const Read switched = read(even, true);
  REQUIRE(switched.fabric);
  CHECK(switched.fabric->find("nvswitch"));
  // A GPU's 6 links and its PCIe link, both directions.
  CHECK(switched.fabric->out_links(*switched.fabric->find("gpu0")).size() == 2);
  const Read direct = read(even, false);
  REQUIRE(direct.fabric);
  CHECK(direct.fabric->out_links(*direct.fabric->find("gpu0")).size() == 3);
  CHECK(read(even, true, false).found == Found{"PL-T089 1:1"});
}

TEST_CASE("broken matrices are refused at their line", "[smi]") {
  CHECK(read("").found == Found{"PL-T088 1:1"});
  CHECK(read("words\n").found == Found{"PL-T088 1:1"});
  CHECK(read("\tGPU0\tGPU1\nGPU0\t X \tPIX\nGPU1\tPXB\t X \n").found == Found{"PL-T088 3:1"});
  CHECK(read("\tGPU0\tGPU1\nGPU0\t X \tNV0\nGPU1\tPIX\t X \n").found.front() == "PL-T088 2:1");
  CHECK(read("\tGPU0\tGPU1\nGPU0\t X \nGPU1\tPIX\t X \n").found.front() == "PL-T088 2:1");
  CHECK(read("\tGPU0\tGPU1\nGPU0\tX\tPIX\n").found == Found{"PL-T088 3:1"});
}

}  // namespace
}  // namespace plumbline::topology::imports
