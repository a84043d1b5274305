// SPDX-License-Identifier: Apache-2.0
// Groups of routers: each router of a group has a link to every other of it, and global links join
// each two groups (Kim, Dally, Scott, Abts, "Technology-driven, highly-scalable dragonfly
// topology", ISCA 2008).
#include <fmt/format.h>
#include <vector>

#include "topology/builders/global_links.hpp"
#include "topology/builders/machines.hpp"

namespace plumbline::topology::builders {
namespace {

struct DragonflyOptions {
  NodeOption node;
  std::uint32_t groups = 0;
  std::uint32_t routers_per_group = 0;
  std::optional<std::uint32_t> nodes_per_router;
  std::optional<std::uint32_t> nics_per_router;
  LinkOption host_link;
  std::uint32_t host_links = 1;
  LinkOption local_link;
  std::uint32_t local_links = 1;
  LinkOption global_link;
  std::uint32_t globals_per_router = 0;
  Arrangement arrangement = Arrangement::palmtree;

  static const core::Schema<DragonflyOptions>& schema() {
    static const auto s =
        core::Schema<DragonflyOptions>("dragonfly")
            .also(builder_key("dragonfly"))
            .optional("node", &DragonflyOptions::node,
                      "the machine, by system name or as a fabric written in place; without it "
                      "every machine is one host device")
            .required("groups", &DragonflyOptions::groups, "groups of routers")
            .required("routers_per_group", &DragonflyOptions::routers_per_group,
                      "routers in each group, all joined to each other")
            .optional("nodes_per_router", &DragonflyOptions::nodes_per_router,
                      "machines on each router, with all of their adapters; either this or "
                      "nics_per_router")
            .optional("nics_per_router", &DragonflyOptions::nics_per_router,
                      "adapters on each router: those of a group's machines are dealt out to its "
                      "routers one by one")
            .required("host_link", &DragonflyOptions::host_link,
                      "link class of an adapter (or host) to its router")
            .optional("host_links", &DragonflyOptions::host_links,
                      "parallel cables of each adapter (or host)", "1")
            .required("local_link", &DragonflyOptions::local_link,
                      "link class between routers of a group")
            .optional("local_links", &DragonflyOptions::local_links,
                      "parallel cables between two routers of a group", "1")
            .required("global_link", &DragonflyOptions::global_link, "link class between groups")
            .required("globals_per_router", &DragonflyOptions::globals_per_router,
                      "global ports of each router; those of a group reach each other group "
                      "equally often, and what that leaves over stays free")
            .optional("arrangement", &DragonflyOptions::arrangement,
                      "which router has the link to which group: absolute (Kim et al. 2008) or "
                      "palmtree (Camarero et al. 2014)",
                      "palmtree");
    return s;
  }

