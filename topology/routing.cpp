// SPDX-License-Identifier: Apache-2.0
// A route is walked along forwarding tables, hop by hop: within the source's machine to a port,
// through the network, within the destination's machine. At each hop the tables say which links
// are on a cheapest way, and the routing picks among them.
#include "topology/routing.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <numeric>
#include <utility>

#include "core/diagnostic.hpp"
#include "topology/forwarding.hpp"
#include "topology/random.hpp"
#include "topology/route_explanation.hpp"

namespace plumbline::topology {
namespace {

const std::array<std::string, 5> names{"shortest", "d_mod_k", "ecmp", "adaptive", "valiant"};

/// Groups of fabric switches: what hangs together without global links.
std::vector<std::uint32_t> groups_of(const Fabric& fabric, const Forwarding& tables) {
  std::vector<std::uint32_t> parent(tables.network().size());
  std::iota(parent.begin(), parent.end(), 0U);
  const auto root = [&](std::uint32_t at) {
    while (parent[at] != at) {
      at = parent[at] = parent[parent[at]];
    }
    return at;
  };
  for (const Link& link : fabric.links()) {
    if (!link.global && !tables.inside(link.from) && !tables.inside(link.to)) {
      parent[root(tables.position(link.from))] = root(tables.position(link.to));
    }
  }
  for (std::uint32_t i = 0; i < parent.size(); ++i) {
    parent[i] = root(i);
  }
  return parent;
}

using Notes = std::vector<ExplainedHop>;

/// A way out of the source's machine on a cheapest way.
struct Exit {
  LinkId link;
  DeviceId from;
  bool before_relay = false;  ///< whether a GPU is still to forward on the way there
};

}  // namespace

std::string_view to_text(RoutingKind kind) {
  return names.at(static_cast<std::size_t>(kind));
}

std::span<const std::string> routing_names() {
  return names;
}

std::optional<RoutingKind> routing_kind(std::string_view text) {
  const auto* const found = std::ranges::find(names, text);
  return found == names.end() ? std::nullopt
                              : std::optional(static_cast<RoutingKind>(found - names.begin()));
}

std::string Routing::description() const {
  const bool seeded = kind == RoutingKind::ecmp || kind == RoutingKind::valiant;
  std::string options = seeded ? fmt::format("seed: {}", seed) : "";
  if (pxn) {
    options += options.empty() ? "pxn: true" : ", pxn: true";
  }
  return options.empty() ? std::string(to_text(kind))
                         : fmt::format("{} {{{}}}", to_text(kind), options);
}

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
  std::vector<Exit> exits;              ///< of the walk in hand, and its
  std::vector<LinkId> equal;            ///< equal next hops
};

Router::Impl::Impl(const Fabric& whole, Routing how)
    : fabric(whole), routing(how), tables(whole, how.pxn), index_in_node(whole.devices().size()) {
  std::iota(index_in_node.begin(), index_in_node.end(), 0U);
  std::vector<std::uint32_t> seen(fabric.nodes());
  for (const DeviceId endpoint : fabric.endpoints()) {
    index_in_node[endpoint.index()] = seen[fabric.device(endpoint).node]++;
  }
  for (const DeviceId device : tables.network()) {
    if (fabric.device(device).kind == DeviceKind::router) {
      routers.push_back(device);
    }
  }
}

const std::vector<std::uint32_t>& Router::Impl::groups() {
  if (group_of.empty()) {
    group_of = groups_of(fabric, tables);
  }
  return group_of;
}

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
  [[nodiscard]] bool go(DeviceId from, DeviceId to);
  [[nodiscard]] Cost find_exits(DeviceId from, DeviceId to, Cost limit);
  DeviceId leave(DeviceId at);
  void stay(DeviceId at, DeviceId to, bool before_relay, double share = 1.0);
  void cross(DeviceId at, DeviceId to);
  void split(DeviceId at, DeviceId to);
  [[nodiscard]] std::span<const LinkId> onward(DeviceId at, const Arrival& arrival);
  [[nodiscard]] std::optional<DeviceId> detour() const;

  [[nodiscard]] LinkId pick(DeviceId at, std::span<const LinkId> equal);
  [[nodiscard]] std::size_t index(DeviceId at, std::span<const LinkId> equal) const;
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

