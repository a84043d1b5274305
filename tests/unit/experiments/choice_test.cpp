// SPDX-License-Identifier: Apache-2.0
// What `auto` becomes: the tuner's choice as a workload that has a schedule. The times behind each
// choice are worked out from the tuner's tables.
#include "experiments/choice.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include <catch2/catch.hpp>

#include "tests/unit/analytic/nccl_tables.hpp"
#include "tests/unit/topology/from_yaml.hpp"

namespace plumbline::test {
namespace {

using namespace core::literals;
using experiments::Choice;
using topology::test::fabric;
using workload::Collective;
using workload::Protocol;
using workload::RingOrder;
using workload::Workload;

/// Eight H100 with an adapter each.
std::string machine(bool in_network) {
  return fmt::format(
      "{{builder: nvswitch_node, gpus: 8, link: nvlink, links_per_gpu: 18, switches: 4, "
      "in_network: {}, pcie: {{sockets: 2, switches_per_socket: 4, gpus_per_switch: 1, "
      "nics_per_switch: 1, link: pcie, inter_socket: cpu}}}}",
      in_network);
}

topology::Fabric hopper(bool in_network) {
  return fabric(machine(in_network));
}

topology::Fabric hoppers(int machines) {
  return fabric(
      fmt::format("{{builder: fat_tree, nodes: {}, nodes_per_leaf: {}, host_link: net, node: {}}}",
                  machines, machines, machine(true)));
}

topology::Fabric four_hoppers() {
  return hoppers(4);
}

struct Chosen {
  Workload work;
  Choice choice;
  std::string why_not;
};

using Graphs = std::vector<topology::imports::NcclGraph>;

analytic::SolverContext context() {
  analytic::SolverContext known;
  known.nccl = std::make_shared<const analytic::nccl::Tables>(tables());
  known.machine.gpu = workload::GpuFacts{"", "hopper"};
  known.machine.nccl = workload::NcclFacts{
      .cpu = "intel_sapphire_rapids", .net_latency = {}, .one_machine = {}, .machines = {}};
  return known;
}

Chosen choose(const topology::Fabric& fabric, Workload open, const Graphs& graphs = {}) {
  analytic::SolverContext known = context();
  if (!graphs.empty()) {
    known.machine.nccl->graphs = std::make_shared<const Graphs>(graphs);
  }
  const topology::Placement placement =
      topology::packed(fabric, topology::RankCount(fabric.endpoints().size()));
  open.ranks = placement.ranks();
  open.site = workload::site_of(fabric, placement);
  Chosen result{std::move(open), {}, {}};
  result.why_not = experiments::choose(result.work, known, fabric, placement, result.choice);
  return result;
}

Workload open(Collective collective, core::Bytes size) {
  Workload work;
  work.collective = collective;
  work.algorithm = workload::automatic;
  work.choose_protocol = true;
  work.size = size;
  return work;
}

TEST_CASE("Little on one machine: a ring of its twelve channels, LL, and no rings rotated") {
  // Ring 6.6 + 14 * 0.6 = 15.0 us, tree 6.8 + 14 * 0.6 = 15.2 us; the others start at 25 us.
  const Chosen chosen = choose(hopper(true), open(Collective::all_reduce, 512_B));
  REQUIRE(chosen.why_not.empty());
  CHECK(chosen.work.algorithm == "ring");
  CHECK(chosen.work.protocol == Protocol::ll);
  CHECK(chosen.work.channels == 12);
  CHECK(chosen.work.ring_order == RingOrder::by_rank);
  CHECK_FALSE(workload::is_open(chosen.work));
  CHECK(chosen.choice.by == "nccl_tuner");
  CHECK(chosen.choice.channels == 12);
  CHECK(chosen.choice.notes.empty());
}

TEST_CASE("Much on one machine: NVLS, and where its switches do not add, a ring and a note") {
  // NVLS 8 * 40 * 0.85 * 7/8 * 2 * 8/14 = 272 GB/s, rings 360 * 8/14 = 206 GB/s; at 1 GiB nothing
  // else counts.
  const Chosen nvls = choose(hopper(true), open(Collective::all_reduce, 1_GiB));
  CHECK(nvls.work.algorithm == "nvls");
  CHECK(nvls.work.protocol == Protocol::simple);
  CHECK(nvls.work.channels == 1);    // its schedule has none,
  CHECK(nvls.choice.channels == 8);  // the library has one per GPU
  CHECK(nvls.choice.notes.empty());

  const Chosen ring = choose(hopper(false), open(Collective::all_reduce, 1_GiB));
  CHECK(ring.work.algorithm == "ring");
  CHECK(ring.work.protocol == Protocol::simple);
  REQUIRE(ring.choice.notes.size() == 1);
  CHECK(ring.choice.notes[0] ==
        "NCCL would take nvls, simple, 8 channels: no switch that adds and replicates joins all "
        "ranks");
}

TEST_CASE("Over machines: trees for little, NVLS trees for much; rings where a protocol says so") {
  // Tree 6.8 + 2 (7 * 0.6 + 2 * 5) = 35.2 us; a ring passes 62 hops of at least 1 us.
  const Chosen little = choose(four_hoppers(), open(Collective::all_reduce, 512_B));
  CHECK(little.work.algorithm == "double_binary_tree");
  CHECK(little.work.protocol == Protocol::ll);
  CHECK(little.work.channels == 8);
  CHECK(little.work.chunk == 32_KiB);  // a slot of LL
  CHECK(little.choice.notes.empty());
  // NVLS tree 8 * 45.5 / 62 * 32 = 188 GB/s or less, ring 8 * 45 * 32/62 = 186 GB/s but 400 us
  // behind, tree at most 8 * 36 / 2 = 144 GB/s.
  const Chosen much = choose(four_hoppers(), open(Collective::all_reduce, 1_GiB));
  CHECK(much.work.algorithm == "nvls_tree");
  CHECK(much.work.protocol == Protocol::simple);
  CHECK(much.choice.channels == 8);
  CHECK(much.choice.notes.empty());
  // NVLS has no LL128, rings use every adapter with it.
  Workload low = open(Collective::all_reduce, 1_GiB);
  low.choose_protocol = false;
  low.protocol = Protocol::ll128;
  const Chosen ring = choose(four_hoppers(), low);
  CHECK(ring.work.algorithm == "ring");
  CHECK(ring.work.channels == 8);
  CHECK(ring.work.ring_order == RingOrder::rotated);
}

TEST_CASE("What is stated is kept: an algorithm with its channels, a protocol, or none") {
  Workload tree = open(Collective::all_reduce, 512_B);
  tree.algorithm = "double_binary_tree";
  tree.channels = 3;
  const Chosen protocol = choose(hopper(true), tree);
  CHECK(protocol.work.algorithm == "double_binary_tree");
  CHECK(protocol.work.protocol == Protocol::ll);
  CHECK(protocol.work.channels == 3);
  CHECK(protocol.choice.channels == 3);

  Workload simple = open(Collective::all_reduce, 512_B);
  simple.choose_protocol = false;
  simple.protocol = Protocol::simple;  // NVLS 25 us, ring 8.4 + 14 * 3.4 = 56 us
  CHECK(choose(hopper(true), simple).work.algorithm == "nvls");
  simple.protocol = Protocol::none;  // left to the tuner, and no protocol's constants are paid
  const Chosen none = choose(hopper(true), simple);
  CHECK(none.work.algorithm == "ring");
  CHECK(none.work.protocol == Protocol::none);
}

TEST_CASE("Pieces: a tree's are NCCL's and at most 64 a stream, unless stated; rings go whole") {
  Workload tree = open(Collective::all_reduce, 1_GiB);
  tree.algorithm = "double_binary_tree";
  tree.choose_protocol = false;
  tree.protocol = Protocol::simple;
  tree.channels = 8;
  // One of 16 streams has 64 MiB, 128 slots of 512 KiB.
  CHECK(choose(four_hoppers(), tree).work.chunk == 1_MiB);
  tree.chunk = 2_MiB;
  CHECK(choose(four_hoppers(), tree).work.chunk == 2_MiB);
  CHECK_FALSE(choose(four_hoppers(), open(Collective::all_reduce, 1_GiB)).work.chunk);
}

TEST_CASE("NCCL's own graphs: their channels, speeds and orders in place of ours") {
  topology::imports::NcclGraph ring;
  ring.speed_intra = ring.speed_inter = 20_GBps;
  ring.type_intra = topology::imports::PathType::nvl;
  ring.channels.resize(2);
  ring.channels[0].gpus = {0, 2, 4, 6, 1, 3, 5, 7};
  ring.channels[1].gpus = {7, 6, 5, 4, 3, 2, 1, 0};
  ring.where = {"graph.xml", 2, 3};
  const Chosen chosen = choose(hopper(true), open(Collective::all_reduce, 1_GiB), {ring});
  REQUIRE(chosen.why_not.empty());
  CHECK(chosen.work.algorithm == "ring");  // the file has no graph of trees or switches
  CHECK(chosen.work.channels == 2);
  CHECK(chosen.work.ring_order == RingOrder::given);
  REQUIRE(chosen.work.rings.size() == 2);
  CHECK(chosen.work.rings[0][1] == workload::RankId(2));
  ring.channels[1].gpus.pop_back();
  ring.channels[0].gpus.pop_back();
  CHECK(choose(hopper(true), open(Collective::all_reduce, 1_GiB), {ring}).why_not ==
        "graph.xml:2: the graph is of GPUs 0, 1, 2, 3, 4, 5, 6, and the ranks of machine 0 are on "
        "0, 1, 2, 3, 4, 5, 6, 7");
}

TEST_CASE("What the tuner does not price is not chosen") {
  const Chosen chosen = choose(hopper(true), open(Collective::all_to_all, 1_MiB));
  CHECK(chosen.why_not == "NCCL's tuner does not price all_to_all");
  CHECK(workload::is_open(chosen.work));
}

/// All ranks of the fabric, the candidates of an open workload on them, and the fastest.
struct Fastest {
  std::shared_ptr<const topology::Fabric> fabric;
  topology::Placement placement;
  Workload work;
  Choice choice;
  std::string why_not;

