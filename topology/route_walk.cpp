// SPDX-License-Identifier: Apache-2.0
#include "topology/route_walk.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <utility>

#include "core/diagnostic.hpp"
#include "topology/random.hpp"

namespace plumbline::topology {

bool Router::Walk::run() {
  if (fabric_.has_fixed_routes()) {
    return follow_fixed();
  }
  if (!go(from_, to_)) {
    return false;
  }
  std::optional<DeviceId> by;
  if (!may_be_direct()) {
    by = nearest_memory();
  } else if (router_.routing.kind == RoutingKind::valiant) {
    by = detour();
  }
  if (!by) {
    return true;
  }
  route_.links.resize(start_);
  if (notes_ != nullptr) {
    notes_->clear();
  }
  if (!go(from_, *by) || !go(*by, to_)) {
    throw core::ModelError(fmt::format("no way from {} to {} by {}", fabric_.device(from_).name,
                                       fabric_.device(to_).name, fabric_.device(*by).name));
  }
  return true;
}

bool Router::Walk::follow_fixed() {
  const std::span<const LinkId> route = fabric_.fixed_route(from_, to_);
  reason_ = "the fabric fixes this route";
  for (const LinkId link : route) {
    take(link);
  }
  return from_ == to_ || !route.empty();
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
  const auto stay_inside = [&] {
    stay(from, to, tables_.towards(to).relays(tables_.position(from)));
    return true;
  };
  if (inner <= 2 * hop::nvlink) {  // out and in again takes two hops at least
    return stay_inside();
  }
  const Exits& out = exits(from, to);
  if (out.cost >= inner) {
    return inner < unreachable && stay_inside();
  }
  const DeviceId at = leave(from, out);
  if (tables_.inside(at)) {
    stay(at, to, false);
  } else {
    cross(at, to);
  }
  return true;
}

/// Where the cheapest ways that leave the machine do. They are the same for a whole group of
/// destinations, unless a link leads straight into another machine.
const Exits& Router::Walk::exits(DeviceId from, DeviceId to) {
  if (!tables_.direct_links(fabric_.device(from).node).empty()) {
    find_exits(from, to, router_.exits);
    return router_.exits;
  }
  const std::uint64_t group = tables_.arrival(to).group;
  Exits& known = router_.known_exits[group % router_.known_exits.size()];
  if (known.from != from || known.group != group) {
    find_exits(from, to, known);
    known.from = from;
    known.group = group;
  }
  return known;
}

void Router::Walk::find_exits(DeviceId from, DeviceId to, Exits& found) {
  found.exits.clear();
  found.cost = unreachable;
  const auto consider = [&](Cost cost, LinkId link, DeviceId at) {
    if (cost < found.cost) {
      found.cost = cost;
      found.exits.clear();
    }
    if (cost == found.cost && cost < unreachable) {
      found.exits.push_back({link, at, tables_.towards(at).relays(tables_.position(from))});
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
        (tables_.is_end(at) && at != from) || (tables_.is_end(next) && next != to)) {
      continue;
    }
    consider(tables_.towards(at).cost(tables_.position(from)) + tables_.cost(link) +
                 tables_.towards(to).plain.cost[tables_.position(next)],
             link, at);
  }
}

/// To one of the exits and out by it; returns where that leads.
DeviceId Router::Walk::leave(DeviceId at, const Exits& by) {
  if (by.exits.size() == 1) {
    const Exit exit = by.exits.front();
    stay(at, exit.from, exit.before_relay);
    return take(pick(exit.from, std::span(&exit.link, 1)));
  }
  std::vector<Exit>& exits = router_.leaving;
  exits = by.exits;
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
      exit.before_relay = exit.before_relay && !tables_.is_end(at);
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
    before_relay = before_relay && !tables_.is_end(at);
  }
}

/// Next links from a fabric switch: to others, then down into the destination's machine.
std::span<const LinkId> Router::Walk::onward(DeviceId at, const Arrival& arrival) {
  const std::span<const LinkId> next = arrival.network->next[tables_.position(at)];
  const auto from_here = [&](const Descent& descent) { return descent.from == at; };
  const auto first = std::ranges::find_if(arrival.descents, from_here);
  if (first == arrival.descents.end()) {
    return next;
  }
  std::vector<LinkId>& equal = router_.equal;
  equal.assign(next.begin(), next.end());
  for (auto descent = first; descent != arrival.descents.end(); ++descent) {
    if (from_here(*descent)) {
      equal.push_back(descent->link);
    }
  }
  return equal;
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
  for (const LinkId& link : arrival.last) {
    at = take(pick(at, std::span(&link, 1)));
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
        all, [&](LinkId link) { return tables_.inside(tables_.end_of(link)); });
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

/// A machine's own routers forward in dimension order.
bool Router::Walk::takes_first(DeviceId at) const {
  return router_.routing.kind == RoutingKind::shortest ||
         (tables_.inside(at) && fabric_.device(at).kind == DeviceKind::router);
}

bool Router::Walk::hashes(DeviceId at, std::span<const LinkId> equal) const {
  return router_.routing.kind == RoutingKind::ecmp &&
         (!tables_.inside(at) || std::ranges::all_of(equal, [&](LinkId link) {
           const DeviceId to = fabric_.link(link).to;
           return !tables_.inside(to) || fabric_.device(to).kind == DeviceKind::nic;
         }));
}

std::size_t Router::Walk::index(DeviceId at, std::span<const LinkId> equal) const {
  if (takes_first(at)) {
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
  if (takes_first(at)) {
    return fmt::format(
        "{} equal links, {}: the first", equal.size(),
        router_.routing.kind == RoutingKind::shortest ? "shortest" : "a machine's router");
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
  const DeviceId to = tables_.end_of(link);
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

}  // namespace plumbline::topology
