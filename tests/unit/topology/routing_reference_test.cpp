// SPDX-License-Identifier: Apache-2.0
// Routes on random graphs against a reference of the test's own, and on large fabrics.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <functional>
#include <numeric>
#include <rapidcheck/catch.h>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <catch2/catch.hpp>

#include "from_yaml.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology {
namespace {

using namespace core::literals;

/// Machine, socket, PCIe, global, network, relays, NVLink; compared like words. The reference for
/// the router's numbers.
using Hops = std::array<int, 7>;
constexpr Hops far{1'000'000, 0, 0, 0, 0, 0, 0};
constexpr Hops one_relay{0, 0, 0, 0, 0, 1, 0};

Hops operator+(const Hops& a, const Hops& b) {
  Hops sum{};
  std::ranges::transform(a, b, sum.begin(), std::plus<>());
  return sum;
}

Hops hops_of(const Fabric& fabric, const Link& link) {
  switch (link.kind) {
    case LinkKind::nvlink:
      return {0, 0, 0, 0, 0, 0, 1};
    case LinkKind::pcie:
      return {0, 0, 1, 0, 0, 0, 0};
    case LinkKind::cpu:
      return {0, 1, 0, 0, 0, 0, 0};
    case LinkKind::network:
      break;
  }
  const bool leaves_machine = fabric.device(link.from).in_node || fabric.device(link.to).in_node;
  const Hops within{0, 0, 0, link.global ? 1 : 0, link.global ? 0 : 1, 0, 0};
  return leaves_machine ? Hops{1, 0, 0, 0, 0, 0, 0} : within;
}

using Matrix = std::vector<std::vector<Hops>>;

/// Floyd–Warshall over the links that `may_use`; intermediate devices are no endpoints.
template <class MayUse>
Matrix all_pairs(const Fabric& fabric, MayUse may_use) {
  const std::size_t n = fabric.devices().size();
  Matrix best(n, std::vector<Hops>(n, far));
  for (std::size_t i = 0; i < n; ++i) {
    best[i][i] = {};
  }
  for (const Link& link : fabric.links()) {
    if (may_use(link)) {
      Hops& entry = best[link.from.index()][link.to.index()];
      entry = std::min(entry, hops_of(fabric, link));
    }
  }
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < n && !is_endpoint(fabric.devices()[k].kind); ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        best[i][j] = std::min(best[i][j], best[i][k] + best[k][j]);
      }
    }
  }
  return best;
}

/// Least hops between all devices: within a machine, one GPU relaying over NVLink if need be; or
/// out of the machine, through the network, into the destination's machine.
class Reference {
 public:
  explicit Reference(const Fabric& fabric)
      : fabric_(fabric),
        inner_(all_pairs(fabric, [&](const Link& link) { return same_part(link); })),
        nvlink_(all_pairs(fabric, [&](const Link& link) {
          return same_part(link) && link.kind == LinkKind::nvlink;
        })) {}

  [[nodiscard]] Hops between(std::size_t from, std::size_t to) const {
    Hops best = within(from, to);
    for (const Link& out : fabric_.links()) {
      if (same_part(out) || !forwards(out.from, from)) {
        continue;
      }
      const Hops left = within(from, out.from.index()) + hops_of(fabric_, out);
      if (device(out.to.index()).in_node || !device(out.from.index()).in_node) {
        // Straight into the destination's machine, or the source is a fabric switch.
        best = std::min(best, left + enter(out.to, to));
        continue;
      }
      best = std::min(best, left + inner_[out.to.index()][to]);
      for (const Link& in : fabric_.links()) {
        if (!device(in.from.index()).in_node && device(in.to.index()).in_node) {
          best = std::min(best, left + inner_[out.to.index()][in.from.index()] +
                                    hops_of(fabric_, in) + enter(in.to, to));
        }
      }
    }
    return best;
  }

 private:
  [[nodiscard]] const Device& device(std::size_t i) const { return fabric_.devices()[i]; }

  [[nodiscard]] bool same_part(const Link& link) const {
    const Device& a = device(link.from.index());
    const Device& b = device(link.to.index());
    return a.in_node == b.in_node && (!a.in_node || a.node == b.node);
  }

  [[nodiscard]] bool forwards(DeviceId through, std::size_t end) const {
    return through.index() == end || !is_endpoint(fabric_.device(through).kind);
  }

  [[nodiscard]] Hops enter(DeviceId at, std::size_t to) const {
    return forwards(at, to) ? inner_[at.index()][to] : far;
  }

