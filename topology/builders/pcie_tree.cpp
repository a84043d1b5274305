// SPDX-License-Identifier: Apache-2.0
// A server whose GPUs and NICs hang from PCIe switches below CPUs (root complexes).
#include "topology/builders/pcie_tree.hpp"

#include <fmt/format.h>
#include <vector>

namespace plumbline::topology::builders {
namespace {

const core::Schema<PcieOptions>& options_schema() {
  static const auto s =
      core::Schema<PcieOptions>(PcieOptions::schema()).also(builder_key("pcie_tree"));
  return s;
}

const core::SchemaInfo& info() {
  return options_schema();
}

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  const std::optional<PcieOptions> options = options_schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  const std::optional<PcieTree> tree = PcieTree::check(*options, cursor, context);
  if (!tree) {
    return std::nullopt;
  }
  FabricBuilder fabric;
  tree->add_to(fabric, add_gpus(fabric, options->gpus()));
  return fabric.finish();
}

/// Whether the counts are above zero and the upper switches divide those below.
bool counts_are_good(const PcieOptions& options, const core::Cursor& cursor) {
  bool good = at_least_one(cursor, "sockets", options.sockets);
  good = at_least_one(cursor, "gpus_per_switch", options.gpus_per_switch) && good;
  good = at_least_one(cursor, "uplinks_per_switch", options.uplinks_per_switch) && good;
  good = at_least_one(cursor, "inter_socket_links", options.inter_socket_links) && good;
  if (options.nvme) {
    good = at_least_one(*cursor.find("nvme"), "per_switch", options.nvme->per_switch) && good;
  }
  const std::uint32_t upper = options.upper_switches_per_socket;
  const std::uint32_t lower = options.switches_per_socket;
  if (upper > 0 && (lower == 0 || lower % upper != 0)) {
    cursor.find("upper_switches_per_socket")
        ->error("PL-T055", fmt::format("{} switches below {} upper ones", lower, upper),
                "switches_per_socket must be a multiple of upper_switches_per_socket");
    good = false;
  }
  if (options.sockets > 1 && !options.inter_socket.at) {
    cursor.error("PL-T013", fmt::format("{} sockets need a link between them", options.sockets),
                 "add inter_socket: and a link class of kind cpu");
    good = false;
  }
  return good;
}

bool tree_is_too_large(const PcieOptions& options, const core::Cursor& cursor) {
  const double sockets = options.sockets;
  const double switches =
      sockets * (2.0 + options.upper_switches_per_socket + options.switches_per_socket);
  const double below = 1.0 + options.gpus_per_switch + options.nics_per_switch +
                       (options.nvme ? options.nvme->per_switch : 0.0);
  return too_large(cursor, switches * below, 2.0 * switches * below + sockets * sockets);
}

}  // namespace

const core::Schema<NvmeOptions>& NvmeOptions::schema() {
  static const auto s =
      core::Schema<NvmeOptions>("NVMe drives")
          .required("per_switch", &NvmeOptions::per_switch, "drives below each switch (or CPU)")
          .required("link", &NvmeOptions::link, "link class of a drive to its switch");
  return s;
}

const core::Schema<MemoryOptions>& MemoryOptions::schema() {
  static const auto s =
      core::Schema<MemoryOptions>("memory of the CPUs")
          .required("link", &MemoryOptions::link, "link class of a CPU to all of its memory");
  return s;
}

const core::Schema<PcieOptions>& PcieOptions::schema() {
  static const auto s =
      core::Schema<PcieOptions>("PCIe tree")
          .required("sockets", &PcieOptions::sockets, "CPUs; each is a PCIe root complex")
          .required("switches_per_socket", &PcieOptions::switches_per_socket,
                    "PCIe switches below each CPU; 0 puts GPUs and NICs directly below the CPU")
          .optional("upper_switches_per_socket", &PcieOptions::upper_switches_per_socket,
                    "PCIe switches between each CPU and its other switches, which are spread "
                    "evenly over them",
                    "0")
          .optional("upper_uplink", &PcieOptions::upper_uplink,
                    "link class of an upper switch to its CPU; by default that of `uplink`")
          .required("gpus_per_switch", &PcieOptions::gpus_per_switch,
                    "GPUs below each switch (below each CPU where there are no switches)")
          .optional("nics_per_switch", &PcieOptions::nics_per_switch,
                    "network adapters below each switch (or CPU)", "0")
          .required("link", &PcieOptions::link, "link class of GPUs and NICs to their switch")
          .optional("uplink", &PcieOptions::uplink,
                    "link class of a switch to its CPU or upper switch; by default that of `link`")
          .optional("uplinks_per_switch", &PcieOptions::uplinks_per_switch,
                    "parallel uplinks of each switch", "1")
          .optional("inter_socket", &PcieOptions::inter_socket,
                    "link class between CPUs; required from two sockets on")
          .optional("inter_socket_links", &PcieOptions::inter_socket_links,
                    "parallel links between each pair of CPUs", "1")
          .optional("nvme", &PcieOptions::nvme,
                    "drives nvme0, nvme1, …: where flows may start or end")
          .optional("memory", &PcieOptions::memory,
                    "memory0 at the first CPU, and so on: where flows may start or end");
  return s;
}

