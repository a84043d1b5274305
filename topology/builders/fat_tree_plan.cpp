// SPDX-License-Identifier: Apache-2.0
#include "topology/builders/fat_tree_plan.hpp"

#include <array>
#include <fmt/format.h>

namespace plumbline::core {

template <>
struct Reader<topology::builders::Rails> {
  static constexpr bool sweeps = true;
  static constexpr std::string_view type_name = "true, false or only";
  static constexpr std::string_view json_type = "";  // a boolean or a text

  static std::optional<topology::builders::Rails> read(const Cursor& cursor) {
    using topology::builders::Rails;
    const std::optional<std::string> word = read_choice(cursor, {"false", "true", "only"}, "rails");
    if (!word) {
      return std::nullopt;
    }
    return *word == "only" ? Rails::only : *word == "true" ? Rails::joined : Rails::none;
  }
};

}  // namespace plumbline::core

namespace plumbline::topology::builders {
namespace {

/// An uplink this much larger than what comes from below is a mistake in the number.
constexpr double least_oversubscription = 0.01;

/// The keys of one level of uplinks.
struct Level {
  std::string_view above;  ///< `spines`
  std::string_view link, cables, oversubscription;
  std::uint32_t switches;
  bool has_link;
  std::optional<std::uint32_t> cable_count;
  std::optional<double> ratio;
};

std::array<Level, 2> levels_of(const FatTreeOptions& options) {
  return {
      Level{"spines", "uplink", "uplinks", "oversubscription", options.spines,
            options.uplink.at.has_value(), options.uplinks, options.oversubscription},
      Level{"cores", "core_link", "core_links", "core_oversubscription", options.cores,
            options.core_link.at.has_value(), options.core_links, options.core_oversubscription}};
}

/// Whether the keys about one level of uplinks fit together.
bool level_is_good(const Level& level, const core::Cursor& cursor) {
  if (level.cable_count && !at_least_one(cursor, level.cables, *level.cable_count)) {
    return false;
  }
  if (level.ratio && !(*level.ratio >= least_oversubscription)) {
    cursor.find(level.oversubscription)
        ->error("PL-T015", fmt::format("{} must be at least 0.01", level.oversubscription),
                "2 means that a switch's uplinks carry half of what its ports below can send");
    return false;
  }
  if (level.switches == 0) {
    const bool stray = level.has_link || level.cable_count || level.ratio;
    if (stray) {
      cursor.error("PL-T014", fmt::format("uplinks lead to {0}, and there are none", level.above),
                   fmt::format("add {}:", level.above));
    }
    return !stray;
  }
  bool good = true;
  if (!level.has_link) {
    cursor.error("PL-K002", fmt::format("the key '{}' is missing", level.link),
                 fmt::format("{} need a link class to them", level.above));
    good = false;
  }
  if (level.cable_count.has_value() == level.ratio.has_value()) {
    cursor.error("PL-T014",
                 level.ratio
                     ? fmt::format("{} and {} both state the uplinks' capacity", level.cables,
                                   level.oversubscription)
                     : fmt::format("the capacity of the uplinks to {} is missing", level.above),
                 fmt::format("write either {} (parallel cables to each) or {}", level.cables,
                             level.oversubscription));
    good = false;
  }
  return good;
}

bool counts_are_good(const FatTreeOptions& options, const core::Cursor& cursor) {
  bool good = at_least_one(cursor, "nodes", options.nodes);
  good = at_least_one(cursor, "nodes_per_leaf", options.nodes_per_leaf) && good;
  good = at_least_one(cursor, "host_links", options.host_links) && good;
  good = at_least_one(cursor, "core_planes", options.core_planes) && good;
  if (good && options.nodes_per_pod % options.nodes_per_leaf != 0) {
    cursor.find("nodes_per_pod")
        ->error("PL-T040",
                fmt::format("pods of {} machines and leaves of {}", options.nodes_per_pod,
                            options.nodes_per_leaf),
                "nodes_per_pod is a multiple of nodes_per_leaf");
    good = false;
  }
  for (const Level& level : levels_of(options)) {
    good = level_is_good(level, cursor) && good;
  }
  return good;
}

/// Whether all machines reach each other.
bool tiers_are_good(const FatTreeOptions& options, const core::Cursor& cursor) {
  if (options.spines == 0 && options.nodes > options.nodes_per_leaf) {
    const std::uint64_t groups =
        (std::uint64_t{options.nodes} + options.nodes_per_leaf - 1) / options.nodes_per_leaf;
    cursor.error("PL-T018", fmt::format("{} groups of machines need spines between them", groups),
                 "add spines, uplink and uplinks, or raise nodes_per_leaf");
    return false;
  }
  if (options.nodes_per_pod == 0 && options.cores > 0) {
    cursor.find("cores")->error("PL-T040", "cores join pods, and there are none",
                                "add nodes_per_pod: machines that share spines");
    return false;
  }
  if (options.cores == 0 && options.nodes_per_pod > 0 && options.nodes > options.nodes_per_pod) {
    cursor.error("PL-T018", "several pods need cores between them",
                 "add cores, core_link and core_links, or raise nodes_per_pod");
    return false;
  }
  return true;
}

/// Whether `count` switches can be dealt out to `parts` trees and planes.
bool deals_out(const core::Cursor& cursor, std::string_view key, std::uint32_t count,
               std::uint64_t parts, std::string_view of) {
  if (count % parts == 0) {
    return true;
  }
  cursor.find(key)->error("PL-T041", fmt::format("{} {} for {} {}", count, key, parts, of),
                          fmt::format("every one of the {} has equally many", of));
  return false;
}

bool parts_are_good(const FatTreePlan& plan, const core::Cursor& cursor) {
  const FatTreeOptions& options = plan.options;
  if (options.rails != Rails::none && !plan.machines.node) {
    cursor.find("rails")->error("PL-T019", "rails need machines with several network adapters",
                                "name a system at node:");
    return false;
  }
  const bool good = deals_out(cursor, "spines", options.spines, plan.trees(), "rails") &&
                    deals_out(cursor, "cores", options.cores, plan.trees(), "rails");
  if (!good || options.cores == 0) {
    return good;
  }
  const std::uint64_t planes = options.core_planes;
  return deals_out(cursor, "spines", options.spines, planes * plan.trees(), "planes") &&
         deals_out(cursor, "cores", options.cores, planes * plan.trees(), "planes");
}

/// The counts that `k` stands for (Al-Fares, Loukissas, Vahdat, SIGCOMM 2008, section 3.1); false
/// after a diagnostic.
bool expand_k(FatTreeOptions& options, const core::Cursor& cursor) {
  constexpr std::array own_counts{
      "nodes",      "nodes_per_leaf",   "nodes_per_pod", "rails",
      "host_links", "spines",           "uplinks",       "cores",
      "core_links", "oversubscription", "core_planes",   "core_oversubscription"};
  bool good = true;
  for (const char* key : own_counts) {
    if (const auto at = cursor.find(key)) {
      at->error("PL-T042", fmt::format("{} follows from k", key), "leave it out, or leave out k");
      good = false;
    }
  }
  const std::uint32_t k = *options.k;
  if (k < 2 || k % 2 != 0 || k > 400) {
    cursor.find("k")->error("PL-T042", fmt::format("a k-ary fat tree with k = {}", k),
                            "k is even, from 2 to 400");
    return false;
  }
  const std::uint32_t half = k / 2;
  options.nodes = half * half * k;
  options.nodes_per_leaf = half;
  options.nodes_per_pod = half * half;
  options.spines = half;
  options.uplinks = 1;
  options.cores = half * half;
  options.core_planes = half;
  options.core_links = 1;
  options.uplink = options.uplink.at ? options.uplink : options.host_link;
  options.core_link = options.core_link.at ? options.core_link : options.uplink;
  return good;
}

bool is_too_large(const FatTreePlan& plan, const core::Cursor& cursor) {
  const FatTreeOptions& options = plan.options;
  const double groups = static_cast<double>(options.nodes) / options.nodes_per_leaf + plan.pods();
  const double leaves = groups * plan.leaves_per_group();
  const double spines = static_cast<double>(plan.pods()) * options.spines;
  return too_large(
      cursor, options.nodes * plan.machines.devices_each() + leaves + spines + options.cores,
      options.nodes * plan.machines.links_each() + 2.0 * leaves * plan.spines_per_tree() +
          2.0 * spines * plan.cores_per_tree() / options.core_planes);
}

/// Where oversubscription is given, one link to each switch above stands for whatever cables carry
/// this much.
void scale_uplinks(FatTreePlan& plan) {
  FatTreeOptions& options = plan.options;
  const std::uint32_t adapters = options.rails == Rails::none ? plan.machines.ports() : 1;
  if (options.oversubscription) {
    const double below =
        static_cast<double>(options.host_links) * adapters * options.nodes_per_leaf;
    plan.uplink.bandwidth_per_direction =
        plan.machines.link.bandwidth_per_direction *
        (below / *options.oversubscription / plan.spines_per_tree());
  }
  if (options.core_oversubscription) {
    const double leaves = static_cast<double>(options.nodes_per_pod) / options.nodes_per_leaf *
                          plan.leaves_per_group() / plan.trees();
    const double cores_of_spine = static_cast<double>(plan.cores_per_tree()) / options.core_planes;
    plan.core_link.bandwidth_per_direction =
        plan.uplink.bandwidth_per_direction *
        (leaves * options.uplinks.value_or(1) / *options.core_oversubscription / cores_of_spine);
  }
}

}  // namespace

std::optional<FatTreePlan> FatTreePlan::read(const core::Cursor& cursor,
                                             const BuildContext& context) {
  std::optional<FatTreeOptions> options = FatTreeOptions::schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  if (!options->k && (!cursor.require("nodes") || !cursor.require("nodes_per_leaf"))) {
    return std::nullopt;
  }
  const bool expanded = !options->k || expand_k(*options, cursor);
  const bool counted = expanded && counts_are_good(*options, cursor);
  const bool good = counted && tiers_are_good(*options, cursor);
  auto machines = Machines::read(options->node, options->host_link, options->host_links, context);
  const std::optional<LinkClass> uplink = options->uplink.resolve(context);
  const std::optional<LinkClass> core_link = options->core_link.resolve(context);
  if (!good || !machines || (options->uplink.at && !uplink) ||
      (options->core_link.at && !core_link)) {
    return std::nullopt;
  }
  FatTreePlan plan{.options = std::move(*options),
                   .machines = std::move(*machines),
                   .uplink = uplink.value_or(LinkClass{}),
                   .core_link = core_link.value_or(LinkClass{})};
  if (plan.options.k && plan.machines.ports() != 1) {
    cursor.find("node")->error("PL-T042", "machines of a k-ary fat tree have one adapter",
                               "state the counts instead of k");
    return std::nullopt;
  }
  if (!parts_are_good(plan, cursor) || is_too_large(plan, cursor)) {
    return std::nullopt;
  }
  scale_uplinks(plan);
  return plan;
}

const core::Schema<FatTreeOptions>& FatTreeOptions::schema() {
  static const auto s =
      core::Schema<FatTreeOptions>("fat tree")
          .also(builder_key("fat_tree"))
          .optional("node", &FatTreeOptions::node,
                    "the machine, by system name or as a fabric written in place; without it every "
                    "machine is one host device")
          .optional("k", &FatTreeOptions::k,
                    "the k-ary fat tree: k pods of k/2 leaves and k/2 spines, (k/2)² cores, k/2 "
                    "hosts on a leaf, k³/4 in all; instead of all counts, and links above are of "
                    "the class below where none is named")
          .optional("nodes", &FatTreeOptions::nodes, "how many machines; required without k")
          .optional("nodes_per_leaf", &FatTreeOptions::nodes_per_leaf,
                    "machines on each leaf; with rails, machines that share a group of leaves; "
                    "required without k")
          .optional("nodes_per_pod", &FatTreeOptions::nodes_per_pod,
                    "machines that share spines, a multiple of nodes_per_leaf; cores join the "
                    "pods. Without it all machines do")
          .optional("rails", &FatTreeOptions::rails,
                    "true: adapter j of every machine of a group goes to leaf j of that group; "
                    "only: the same, and each rail has spines and cores of its own; false: all "
                    "adapters of a machine go to its group's one leaf",
                    "false")
          .required("host_link", &FatTreeOptions::host_link,
                    "link class of an adapter (or host) to its leaf")
          .optional("host_links", &FatTreeOptions::host_links,
                    "parallel cables of each adapter (or host)", "1")
          .optional("spines", &FatTreeOptions::spines,
                    "spine (aggregation) switches of a pod; every leaf of the pod, with rails: "
                    "only of the rail, has a link to each. 0 fits where one leaf, or one group of "
                    "rails, takes all machines",
                    "0")
          .optional("uplink", &FatTreeOptions::uplink,
                    "link class of a leaf to a spine; required where there are spines")
          .optional("uplinks", &FatTreeOptions::uplinks,
                    "parallel cables from each leaf to each spine; either this or oversubscription")
          .optional("oversubscription", &FatTreeOptions::oversubscription,
                    "what a full leaf's ports below can send, over what its uplinks carry "
                    "(at least 0.01); the uplinks' bandwidth follows from it instead of from "
                    "the class")
          .optional("cores", &FatTreeOptions::cores, "core switches, all together", "0")
          .optional("core_planes", &FatTreeOptions::core_planes,
                    "parts that a pod's spines and the cores are cut into: a spine has a link to "
                    "each core of its part. 1: to every core; as many as spines: cores of its own",
                    "1")
          .optional("core_link", &FatTreeOptions::core_link,
                    "link class of a spine to a core; required where there are cores")
          .optional("core_links", &FatTreeOptions::core_links,
                    "parallel cables from each spine to each of its cores; either this or "
                    "core_oversubscription")
          .optional("core_oversubscription", &FatTreeOptions::core_oversubscription,
                    "what a spine's ports below can send in a full pod, over what its links to the "
                    "cores carry (at least 0.01)")
          .optional("in_network", &FatTreeOptions::in_network,
                    "whether the switches add and replicate what they forward (SHARP)", "false");
  return s;
}

}  // namespace plumbline::topology::builders