  [[nodiscard]] Hops within(std::size_t from, std::size_t to) const {
    Hops best = inner_[from][to];
    for (std::size_t g = 0; g < inner_.size() && device(to).kind == DeviceKind::gpu; ++g) {
      if (g != from && g != to && device(g).kind == DeviceKind::gpu) {
        best = std::min(best, nvlink_[from][g] + one_relay + nvlink_[g][to]);
      }
    }
    return best;
  }

  const Fabric& fabric_;
  Matrix inner_, nvlink_;
};

Fabric random_fabric() {
  const auto kinds =
      std::array{DeviceKind::gpu, DeviceKind::host,     DeviceKind::cpu,  DeviceKind::pcie_switch,
                 DeviceKind::nic, DeviceKind::nvswitch, DeviceKind::leaf, DeviceKind::spine};
  const auto devices = *rc::gen::inRange<std::size_t>(2, 14);
  const auto machines = *rc::gen::inRange<std::uint32_t>(1, 4);
  FabricBuilder builder;
  for (std::size_t i = 0; i < devices; ++i) {
    const DeviceKind kind = i < 2 ? DeviceKind::gpu : *rc::gen::elementOf(kinds);
    const bool in_node = kind != DeviceKind::leaf && kind != DeviceKind::spine;
    // A fabric switch's number means nothing: one of no machine, so that the reference can compare.
    builder.add({.name = fmt::format("d{}", i),
                 .kind = kind,
                 .node = in_node ? *rc::gen::inRange<std::uint32_t>(0, machines) : 1000,
                 .in_node = in_node});
  }
  const auto links = *rc::gen::inRange<std::size_t>(0, 40);
  const auto link_kinds =
      std::array{LinkKind::nvlink, LinkKind::pcie, LinkKind::cpu, LinkKind::network};
  for (std::size_t i = 0; i < links; ++i) {
    const auto from = *rc::gen::inRange<std::size_t>(0, devices);
    const auto to = *rc::gen::inRange<std::size_t>(0, devices);
    if (from != to) {
      builder.add_link(
          DeviceId(from), DeviceId(to),
          {"random", *rc::gen::elementOf(link_kinds), 1_GBps, 1_us, Sharing::full_duplex});
    }
  }
  return builder.finish();
}

TEST_CASE("on any graph, routes are valid and of least cost") {
  rc::prop("contiguous, through forwarding devices only, as cheap as Floyd-Warshall finds", [] {
    const Fabric fabric = random_fabric();
    const Reference reference(fabric);
    Router router(fabric);
    for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
      for (std::size_t j = 0; j < fabric.devices().size(); ++j) {
        if (i == j) {
          continue;
        }
        const auto route = router.route(DeviceId(i), DeviceId(j));
        const Hops expected = reference.between(i, j);
        RC_ASSERT(route.has_value() == (expected[0] < far[0]));
        if (!route) {
          continue;
        }
        DeviceId at(i);
        Hops hops{};
        for (const LinkId link : route->links) {
          RC_ASSERT(fabric.link(link).from == at);
          const bool relays = at != DeviceId(i) && is_endpoint(fabric.device(at).kind);
          RC_ASSERT(!relays || fabric.device(at).kind == DeviceKind::gpu);
          hops = hops + hops_of(fabric, fabric.link(link)) + (relays ? one_relay : Hops{});
          at = fabric.link(link).to;
        }
        RC_ASSERT(at == DeviceId(j));
        RC_LOG() << i << " to " << j << "\n";
        RC_ASSERT(hops == expected);
      }
    }
  });
}

TEST_CASE("a ring over a star of 100,000 hosts") {
  const Fabric fabric =
      test::fabric("{builder: fat_tree, nodes: 100000, nodes_per_leaf: 100000, host_link: net}");
  Router router(fabric);
  RouteTable table;
  const auto hosts = fabric.endpoints();
  REQUIRE(hosts.size() == 100'000);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const auto route = router.route(hosts[i], hosts[(i + 1) % hosts.size()]);
    REQUIRE(route->links.size() == 2);  // up to the leaf and down
    table.intern(route->links);
  }
  CHECK(table.size() == hosts.size());
}

const std::string nvlink_server =
    "{builder: nvswitch_node, gpus: 8, link: nvlink, links_per_gpu: 18, switches: 4, pcie: {"
    "sockets: 2, switches_per_socket: 4, gpus_per_switch: 1, nics_per_switch: 1, link: pcie, "
    "inter_socket: cpu}}";

