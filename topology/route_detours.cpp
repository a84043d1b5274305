// SPDX-License-Identifier: Apache-2.0
// Devices that a way goes by although a shorter one is known: host memory, or valiant's router.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "core/diagnostic.hpp"
#include "topology/random.hpp"
#include "topology/route_walk.hpp"

namespace plumbline::topology {

/// Whether the way found may be gone: it is not one of PCIe between two GPUs of a machine, or one
/// where they are allowed to copy to each other.
bool Router::Walk::may_be_direct() const {
  const auto is_gpu = [&](DeviceId id) { return fabric_.device(id).kind == DeviceKind::gpu; };
  const PeerToPeer allowed = router_.routing.peer_to_peer;
  if (allowed == PeerToPeer::anywhere || !is_gpu(from_) || !is_gpu(to_) ||
      fabric_.device(from_).node != fabric_.device(to_).node) {
    return true;
  }
  const auto way = std::span(route_.links).subspan(start_);
  const bool over_pcie = std::ranges::any_of(
      way, [&](LinkId link) { return fabric_.link(link).kind == LinkKind::pcie; });
  const bool by_cpu = std::ranges::any_of(way, [&](LinkId link) {
    return fabric_.device(fabric_.link(link).to).kind == DeviceKind::cpu;
  });
  return !over_pcie || (allowed != PeerToPeer::never && !by_cpu);
}

/// The memory of the machine with the cheapest way to the receiver, the first of several.
DeviceId Router::Walk::nearest_memory() const {
  std::optional<DeviceId> nearest;
  Cost least = unreachable;
  for (std::size_t i = 0; i < fabric_.devices().size(); ++i) {
    const Device& device = fabric_.devices()[i];
    if (device.kind == DeviceKind::memory && device.node == fabric_.device(to_).node) {
      const Cost cost = tables_.towards(to_).cost(tables_.position(DeviceId(i)));
      if (cost < least) {
        nearest = DeviceId(i);
        least = cost;
      }
    }
  }
  if (!nearest) {
    throw core::ModelError(fmt::format(
        "{} and {} may not copy to each other, and their machine has no memory to go through",
        fabric_.device(from_).name, fabric_.device(to_).name));
  }
  return *nearest;
}

/// The router to go by, once the shortest way is known.
std::optional<DeviceId> Router::Walk::detour() const {
  const auto way = std::span(route_.links).subspan(start_);
  const auto within = [&](LinkId link) {
    return !tables_.inside(fabric_.link(link).from) && !tables_.inside(tables_.end_of(link));
  };
  const auto first = std::ranges::find_if(way, within);
  if (first == way.end()) {
    return std::nullopt;
  }
  const auto last = std::ranges::find_if(way.rbegin(), way.rend(), within);
  const std::array ends{fabric_.link(*first).from, fabric_.link(*last).to};
  const std::vector<std::uint32_t>& groups = router_.groups();
  const auto group = [&](DeviceId device) { return groups[tables_.position(device)]; };
  const auto elsewhere = [&](DeviceId router) {
    return group(router) != group(ends[0]) && group(router) != group(ends[1]);
  };
  const bool has_groups = std::ranges::any_of(router_.routers, elsewhere);
  const auto fits = [&](DeviceId router) {
    return has_groups ? elsewhere(router) : router != ends[0] && router != ends[1];
  };
  if (std::ranges::none_of(router_.routers, fits)) {
    return std::nullopt;
  }
  SplitMix64 random(mixed({router_.routing.seed, from_.value, to_.value, flow_}));
  DeviceId by = router_.routers[random.below(router_.routers.size())];
  while (!fits(by)) {
    by = router_.routers[random.below(router_.routers.size())];
  }
  return by;
}

}  // namespace plumbline::topology
