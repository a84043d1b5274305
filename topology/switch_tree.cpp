// SPDX-License-Identifier: Apache-2.0
// A tree's latency is that of the deepest way up plus the deepest way down: what switches add or
// replicate streams through them.
#include "topology/switch_tree.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace plumbline::topology {
namespace {

/// The union of some ways, each link once; those of the longest way are waited for.
class Branches {
 public:
  explicit Branches(const Fabric& fabric) : fabric_(fabric) {}

  void add(const std::vector<LinkId>& way) {
    links_.insert(way.begin(), way.end());
    core::Seconds latency;
    for (const LinkId link : way) {
      latency += fabric_.link(link).latency;
    }
    if (deepest_.empty() || latency > deepest_latency_) {
      deepest_ = way;
      deepest_latency_ = latency;
    }
  }

  /// Whether two branches meet only in switches that add.
  [[nodiscard]] bool may_join() const {
    std::set<DeviceId> reached;
    return std::ranges::all_of(links_, [&](LinkId link) {
      const DeviceId to = fabric_.link(link).to;
      return reached.insert(to).second || fabric_.device(to).in_network;
    });
  }

  void append_to(Route& route) const {
    for (const LinkId link : links_) {
      route.links.push_back(link);
      const bool waited_for = std::ranges::find(deepest_, link) != deepest_.end();
      route.shares.push_back({.bytes = 1.0, .latency = waited_for ? 1.0 : 0.0});
    }
  }

  [[nodiscard]] core::Seconds latency() const { return deepest_latency_; }

 private:
  const Fabric& fabric_;
  std::set<LinkId> links_;
  std::vector<LinkId> deepest_;
  core::Seconds deepest_latency_;
};

std::optional<Branches> ways_up(const Fabric& fabric, Router& router,
                                std::span<const DeviceId> from, DeviceId top) {
  Branches branches(fabric);
  for (const DeviceId device : from) {
    const auto way = router.route(device, top);
    if (!way) {
      return std::nullopt;
    }
    branches.add(way->links);
  }
  return branches;
}

std::optional<Branches> ways_down(const Fabric& fabric, Router& router, DeviceId top,
                                  std::span<const DeviceId> to) {
  Branches branches(fabric);
  for (const DeviceId device : to) {
    const auto way = router.route(top, device);
    if (!way) {
      return std::nullopt;
    }
    branches.add(way->links);
  }
  return branches;
}

std::optional<Route> joined(const std::optional<Branches>& up,
                            const std::optional<Branches>& down) {
  if (!up || !down) {
    return std::nullopt;
  }
  Route route;
  up->append_to(route);
  down->append_to(route);
  return route;
}

/// A switch inside a machine serves nobody who has no member there.
bool may_serve(const Fabric& fabric, const Device& device, std::span<const DeviceId> group) {
  return device.in_network && (!device.in_node || std::ranges::any_of(group, [&](DeviceId member) {
           return fabric.device(member).node == device.node;
         }));
}

}  // namespace

std::optional<DeviceId> SwitchTrees::meeting(std::span<const DeviceId> group) {
  std::optional<DeviceId> best;
  core::Seconds nearest = core::Seconds::infinity();
  for (std::size_t i = 0; i < fabric_.devices().size(); ++i) {
    if (!may_serve(fabric_, fabric_.devices()[i], group)) {
      continue;
    }
    const auto up = ways_up(fabric_, router_, group, DeviceId(i));
    if (up && up->may_join() && (!best || up->latency() < nearest)) {
      best = DeviceId(i);
      nearest = up->latency();
    }
  }
  return best;
}

std::optional<Route> SwitchTrees::multicast(DeviceId from, std::span<const DeviceId> group) {
  const std::optional<DeviceId> top = meeting(group);
  return top ? joined(ways_up(fabric_, router_, std::span(&from, 1), *top),
                      ways_down(fabric_, router_, *top, group))
             : std::nullopt;
}

std::optional<Route> SwitchTrees::reduce(std::span<const DeviceId> group, DeviceId to) {
  const std::optional<DeviceId> top = meeting(group);
  return top ? joined(ways_up(fabric_, router_, group, *top),
                      ways_down(fabric_, router_, *top, std::span(&to, 1)))
             : std::nullopt;
}

std::optional<Route> SwitchTrees::all_reduce(std::span<const DeviceId> group) {
  const std::optional<DeviceId> top = meeting(group);
  return top ? joined(ways_up(fabric_, router_, group, *top),
                      ways_down(fabric_, router_, *top, group))
             : std::nullopt;
}

}  // namespace plumbline::topology