TEST_CASE("a ring over 512 eight-GPU machines on rails") {
  const Fabric fabric = test::fabric("{builder: fat_tree, node: " + nvlink_server +
                                     ", nodes: 512, nodes_per_leaf: 32, rails: true, host_link: "
                                     "net, spines: 32, uplink: net, uplinks: 1}");
  Router router(fabric);
  const auto gpus = fabric.endpoints();
  REQUIRE(gpus.size() == 4096);
  std::size_t hops = 0;
  for (std::size_t i = 0; i < gpus.size(); ++i) {
    hops += router.route(gpus[i], gpus[(i + 1) % gpus.size()])->links.size();
  }
  // 7 of 8 steps stay on NVLink (2 hops); from GPU 7 to GPU 0 of the next machine it is GPU, PCIe
  // switch, NIC, leaf, spine, leaf, NIC, PCIe switch, GPU: 8 hops.
  CHECK(hops == 512 * (7 * 2 + 8));
}

/// Weights of the test's own for Hops, a dearer kind outweighing any number of cheaper ones.
std::int64_t weight(const Fabric& fabric, LinkId link) {
  constexpr std::array<std::int64_t, 7> weights{
      1'000'000'000'000, 1'000'000'000, 1'000'000, 0, 1'000, 0, 1};
  const Hops hops = hops_of(fabric, fabric.link(link));
  return std::inner_product(hops.begin(), hops.end(), weights.begin(), std::int64_t{0});
}

/// Links and weights as Boost.Graph takes them. An endpoint that is not the source has no links
/// out: nothing passes through it.
class BoostFabric {
 public:
  explicit BoostFabric(const Fabric& fabric)
      : fabric_(fabric), graph_(fabric.devices().size()), cost_(fabric.devices().size()) {
    for (std::size_t i = 0; i < fabric.links().size(); ++i) {
      if (!is_endpoint(fabric.device(fabric.links()[i].from).kind)) {
        add(LinkId(i));
      }
    }
  }

  /// Cost from an endpoint to all devices over the whole fabric at once, machines and network
  /// alike.
  const std::vector<std::int64_t>& costs_from(DeviceId source) {
    for (const LinkId out : fabric_.out_links(source)) {
      add(out);
    }
    boost::dijkstra_shortest_paths(graph_, source.index(),
                                   boost::distance_map(boost::make_iterator_property_map(
                                       cost_.begin(), get(boost::vertex_index, graph_))));
    boost::clear_out_edges(source.index(), graph_);
    return cost_;
  }

 private:
  void add(LinkId id) {
    const Link& link = fabric_.link(id);
    boost::add_edge(link.from.index(), link.to.index(), weight(fabric_, id), graph_);
  }

  const Fabric& fabric_;
  boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                        boost::property<boost::edge_weight_t, std::int64_t>>
      graph_;
  std::vector<std::int64_t> cost_;
};

TEST_CASE("100,000 routes over 4,096 GPUs in three tiers are as short as Boost.Graph finds") {
  const Fabric fabric =
      test::fabric("{builder: fat_tree, node: " + nvlink_server +
                   ", nodes: 512, nodes_per_leaf: 32, rails: true, host_link: "
                   "net, spines: 16, uplink: net, uplinks: 2, nodes_per_pod: 128, cores: "
                   "64, core_link: net, core_links: 1}");
  const auto gpus = fabric.endpoints();
  REQUIRE(gpus.size() == 4096);
  Router router(fabric);
  Route route;
  BoostFabric boost_fabric(fabric);
  for (std::size_t s = 0; s < 100; ++s) {
    const DeviceId source = gpus[(s * 997) % gpus.size()];
    const std::vector<std::int64_t>& expected = boost_fabric.costs_from(source);
    for (std::size_t d = 0; d < 1000; ++d) {
      const DeviceId to = gpus[(s + d * 2003) % gpus.size()];
      route.links.clear();
      REQUIRE(router.append(source, to, route));
      DeviceId at = source;
      std::int64_t cost = 0;
      bool contiguous = true;
      for (const LinkId link : route.links) {
        contiguous = contiguous && fabric.link(link).from == at;
        cost += weight(fabric, link);
        at = fabric.link(link).to;
      }
      if (!contiguous || at != to || cost != expected[to.index()]) {
        FAIL(fabric.device(source).name << " to " << fabric.device(to).name);
      }
    }
  }
}

}  // namespace
}  // namespace plumbline::topology
