// SPDX-License-Identifier: Apache-2.0
// Only the two machines at the ends and the fabric's switches matter to a route, so a query is a
// search over those machines' few devices, in which the network is one hop from each leaf where
// traffic gets in to each leaf where it gets out. Distances inside the network are Boost.Graph's
// Dijkstra on the reversed graph of fabric switches, one run for each leaf that traffic gets out
// at: endpoints never enter it, and a star of 100,000 of them costs a graph of one vertex.
#include "topology/routing.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>

#include "core/diagnostic.hpp"

namespace plumbline::topology {
namespace {

using Cost = std::int64_t;
constexpr Cost unreachable = std::numeric_limits<Cost>::max() / 4;

struct Weight {
  Cost cost = 0;
};

using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, Weight>;
using Edge = std::pair<std::uint32_t, std::uint32_t>;

/// A directed multigraph held backwards, so that one search finds the cost *to* a vertex.
class ReversedGraph {
 public:
  ReversedGraph() = default;

  ReversedGraph(const std::vector<Edge>& edges, const std::vector<Weight>& weights,
                std::size_t vertices)
      : graph_(boost::edges_are_unsorted_multi_pass, edges.begin(), edges.end(), weights.begin(),
               vertices) {}

  /// Cost from every vertex to `target`.
  [[nodiscard]] std::vector<Cost> costs_to(std::uint32_t target) const {
    std::vector<Cost> costs(boost::num_vertices(graph_));
    boost::dijkstra_shortest_paths(
        graph_, target,
        boost::distance_map(boost::make_iterator_property_map(
                                costs.begin(), boost::get(boost::vertex_index, graph_)))
            .weight_map(boost::get(&Weight::cost, graph_))
            .distance_inf(unreachable));
    return costs;
  }

 private:
  Graph graph_;
};

/// Collects the edges of a ReversedGraph.
struct EdgeList {
  std::vector<Edge> edges;
  std::vector<Weight> weights;

  void add(std::uint32_t from, std::uint32_t to, Cost cost) {
    edges.emplace_back(to, from);
    weights.push_back({cost});
  }
};

/// Base-1000 digits: fewer hops of a dearer kind win over any number (below 1000) of cheaper ones.
Cost hop_cost(const Fabric& fabric, const Link& link) {
  switch (link.kind) {
    case LinkKind::nvlink:
      return 1;
    case LinkKind::pcie:
      return 1'000;
    case LinkKind::cpu:
      return 1'000'000;
    case LinkKind::network:
      // The dear part is leaving a machine and entering one.
      return fabric.device(link.from).in_node || fabric.device(link.to).in_node ? 1'000'000'000 : 1;
  }
  throw core::InternalError("a kind of link without a cost");
}

std::uint64_t hash_of(std::span<const LinkId> links) {
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a, 64 bit
  for (const LinkId link : links) {
    hash = (hash ^ link.value) * 0x100000001b3U;
  }
  return hash;
}

}  // namespace

RouteId RouteTable::intern(std::span<const LinkId> route) {
  const std::uint64_t hash = hash_of(route);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto known = first; known != last; ++known) {
    const std::span<const LinkId> other = links(known->second);
    if (std::equal(other.begin(), other.end(), route.begin(), route.end())) {
      return known->second;
    }
  }
  const RouteId id(size());
  links_.insert(links_.end(), route.begin(), route.end());
  offsets_.push_back(static_cast<std::uint32_t>(links_.size()));
  by_hash_.emplace(hash, id);
  return id;
}

std::span<const LinkId> RouteTable::links(RouteId route) const {
  return std::span(links_).subspan(offsets_[route.index()],
                                   offsets_[route.index() + 1] - offsets_[route.index()]);
}

/// Devices are `inside` (in a machine) or part of the network. `local` numbers devices within the
/// search of one query, or within the network.
struct Router::Impl {
  explicit Impl(const Fabric& whole);

  std::optional<std::vector<LinkId>> route(DeviceId from, DeviceId to);

  /// What one query knows: its vertices and the cost from each to the destination.
  struct Search {
    DeviceId to;
    std::map<DeviceId, std::uint32_t> local;
    std::vector<Cost> costs;
    std::vector<DeviceId> exits;  ///< fabric switches (or the destination) where traffic gets out
  };

  [[nodiscard]] bool inside(DeviceId device) const { return fabric.device(device).in_node; }

  [[nodiscard]] Cost cost_of(LinkId link) const { return hop_cost(fabric, fabric.link(link)); }

  const std::vector<Cost>& network_costs_to(DeviceId exit);
  Search search(DeviceId from, DeviceId to);
  Cost remaining(const Search& search, DeviceId at);
  [[nodiscard]] std::size_t destination_number(DeviceId at, DeviceId to) const;

  const Fabric& fabric;
  std::vector<std::vector<DeviceId>> transit_of_node;
  std::vector<std::uint32_t> network_index;  ///< of fabric switches, by device
  std::vector<std::uint32_t> index_in_node;  ///< of endpoints in their machine, by device
  ReversedGraph network;
  std::map<DeviceId, std::vector<Cost>> network_costs;
};

