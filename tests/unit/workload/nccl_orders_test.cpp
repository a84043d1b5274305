// SPDX-License-Identifier: Apache-2.0
// Channels of NCCL's graph files as orders of ranks.
#include "workload/imports/nccl_orders.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/workload/requests.hpp"

namespace plumbline::workload {
namespace {

using Orders = std::vector<std::vector<RankId>>;
using topology::imports::NcclGraph;

/// Three GPUs, a ring there and one back.
NcclGraph graph(bool adapters, std::uint32_t cross_nic) {
  NcclGraph result;
  result.cross_nic = cross_nic;
  result.channels.resize(2);
  result.channels[0].gpus = {0, 1, 2};
  result.channels[1].gpus = {2, 1, 0};
  if (adapters) {
    result.channels[0].net_in = result.channels[0].net_out = 0;
    result.channels[1].net_in = result.channels[1].net_out = 1;
  }
  return result;
}

/// Ranks 0 to 2 on the first machine, whose GPU 0 has rank 1; 3 to 5 in order on the second.
Site site(std::uint32_t machines) {
  Site result;
  result.machine_of = {0, 0, 0};
  result.gpu_of = {1, 0, 2};
  if (machines == 2) {
    result.machine_of.insert(result.machine_of.end(), {1, 1, 1});
    result.gpu_of.insert(result.gpu_of.end(), {0, 1, 2});
  }
  return result;
}

std::vector<RankId> order(std::initializer_list<std::uint32_t> ranks) {
  return {ranks.begin(), ranks.end()};
}

std::string why_not(const NcclGraph& graph, const Site& site) {
  const auto orders = imports::orders_of(graph, site);
  const auto* why = std::get_if<std::string>(&orders);
  return why == nullptr ? "" : *why;
}

TEST_CASE("A channel passes the ranks as it passes their GPUs, machine after machine") {
  const auto one = imports::orders_of(graph(false, 0), site(1));
  CHECK(std::get<Orders>(one) == Orders{order({1, 0, 2}), order({2, 0, 1})});
  const auto two = imports::orders_of(graph(true, 0), site(2));
  CHECK(std::get<Orders>(two) == Orders{order({1, 0, 2, 3, 4, 5}), order({2, 0, 1, 5, 4, 3})});
}

TEST_CASE("Where adapters were crossed, odd machines exchange channels two by two") {
  const auto two = imports::orders_of(graph(true, 2), site(2));
  CHECK(std::get<Orders>(two) == Orders{order({1, 0, 2, 5, 4, 3}), order({2, 0, 1, 3, 4, 5})});
  NcclGraph odd = graph(true, 2);
  odd.channels.pop_back();
  CHECK(std::get<Orders>(imports::orders_of(odd, site(2))) == Orders{order({1, 0, 2, 3, 4, 5})});
}

TEST_CASE("A graph holds for its own GPUs and number of machines") {
  Site other = site(2);
  other.gpu_of[5] = 3;
  CHECK(why_not(graph(true, 0), other) ==
        "the graph is of GPUs 0, 1, 2, and the ranks of machine 1 are on 0, 1, 3");
  CHECK(why_not(graph(false, 0), site(2)) ==
        "the graph is of a run on one machine: its channels have no adapters");
  CHECK(why_not(graph(true, 0), site(1)) ==
        "the graph is of a run over several machines: its channels have adapters");
}

TEST_CASE("A tree's chains inside machines follow given orders, and one machine is one chain") {
  Workload work = request(Collective::all_reduce, "double_binary_tree", 3);
  work.ring_order = RingOrder::given;
  work.rings = {order({2, 0, 1})};
  // Reduced 1 -> 0 -> 2 and handed back 2 -> 0 -> 1, by both trees.
  const Schedule chain = generated(work);
  CHECK(refusal(chain, work).empty());
  REQUIRE(chain.operations().size() == 8);
  const Operation& first = chain.operations()[0];
  CHECK(first.kind == OpKind::reduce);
  CHECK(first.rank == RankId(1));
  CHECK(first.peer == RankId(0));
  CHECK(chain.operations()[1].peer == RankId(2));
  CHECK(chain.operations()[2].kind == OpKind::copy);
  CHECK(chain.operations()[2].rank == RankId(2));

  Workload machines = request(Collective::all_reduce, "double_binary_tree", 6);
  machines.site.machine_of = {0, 0, 0, 1, 1, 1};
  machines.ring_order = RingOrder::given;
  machines.rings = {order({2, 0, 1, 4, 3, 5})};
  const Schedule tree = generated(machines);
  CHECK(refusal(tree, machines).empty());
  // Machine 0 is entered at rank 2 and machine 1 at rank 4, the first of their chains.
  for (const Operation& op : tree.operations()) {
    const bool crosses = (op.rank.value < 3) != (op.peer.value < 3);
    CHECK((!crosses || (op.rank.value + op.peer.value == 6 && op.rank.value % 2 == 0)));
  }
}

}  // namespace
}  // namespace plumbline::workload
