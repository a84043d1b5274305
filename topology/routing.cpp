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

void add_once(std::vector<DeviceId>& devices, DeviceId device) {
  if (std::find(devices.begin(), devices.end(), device) == devices.end()) {
    devices.push_back(device);
  }
}

std::uint64_t hash_of(std::span<const LinkId> links) {
  std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a, 64 bit
  for (const LinkId link : links) {
    hash = (hash ^ link.value) * 0x100000001b3U;
  }
  return hash;
}

}  // namespace

RouteId RouteTable::intern(std::span<const LinkId> route, std::span<const Share> parts) {
  const std::uint64_t hash = hash_of(route);
  const auto [first, last] = by_hash_.equal_range(hash);
  const auto whole = [](const Share& share) { return share == Share{}; };
  for (auto known = first; known != last; ++known) {
    const std::span<const Share> others = shares(known->second);
    if (std::ranges::equal(links(known->second), route) &&
        (parts.empty() ? std::ranges::all_of(others, whole) : std::ranges::equal(others, parts))) {
      return known->second;
    }
  }
  const RouteId id(size());
  links_.insert(links_.end(), route.begin(), route.end());
  shares_.insert(shares_.end(), parts.begin(), parts.end());
  shares_.resize(links_.size());
  offsets_.push_back(static_cast<std::uint32_t>(links_.size()));
  by_hash_.emplace(hash, id);
  return id;
}

std::span<const LinkId> RouteTable::links(RouteId route) const {
  return std::span(links_).subspan(offsets_[route.index()],
                                   offsets_[route.index() + 1] - offsets_[route.index()]);
}

std::span<const Share> RouteTable::shares(RouteId route) const {
  return std::span(shares_).subspan(offsets_[route.index()],
                                    offsets_[route.index() + 1] - offsets_[route.index()]);
}

/// Devices are `inside` a machine or part of the network.
struct Router::Impl {
  explicit Impl(const Fabric& whole);

  /// One query: the two ends and whatever may forward in their machines, numbered from 0, with the
  /// fabric switches that they have links to; and the cost from each to the destination.
  struct Search {
    DeviceId to;
    std::vector<DeviceId> devices;
    std::map<DeviceId, std::uint32_t> numbers;  ///< positions in `devices`
    EdgeList list;
    std::vector<DeviceId> entries;  ///< fabric switches (or the source) where traffic gets in
    std::vector<DeviceId> exits;    ///< fabric switches (or the destination) where it gets out
    std::vector<LinkId> descents;   ///< links out of the network into the two machines
    std::vector<Cost> costs;

    std::uint32_t number(DeviceId device);
  };

  std::optional<std::vector<LinkId>> route(DeviceId from, DeviceId to);

  [[nodiscard]] bool inside(DeviceId device) const { return fabric.device(device).in_node; }

  [[nodiscard]] Cost cost_of(LinkId link) const { return hop_cost(fabric, fabric.link(link)); }

  const std::vector<Cost>& network_costs_to(DeviceId exit);
  Search search(DeviceId from, DeviceId to);
  void add_links_out_of(DeviceId device, Search& search) const;
  void add_links_from_network(DeviceId device, Search& search) const;
  Cost remaining(const Search& search, DeviceId at);
  void continue_from(const Search& search, DeviceId at, Cost left, std::vector<LinkId>& equal);
  [[nodiscard]] std::size_t destination_number(DeviceId at, DeviceId to) const;

