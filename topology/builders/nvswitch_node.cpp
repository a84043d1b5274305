// SPDX-License-Identifier: Apache-2.0
// A machine whose GPUs all reach each other through NVSwitches, optionally with its PCIe side.
//
// The switches are one device of `switches` planes: every GPU stripes each message evenly over all
// of its links, so that the planes fill alike and a GPU's bundle of links is the only constraint.
//
// One machine is one NVLink domain, also where that is a rack of trays with a host each: machine
// numbers tell routes and algorithms of two levels what is joined faster than the network.
#include <fmt/format.h>
#include <vector>

#include "topology/builders/options.hpp"
#include "topology/builders/pcie_tree.hpp"

namespace plumbline::topology::builders {
namespace {

struct NvswitchOptions {
  std::uint32_t gpus = 0;
  LinkOption link;
  std::uint32_t links_per_gpu = 0;
  std::uint32_t switches = 1;
  bool in_network = false;
  std::optional<PcieOptions> pcie;

  static const core::Schema<NvswitchOptions>& schema() {
    static const auto s =
        core::Schema<NvswitchOptions>("NVSwitch node")
            .also(builder_key("nvswitch_node"))
            .required("gpus", &NvswitchOptions::gpus, "GPUs in the machine")
            .required("link", &NvswitchOptions::link, "class of one NVLink")
            .required("links_per_gpu", &NvswitchOptions::links_per_gpu,
                      "NVLinks of each GPU, to all switches together")
            .optional("switches", &NvswitchOptions::switches,
                      "NVSwitch chips; every message is striped over all of them", "1")
            .optional("in_network", &NvswitchOptions::in_network,
                      "true: the switches add and replicate what they forward (NVLink SHARP)",
                      "false")
            .optional("pcie", &NvswitchOptions::pcie, pcie_side_doc);
    return s;
  }
};

const core::SchemaInfo& info() {
  return NvswitchOptions::schema();
}

bool counts_are_good(const NvswitchOptions& options, const core::Cursor& cursor) {
  bool good = at_least_one(cursor, "gpus", options.gpus);
  good = at_least_one(cursor, "links_per_gpu", options.links_per_gpu) && good;
  good = at_least_one(cursor, "switches", options.switches) && good;
  if (good && options.switches > options.links_per_gpu) {
    cursor.find("switches")
        ->error("PL-T017",
                fmt::format("{} links of a GPU can't reach {} switches", options.links_per_gpu,
                            options.switches),
                "every GPU has a link to every switch");
    good = false;
  }
  return !too_large(cursor, options.gpus, 2.0 * options.gpus) && good;
}

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  const std::optional<NvswitchOptions> options = NvswitchOptions::schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  const bool good = counts_are_good(*options, cursor);
  const std::optional<LinkClass> link = options->link.resolve(context);
  const std::optional<PcieSide> pcie =
      PcieSide::check(options->pcie, options->gpus, cursor, context);
  if (!good || !link || !pcie) {
    return std::nullopt;
  }
  FabricBuilder fabric;
  const std::vector<DeviceId> gpus = add_gpus(fabric, options->gpus);
  const DeviceId nvswitch = fabric.add({.name = "nvswitch",
                                        .kind = DeviceKind::nvswitch,
                                        .planes = options->switches,
                                        .in_network = options->in_network});
  for (const DeviceId gpu : gpus) {
    fabric.connect(gpu, nvswitch, *link, options->links_per_gpu);
  }
  pcie->add_to(fabric, gpus);
  return fabric.finish();
}

}  // namespace

extern const BuilderEntry nvswitch_node{
    "nvswitch_node", "GPUs joined by NVSwitches, with PCIe switches, NICs and CPUs if stated", info,
    build};

}  // namespace plumbline::topology::builders
