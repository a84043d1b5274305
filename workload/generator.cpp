// SPDX-License-Identifier: Apache-2.0
#include "workload/generator.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/diagnostic.hpp"

namespace plumbline::workload {

RouteSource::RouteSource(const topology::Placement& placement, topology::Router& router,
                         topology::RouteTable& table, const topology::Fabric& fabric)
    : placement_(&placement), router_(&router), table_(&table), fabric_(&fabric) {}

RouteId RouteSource::between(RankId from, RankId to) {
  if (placement_ == nullptr) {
    return {};
  }
  return between(placement_->device_of[from.index()], placement_->device_of[to.index()]);
}

RouteId RouteSource::between(topology::DeviceId from, topology::DeviceId to) {
  if (router_ == nullptr) {
    return {};
  }
  const auto links = router_->route(from, to);
  if (!links) {
    throw core::ModelError(fmt::format("the fabric has no path from {} to {}",
                                       fabric_->device(from).name, fabric_->device(to).name));
  }
  return table_->intern(*links);
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
