// SPDX-License-Identifier: Apache-2.0
// A scale-up domain of two tiers of switches (CloudMatrix384: Zuo et al. 2025, arXiv:2506.12708,
// section 3): in each node an L1 switch for every plane, over all nodes the L2 switches of each
// plane.
//
// Every message is striped over all planes, and within a plane over its L2 switches, as in
// nvswitch_node: so the L1 switches of a node are one device, and so are all L2 switches. The whole
// is one machine, since machines are what a slower network joins.
#include <fmt/format.h>
#include <vector>

#include "topology/builders/options.hpp"

namespace plumbline::topology::builders {
namespace {

struct SupernodeOptions {
  std::uint32_t nodes = 0;
  std::uint32_t gpus_per_node = 0;
  std::uint32_t planes = 0;
  LinkOption link;
  std::uint32_t links_per_plane = 0;
  std::uint32_t l2_per_plane = 0;
  LinkOption uplink;
  std::uint32_t uplinks = 1;

  static const core::Schema<SupernodeOptions>& schema() {
    static const auto s =
        core::Schema<SupernodeOptions>("supernode")
            .also(builder_key("supernode"))
            .required("nodes", &SupernodeOptions::nodes, "nodes of the domain")
            .required("gpus_per_node", &SupernodeOptions::gpus_per_node, "GPUs or NPUs in each")
            .required("planes", &SupernodeOptions::planes,
                      "L1 switches in each node; every message is striped over all planes")
            .required("link", &SupernodeOptions::link, "class of a link from a GPU to an L1 switch")
            .required("links_per_plane", &SupernodeOptions::links_per_plane,
                      "links from each GPU to each L1 switch of its node")
            .required("l2_per_plane", &SupernodeOptions::l2_per_plane,
                      "L2 switches of each plane, which every L1 switch of the plane has links to")
            .optional("uplink", &SupernodeOptions::uplink,
                      "class of a link from an L1 to an L2 switch; by default that of `link`")
            .optional("uplinks", &SupernodeOptions::uplinks,
                      "links from each L1 switch to each L2 switch of its plane", "1");
    return s;
  }

  /// Of each L1 device, to all L2 switches together.
  [[nodiscard]] std::uint64_t all_uplinks() const {
    return std::uint64_t{planes} * l2_per_plane * uplinks;
  }
};

const core::SchemaInfo& info() {
  return SupernodeOptions::schema();
}

bool counts_are_good(const SupernodeOptions& options, const core::Cursor& cursor) {
  bool good = at_least_one(cursor, "nodes", options.nodes);
  good = at_least_one(cursor, "gpus_per_node", options.gpus_per_node) && good;
  good = at_least_one(cursor, "planes", options.planes) && good;
  good = at_least_one(cursor, "links_per_plane", options.links_per_plane) && good;
  good = at_least_one(cursor, "l2_per_plane", options.l2_per_plane) && good;
  good = at_least_one(cursor, "uplinks", options.uplinks) && good;
  const double gpus = static_cast<double>(options.nodes) * options.gpus_per_node;
  const double cables =
      std::max(static_cast<double>(options.planes) * options.links_per_plane,
               static_cast<double>(options.planes) * options.l2_per_plane * options.uplinks);
  return !too_large(cursor, std::max(gpus + options.nodes, cables), 2.0 * (gpus + options.nodes)) &&
         good;
}

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  const std::optional<SupernodeOptions> options = SupernodeOptions::schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  const bool good = counts_are_good(*options, cursor);
  const std::optional<LinkClass> link = options->link.resolve(context);
  const std::optional<LinkClass> uplink =
      options->uplink.at ? options->uplink.resolve(context) : link;
  if (!good || !link || !uplink) {
    return std::nullopt;
  }
  FabricBuilder fabric;
  const std::vector<DeviceId> gpus =
      add_gpus(fabric, std::uint64_t{options->nodes} * options->gpus_per_node);
  const DeviceId l2 = fabric.add({.name = "l2",
                                  .kind = DeviceKind::nvswitch,
                                  .planes = options->planes * options->l2_per_plane});
  for (std::uint32_t node = 0; node < options->nodes; ++node) {
    const DeviceId l1 = fabric.add({.name = fmt::format("l1_node{}", node),
                                    .kind = DeviceKind::nvswitch,
                                    .planes = options->planes});
    for (std::uint32_t i = 0; i < options->gpus_per_node; ++i) {
      fabric.connect(gpus[std::size_t{node} * options->gpus_per_node + i], l1, *link,
                     options->planes * options->links_per_plane);
    }
    fabric.connect(l1, l2, *uplink, static_cast<std::uint32_t>(options->all_uplinks()));
  }
  return fabric.finish();
}

}  // namespace

extern const BuilderEntry supernode{
    "supernode", "GPUs below two tiers of scale-up switches, in several planes", info, build};

}  // namespace plumbline::topology::builders