  const Fabric& fabric;
  std::vector<std::vector<DeviceId>> transit_of_node;
  std::vector<std::uint32_t> network_index;  ///< of fabric switches, by device
  std::vector<std::uint32_t> index_in_node;  ///< of endpoints in their machine, by device
  ReversedGraph network;
  std::vector<std::vector<LinkId>> network_out;  ///< to other fabric switches, by network index
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
  network_out.resize(network_size);
  EdgeList list;
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const Link& link = fabric.links()[i];
    if (!inside(link.from) && !inside(link.to)) {
      const std::uint32_t origin = network_index[link.from.index()];
      list.add(origin, network_index[link.to.index()], hop_cost(fabric, link));
      network_out[origin].push_back(LinkId(i));
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

std::uint32_t Router::Impl::Search::number(DeviceId device) {
  const auto [at, is_new] = numbers.emplace(device, static_cast<std::uint32_t>(devices.size()));
  if (is_new) {
    devices.push_back(device);
  }
  return at->second;
}

/// Links to the network, and to devices that are numbered already.
void Router::Impl::add_links_out_of(DeviceId device, Search& search) const {
  for (const LinkId out : fabric.out_links(device)) {
    const DeviceId next = fabric.link(out).to;
    if (!inside(next)) {
      add_once(search.entries, next);
    } else if (!search.numbers.contains(next)) {
      continue;
    }
    search.list.add(search.number(device), search.number(next), cost_of(out));
  }
}

void Router::Impl::add_links_from_network(DeviceId device, Search& search) const {
  for (const LinkId in : fabric.in_links(device)) {
    const DeviceId previous = fabric.link(in).from;
    if (!inside(previous)) {
      add_once(search.exits, previous);
      search.descents.push_back(in);
      search.list.add(search.number(previous), search.number(device), cost_of(in));
    }
  }
}

Router::Impl::Search Router::Impl::search(DeviceId from, DeviceId to) {
  Search search;
  search.to = to;
  for (const DeviceId end : {from, to}) {
    search.number(end);
    if (inside(end)) {
      for (const DeviceId device : transit_of_node[fabric.device(end).node]) {
        search.number(device);
      }
    } else {
      add_once(end == to ? search.exits : search.entries, end);
    }
  }
  const std::vector<DeviceId> own = search.devices;
  for (const DeviceId device : own) {
    if (inside(device)) {
      add_links_out_of(device, search);
      add_links_from_network(device, search);
    }
  }
  for (const DeviceId exit : search.exits) {
    const std::vector<Cost>& costs = network_costs_to(exit);
    for (const DeviceId entry : search.entries) {
      const Cost cost = costs[network_index[entry.index()]];
      if (entry != exit && cost < unreachable) {
        search.list.add(search.number(entry), search.number(exit), cost);
      }
    }
  }
  search.costs = ReversedGraph(search.list.edges, search.list.weights, search.devices.size())
                     .costs_to(search.number(to));
  return search;
}

Cost Router::Impl::remaining(const Search& search, DeviceId at) {
  if (inside(at)) {
    // Not numbered: in a third machine, or an endpoint that is not the destination.
    const auto known = search.numbers.find(at);
    return known != search.numbers.end() ? search.costs[known->second] : unreachable;
  }
  // A switch where traffic can get out may still be on its way to another one, which its own cost
  // in the search does not know.
  Cost best = unreachable;
  for (const DeviceId exit : search.exits) {
    best = std::min(best, network_costs_to(exit)[network_index[at.index()]] +
                              search.costs[search.numbers.at(exit)]);
  }
  return best;
}

/// Next links of least cost. Out of a fabric switch only those that can matter are looked at: a
/// leaf may have 100,000 ports.
void Router::Impl::continue_from(const Search& search, DeviceId at, Cost left,
                                 std::vector<LinkId>& equal) {
  const auto consider = [&](LinkId out) {
    if (cost_of(out) + remaining(search, fabric.link(out).to) == left) {
      equal.push_back(out);
    }
  };
  if (inside(at)) {
    std::ranges::for_each(fabric.out_links(at), consider);
    return;
  }
  std::ranges::for_each(network_out[network_index[at.index()]], consider);
  for (const LinkId descent : search.descents) {
    if (fabric.link(descent).from == at) {
      consider(descent);
    }
  }
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
    continue_from(found, at, left, equal);
    if (equal.empty()) {
      throw core::InternalError("no link continues the route from " + fabric.device(at).name);
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
