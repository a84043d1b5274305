// SPDX-License-Identifier: Apache-2.0
// The published topology files, every pair of GPUs of each: type and bandwidth of the path as
// imported against a computation on the XML tree alone, with the rules written down a second time.
#include <array>
#include <fmt/format.h>
#include <map>

#include "nccl_import.hpp"
#include "tests/support/shared_files.hpp"
#include "topology/imports/nccl_paths.hpp"

namespace plumbline::topology::imports {
namespace {

using core::XmlElement;

std::string attribute(const XmlElement& element, const std::string& name) {
  const std::string* value = element.find(name);
  return value == nullptr ? "" : *value;
}

/// GB/s of a PCIe device's link upwards: lanes times 100 Mb/s per lane, over 80.
double pcie(const XmlElement& element) {
  static const std::map<std::string, double> per_lane{
      {"5.0 GT/s PCIe", 30}, {"8 GT/s", 60}, {"16 GT/s", 120}, {"32.0 GT/s PCIe", 240}};
  return std::stod(attribute(element, "link_width")) *
         per_lane.at(attribute(element, "link_speed")) / 80;
}

/// GB/s between two CPUs; of these vendors and models the files speak.
double socket(const XmlElement& cpu) {
  if (attribute(cpu, "vendor") == "AuthenticAMD") {
    return 16;
  }
  static const std::map<std::string, double> by_model{{"85", 10}, {"143", 22}};
  return by_model.at(attribute(cpu, "modelid"));
}

double gpu_link(const XmlElement& gpu) {
  static const std::map<std::string, double> by_gcn{
      {"906", 24}, {"908", 24}, {"910", 36}, {"gfx942", 48}};
  static const std::map<std::string, double> by_sm{{"90", 20.6}};
  const std::string gcn = attribute(gpu, "gcn");
  return gcn.empty() ? by_sm.at(attribute(gpu, "sm")) : by_gcn.at(gcn);
}

/// One GPU: the elements above it, itself first and its CPU last, and its links to others.
struct Gpu {
  std::vector<const XmlElement*> up;
  std::map<std::string, double> links;  // GB/s by bus address
  double to_switch = 0;
};

void walk(const XmlElement& element, std::vector<const XmlElement*> up,
          std::map<std::string, Gpu>& gpus) {
  up.insert(up.begin(), &element);
  const std::string pci_class = attribute(element, "class");
  bool is_gpu = pci_class == "0x030200";
  Gpu gpu{up, {}, 0};
  for (const XmlElement& child : element.children) {
    if (child.name == "gpu") {
      is_gpu = true;
      for (const XmlElement& link : child.children) {
        const double rate = std::stod(attribute(link, "count")) * gpu_link(child);
        (attribute(link, "tclass") == "0x068000" ? gpu.to_switch
                                                 : gpu.links[attribute(link, "target")]) += rate;
      }
    } else {
      walk(child, up, gpus);
    }
  }
  if (is_gpu) {
    gpus[attribute(element, "busid")] = gpu;
  }
}

struct Expected {
  std::string type;
  double bandwidth;
};

/// Through the tree alone: up to the nearest element above both, or over to another CPU.
Expected through_tree(const Gpu& a, const Gpu& b) {
  for (std::size_t i = 1; i < a.up.size(); ++i) {
    const auto meet = std::find(b.up.begin(), b.up.end(), a.up[i]);
    if (meet == b.up.end()) {
      continue;
    }
    double least = 1e9;
    for (std::size_t k = 0; k < i; ++k) {
      least = std::min(least, pcie(*a.up[k]));
    }
    for (auto k = b.up.begin(); k != meet; ++k) {
      least = std::min(least, pcie(**k));
    }
    const bool one_switch = i == 1 && meet == b.up.begin() + 1;
    return {(*meet)->name == "cpu" ? "PHB" : one_switch ? "PIX" : "PXB", least};
  }
  double least = socket(*a.up.back());
  for (const Gpu* gpu : {&a, &b}) {
    for (std::size_t k = 0; k + 1 < gpu->up.size(); ++k) {
      least = std::min(least, pcie(*gpu->up[k]));
    }
  }
  return {"SYS", least};
}

Expected expected(const std::map<std::string, Gpu>& gpus, const std::string& from,
                  const std::string& to) {
  const Gpu& a = gpus.at(from);
  const Gpu& b = gpus.at(to);
  if (a.links.contains(to)) {
    return {"NVL", a.links.at(to)};
  }
  if (a.to_switch > 0 && b.to_switch > 0) {
    return {"NVL", std::min(a.to_switch, b.to_switch)};
  }
  double relayed = 0;  // NVLink to a GPU between: two hops, and a path through the tree has more
  for (const auto& [middle, rate] : a.links) {
    const auto onward = gpus.at(middle).links.find(to);
    if (onward != gpus.at(middle).links.end()) {
      relayed = std::max(relayed, std::min(rate, onward->second));
    }
  }
  const Expected tree = through_tree(a, b);
  return relayed > 0 && tree.type != "PIX" ? Expected{"NVB", relayed} : tree;
}

/// Compares all pairs and returns how many there were of each type.
std::map<std::string, int> compare(const XmlElement& root, const NcclTopology& imported) {
  std::map<std::string, Gpu> gpus;
  for (const XmlElement& cpu : root.children) {
    walk(cpu, {}, gpus);
  }
  REQUIRE(gpus.size() == imported.fabric.endpoints().size());
  NcclPaths paths(imported.fabric);
  std::map<std::string, int> types;
  for (const DeviceId from : imported.fabric.endpoints()) {
    for (const DeviceId to : imported.fabric.endpoints()) {
      if (from == to) {
        continue;
      }
      const std::string& from_bus = imported.bus_ids[from.index()];
      const std::string& to_bus = imported.bus_ids[to.index()];
      const Expected wanted = expected(gpus, from_bus, to_bus);
      const NcclPath found = paths.between(from, to);
      INFO(fmt::format("{} to {}", from_bus, to_bus));
      CHECK(std::string(to_text(found.type)) == wanted.type);
      CHECK(found.bandwidth.si() == Approx(wanted.bandwidth * 1e9).epsilon(1e-12));
      ++types[wanted.type];
    }
  }
  return types;
}

TEST_CASE("every pair of GPUs of the published files has NCCL's path", "[nccl][shared]") {
  std::map<std::string, int> types;
  std::size_t files = 0;
  for (const auto& file : plumbline::test::shared_files("topologies", ".xml")) {
    INFO(file.string());
    core::Diagnostics diagnostics;
    const auto root = core::load_xml(file, diagnostics);
    REQUIRE(root);
    const auto imported = import_nccl_topology(*root, test::rates(), diagnostics);
    for (const core::Diagnostic& diagnostic : diagnostics.all()) {
      UNSCOPED_INFO(core::to_text(diagnostic));
    }
    if (file.string().find("g5.48xl") != std::string::npos) {
      // Bus addresses alone: nobody can tell a GPU from them.
      CHECK_FALSE(imported);
      CHECK(test::places(diagnostics) == test::Found{"PL-T024 12:1"});
      continue;
    }
    REQUIRE(imported);
    CHECK(diagnostics.all().empty());
    CHECK(imported->fabric.endpoints().size() == 8);
    for (const auto& [type, pairs] : compare(*root, *imported)) {
      types[type] += pairs;
    }
    ++files;
  }
  if (files > 0) {
    CHECK(files == 11);
    for (const char* type : {"NVL", "NVB", "PIX", "PXB", "PHB", "SYS"}) {
      INFO(type);
      CHECK(types[type] > 0);
    }
  }
}

}  // namespace
}  // namespace plumbline::topology::imports
