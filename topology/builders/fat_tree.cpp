// SPDX-License-Identifier: Apache-2.0
// Two tiers of switches over many machines: leaves that NICs plug into, and spines that every leaf
// has a link to.
//
// Plain: all NICs of a machine go to the leaf of its group of `nodes_per_leaf` machines. Rails: NIC
// j of every machine of a group goes to leaf j of that group.
#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "topology/builders/options.hpp"

namespace plumbline::topology::builders {
namespace {

/// An uplink this much larger than what comes from below is a mistake in the number.
constexpr double least_oversubscription = 0.01;

struct FatTreeOptions {
  NodeOption node;
  std::uint32_t nodes = 0;
  std::uint32_t nodes_per_leaf = 0;
  bool rails = false;
  LinkOption host_link;
  std::uint32_t host_links = 1;
  std::uint32_t spines = 0;
  LinkOption uplink;
  std::optional<std::uint32_t> uplinks;
  std::optional<double> oversubscription;

  static const core::Schema<FatTreeOptions>& schema();

  [[nodiscard]] std::uint64_t groups() const {
    return (std::uint64_t{nodes} + nodes_per_leaf - 1) / nodes_per_leaf;
  }
};

const core::SchemaInfo& info() {
  return FatTreeOptions::schema();
}

/// The options with everything they name.
struct Plan {
  FatTreeOptions options;
  std::optional<Fabric> node;  ///< absent: a host
  std::vector<DeviceId> nics;  ///< of `node`
  LinkClass host_link;
  std::optional<LinkClass> uplink;

  [[nodiscard]] std::uint32_t leaves_per_group() const {
    return options.rails ? static_cast<std::uint32_t>(nics.size()) : 1;
  }