  [[nodiscard]] GlobalOptions globals() const {
    return {arrangement, groups, routers_per_group, globals_per_router};
  }
};

const core::SchemaInfo& info() {
  return DragonflyOptions::schema();
}

bool counts_are_good(const DragonflyOptions& options, const core::Cursor& cursor) {
  bool good = at_least_one(cursor, "groups", options.groups);
  good = at_least_one(cursor, "routers_per_group", options.routers_per_group) && good;
  good = at_least_one(cursor, "host_links", options.host_links) && good;
  good = at_least_one(cursor, "local_links", options.local_links) && good;
  if (options.nodes_per_router.has_value() == options.nics_per_router.has_value()) {
    cursor.error("PL-T044",
                 options.nodes_per_router
                     ? "nodes_per_router and nics_per_router both state what plugs into a router"
                     : "what plugs into a router is missing",
                 "write either nodes_per_router or nics_per_router");
    return false;
  }
  good = (options.nodes_per_router
              ? at_least_one(cursor, "nodes_per_router", *options.nodes_per_router)
              : at_least_one(cursor, "nics_per_router", *options.nics_per_router)) &&
         good;
  return groups_meet(options.globals(), cursor, "groups") && good;
}

/// Machines of a group; nullopt after a diagnostic where its ports are no whole number of them.
std::optional<std::uint64_t> machines_of_group(const DragonflyOptions& options,
                                               const Machines& machines,
                                               const core::Cursor& cursor) {
  const std::uint64_t routers = options.routers_per_group;
  if (options.nodes_per_router) {
    return routers * *options.nodes_per_router;
  }
  const std::uint64_t ports = routers * *options.nics_per_router;
  if (ports % machines.ports() != 0) {
    cursor.find("nics_per_router")
        ->error(
            "PL-T044",
            fmt::format("{} ports of a group for machines of {} adapters", ports, machines.ports()),
            "routers_per_group × nics_per_router is a multiple of a machine's adapters");
    return std::nullopt;
  }
  return ports / machines.ports();
}

struct Plan {
  DragonflyOptions options;
  Machines machines;
  std::uint64_t machines_of_group;
  LinkClass local;
  LinkClass global;
};

bool is_too_large(const Plan& plan, const core::Cursor& cursor) {
  const double groups = plan.options.groups;
  const double routers = plan.options.routers_per_group;
  const double machines = static_cast<double>(plan.machines_of_group);
  return too_large(cursor, groups * (routers + machines * plan.machines.devices_each()),
                   groups * (routers * (routers - 1.0 + plan.options.globals_per_router) +
                             machines * plan.machines.links_each()));
}

std::optional<Plan> make_plan(const core::Cursor& cursor, const BuildContext& context) {
  std::optional<DragonflyOptions> options = DragonflyOptions::schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  const bool good = counts_are_good(*options, cursor);
  auto machines = Machines::read(options->node, options->host_link, options->host_links, context);
  const std::optional<LinkClass> local = options->local_link.resolve(context);
  const std::optional<LinkClass> global = options->global_link.resolve(context);
  if (!good || !machines || !local || !global) {
    return std::nullopt;
  }
  const std::optional<std::uint64_t> each = machines_of_group(*options, *machines, cursor);
  if (!each) {
    return std::nullopt;
  }
  Plan plan{std::move(*options), std::move(*machines), *each, *local, *global};
  return is_too_large(plan, cursor) ? std::nullopt : std::optional(std::move(plan));
}

std::vector<DeviceId> add_routers(FabricBuilder& fabric, const Plan& plan, std::uint32_t group) {
  std::vector<DeviceId> routers;
  for (std::uint32_t i = 0; i < plan.options.routers_per_group; ++i) {
    const DeviceId router = fabric.add({.name = fmt::format("group{}_router{}", group, i),
                                        .kind = DeviceKind::router,
                                        .node = group * plan.options.routers_per_group + i,
                                        .in_node = false});
    for (const DeviceId other : routers) {
      fabric.connect(other, router, plan.local, plan.options.local_links);
    }
    routers.push_back(router);
  }
  return routers;
}

void add_machines(FabricBuilder& fabric, const Plan& plan, std::uint32_t group,
                  const std::vector<DeviceId>& routers) {
  std::size_t port = 0;
  for (std::uint64_t i = 0; i < plan.machines_of_group; ++i) {
    const auto number = static_cast<std::uint32_t>(group * plan.machines_of_group + i);
    for (const DeviceId adapter : plan.machines.add_to(fabric, number)) {
      const std::size_t router = plan.options.nodes_per_router ? i / *plan.options.nodes_per_router
                                                               : port++ % routers.size();
      fabric.connect(adapter, routers[router], plan.machines.link, plan.machines.cables);
    }
  }
}

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  const std::optional<Plan> plan = make_plan(cursor, context);
  if (!plan) {
    return std::nullopt;
  }
  FabricBuilder fabric;
  std::vector<std::vector<DeviceId>> routers;
  for (std::uint32_t group = 0; group < plan->options.groups; ++group) {
    routers.push_back(add_routers(fabric, *plan, group));
    add_machines(fabric, *plan, group, routers.back());
  }
  join_groups(fabric, plan->options.globals(), routers, plan->global);
  return fabric.finish();
}

}  // namespace

extern const BuilderEntry dragonfly{
    "dragonfly", "Groups of routers all joined to each other, and global links between the groups",
    info, build};

}  // namespace plumbline::topology::builders
