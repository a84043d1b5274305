// SPDX-License-Identifier: Apache-2.0
// Two or three tiers of switches over many machines: leaves that NICs plug into, spines that every
// leaf of a pod has a link to, and cores that join the pods.
//
// Plain: all NICs of a machine go to the leaf of its group of `nodes_per_leaf` machines. Rails: NIC
// j of every machine of a group goes to leaf j of that group; rails only: nothing joins the rails
// but the machines (Wang et al., "Rail-only", HOTI 2024).
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>
#include <vector>

#include "topology/builders/fat_tree_plan.hpp"

namespace plumbline::topology::builders {
namespace {

const core::SchemaInfo& info() {
  return FatTreeOptions::schema();
}

class FatTree {
 public:
  explicit FatTree(const FatTreePlan& plan) : plan_(plan), options_(plan.options) {}

  Fabric build() {
    const std::vector<DeviceId> cores = add_switches(DeviceKind::core, options_.cores, "core");
    for (std::uint32_t pod = 0; pod < plan_.pods(); ++pod) {
      add_pod(pod, cores);
    }
    return fabric_.finish();
  }

 private:
  /// `pod3_` where there are pods.
  [[nodiscard]] std::string pod_prefix(std::uint32_t pod) const {
    return options_.nodes_per_pod > 0 ? fmt::format("pod{}_", pod) : "";
  }

  DeviceId add_switch(DeviceKind kind, std::string name) {
    return fabric_.add({.name = std::move(name),
                        .kind = kind,
                        .node = numbers_[kind]++,
                        .in_node = false,
                        .in_network = options_.in_network});
  }

  /// Tree by tree; `core3`, or `core3_rail1` where each rail is a tree.
  std::vector<DeviceId> add_switches(DeviceKind kind, std::uint32_t count,
                                     const std::string& name) {
    std::vector<DeviceId> switches;
    const std::uint32_t each = count / plan_.trees();
    for (std::uint32_t i = 0; i < count; ++i) {
      switches.push_back(add_switch(kind, plan_.trees() > 1
                                              ? fmt::format("{}{}_rail{}", name, i % each, i / each)
                                              : fmt::format("{}{}", name, i)));
    }
    return switches;
  }

  void add_pod(std::uint32_t pod, const std::vector<DeviceId>& cores) {
    const std::vector<DeviceId> spines =
        add_switches(DeviceKind::spine, options_.spines, pod_prefix(pod) + "spine");
    join_cores(spines, cores);
    const std::uint64_t first = std::uint64_t{pod} * plan_.pod_size();
    const std::uint64_t end = std::min<std::uint64_t>(first + plan_.pod_size(), options_.nodes);
    const std::uint32_t step = options_.nodes_per_leaf;
    for (std::uint64_t group = 0; first + group * step < end; ++group) {
      const std::vector<DeviceId> leaves = add_leaves(pod, group, spines);
      const std::uint64_t stop = std::min(first + (group + 1) * step, end);
      for (std::uint64_t number = first + group * step; number < stop; ++number) {
        add_machine(static_cast<std::uint32_t>(number), leaves);
      }
    }
  }

  /// Spine and core meet where they are of one tree and of one plane of it.
  void join_cores(const std::vector<DeviceId>& spines, const std::vector<DeviceId>& cores) {
    const std::size_t parts = std::size_t{plan_.trees()} * options_.core_planes;
    const std::size_t spines_each = spines.size() / parts;
    const std::size_t cores_each = cores.size() / parts;
    for (std::size_t i = 0; cores_each > 0 && i < spines.size(); ++i) {
      for (std::size_t j = 0; j < cores_each; ++j) {
        fabric_.connect(spines[i], cores[i / spines_each * cores_each + j], plan_.core_link,
                        options_.core_links.value_or(1));
      }
    }
  }

  /// Leaves of one group, each with its links to the spines.
  std::vector<DeviceId> add_leaves(std::uint32_t pod, std::uint64_t group,
                                   const std::vector<DeviceId>& spines) {
    std::vector<DeviceId> leaves;
    const std::string name = fmt::format("{}leaf{}", pod_prefix(pod), group);
    const std::uint32_t each = plan_.spines_per_tree();
    for (std::uint32_t rail = 0; rail < plan_.leaves_per_group(); ++rail) {
      leaves.push_back(add_switch(DeviceKind::leaf, options_.rails == Rails::none
                                                        ? name
                                                        : fmt::format("{}_rail{}", name, rail)));
      const std::size_t first = options_.rails == Rails::only ? std::size_t{rail} * each : 0;
      for (std::size_t i = first; i < first + each; ++i) {
        fabric_.connect(leaves.back(), spines[i], plan_.uplink, options_.uplinks.value_or(1));
      }
    }
    return leaves;
  }

  /// Plugs machine `number` into the leaves of its group.
  void add_machine(std::uint32_t number, const std::vector<DeviceId>& leaves) {
    const std::vector<DeviceId> adapters = plan_.machines.add_to(fabric_, number);
    for (std::size_t j = 0; j < adapters.size(); ++j) {
      fabric_.connect(adapters[j], leaves[options_.rails == Rails::none ? 0 : j],
                      plan_.machines.link, plan_.machines.cables);
    }
  }

  const FatTreePlan& plan_;
  const FatTreeOptions& options_;
  FabricBuilder fabric_;
  std::map<DeviceKind, std::uint32_t> numbers_;  ///< switches of each kind so far
};

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  const std::optional<FatTreePlan> plan = FatTreePlan::read(cursor, context);
  return plan ? std::optional(FatTree(*plan).build()) : std::nullopt;
}

}  // namespace

extern const BuilderEntry fat_tree{
    "fat_tree",
    "Leaves, spines and cores over machines, plain or by rails, with any oversubscription", info,
    build};

}  // namespace plumbline::topology::builders
