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

/// CPUs, every pair of them connected.
std::vector<DeviceId> add_sockets(FabricBuilder& fabric, const PcieTree& tree) {
  std::vector<DeviceId> cpus;
  for (std::uint32_t socket = 0; socket < tree.options.sockets; ++socket) {
    const DeviceId cpu =
        fabric.add({.name = fmt::format("cpu{}", socket), .kind = DeviceKind::cpu});
    for (const DeviceId other : cpus) {
      fabric.connect(other, cpu, *tree.inter_socket, tree.options.inter_socket_links);
    }
    cpus.push_back(cpu);
  }
  return cpus;
}

}  // namespace

const core::Schema<PcieOptions>& PcieOptions::schema() {
  static const auto s =
      core::Schema<PcieOptions>("PCIe tree")
          .required("sockets", &PcieOptions::sockets, "CPUs; each is a PCIe root complex")
          .required("switches_per_socket", &PcieOptions::switches_per_socket,
                    "PCIe switches below each CPU; 0 puts GPUs and NICs directly below the CPU")
          .required("gpus_per_switch", &PcieOptions::gpus_per_switch,
                    "GPUs below each switch (below each CPU where there are no switches)")
          .optional("nics_per_switch", &PcieOptions::nics_per_switch,
                    "network adapters below each switch (or CPU)", "0")
          .required("link", &PcieOptions::link, "link class of GPUs and NICs to their switch")
          .optional("uplink", &PcieOptions::uplink,
                    "link class of a switch to its CPU; by default that of `link`")
          .optional("uplinks_per_switch", &PcieOptions::uplinks_per_switch,
                    "parallel uplinks of each switch", "1")
          .optional("inter_socket", &PcieOptions::inter_socket,
                    "link class between CPUs; required from two sockets on")
          .optional("inter_socket_links", &PcieOptions::inter_socket_links,
                    "parallel links between each pair of CPUs", "1");
  return s;
}

std::optional<PcieTree> PcieTree::check(const PcieOptions& options, const core::Cursor& cursor,
                                        const BuildContext& context) {
  bool good = at_least_one(cursor, "sockets", options.sockets);
  good = at_least_one(cursor, "gpus_per_switch", options.gpus_per_switch) && good;
  good = at_least_one(cursor, "uplinks_per_switch", options.uplinks_per_switch) && good;
  good = at_least_one(cursor, "inter_socket_links", options.inter_socket_links) && good;
  const double branches =
      static_cast<double>(options.sockets) * (1.0 + options.switches_per_socket);
  const double devices = branches * (1.0 + options.gpus_per_switch + options.nics_per_switch);
  const double mesh = static_cast<double>(options.sockets) * options.sockets;
  good = !too_large(cursor, devices, 2.0 * devices + mesh) && good;
  if (options.sockets > 1 && !options.inter_socket.at) {
    cursor.error("PL-T013", fmt::format("{} sockets need a link between them", options.sockets),
                 "add inter_socket: and a link class of kind cpu");
    good = false;
  }
  std::optional<LinkClass> link = options.link.resolve(context);
  std::optional<LinkClass> uplink = options.uplink.at ? options.uplink.resolve(context) : link;
  std::optional<LinkClass> inter_socket = options.inter_socket.resolve(context);
  if (!good || !link || !uplink || (options.inter_socket.at && !inter_socket)) {
    return std::nullopt;
  }
  return PcieTree{options, std::move(*link), std::move(*uplink), std::move(inter_socket)};
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

void PcieTree::add_to(FabricBuilder& fabric, std::span<const DeviceId> gpus) const {
  const std::vector<DeviceId> cpus = add_sockets(fabric, *this);
  std::vector<DeviceId> branches;
  for (const DeviceId cpu : cpus) {
    if (options.switches_per_socket == 0) {
      branches.push_back(cpu);
    }
    for (std::uint32_t i = 0; i < options.switches_per_socket; ++i) {
      branches.push_back(fabric.add({.name = fmt::format("pcie_switch{}", branches.size()),
                                     .kind = DeviceKind::pcie_switch}));
      fabric.connect(branches.back(), cpu, uplink, options.uplinks_per_switch);
    }
  }
  std::size_t gpu = 0;
  std::size_t nic = 0;
  for (const DeviceId branch : branches) {
    for (std::uint32_t i = 0; i < options.gpus_per_switch; ++i) {
      fabric.connect(gpus[gpu++], branch, link);
    }
    for (std::uint32_t i = 0; i < options.nics_per_switch; ++i) {
      fabric.connect(fabric.add({.name = fmt::format("nic{}", nic++), .kind = DeviceKind::nic}),
                     branch, link);
    }
  }
}

extern const BuilderEntry pcie_tree{
    "pcie_tree", "GPUs and NICs below PCIe switches and CPU sockets, without NVLink", info, build};

}  // namespace plumbline::topology::builders
