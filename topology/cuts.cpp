// SPDX-License-Identifier: Apache-2.0
#include "topology/cuts.hpp"

#include <utility>
#include <vector>

#include <boost/graph/boykov_kolmogorov_max_flow.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/range/iterator_range.hpp>

#include "core/diagnostic.hpp"

namespace plumbline::topology {
namespace {

struct Arc {
  double capacity = 0.0;
  std::size_t number = 0;  ///< in order of creation; 2i and 2i + 1 are each other's reverse
};

using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, Arc>;

/// Arcs with the reverse that an algorithm of augmenting paths needs.
class Network {
 public:
  void add(std::size_t from, std::size_t to, double capacity) {
    ends_.emplace_back(from, to);
    arcs_.push_back({capacity, arcs_.size()});
    ends_.emplace_back(to, from);
    arcs_.push_back({0.0, arcs_.size()});
  }

  [[nodiscard]] double max_flow(std::size_t source, std::size_t sink) const {
    const Graph graph(boost::edges_are_unsorted_multi_pass, ends_.begin(), ends_.end(),
                      arcs_.begin(), sink + 1);
    using Edge = boost::graph_traits<Graph>::edge_descriptor;
    std::vector<Edge> by_number(arcs_.size());
    for (const Edge edge : boost::make_iterator_range(boost::edges(graph))) {
      by_number[graph[edge].number] = edge;
    }
    std::vector<Edge> reverse(arcs_.size());
    for (const Edge edge : by_number) {
      reverse[boost::get(boost::edge_index, graph, edge)] = by_number[graph[edge].number ^ 1U];
    }
    const auto of_edge = boost::get(boost::edge_index, graph);
    const auto of_vertex = boost::get(boost::vertex_index, graph);
    std::vector<double> residual(arcs_.size());
    std::vector<Edge> predecessor(sink + 1);
    std::vector<boost::default_color_type> color(sink + 1);
    std::vector<long> distance(sink + 1);
    const auto map = [](auto& values, auto index) {
      return boost::make_iterator_property_map(values.begin(), index);
    };
    return boost::boykov_kolmogorov_max_flow(graph, boost::get(&Arc::capacity, graph),
                                             map(residual, of_edge), map(reverse, of_edge),
                                             map(predecessor, of_vertex), map(color, of_vertex),
                                             map(distance, of_vertex), of_vertex, source, sink);
  }

 private:
  std::vector<std::pair<std::size_t, std::size_t>> ends_;
  std::vector<Arc> arcs_;
};

/// More than all shared links together, and finite, so that no flow is infinity less infinity.
double beyond_all(const Fabric& fabric) {
  double sum = 1.0;
  for (const Link& link : fabric.links()) {
    sum += link.sharing == Sharing::unshared ? 0.0 : link.capacity.si();
  }
  return 2.0 * sum;
}

}  // namespace

core::Bandwidth cut_capacity(const Fabric& fabric, std::span<const DeviceId> inside) {
  std::vector<bool> is_inside(fabric.devices().size());
  for (const DeviceId device : inside) {
    is_inside[device.index()] = true;
  }
  core::Bandwidth sum;
  for (const Link& link : fabric.links()) {
    if (is_inside[link.from.index()] && !is_inside[link.to.index()]) {
      sum += link.sharing == Sharing::unshared ? core::Bandwidth::infinity() : link.capacity;
    }
  }
  return sum;
}

core::Bandwidth max_flow(const Fabric& fabric, std::span<const DeviceId> from,
                         std::span<const DeviceId> to) {
  const std::size_t source = fabric.devices().size();
  const std::size_t sink = source + 1;
  const double unlimited = beyond_all(fabric);
  Network network;
  for (const Link& link : fabric.links()) {
    network.add(link.from.index(), link.to.index(),
                link.sharing == Sharing::unshared ? unlimited : link.capacity.si());
  }
  std::vector<bool> sends(source);
  for (const DeviceId device : from) {
    sends[device.index()] = true;
    network.add(source, device.index(), unlimited);
  }
  for (const DeviceId device : to) {
    if (sends[device.index()]) {
      throw core::InternalError(fabric.device(device).name + " is on both sides of a flow");
    }
    network.add(device.index(), sink, unlimited);
  }
  const double flow = network.max_flow(source, sink);
  return flow >= unlimited ? core::Bandwidth::infinity() : core::Bandwidth::from_si(flow);
}

}  // namespace plumbline::topology
