// SPDX-License-Identifier: Apache-2.0
#include "workload/generator.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/diagnostic.hpp"
#include "topology/route_explanation.hpp"
#include "topology/switch_tree.hpp"

namespace plumbline::workload {

RouteSource::RouteSource(const topology::Placement& placement, topology::Router& router,
                         topology::RouteTable& table, const topology::Fabric& fabric)
    : placement_(std::make_shared<topology::Placement>(placement)),
      router_(&router),
      table_(&table),
      fabric_(&fabric) {}

RouteSource RouteSource::on(std::span<const RankId> ranks) const {
  RouteSource part = *this;
  if (placement_ != nullptr) {
    topology::Placement own{.device_of = {}, .description = placement_->description};
    for (const RankId rank : ranks) {
      if (rank.value < placement_->ranks().value) {
        own.device_of.push_back(placement_->device_of[rank.index()]);
      }
    }
    part.placement_ = std::make_shared<topology::Placement>(std::move(own));
  }
  return part;
}

RouteId RouteSource::between(RankId from, RankId to, std::uint32_t flow) {
  if (placement_ == nullptr) {
    return {};
  }
  return between(placement_->device_of[from.index()], placement_->device_of[to.index()], flow);
}

RouteId RouteSource::between(topology::DeviceId from, topology::DeviceId to, std::uint32_t flow) {
  if (router_ == nullptr) {
    return {};
  }
  const auto route = router_->route(from, to, flow);
  if (!route) {
    throw core::ModelError(topology::no_path(*fabric_, from, to, router_->routing()));
  }
  return table_->intern(route->links, route->shares);
}

std::vector<topology::DeviceId> RouteSource::devices(std::span<const RankId> ranks) const {
  std::vector<topology::DeviceId> result;
  for (const RankId rank : ranks) {
    result.push_back(placement_->device_of[rank.index()]);
  }
  return result;
}

topology::Router& RouteSource::tree_router() {
  const topology::RoutingKind kind = router_->routing().kind;
  if (kind == topology::RoutingKind::d_mod_k || kind == topology::RoutingKind::shortest) {
    return *router_;
  }
  if (tree_router_ == nullptr) {
    tree_router_ = std::make_shared<topology::Router>(*fabric_);
  }
  return *tree_router_;
}

RouteId RouteSource::tree(const std::optional<topology::Route>& found) const {
  if (!found) {
    throw core::ModelError("no switch that adds and replicates joins these ranks");
  }
  return table_->intern(found->links, found->shares);
}

RouteId RouteSource::multicast(RankId rank, std::span<const RankId> group) {
  return placement_ == nullptr
             ? RouteId{}
             : tree(topology::SwitchTrees(*fabric_, tree_router())
                        .multicast(placement_->device_of[rank.index()], devices(group)));
}

RouteId RouteSource::switch_reduce(RankId rank, std::span<const RankId> group) {
  return placement_ == nullptr
             ? RouteId{}
             : tree(topology::SwitchTrees(*fabric_, tree_router())
                        .reduce(devices(group), placement_->device_of[rank.index()]));
}

RouteId RouteSource::switch_all_reduce(std::span<const RankId> group) {
  return placement_ == nullptr
             ? RouteId{}
             : tree(topology::SwitchTrees(*fabric_, tree_router()).all_reduce(devices(group)));
}

std::vector<const GeneratorEntry*> generators() {
  const auto collective_entries = collectives::all();
  const auto training_entries = training::all();
  std::vector<const GeneratorEntry*> all(collective_entries.begin(), collective_entries.end());
  all.insert(all.end(), training_entries.begin(), training_entries.end());
  return all;
}

const GeneratorEntry* find_generator(Collective collective, std::string_view algorithm) {
  for (const GeneratorEntry* entry : generators()) {
    const auto& supported = entry->collectives;
    if (entry->name == algorithm &&
        std::find(supported.begin(), supported.end(), collective) != supported.end()) {
      return entry;
    }
  }
  return nullptr;
}

}  // namespace plumbline::workload