  /// Cable bundles that end on a full leaf from below.
  [[nodiscard]] double ports_per_leaf() const {
    const double per_node = options.rails || !node ? 1.0 : static_cast<double>(nics.size());
    return per_node * options.nodes_per_leaf;
  }
};

bool counts_are_good(const FatTreeOptions& options, const core::Cursor& cursor) {
  bool good = at_least_one(cursor, "nodes", options.nodes);
  good = at_least_one(cursor, "nodes_per_leaf", options.nodes_per_leaf) && good;
  good = at_least_one(cursor, "host_links", options.host_links) && good;
  if (options.uplinks) {
    good = at_least_one(cursor, "uplinks", *options.uplinks) && good;
  }
  if (options.oversubscription && *options.oversubscription < least_oversubscription) {
    cursor.find("oversubscription")
        ->error("PL-T015", "oversubscription must be at least 0.01",
                "2 means that a leaf's uplinks carry half of what its ports below can send");
    good = false;
  }
  return good;
}

/// Whether the keys about spines fit together.
bool spines_are_good(const FatTreeOptions& options, const core::Cursor& cursor) {
  if (options.spines == 0) {
    const bool stray = options.uplink.at || options.uplinks || options.oversubscription;
    if (stray) {
      cursor.error("PL-T014", "uplinks lead to spines, and there are none", "add spines:");
    } else if (options.nodes_per_leaf > 0 && options.groups() > 1) {
      cursor.error("PL-T018",
                   fmt::format("{} groups of machines need spines between them", options.groups()),
                   "add spines, uplink and uplinks, or raise nodes_per_leaf");
      return false;
    }
    return !stray;
  }
  bool good = true;
  if (!options.uplink.at) {
    cursor.error("PL-K002", "the key 'uplink' is missing", "spines need a link class to them");
    good = false;
  }
  if (options.uplinks.has_value() == options.oversubscription.has_value()) {
    cursor.error("PL-T014",
                 options.uplinks ? "uplinks and oversubscription both state the uplinks' capacity"
                                 : "the capacity of the uplinks is missing",
                 "write either uplinks (parallel cables from each leaf to each spine) or "
                 "oversubscription");
    good = false;
  }
  return good;
}

/// NICs of the machine; nullopt after a diagnostic where it can't be one of a fat tree.
std::optional<std::vector<DeviceId>> nics_of(const Fabric& node, const core::Cursor& at) {
  std::vector<DeviceId> nics;
  bool has_fabric_switch = false;
  for (std::size_t i = 0; i < node.devices().size(); ++i) {
    const Device& device = node.devices()[i];
    has_fabric_switch = has_fabric_switch || !device.in_node;
    if (device.kind == DeviceKind::nic) {
      nics.push_back(DeviceId(i));
    }
  }
  if (node.nodes() != 1 || has_fabric_switch) {
    at.error("PL-T019", "the node of a fat tree must be one machine, without leaves and spines");
    return std::nullopt;
  }
  if (nics.empty()) {
    at.error("PL-T019", "the node of a fat tree has no network adapter",
             "give its PCIe side nics_per_switch");
    return std::nullopt;
  }
  return nics;
}

bool plan_is_too_large(const Plan& plan, const core::Cursor& cursor) {
  const double nodes = plan.options.nodes;
  const double leaves = static_cast<double>(plan.options.groups()) * plan.leaves_per_group();
  const double devices = nodes * (plan.node ? static_cast<double>(plan.node->devices().size()) : 1);
  const double inner = plan.node ? static_cast<double>(plan.node->links().size()) : 0.0;
  const double ports = plan.node ? static_cast<double>(plan.nics.size()) : 1.0;
  return too_large(cursor, devices + leaves + plan.options.spines,
                   nodes * (inner + 2.0 * ports) + 2.0 * leaves * plan.options.spines);
}

std::optional<Plan> make_plan(const core::Cursor& cursor, const BuildContext& context) {
  std::optional<FatTreeOptions> options = FatTreeOptions::schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  bool good = counts_are_good(*options, cursor);
  good = spines_are_good(*options, cursor) && good;
  Plan plan{.options = *options, .node = {}, .nics = {}, .host_link = {}, .uplink = {}};
  if (const auto& at = options->node.at) {
    plan.node = context.fabric_of(*at);
    std::optional<std::vector<DeviceId>> nics = plan.node ? nics_of(*plan.node, *at) : std::nullopt;
    good = good && nics;
    plan.nics = std::move(nics).value_or(std::vector<DeviceId>{});
  } else if (options->rails) {
    cursor.find("rails")->error("PL-T019", "rails need machines with several network adapters",
                                "name a system at node:");
    good = false;
  }
  std::optional<LinkClass> host_link = options->host_link.resolve(context);
  plan.uplink = options->uplink.resolve(context);
  if (!good || !host_link || (options->uplink.at && !plan.uplink)) {
    return std::nullopt;
  }
  plan.host_link = std::move(*host_link);
  return plan_is_too_large(plan, cursor) ? std::nullopt : std::optional(std::move(plan));
}

/// Leaves of one group, each with its links to the spines.
std::vector<DeviceId> add_leaves(FabricBuilder& fabric, const Plan& plan, std::uint64_t group,
                                 const std::vector<DeviceId>& spines) {
  std::vector<DeviceId> leaves;
  for (std::uint32_t rail = 0; rail < plan.leaves_per_group(); ++rail) {
    leaves.push_back(
        fabric.add({.name = plan.options.rails ? fmt::format("leaf{}_rail{}", group, rail)
                                               : fmt::format("leaf{}", group),
                    .kind = DeviceKind::leaf,
                    .node = static_cast<std::uint32_t>(group * plan.leaves_per_group() + rail),
                    .in_node = false}));
    for (const DeviceId spine : spines) {
      fabric.connect(leaves.back(), spine, *plan.uplink, plan.options.uplinks.value_or(1));
    }
  }
  return leaves;
}

/// Plugs machine `number` into the leaves of its group.
void add_machine(FabricBuilder& fabric, const Plan& plan, std::uint32_t number,
                 const std::vector<DeviceId>& leaves) {
  const std::uint32_t cables = plan.options.host_links;
  if (!plan.node) {
    const DeviceId host = fabric.add(
        {.name = fmt::format("host{}", number), .kind = DeviceKind::host, .node = number});
    fabric.connect(host, leaves.front(), plan.host_link, cables);
    return;
  }
  const auto placed = fabric.embed(*plan.node, fmt::format("node{}/", number), number);
  for (std::size_t j = 0; j < plan.nics.size(); ++j) {
    fabric.connect(placed[plan.nics[j].index()], leaves[plan.options.rails ? j : 0], plan.host_link,
                   cables);
  }
}

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  std::optional<Plan> plan = make_plan(cursor, context);
  if (!plan) {
    return std::nullopt;
  }
  const FatTreeOptions& options = plan->options;
  if (options.oversubscription) {
    // One link to each spine stands for whatever cables carry this much.
    plan->uplink->bandwidth_per_direction =
        plan->host_link.bandwidth_per_direction *
        (options.host_links * plan->ports_per_leaf() / *options.oversubscription / options.spines);
  }
  FabricBuilder fabric;
  std::vector<DeviceId> spines;
  for (std::uint32_t i = 0; i < options.spines; ++i) {
    spines.push_back(fabric.add({.name = fmt::format("spine{}", i),
                                 .kind = DeviceKind::spine,
                                 .node = i,
                                 .in_node = false}));
  }
  for (std::uint64_t group = 0; group < options.groups(); ++group) {
    const std::vector<DeviceId> leaves = add_leaves(fabric, *plan, group, spines);
    const std::uint64_t first = group * options.nodes_per_leaf;
    const std::uint64_t end =
        std::min<std::uint64_t>(first + options.nodes_per_leaf, options.nodes);
    for (std::uint64_t number = first; number < end; ++number) {
      add_machine(fabric, *plan, static_cast<std::uint32_t>(number), leaves);
    }
  }
  return fabric.finish();
}

const core::Schema<FatTreeOptions>& FatTreeOptions::schema() {
  static const auto s =
      core::Schema<FatTreeOptions>("fat tree")
          .also(builder_key("fat_tree"))
          .optional("node", &FatTreeOptions::node,
                    "the machine, by system name or as a fabric written in place; without it every "
                    "machine is one host device")
          .required("nodes", &FatTreeOptions::nodes, "how many machines")
          .required("nodes_per_leaf", &FatTreeOptions::nodes_per_leaf,
                    "machines on each leaf; with rails, machines that share a group of leaves")
          .optional("rails", &FatTreeOptions::rails,
                    "true: adapter j of every machine of a group goes to leaf j of that group; "
                    "false: all adapters of a machine go to its group's one leaf",
                    "false")
          .required("host_link", &FatTreeOptions::host_link,
                    "link class of an adapter (or host) to its leaf")
          .optional("host_links", &FatTreeOptions::host_links,
                    "parallel cables of each adapter (or host)", "1")
          .optional("spines", &FatTreeOptions::spines,
                    "spine switches; every leaf has a link to each. 0 fits where one leaf, or one "
                    "group of rails, takes all machines",
                    "0")
          .optional("uplink", &FatTreeOptions::uplink,
                    "link class of a leaf to a spine; required where there are spines")
          .optional("uplinks", &FatTreeOptions::uplinks,
                    "parallel cables from each leaf to each spine; either this or oversubscription")
          .optional("oversubscription", &FatTreeOptions::oversubscription,
                    "what a full leaf's ports below can send, over what its uplinks carry "
                    "(at least 0.01); the uplinks' bandwidth follows from it instead of from "
                    "the class");
  return s;
}

}  // namespace

extern const BuilderEntry fat_tree{
    "fat_tree", "Leaves and spines over machines, plain or by rails, with any oversubscription",
    info, build};

}  // namespace plumbline::topology::builders
