// SPDX-License-Identifier: Apache-2.0
// Copies staged through host memory against copies from GPU to GPU: what the schedule's pieces and
// dependencies come to when both ends share links.
#include <catch2/catch.hpp>

#include "tests/emergent/replayed.hpp"
#include "tests/unit/topology/from_yaml.hpp"

namespace plumbline::test {
namespace {

using topology::DeviceId;
using topology::Fabric;

constexpr double copy = 40e-3;  ///< seconds of 1 GB at 25 GB/s: S/B

const std::string link = "{kind: pcie, bandwidth_per_direction: 25 GB/s, latency: 0 s}";

/// Eight GPUs below one CPU, whose memory has such a link as each of them has.
std::shared_ptr<const Fabric> server(const std::string& memory = link) {
  return std::make_shared<const Fabric>(topology::test::fabric(
      "{builder: pcie_tree, sockets: 1, switches_per_socket: 0, gpus_per_switch: 8, link: " + link +
      ", memory: {link: " + memory + "}}"));
}

/// Two GPUs, each in a server of its own with an adapter.
std::shared_ptr<const Fabric> servers() {
  return std::make_shared<const Fabric>(topology::test::fabric(
      "{builder: fat_tree, nodes: 2, nodes_per_leaf: 2, host_link: {kind: network, "
      "bandwidth_per_direction: 25 GB/s, latency: 0 s}, node: {builder: pcie_tree, sockets: 1, "
      "switches_per_socket: 0, gpus_per_switch: 1, nics_per_switch: 1, link: " +
      link + ", memory: {link: " + link + "}}}"));
}

using Names = std::vector<std::string>;

/// Seconds that flows of 1 GB along these devices take, all begun at once.
double seconds(const std::shared_ptr<const Fabric>& fabric, const std::vector<Names>& ways,
               std::uint32_t pieces = 1) {
  workload::Workload workload;
  workload.collective = workload::Collective::flows;
  workload.algorithm = "flows";
  workload.ranks = topology::RankCount(fabric->endpoints().size());
  for (const Names& way : ways) {
    std::vector<DeviceId> stops;
    for (const std::string& name : way) {
      stops.push_back(*fabric->find(name));
    }
    workload.flows.push_back({.from = stops.front(),
                              .to = stops.back(),
                              .size = core::Bytes::from_si(1e9),
                              .start = {},
                              .via = {stops.begin() + 1, stops.end() - 1},
                              .pieces = pieces});
  }
  topology::Placement placement = topology::packed(*fabric, workload.ranks);
  return replayed(make_problem(fabric, std::move(placement), std::move(workload), {}, {}));
}

TEST_CASE("a staged copy of c pieces takes (c + 1) S/(c B), and from GPU to GPU S/B") {
  // Two hops of equal rate: in each of c + 1 steps a piece moves on either hop, none on the second
  // in the first step and none on the first in the last. c = 1: 2 S/B.
  const auto fabric = server();
  CHECK(seconds(fabric, {{"gpu0", "gpu1"}}) == Approx(copy).epsilon(1e-9));
  for (std::uint32_t pieces = 1; pieces <= 64; pieces = 2 * pieces + 1) {
    INFO(pieces << " pieces");
    CHECK(seconds(fabric, {{"gpu0", "memory0", "gpu1"}}, pieces) ==
          Approx(copy * (pieces + 1.0) / pieces).epsilon(1e-9));
  }
}

TEST_CASE("between machines by both memories: (c + 2) S/(c B)") {
  const auto fabric = servers();
  CHECK(seconds(fabric, {{"node0/gpu0", "node1/gpu0"}}) == Approx(copy).epsilon(1e-9));
  for (const std::uint32_t pieces : {1U, 2U, 5U, 40U}) {
    INFO(pieces << " pieces");
    CHECK(seconds(fabric, {{"node0/gpu0", "node0/memory0", "node1/memory0", "node1/gpu0"}},
                  pieces) == Approx(copy * (pieces + 2.0) / pieces).epsilon(1e-9));
  }
}

TEST_CASE("GPUs that stage through one memory share its link, and peer to peer nothing") {
  // n pairs: each hop of all of them moves n S through the memory's link in one direction.
  const auto fabric = server();
  for (std::size_t pairs = 1; pairs <= 4; ++pairs) {
    INFO(pairs << " pairs");
    std::vector<Names> direct;
    std::vector<Names> staged;
    for (std::size_t i = 0; i < pairs; ++i) {
      const std::string from = "gpu" + std::to_string(2 * i);
      const std::string to = "gpu" + std::to_string(2 * i + 1);
      direct.push_back({from, to});
      staged.push_back({from, "memory0", to});
    }
    const auto n = static_cast<double>(pairs);
    CHECK(seconds(fabric, direct) == Approx(copy).epsilon(1e-9));
    CHECK(seconds(fabric, staged) == Approx(2 * n * copy).epsilon(1e-9));
    // In pieces, the same steps as alone, each n times as long.
    CHECK(seconds(fabric, staged, 10) == Approx(n * copy * 11 / 10).epsilon(1e-9));
  }
}

TEST_CASE("a ring over GPUs that may not copy to each other is held up by the memory's link") {
  // All reduce on n GPUs: 2 (n - 1) steps, in each of which n parts of S/n go through the memory:
  // n S/n / B = S/B, where from GPU to GPU a step takes S/(n B).
  constexpr std::uint32_t ranks = 8;
  const auto fabric = server();
  const auto time = [&](topology::PeerToPeer allowed) {
    workload::Workload workload;
    workload.collective = workload::Collective::all_reduce;
    workload.algorithm = "ring";
    workload.size = core::Bytes::from_si(1e9);
    workload.ranks = topology::RankCount(ranks);
    topology::Placement placement = topology::packed(*fabric, workload.ranks);
    return replayed(make_problem(fabric, std::move(placement), std::move(workload), {},
                                 {.peer_to_peer = allowed}));
  };
  const double steps = 2 * (ranks - 1);
  CHECK(time(topology::PeerToPeer::anywhere) == Approx(steps * copy / ranks).epsilon(1e-9));
  CHECK(time(topology::PeerToPeer::switches) == Approx(steps * copy).epsilon(1e-9));
}

TEST_CASE("memory that reads and writes by turns halves what pieces gain") {
  // With M in total for both directions a step that reads and writes takes 2 S/(c M) where M = B:
  // c - 1 such steps, and the first and the last with one hop alone: (2 (c - 1) + 2) S/(c B).
  const auto fabric =
      server("{kind: cpu, bandwidth_per_direction: 25 GB/s, latency: 0 s, sharing: half_duplex}");
  for (const std::uint32_t pieces : {1U, 3U, 10U}) {
    CHECK(seconds(fabric, {{"gpu0", "memory0", "gpu1"}}, pieces) == Approx(2 * copy).epsilon(1e-9));
  }
}

}  // namespace
}  // namespace plumbline::test