bool Router::Walk::run() {
  if (!go(from_, to_)) {
    return false;
  }
  if (router_.routing.kind != RoutingKind::valiant) {
    return true;
  }
  const std::optional<DeviceId> by = detour();
  if (!by) {
    return true;
  }
  route_.links.resize(start_);
  if (notes_ != nullptr) {
    notes_->clear();
  }
  if (!go(from_, *by) || !go(*by, to_)) {
    throw core::ModelError(fmt::format("valiant routing: no way from {} to {} by {}",
                                       fabric_.device(from_).name, fabric_.device(to_).name,
                                       fabric_.device(*by).name));
  }
  return true;
}

/// The router to go by, once the shortest way is known.
std::optional<DeviceId> Router::Walk::detour() const {
  const auto way = std::span(route_.links).subspan(start_);
  const auto within = [&](LinkId link) {
    return !tables_.inside(fabric_.link(link).from) && !tables_.inside(fabric_.link(link).to);
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

/// Staying in the machine goes before leaving it where both cost the same.
bool Router::Walk::go(DeviceId from, DeviceId to) {
  if (from == to) {
    return true;
  }
  if (!tables_.inside(from)) {
    if (tables_.arrival(to).network->cost[tables_.position(from)] >= unreachable) {
      return false;
    }
    cross(from, to);
    return true;
  }
  Cost inner = unreachable;
  if (tables_.inside(to) && fabric_.device(from).node == fabric_.device(to).node) {
    inner = tables_.towards(to).cost(tables_.position(from));
  }
  // Out and in again takes two hops at least.
  if (inner <= 2 * hop::nvlink || find_exits(from, to, inner) >= inner) {
    if (inner >= unreachable) {
      return false;
    }
    stay(from, to, tables_.towards(to).relays(tables_.position(from)));
    return true;
  }
  const DeviceId at = leave(from);
  if (tables_.inside(at)) {
    stay(at, to, false);
  } else {
    cross(at, to);
  }
  return true;
}

/// Least cost of a way that leaves the machine, and where such ways do.
Cost Router::Walk::find_exits(DeviceId from, DeviceId to, Cost limit) {
  std::vector<Exit>& exits = router_.exits;
  exits.clear();
  Cost least = limit;
  const auto consider = [&](Cost cost, LinkId link, DeviceId at) {
    if (cost < least) {
      least = cost;
      exits.clear();
    }
    if (cost == least && cost < limit) {
      exits.push_back({link, at, tables_.towards(at).relays(tables_.position(from))});
    }
  };
  const std::uint32_t machine = fabric_.device(from).node;
  const Arrival& arrival = tables_.arrival(to);
  const Ports& ports = tables_.ports(machine);
  const std::span<const Cost> costs = ports.costs_from(tables_.position(from));
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const Port& port = ports.ports[i];
    const bool other_rail =
        arrival.rails != 0 && (port.rail >= 64 || ((arrival.rails >> port.rail) & 1U) == 0);
    consider(costs[i] + arrival.network->cost[port.entry] + (other_rail ? hop::rail_change : 0),
             port.link, port.from);
  }
  for (const LinkId link : tables_.direct_links(machine)) {
    const auto [at, next] = std::pair(fabric_.link(link).from, fabric_.link(link).to);
    if (!tables_.inside(to) || fabric_.device(next).node != fabric_.device(to).node ||
        (is_endpoint(fabric_.device(at).kind) && at != from) ||
        (is_endpoint(fabric_.device(next).kind) && next != to)) {
      continue;
    }
    consider(tables_.towards(at).cost(tables_.position(from)) + tables_.cost(link) +
                 tables_.towards(to).plain.cost[tables_.position(next)],
             link, at);
  }
  return least;
}

/// To one of the exits and out by it; returns where that leads.
DeviceId Router::Walk::leave(DeviceId at) {
  std::vector<Exit>& exits = router_.exits;
  std::vector<LinkId>& equal = router_.equal;
  while (true) {
    const auto ways = [&](const Exit& exit) {
      return at == exit.from
                 ? std::span(&exit.link, 1)
                 : tables_.towards(exit.from).next(tables_.position(at), exit.before_relay);
    };
    equal.clear();
    for (const Exit& exit : exits) {
      const std::span<const LinkId> next = ways(exit);
      equal.insert(equal.end(), next.begin(), next.end());
    }
    std::ranges::sort(equal);
    equal.erase(std::unique(equal.begin(), equal.end()), equal.end());
    const LinkId chosen = pick(at, equal);
    std::erase_if(exits, [&](const Exit& exit) {
      return std::ranges::find(ways(exit), chosen) == ways(exit).end();
    });
    const bool out = exits.front().link == chosen;
    at = take(chosen);
    if (out) {
      return at;
    }
    for (Exit& exit : exits) {
      exit.before_relay = exit.before_relay && !is_endpoint(fabric_.device(at).kind);
    }
  }
}

/// Within a machine.
void Router::Walk::stay(DeviceId at, DeviceId to, bool before_relay, double share) {
  if (at == to) {
    return;
  }
  const LocalForwards& table = tables_.towards(to);
  while (at != to) {
    at = take(pick(at, table.next(tables_.position(at), before_relay)), share);
    before_relay = before_relay && !is_endpoint(fabric_.device(at).kind);
  }
}

/// Next links from a fabric switch: to others, then down into the destination's machine.
std::span<const LinkId> Router::Walk::onward(DeviceId at, const Arrival& arrival) {
  std::span<const LinkId> next = arrival.network->next[tables_.position(at)];
  std::vector<LinkId>& equal = router_.equal;
  equal.clear();
  for (const LinkId descent : arrival.descents) {
    if (fabric_.link(descent).from == at) {
      if (equal.empty()) {
        equal.assign(next.begin(), next.end());
      }
      equal.push_back(descent);
    }
  }
  return equal.empty() ? next : std::span<const LinkId>(equal);
}

void Router::Walk::cross(DeviceId at, DeviceId to) {
  if (router_.routing.kind == RoutingKind::adaptive) {
    split(at, to);
    return;
  }
  const Arrival& arrival = tables_.arrival(to);
  while (at != to && !tables_.inside(at)) {
    at = take(pick(at, onward(at, arrival)));
  }
  stay(at, to, false);
}

/// Every switch passes on what has reached it in equal parts, farthest first; the links into the
/// destination's machine count as one, since a packet is addressed to one adapter.
void Router::Walk::split(DeviceId at, DeviceId to) {
  const Arrival& arrival = tables_.arrival(to);
  const auto key = [&](DeviceId device) {
    return std::pair(arrival.network->cost[tables_.position(device)], device);
  };
  std::map<std::pair<Cost, DeviceId>, double, std::greater<>> reached{{key(at), 1.0}};
  std::map<DeviceId, double> landed;
  while (!reached.empty()) {
    const auto [where, share] = *reached.begin();
    reached.erase(reached.begin());
    if (where.second == to) {
      continue;
    }
    const std::span<const LinkId> all = onward(where.second, arrival);
    const auto down = std::ranges::find_if(
        all, [&](LinkId link) { return tables_.inside(fabric_.link(link).to); });
    const std::size_t up = static_cast<std::size_t>(down - all.begin());
    const std::size_t parts = up + (up < all.size() ? 1 : 0);
    const double part = share / static_cast<double>(parts);
    if (up < all.size()) {
      const LinkId descent = pick(where.second, all.subspan(up));
      landed[take(descent, part)] += part;
    }
    alternatives_ = parts;
    for (const LinkId link : std::vector(all.begin(), down)) {
      if (notes_ != nullptr) {
        reason_ = parts == 1 ? "the only shortest way"
                             : fmt::format("{} equal links, adaptive: an equal part each", parts);
      }
      reached[key(take(link, part))] += part;
    }
  }
  for (const auto& [device, share] : landed) {
    stay(device, to, false, share);
  }
}

LinkId Router::Walk::pick(DeviceId at, std::span<const LinkId> equal) {
  if (equal.empty()) {
    throw core::InternalError("no link continues the route from " + fabric_.device(at).name);
  }
  if (notes_ != nullptr) {
    alternatives_ = equal.size();
    reason_ = why(at, equal);
  }
  return equal.size() == 1 ? equal.front() : equal[index(at, equal)];
}

bool Router::Walk::hashes(DeviceId at, std::span<const LinkId> equal) const {
  return router_.routing.kind == RoutingKind::ecmp &&
         (!tables_.inside(at) || std::ranges::all_of(equal, [&](LinkId link) {
           const DeviceId to = fabric_.link(link).to;
           return !tables_.inside(to) || fabric_.device(to).kind == DeviceKind::nic;
         }));
}

std::size_t Router::Walk::index(DeviceId at, std::span<const LinkId> equal) const {
  if (router_.routing.kind == RoutingKind::shortest) {
    return 0;
  }
  if (hashes(at, equal)) {
    return mixed({router_.routing.seed, from_.value, to_.value, flow_, at.value}) % equal.size();
  }
  return number(at) % equal.size();
}

std::size_t Router::Walk::number(DeviceId at) const {
  const std::size_t own = router_.index_in_node[to_.index()];
  return tables_.inside(at) ? own : own + fabric_.device(to_).node;
}

std::string Router::Walk::why(DeviceId at, std::span<const LinkId> equal) const {
  if (equal.size() == 1) {
    return "the only shortest way";
  }
  const std::size_t chosen = index(at, equal);
  if (router_.routing.kind == RoutingKind::shortest) {
    return fmt::format("{} equal links, shortest: the first", equal.size());
  }
  if (hashes(at, equal)) {
    return fmt::format("{} equal links, ecmp: the hash with seed {} and flow {} picks number {}",
                       equal.size(), router_.routing.seed, flow_, chosen);
  }
  return fmt::format("{} equal links, d_mod_k: destination {} mod {} = {}", equal.size(),
                     number(at), equal.size(), chosen);
}

/// Parts that meet again are one entry.
DeviceId Router::Walk::take(LinkId link, double share) {
  const DeviceId to = fabric_.link(link).to;
  std::size_t at = route_.links.size();
  if (share != 1.0) {
    route_.shares.resize(route_.links.size());
    at = static_cast<std::size_t>(
        std::find(route_.links.begin() + static_cast<std::ptrdiff_t>(start_), route_.links.end(),
                  link) -
        route_.links.begin());
  }
  if (at < route_.links.size()) {
    Share& known = route_.shares[at];
    known = {known.bytes + share, known.latency + share};
    if (notes_ != nullptr) {
      (*notes_)[at - start_].share = known;
    }
    return to;
  }
  route_.links.push_back(link);
  if (share != 1.0 || !route_.shares.empty()) {
    route_.shares.push_back({share, share});
  }
  if (notes_ != nullptr) {
    notes_->push_back({link, {share, share}, alternatives_, reason_});
  }
  return to;
}

Router::Router(const Fabric& fabric, Routing routing)
    : impl_(std::make_unique<Impl>(fabric, routing)) {}

Router::~Router() = default;
Router::Router(Router&&) noexcept = default;

const Routing& Router::routing() const {
  return impl_->routing;
}

bool Router::append(DeviceId from, DeviceId to, Route& route, std::uint32_t flow) {
  return Walk(*impl_, from, to, flow, route, nullptr).run();
}

std::optional<Route> Router::route(DeviceId from, DeviceId to, std::uint32_t flow) {
  Route route;
  return append(from, to, route, flow) ? std::optional(std::move(route)) : std::nullopt;
}

std::optional<RouteExplanation> Router::explain(DeviceId from, DeviceId to, std::uint32_t flow) {
  Route route;
  RouteExplanation explanation;
  if (!Walk(*impl_, from, to, flow, route, &explanation.hops).run()) {
    return std::nullopt;
  }
  explanation.kind = path_kind(impl_->fabric, explanation.hops);
  explanation.bottleneck = bottleneck(impl_->fabric, explanation.hops);
  return explanation;
}

}  // namespace plumbline::topology
