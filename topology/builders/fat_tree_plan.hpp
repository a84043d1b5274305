// SPDX-License-Identifier: Apache-2.0
// What a fat tree's options say, and the counts and cables that follow from them.
#pragma once

#include <cstdint>
#include <optional>

#include "topology/builders/machines.hpp"

namespace plumbline::topology::builders {

/// `joined`: every leaf reaches the spines of all rails. `only`: each rail is a tree of its own.
enum class Rails : std::uint8_t { none, joined, only };

struct FatTreeOptions {
  NodeOption node;
  std::optional<std::uint32_t> k;
  std::uint32_t nodes = 0;
  std::uint32_t nodes_per_leaf = 0;
  std::uint32_t nodes_per_pod = 0;  ///< 0: two tiers
  Rails rails = Rails::none;
  LinkOption host_link;
  std::uint32_t host_links = 1;
  std::uint32_t spines = 0;
  LinkOption uplink;
  std::optional<std::uint32_t> uplinks;
  std::optional<double> oversubscription;
  std::uint32_t cores = 0;
  std::uint32_t core_planes = 1;
  LinkOption core_link;
  std::optional<std::uint32_t> core_links;
  std::optional<double> core_oversubscription;
  bool in_network = false;

  static const core::Schema<FatTreeOptions>& schema();
};

/// The options checked, with everything they name.
struct FatTreePlan {
  FatTreeOptions options;  ///< with the counts that `k` stands for
  Machines machines;
  LinkClass uplink;     ///< with the bandwidth that oversubscription asks for; unset without spines
  LinkClass core_link;  ///< the same between spines and cores

  /// Nullopt after diagnostics.
  [[nodiscard]] static std::optional<FatTreePlan> read(const core::Cursor& cursor,
                                                       const BuildContext& context);

  [[nodiscard]] std::uint32_t leaves_per_group() const {
    return options.rails == Rails::none ? 1 : machines.ports();
  }

  /// Trees that nothing joins: one for each rail with `rails: only`.
  [[nodiscard]] std::uint32_t trees() const {
    return options.rails == Rails::only ? machines.ports() : 1;
  }

  /// Machines of a pod; of all where there are two tiers.
  [[nodiscard]] std::uint32_t pod_size() const {
    return options.nodes_per_pod > 0 ? options.nodes_per_pod : options.nodes;
  }

  [[nodiscard]] std::uint32_t pods() const {
    return static_cast<std::uint32_t>((std::uint64_t{options.nodes} + pod_size() - 1) / pod_size());
  }

  [[nodiscard]] std::uint32_t spines_per_tree() const { return options.spines / trees(); }

  [[nodiscard]] std::uint32_t cores_per_tree() const { return options.cores / trees(); }
};

}  // namespace plumbline::topology::builders