Router::Impl::Impl(const Fabric& whole)
    : fabric(whole),
      transit_of_node(whole.nodes()),
      network_index(whole.devices().size()),
      index_in_node(whole.devices().size()) {
  std::uint32_t network_size = 0;
  for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
    const Device& device = fabric.devices()[i];
    index_in_node[i] = static_cast<std::uint32_t>(i);
    if (!device.in_node) {
      network_index[i] = network_size++;
    } else if (!is_endpoint(device.kind)) {
      transit_of_node[device.node].push_back(DeviceId(i));
    }
  }
  std::vector<std::uint32_t> seen(fabric.nodes());
  for (const DeviceId endpoint : fabric.endpoints()) {
    index_in_node[endpoint.index()] = seen[fabric.device(endpoint).node]++;
  }
  EdgeList list;
  for (const Link& link : fabric.links()) {
    if (!inside(link.from) && !inside(link.to)) {
      list.add(network_index[link.from.index()], network_index[link.to.index()],
               hop_cost(fabric, link));
    }
  }
  network = ReversedGraph(list.edges, list.weights, network_size);
}

const std::vector<Cost>& Router::Impl::network_costs_to(DeviceId exit) {
  const auto found = network_costs.find(exit);
  return found != network_costs.end()
             ? found->second
             : network_costs.emplace(exit, network.costs_to(network_index[exit.index()]))
                   .first->second;
}

Router::Impl::Search Router::Impl::search(DeviceId from, DeviceId to) {
  Search search{.to = to, .local = {}, .costs = {}, .exits = {}};
  std::vector<DeviceId> devices;
  const auto number = [&](DeviceId device) {
    const auto [at, is_new] =
        search.local.emplace(device, static_cast<std::uint32_t>(devices.size()));
    if (is_new) {
      devices.push_back(device);
    }
    return at->second;
  };
  for (const DeviceId end : {from, to}) {
    number(end);
    if (inside(end)) {
      for (const DeviceId device : transit_of_node[fabric.device(end).node]) {
        number(device);
      }
    }
  }
  const std::size_t own = devices.size();
  EdgeList list;
  std::vector<DeviceId> entries;
  const auto note = [](std::vector<DeviceId>& list_of, DeviceId device) {
    if (std::find(list_of.begin(), list_of.end(), device) == list_of.end()) {
      list_of.push_back(device);
    }
  };
  for (std::size_t i = 0; i < own; ++i) {
    const DeviceId device = devices[i];
    if (!inside(device)) {
      note(device == to ? search.exits : entries, device);
      continue;
    }
    if (device != to) {
      for (const LinkId out : fabric.out_links(device)) {
        const DeviceId next = fabric.link(out).to;
        if (!inside(next)) {
          note(entries, next);
          list.add(number(device), number(next), cost_of(out));
        } else if (const auto known = search.local.find(next); known != search.local.end()) {
          list.add(number(device), known->second, cost_of(out));
        }
      }
    }
    if (device != from) {
      for (const LinkId in : fabric.in_links(device)) {
        const DeviceId previous = fabric.link(in).from;
        if (!inside(previous)) {
          note(search.exits, previous);
          list.add(number(previous), number(device), cost_of(in));
        }
      }
    }
  }
  for (const DeviceId exit : search.exits) {
    const std::vector<Cost>& costs = network_costs_to(exit);
    for (const DeviceId entry : entries) {
      const Cost cost = costs[network_index[entry.index()]];
      if (entry != exit && cost < unreachable) {
        list.add(number(entry), number(exit), cost);
      }
    }
  }
  search.costs =
      ReversedGraph(list.edges, list.weights, devices.size()).costs_to(search.local.at(to));
  return search;
}

Cost Router::Impl::remaining(const Search& search, DeviceId at) {
  const auto known = search.local.find(at);
  if (known != search.local.end()) {
    return search.costs[known->second];
  }
  if (inside(at)) {
    return unreachable;  // a third machine, or an endpoint that is not the destination
  }
  Cost best = unreachable;
  for (const DeviceId exit : search.exits) {
    best = std::min(best, network_costs_to(exit)[network_index[at.index()]] +
                              search.costs[search.local.at(exit)]);
  }
  return best;
}

std::size_t Router::Impl::destination_number(DeviceId at, DeviceId to) const {
  const std::size_t index = index_in_node[to.index()];
  return inside(at) ? index : index + fabric.device(to).node;
}

std::optional<std::vector<LinkId>> Router::Impl::route(DeviceId from, DeviceId to) {
  std::vector<LinkId> links;
  if (from == to) {
    return links;
  }
  const Search found = search(from, to);
  Cost left = remaining(found, from);
  if (left >= unreachable) {
    return std::nullopt;
  }
  std::vector<LinkId> equal;
  for (DeviceId at = from; at != to;) {
    equal.clear();
    for (const LinkId out : fabric.out_links(at)) {
      const DeviceId next = fabric.link(out).to;
      if (cost_of(out) + remaining(found, next) == left) {
        equal.push_back(out);
      }
    }
    const LinkId chosen = equal.at(destination_number(at, to) % equal.size());
    links.push_back(chosen);
    left -= cost_of(chosen);
    at = fabric.link(chosen).to;
  }
  return links;
}

Router::Router(const Fabric& fabric) : impl_(std::make_unique<Impl>(fabric)) {}

Router::~Router() = default;
Router::Router(Router&&) noexcept = default;

std::optional<std::vector<LinkId>> Router::route(DeviceId from, DeviceId to) {
  return impl_->route(from, to);
}

}  // namespace plumbline::topology
