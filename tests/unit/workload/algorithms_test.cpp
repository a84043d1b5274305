// SPDX-License-Identifier: Apache-2.0
// Shape of chains, trees, exchanges and rings with orders of their own. That they compute their
// collective is proof_test.cpp's.
#include <map>
#include <set>
#include <tuple>

#include <catch2/catch.hpp>

#include "requests.hpp"
#include "workload/collectives/ring_orders.hpp"

namespace plumbline::workload {
namespace {

std::string why_not(const Workload& workload) {
  return find_generator(workload.collective, workload.algorithm)->refuses(workload);
}

std::vector<std::uint32_t> numbers(const std::vector<RankId>& ranks) {
  std::vector<std::uint32_t> result;
  for (const RankId rank : ranks) {
    result.push_back(rank.value);
  }
  return result;
}

using Order = std::vector<std::uint32_t>;

// g = 3 ranks in each of 4 machines, channel 1: in at local rank 1, out at 0, upwards; then in at
// 0, out at 1, downwards; so on. Hops between machines join local ranks 0–0, 1–1, 0–0 and, closing,
// 1–1.
TEST_CASE("Rotated rings keep to their rails") {
  Workload workload = request(Collective::all_reduce, "ring", 12, 2);
  workload.ring_order = RingOrder::rotated;
  for (std::uint32_t rank = 0; rank < 12; ++rank) {
    workload.site.machine_of.push_back(rank / 3);
  }
  const auto orders = ring_orders(workload);
  REQUIRE(orders.size() == 2);
  CHECK(numbers(orders[0]) == Order{0, 1, 2, 5, 4, 3, 6, 7, 8, 11, 10, 9});
  CHECK(numbers(orders[1]) == Order{1, 2, 0, 3, 5, 4, 7, 8, 6, 9, 11, 10});

  // Of 3 machines the last is left upwards, by 8 (channel 0) and 6: only this hop changes its rail.
  workload.ranks = RankCount(9);
  workload.site.machine_of.resize(9);
  CHECK(numbers(ring_orders(workload)[1]) == Order{1, 2, 0, 3, 5, 4, 7, 8, 6});

  workload.ranks = RankCount(8);
  workload.site.machine_of.resize(8);
  CHECK(why_not(workload).find("as many ranks in every machine") != std::string::npos);
}

TEST_CASE("Rings go both directions in turn, and as they are told") {
  Workload workload = request(Collective::all_reduce, "ring", 4, 3);
  workload.ring_order = RingOrder::both_directions;
  auto orders = ring_orders(workload);
  CHECK(numbers(orders[0]) == Order{0, 1, 2, 3});
  CHECK(numbers(orders[1]) == Order{3, 2, 1, 0});
  CHECK(numbers(orders[2]) == Order{0, 1, 2, 3});
  workload.ring_order = RingOrder::given;
  workload.rings = {{RankId(0), RankId(2), RankId(1), RankId(3)},
                    {RankId(0), RankId(1), RankId(2), RankId(3)}};
  orders = ring_orders(workload);
  CHECK(numbers(orders[1]) == Order{0, 1, 2, 3});
  CHECK(numbers(orders[2]) == Order{0, 2, 1, 3});
  CHECK(why_not(workload).empty());
  workload.rings[1] = {RankId(0), RankId(1), RankId(2), RankId(2)};
  CHECK(why_not(workload).find("each of 4 ranks once") != std::string::npos);
}

// Three loops of 2·3 steps on 4 ranks, each one block per phase; with two slots the same
// operations, but a loop's first step (operation 24) does not wait for the loop before: only for
// the next rank's step two steps ago, operation 16 + 1.
TEST_CASE("A ring goes around in loops of pieces no larger than a chunk") {
  Workload workload = request(Collective::all_reduce, "ring", 4);
  workload.chunk = core::Bytes::from_si(1e6 / 4 / 3);
  const Schedule loops = generated(workload);
  CHECK(loops.chunks() == 12);
  CHECK(loops.blocks().size() == 6);
  CHECK(loops.operations().size() == 24);
  CHECK(loops.operation_count() == 72);
  CHECK(loops.operations().front().payload().si() == Approx(1e6 / 12));
  workload.chunk = core::Bytes::from_si(1e6 / 4 / 3 - 1.0);
  CHECK(generated(workload).chunks() == 16);

  workload.chunk = core::Bytes::from_si(1e6 / 4 / 3);
  workload.slots = 2;
  const Draft overlapping(generated(workload));
  REQUIRE(overlapping.entries.size() == 72);
  CHECK(overlapping.entries[4].before == std::vector<std::uint32_t>{3});
  CHECK(overlapping.entries[8].before == std::vector<std::uint32_t>{7, 1});
  CHECK(overlapping.entries[24].before == std::vector<std::uint32_t>{17});
}

// Pieces of a chain of 3 ranks are two hops each. With one slot hop h of piece i waits for piece i
// − 1 of itself; with two, until the receiver has passed on piece i − 2; the last hop, until it has
// arrived.
TEST_CASE("A chain hands on piece by piece") {
  Workload workload = request(Collective::broadcast, "chain", 3);
  workload.root = RankId(1);
  workload.chunk = core::Bytes::from_si(0.25e6);
  const Schedule compact = generated(workload);
  CHECK(compact.operations().size() == 2);
  const Draft one(compact);
  REQUIRE(one.entries.size() == 8);
  CHECK(one.entries[0].op.rank == RankId(1));
  CHECK(one.entries[1].op.rank == RankId(2));
  CHECK(one.entries[1].op.peer == RankId(0));
  CHECK(one.entries[4].before == std::vector<std::uint32_t>{2});
  CHECK(one.entries[5].before == std::vector<std::uint32_t>{3, 4});
  workload.slots = 2;
  const Draft two(generated(workload));
  CHECK(two.entries[2].before.empty());
  CHECK(two.entries[4].before == std::vector<std::uint32_t>{1});
  CHECK(two.entries[5].before == std::vector<std::uint32_t>{4, 1});
  CHECK(why_not(request(Collective::broadcast, "chain", 3)).empty());
  CHECK(generated(request(Collective::broadcast, "ring", 5)).operation_count() == 4);
}

/// Who sends on in the first piece of each tree.
std::map<std::uint16_t, std::set<std::uint32_t>> inner_nodes(const Workload& workload) {
  std::map<std::uint16_t, std::set<std::uint32_t>> result;
  const Schedule schedule = generated(workload);
  for (const Operation& op : schedule.operations()) {
    if (op.kind == OpKind::copy) {
      result[op.channel].insert(op.rank.value);
    }
  }
  return result;
}

// 8 nodes: 1, 3, 5 and 7 are leaves; the parents of 2 and 6 are 4 (2 + 2, and 6 cleared: 12 is too
// large), 4's is 0. Mirrored, 7 − v, the leaves are 6, 4, 2 and 0.
TEST_CASE("Who is an inner node of one tree is a leaf of the other") {
  using Edges = std::set<std::pair<std::uint32_t, std::uint32_t>>;
  std::map<std::uint16_t, Edges> down;
  const Schedule schedule = generated(request(Collective::all_reduce, "double_binary_tree", 8));
  for (const Operation& op : schedule.operations()) {
    if (op.kind == OpKind::copy) {
      down[op.channel].emplace(op.rank.value, op.peer.value);
    }
  }
  CHECK(down[0] == Edges{{0, 4}, {4, 2}, {4, 6}, {2, 1}, {2, 3}, {6, 5}, {6, 7}});
  CHECK(down[1] == Edges{{7, 3}, {3, 5}, {3, 1}, {5, 6}, {5, 4}, {1, 2}, {1, 0}});

  for (const Collective collective : {Collective::all_reduce, Collective::broadcast}) {
    for (std::uint32_t ranks = 2; ranks <= 40; ++ranks) {
      const auto inner = inner_nodes(request(collective, "double_binary_tree", ranks));
      std::vector<std::uint32_t> both;
      std::ranges::set_intersection(inner.at(0), inner.at(1), std::back_inserter(both));
      const bool shares_0 = collective == Collective::broadcast || ranks % 2 == 1;
      INFO(to_text(collective) << " on " << ranks);
      CHECK(both == (shares_0 ? std::vector<std::uint32_t>{0} : std::vector<std::uint32_t>{}));
    }
  }
}

// Two machines of two ranks: 0 – 1 and 2 – 3 are chains, 0 and 2 the places in the trees, of which
// the first has root 0 and the second root 2. Up: 1 → 0, 3 → 2, 2 → 0; down the same way.
TEST_CASE("Trees join machines, chains the ranks within") {
  Workload workload = request(Collective::all_reduce, "double_binary_tree", 4);
  workload.site.machine_of = {0, 0, 1, 1};
  using Edge = std::tuple<std::uint16_t, std::uint32_t, std::uint32_t>;
  std::vector<Edge> edges;
  const Schedule schedule = generated(workload);
  for (const Operation& op : schedule.operations()) {
    edges.emplace_back(op.channel, op.rank.value, op.peer.value);
  }
  CHECK(edges == std::vector<Edge>{{0, 3, 2},
                                   {0, 2, 0},
                                   {0, 1, 0},
                                   {0, 0, 1},
                                   {0, 0, 2},
                                   {0, 2, 3},
                                   {1, 1, 0},
                                   {1, 0, 2},
                                   {1, 3, 2},
                                   {1, 2, 3},
                                   {1, 2, 0},
                                   {1, 0, 1}});
}

// 5 ranks: 4 folds onto 0; rounds at distance 1 and 2 on 0 to 3; 4 gets the result: 1 + 8 + 1.
// Halving and doubling: 1 + 16 + 1. 8 ranks: 3 rounds of 8; 6 rounds.
TEST_CASE("Exchanges have logarithmic rounds") {
  const auto count = [](Collective collective, const char* algorithm, std::uint32_t ranks) {
    return generated(request(collective, algorithm, ranks)).operation_count();
  };
  CHECK(count(Collective::all_reduce, "recursive_doubling", 5) == 10);
  CHECK(count(Collective::all_reduce, "recursive_doubling", 8) == 24);
  CHECK(count(Collective::all_gather, "recursive_doubling", 8) == 24);
  CHECK(count(Collective::all_reduce, "halving_doubling", 5) == 18);
  CHECK(count(Collective::all_reduce, "halving_doubling", 8) == 48);
  CHECK(count(Collective::reduce_scatter, "halving_doubling", 8) == 24);
  CHECK(count(Collective::all_reduce, "one_shot", 8) == 56);
  CHECK(count(Collective::all_reduce, "two_shot", 8) == 112);
  CHECK(count(Collective::broadcast, "scatter_allgather", 8) == 7 + 56);
  CHECK(count(Collective::all_gather, "pat", 6) == 30);  // every rank gets 5 chunks
}

// 6 ranks, distances 4, 2, 1. Rank 0 sends its own chunk to 4; then to 2 its own and, with x = 4,
// chunk 2 only if 4 + 2 < 6: no; then to 1 those of x = 0, 2, 4: chunks 0, 4 and 2.
TEST_CASE("PAT sends far first and little") {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> of_0;
  const Schedule schedule = generated(request(Collective::all_gather, "pat", 6));
  for (const Operation& op : schedule.operations()) {
    if (op.rank == RankId(0)) {
      of_0.emplace_back(op.peer.value, op.chunk);
    }
  }
  CHECK(of_0 == std::vector<std::pair<std::uint32_t, std::uint32_t>>{
                    {4, 0}, {2, 0}, {1, 0}, {1, 4}, {1, 2}});
}

// Grid of 2 × 3: a row's ring passes a third of the buffer, two chunks of a sixth; a column's one.
TEST_CASE("A torus reduces along rows, then columns") {
  Workload workload = request(Collective::all_reduce, "torus_2d", 6);
  workload.grid = {2, 3};
  const Schedule schedule = generated(workload);
  CHECK(schedule.operation_count() == 6 * (2 + 1 + 1 + 2));
  CHECK(schedule.operations()[0].peer == RankId(1));
  CHECK(schedule.operations()[2].peer == RankId(0));
  CHECK(schedule.operations()[0].payload().si() == Approx(1e6 / 3));
  CHECK(schedule.operations()[12].peer == RankId(3));
  CHECK(schedule.operations()[12].payload().si() == Approx(1e6 / 6));
  workload.grid = {3, 3};
  CHECK(why_not(workload).find("product is 6") != std::string::npos);
  workload.grid = {6, 1};
  CHECK_FALSE(why_not(workload).empty());
}

TEST_CASE("Options without meaning for an algorithm are refused") {
  const auto refused = [](const char* algorithm, auto change) {
    Workload workload = request(Collective::all_reduce, algorithm, 8);
    change(workload);
    return why_not(workload);
  };
  const auto chunk = [](Workload& workload) { workload.chunk = core::Bytes::from_si(1e3); };
  const auto slots = [](Workload& workload) { workload.slots = 2; };
  const auto rings = [](Workload& workload) { workload.ring_order = RingOrder::rotated; };
  const auto grid = [](Workload& workload) { workload.grid = {2, 4}; };
  CHECK(refused("binomial", chunk).find("chunk") != std::string::npos);
  CHECK(refused("recursive_doubling", slots).find("slots") != std::string::npos);
  CHECK(refused("double_binary_tree", rings).find("rings") != std::string::npos);
  CHECK(refused("ring", grid).find("grid") != std::string::npos);
  CHECK(refused("torus_2d", grid).empty());
  CHECK(refused("ring", chunk).empty());
  CHECK(refused("double_binary_tree", slots).empty());
}

}  // namespace
}  // namespace plumbline::workload