std::optional<PcieTree> PcieTree::check(const PcieOptions& options, const core::Cursor& cursor,
                                        const BuildContext& context) {
  const bool good = counts_are_good(options, cursor) && !tree_is_too_large(options, cursor);
  const auto one_of = [&](const LinkOption& option, const std::optional<LinkClass>& otherwise) {
    return option.at ? option.resolve(context) : otherwise;
  };
  std::optional<LinkClass> link = options.link.resolve(context);
  std::optional<LinkClass> uplink = one_of(options.uplink, link);
  std::optional<LinkClass> upper_uplink = one_of(options.upper_uplink, uplink);
  std::optional<LinkClass> inter_socket = options.inter_socket.resolve(context);
  std::optional<LinkClass> nvme = options.nvme ? options.nvme->link.resolve(context) : std::nullopt;
  std::optional<LinkClass> memory =
      options.memory ? options.memory->link.resolve(context) : std::nullopt;
  if (!good || !link || !uplink || !upper_uplink || (options.inter_socket.at && !inter_socket) ||
      (options.nvme && !nvme) || (options.memory && !memory)) {
    return std::nullopt;
  }
  return PcieTree{options,
                  std::move(*link),
                  std::move(*uplink),
                  std::move(*upper_uplink),
                  std::move(inter_socket),
                  std::move(nvme),
                  std::move(memory)};
}

std::optional<PcieSide> PcieSide::check(const std::optional<PcieOptions>& options,
                                        std::uint64_t gpus, const core::Cursor& machine,
                                        const BuildContext& context) {
  PcieSide side;
  if (!options) {
    return side;
  }
  const core::Cursor at = *machine.find("pcie");
  side.tree = PcieTree::check(*options, at, context);
  if (options->gpus() != gpus) {
    at.error("PL-T012",
             fmt::format("the PCIe side has {} GPUs and the machine {}", options->gpus(), gpus),
             "sockets × switches_per_socket × gpus_per_switch is the number of GPUs");
    return std::nullopt;
  }
  return side.tree ? std::optional(std::move(side)) : std::nullopt;
}

/// CPUs, every pair of them connected, and their memory.
std::vector<DeviceId> PcieTree::add_sockets(FabricBuilder& fabric) const {
  std::vector<DeviceId> cpus;
  for (std::uint32_t socket = 0; socket < options.sockets; ++socket) {
    const DeviceId cpu =
        fabric.add({.name = fmt::format("cpu{}", socket), .kind = DeviceKind::cpu});
    for (const DeviceId other : cpus) {
      fabric.connect(other, cpu, *inter_socket, options.inter_socket_links);
    }
    cpus.push_back(cpu);
    if (memory) {
      fabric.connect(
          fabric.add({.name = fmt::format("memory{}", socket), .kind = DeviceKind::memory}), cpu,
          *memory);
    }
  }
  return cpus;
}

/// What GPUs, NICs and drives hang from: switches, or CPUs where there are none.
std::vector<DeviceId> PcieTree::add_branches(FabricBuilder& fabric,
                                             std::span<const DeviceId> cpus) const {
  std::vector<DeviceId> branches;
  std::size_t upper = 0;
  for (const DeviceId cpu : cpus) {
    if (options.switches_per_socket == 0) {
      branches.push_back(cpu);
    }
    std::vector<DeviceId> roots;
    for (std::uint32_t i = 0; i < options.upper_switches_per_socket; ++i) {
      const DeviceId root = fabric.add(
          {.name = fmt::format("upper_switch{}", upper++), .kind = DeviceKind::pcie_switch});
      fabric.connect(root, cpu, upper_uplink, options.uplinks_per_switch);
      roots.push_back(root);
    }
    if (roots.empty()) {
      roots.push_back(cpu);
    }
    const std::size_t below = options.switches_per_socket / roots.size();
    for (std::uint32_t i = 0; i < options.switches_per_socket; ++i) {
      branches.push_back(fabric.add({.name = fmt::format("pcie_switch{}", branches.size()),
                                     .kind = DeviceKind::pcie_switch}));
      fabric.connect(branches.back(), roots[i / below], uplink, options.uplinks_per_switch);
    }
  }
  return branches;
}

void PcieTree::add_to(FabricBuilder& fabric, std::span<const DeviceId> gpus) const {
  const std::vector<DeviceId> cpus = add_sockets(fabric);
  std::size_t gpu = 0;
  std::size_t nic = 0;
  std::size_t drive = 0;
  for (const DeviceId branch : add_branches(fabric, cpus)) {
    for (std::uint32_t i = 0; i < options.gpus_per_switch; ++i) {
      fabric.connect(gpus[gpu++], branch, link);
    }
    for (std::uint32_t i = 0; i < options.nics_per_switch; ++i) {
      fabric.connect(fabric.add({.name = fmt::format("nic{}", nic++), .kind = DeviceKind::nic}),
                     branch, link);
    }
    for (std::uint32_t i = 0; options.nvme && i < options.nvme->per_switch; ++i) {
      fabric.connect(fabric.add({.name = fmt::format("nvme{}", drive++), .kind = DeviceKind::nvme}),
                     branch, *nvme);
    }
  }
}

extern const BuilderEntry pcie_tree{
    "pcie_tree", "GPUs and NICs below PCIe switches and CPU sockets, without NVLink", info, build};

}  // namespace plumbline::topology::builders
