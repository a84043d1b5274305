// SPDX-License-Identifier: Apache-2.0
// Inside the router: what its queries share, and one query, walked along forwarding tables hop by
// hop: within the source's machine to a port, through the network, within the destination's
// machine. At each hop the tables say which links are on a cheapest way, and the routing picks.
#pragma once

#include <string>
#include <vector>

#include "topology/forwarding.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology {

/// A way out of the source's machine on a cheapest way.
struct Exit {
  LinkId link;
  DeviceId from;
  bool before_relay = false;  ///< whether a GPU is still to forward on the way there
};

/// The exits of one device towards one group of destinations, and what the way costs.
struct Exits {
  DeviceId from;
  std::uint64_t group = ~std::uint64_t{0};
  Cost cost = unreachable;
  std::vector<Exit> exits{};
};

using Notes = std::vector<ExplainedHop>;

/// What the queries of one router share.
struct Router::Impl {
  Impl(const Fabric& whole, Routing how);

  /// Where a router to go by is wanted; computed on first use.
  const std::vector<std::uint32_t>& groups();

  const Fabric& fabric;
  Routing routing;
  Forwarding tables;
  std::vector<std::uint32_t> index_in_node;  ///< of endpoints in their machine, by device
  std::vector<DeviceId> routers;
  std::vector<std::uint32_t> group_of;  ///< by position in the network
  std::vector<Exits> known_exits;       ///< by group, one of those that share a place
  Exits exits;                          ///< of the walk in hand, where no group has them,
  std::vector<Exit> leaving;            ///< those that it may still take, and its
  std::vector<LinkId> equal;            ///< equal next hops
};

/// One query.
class Router::Walk {
 public:
  Walk(Impl& router, DeviceId from, DeviceId to, std::uint32_t flow, Route& route, Notes* notes)
      : router_(router),
        fabric_(router.fabric),
        tables_(router.tables),
        from_(from),
        to_(to),
        flow_(flow),
        route_(route),
        start_(route.links.size()),
        notes_(notes) {}

  /// The whole way; false, and nothing appended, where there is none.
  [[nodiscard]] bool run();

 private:
  [[nodiscard]] bool follow_fixed();
  [[nodiscard]] bool go(DeviceId from, DeviceId to);
  [[nodiscard]] const Exits& exits(DeviceId from, DeviceId to);
  void find_exits(DeviceId from, DeviceId to, Exits& found);
  DeviceId leave(DeviceId at, const Exits& by);
  void stay(DeviceId at, DeviceId to, bool before_relay, double share = 1.0);
  void cross(DeviceId at, DeviceId to);
  void split(DeviceId at, DeviceId to);
  [[nodiscard]] std::span<const LinkId> onward(DeviceId at, const Arrival& arrival);
  [[nodiscard]] std::optional<DeviceId> detour() const;
  [[nodiscard]] bool may_be_direct() const;
  [[nodiscard]] DeviceId nearest_memory() const;

  [[nodiscard]] LinkId pick(DeviceId at, std::span<const LinkId> equal);
  [[nodiscard]] std::size_t index(DeviceId at, std::span<const LinkId> equal) const;
  [[nodiscard]] bool takes_first(DeviceId at) const;
  [[nodiscard]] bool hashes(DeviceId at, std::span<const LinkId> equal) const;
  [[nodiscard]] std::size_t number(DeviceId at) const;
  [[nodiscard]] std::string why(DeviceId at, std::span<const LinkId> equal) const;
  DeviceId take(LinkId link, double share = 1.0);

  Impl& router_;
  const Fabric& fabric_;
  Forwarding& tables_;
  DeviceId from_, to_;
  std::uint32_t flow_;
  Route& route_;
  std::size_t start_;
  Notes* notes_;
  std::string reason_;  ///< of the hop in hand, where notes are taken
  std::size_t alternatives_ = 1;
};

}  // namespace plumbline::topology