  Fastest(topology::Fabric on, Workload open)
      : fabric(std::make_shared<const topology::Fabric>(std::move(on))),
        placement(topology::packed(*fabric, topology::RankCount(fabric->endpoints().size()))),
        work(std::move(open)) {
    work.ranks = placement.ranks();
    work.site = workload::site_of(*fabric, placement);
    why_not = experiments::list_candidates(work, context(), *fabric, placement, choice);
  }

  void pick(const workload::ConstantSet& constants) {
    experiments::pick_fastest(work, fabric, placement, {}, constants, choice);
  }

  /// `ring, ll, 1`: algorithm, protocol, channels; sorted.
  [[nodiscard]] std::vector<std::string> candidates() const {
    std::vector<std::string> result;
    for (const Workload& candidate : choice.candidates) {
      result.push_back(fmt::format("{}, {}, {}", candidate.algorithm, to_text(candidate.protocol),
                                   candidate.channels));
    }
    std::ranges::sort(result);
    return result;
  }
};

TEST_CASE("Candidates on one machine: rings and trees by each protocol, NVLS by Simple alone") {
  // On one switch every channel passes the same links: one stands for all of them.
  const std::vector<std::string> rings_and_trees{"double_binary_tree, ll, 1",
                                                 "double_binary_tree, ll128, 1",
                                                 "double_binary_tree, simple, 1",
                                                 "ring, ll, 1",
                                                 "ring, ll128, 1",
                                                 "ring, simple, 1"};
  CHECK(Fastest(hopper(false), open(Collective::all_reduce, 1_MiB)).candidates() ==
        rings_and_trees);
  std::vector<std::string> all = rings_and_trees;
  all.insert(all.begin() + 3, "nvls, simple, 1");
  CHECK(Fastest(hopper(true), open(Collective::all_reduce, 1_MiB)).candidates() == all);
}

TEST_CASE("Candidates over two machines: a ring for each adapter, trees, and trees over NVLS") {
  // NVLS alone ends at the machine's door: over several it needs a network that adds.
  const Fastest two(hoppers(2), open(Collective::all_reduce, 1_MiB));
  CHECK(two.candidates() ==
        std::vector<std::string>{"double_binary_tree, ll, 8", "double_binary_tree, ll128, 8",
                                 "double_binary_tree, simple, 8", "nvls_tree, simple, 1",
                                 "ring, ll, 8", "ring, ll128, 8", "ring, simple, 8"});
  for (const Workload& candidate : two.choice.candidates) {
    CHECK_FALSE(workload::is_open(candidate));
    CHECK((candidate.ring_order == RingOrder::rotated) == (candidate.algorithm == "ring"));
  }
}

TEST_CASE("Candidates keep what is stated, and where there are none it is said why") {
  Workload ring = open(Collective::all_reduce, 1_MiB);
  ring.algorithm = "ring";
  CHECK(Fastest(hopper(true), ring).candidates() ==
        std::vector<std::string>{"ring, ll, 1", "ring, ll128, 1", "ring, simple, 1"});
  Workload simple = open(Collective::all_reduce, 1_MiB);
  simple.choose_protocol = false;
  simple.protocol = Protocol::ll128;
  CHECK(Fastest(hopper(true), simple).candidates() ==
        std::vector<std::string>{"double_binary_tree, ll128, 1", "ring, ll128, 1"});
  const Fastest none(hopper(true), open(Collective::all_to_all, 1_MiB));
  CHECK(none.candidates().empty());
  CHECK(none.why_not == "NCCL's tuner does not price all_to_all");
}

/// What a ring pays for: 6.6 us, and 0.6, 1.9 or 3.4 us a step; LL128 7.4 and Simple 1.8 us more.
workload::ConstantSet protocol_constants() {
  workload::ConstantSet set;
  set.launch = 6.6_us;
  const auto give = [&](Protocol protocol, core::Seconds launch, core::Seconds step, double wire) {
    set.protocol_launch[static_cast<std::size_t>(protocol)] = launch;
    for (workload::StepConstants& of : set.steps[static_cast<std::size_t>(protocol)]) {
      of = {.step_latency = step, .wire_ratio = wire};
    }
  };
  give(Protocol::ll, 0_us, 0.6_us, 2.0);
  give(Protocol::ll128, 7.4_us, 1.9_us, 1.25);
  give(Protocol::simple, 1.8_us, 3.4_us, 1.0);
  return set;
}

TEST_CASE("Choose the fastest: the least time under the constants, with the next in a note") {
  // Ring of eight: launch + 14 (step + two links of 1 us) + 14/8 bytes at 18 * 25 = 450 GB/s.
  Workload ring = open(Collective::all_reduce, 8_kB);
  ring.algorithm = "ring";
  // LL 6.6 + 36.4 + 0.062 us, LL128 14 + 54.6 + 0.039, Simple 8.4 + 75.6 + 0.031.
  Fastest little(hopper(true), ring);
  little.pick(protocol_constants());
  CHECK(little.work.protocol == Protocol::ll);
  CHECK_FALSE(workload::is_open(little.work));
  CHECK(little.choice.by == "fastest");
  CHECK(little.choice.channels == 1);
  CHECK(little.choice.notes ==
        std::vector<std::string>{"fastest: ring, ll; next: ring, ll128; of 3"});
  for (std::size_t i = 0; i < little.choice.candidates.size(); ++i) {
    const std::map<Protocol, double> expected{
        {Protocol::ll, 43.062e-6}, {Protocol::ll128, 68.639e-6}, {Protocol::simple, 84.031e-6}};
    CHECK(little.choice.times[i].si() ==
          Approx(expected.at(little.choice.candidates[i].protocol)).epsilon(1e-4));
  }
  // 450 MB: 3,500, 2,187.5 and 1,750 us of bytes.
  ring.size = 450_MB;
  Fastest much(hopper(true), ring);
  much.pick(protocol_constants());
  CHECK(much.work.protocol == Protocol::simple);
  // 9 MB: 70, 43.75 and 35 us of bytes: 113, 112.35 and 119 us.
  ring.size = 9_MB;
  Fastest between(hopper(true), ring);
  between.pick(protocol_constants());
  CHECK(between.work.protocol == Protocol::ll128);
}

TEST_CASE("Choose the fastest of everything: a time of every candidate, and none below it") {
  // Switches that add take 25 us and two crossings, rings and trees 14 steps: at 450 MB a ring puts
  // 14/8 of the bytes on each GPU's links and the switches put them there once.
  workload::ConstantSet constants = protocol_constants();
  constants
      .steps[static_cast<std::size_t>(Protocol::simple)]
            [static_cast<std::size_t>(workload::PathClass::nvls)]
      .step_latency = 25_us;
  Fastest all(hopper(true), open(Collective::all_reduce, 450_MB));
  all.pick(constants);
  CHECK(all.work.algorithm == "nvls");
  REQUIRE(all.choice.times.size() == 7);
  for (std::size_t i = 0; i < 7; ++i) {
    if (all.choice.candidates[i].algorithm != "nvls") {
      CHECK(all.choice.times[i] > *std::ranges::min_element(all.choice.times));
    }
  }
}

}  // namespace
}  // namespace plumbline::test
