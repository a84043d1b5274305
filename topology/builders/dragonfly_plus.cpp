// SPDX-License-Identifier: Apache-2.0
// Groups of leaves and spines, each leaf of a group with a link to each of its spines, and global
// links from the spines join each two groups (Shpiner, Haramaty, Eliad, Zdornov, Gafni, Zahavi,
// "Dragonfly+: low cost topology for scaling datacenters", HiPINEB 2017).
#include <fmt/format.h>
#include <vector>

#include "topology/builders/global_links.hpp"
#include "topology/builders/machines.hpp"

namespace plumbline::topology::builders {
namespace {

struct PlusOptions {
  NodeOption node;
  std::uint32_t groups = 0;
  std::uint32_t leaves_per_group = 0;
  std::uint32_t spines_per_group = 0;
  std::uint32_t nodes_per_leaf = 0;
  LinkOption host_link;
  std::uint32_t host_links = 1;
  LinkOption local_link;
  std::uint32_t local_links = 1;
  LinkOption global_link;
  std::uint32_t globals_per_spine = 0;
  Arrangement arrangement = Arrangement::palmtree;
  bool in_network = false;

  static const core::Schema<PlusOptions>& schema() {
    static const auto s =
        core::Schema<PlusOptions>("dragonfly+")
            .also(builder_key("dragonfly_plus"))
            .optional("node", &PlusOptions::node,
                      "the machine, by system name or as a fabric written in place; without it "
                      "every machine is one host device")
            .required("groups", &PlusOptions::groups, "groups of leaves and spines")
            .required("leaves_per_group", &PlusOptions::leaves_per_group, "leaves in each group")
            .required("spines_per_group", &PlusOptions::spines_per_group,
                      "spines in each group; every leaf of it has a link to each")
            .required("nodes_per_leaf", &PlusOptions::nodes_per_leaf,
                      "machines on each leaf, with all of their adapters")
            .required("host_link", &PlusOptions::host_link,
                      "link class of an adapter (or host) to its leaf")
            .optional("host_links", &PlusOptions::host_links,
                      "parallel cables of each adapter (or host)", "1")
            .required("local_link", &PlusOptions::local_link, "link class of a leaf to a spine")
            .optional("local_links", &PlusOptions::local_links,
                      "parallel cables from each leaf to each spine of its group", "1")
            .required("global_link", &PlusOptions::global_link, "link class between groups")
            .required("globals_per_spine", &PlusOptions::globals_per_spine,
                      "global ports of each spine; those of a group reach each other group equally "
                      "often, and what that leaves over stays free")
            .optional("arrangement", &PlusOptions::arrangement,
                      "which spine has the link to which group: absolute (Kim et al. 2008) or "
                      "palmtree (Camarero et al. 2014)",
                      "palmtree")
            .optional("in_network", &PlusOptions::in_network,
                      "whether the switches add and replicate what they forward (SHARP)", "false");
    return s;
  }

  [[nodiscard]] GlobalOptions globals() const {
    return {arrangement, groups, spines_per_group, globals_per_spine};
  }
};

const core::SchemaInfo& info() {
  return PlusOptions::schema();
}

bool counts_are_good(const PlusOptions& options, const core::Cursor& cursor) {
  bool good = at_least_one(cursor, "groups", options.groups);
  good = at_least_one(cursor, "leaves_per_group", options.leaves_per_group) && good;
  good = at_least_one(cursor, "spines_per_group", options.spines_per_group) && good;
  good = at_least_one(cursor, "nodes_per_leaf", options.nodes_per_leaf) && good;
  good = at_least_one(cursor, "host_links", options.host_links) && good;
  good = at_least_one(cursor, "local_links", options.local_links) && good;
  return groups_meet(options.globals(), cursor, "groups") && good;
}

bool is_too_large(const PlusOptions& options, const Machines& machines,
                  const core::Cursor& cursor) {
  const double groups = options.groups;
  const double leaves = options.leaves_per_group;
  const double spines = options.spines_per_group;
  const double nodes = leaves * options.nodes_per_leaf;
  return too_large(cursor, groups * (leaves + spines + nodes * machines.devices_each()),
                   groups * (spines * (2.0 * leaves + options.globals_per_spine) +
                             nodes * machines.links_each()));
}

class DragonflyPlus {
 public:
  DragonflyPlus(const PlusOptions& options, const Machines& machines, const LinkClass& local)
      : options_(options), machines_(machines), local_(local) {}

  Fabric build(const LinkClass& global) {
    std::vector<std::vector<DeviceId>> spines;
    for (std::uint32_t group = 0; group < options_.groups; ++group) {
      spines.emplace_back();
      for (std::uint32_t i = 0; i < options_.spines_per_group; ++i) {
        spines.back().push_back(
            add_switch(DeviceKind::spine, fmt::format("group{}_spine{}", group, i), spines_++));
      }
      for (std::uint32_t i = 0; i < options_.leaves_per_group; ++i) {
        add_leaf(fmt::format("group{}_leaf{}", group, i), spines.back());
      }
    }
    join_groups(fabric_, options_.globals(), spines, global);
    return fabric_.finish();
  }

 private:
  DeviceId add_switch(DeviceKind kind, std::string name, std::uint32_t number) {
    return fabric_.add({.name = std::move(name),
                        .kind = kind,
                        .node = number,
                        .in_node = false,
                        .in_network = options_.in_network});
  }

  /// A leaf with its links to the spines, and its machines.
  void add_leaf(std::string name, const std::vector<DeviceId>& spines) {
    const DeviceId leaf = add_switch(DeviceKind::leaf, std::move(name), leaves_++);
    for (const DeviceId spine : spines) {
      fabric_.connect(leaf, spine, local_, options_.local_links);
    }
    for (std::uint32_t i = 0; i < options_.nodes_per_leaf; ++i) {
      for (const DeviceId adapter : machines_.add_to(fabric_, number_++)) {
        fabric_.connect(adapter, leaf, machines_.link, machines_.cables);
      }
    }
  }

  const PlusOptions& options_;
  const Machines& machines_;
  const LinkClass& local_;
  FabricBuilder fabric_;
  std::uint32_t spines_ = 0;
  std::uint32_t leaves_ = 0;
  std::uint32_t number_ = 0;  ///< of the next machine
};

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  const std::optional<PlusOptions> options = PlusOptions::schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  const bool good = counts_are_good(*options, cursor);
  const auto machines =
      Machines::read(options->node, options->host_link, options->host_links, context);
  const std::optional<LinkClass> local = options->local_link.resolve(context);
  const std::optional<LinkClass> global = options->global_link.resolve(context);
  if (!good || !machines || !local || !global || is_too_large(*options, *machines, cursor)) {
    return std::nullopt;
  }
  return DragonflyPlus(*options, *machines, *local).build(*global);
}

}  // namespace

extern const BuilderEntry dragonfly_plus{
    "dragonfly_plus", "Groups of leaves and spines, and global links between the groups' spines",
    info, build};

}  // namespace plumbline::topology::builders
