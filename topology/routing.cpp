// SPDX-License-Identifier: Apache-2.0
#include "topology/routing.hpp"

#include <numeric>
#include <utility>

#include "topology/route_explanation.hpp"
#include "topology/route_walk.hpp"

namespace plumbline::topology {
namespace {

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

}  // namespace

Router::Impl::Impl(const Fabric& whole, Routing how)
    : fabric(whole),
      routing(how),
      tables(whole, how.pxn),
      index_in_node(whole.devices().size()),
      known_exits(1024) {
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
