// SPDX-License-Identifier: Apache-2.0
// The formulas of NCCL's tuner, each against a value worked out by hand from the published table.
#include "analytic/nccl_tuner.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/analytic/nccl_tables.hpp"

namespace plumbline::test {
namespace {

using namespace core::literals;
using analytic::nccl::Algorithm;
using analytic::nccl::Candidate;
using analytic::nccl::Communicator;
using workload::Collective;
using workload::NcclGraph;
using workload::Protocol;

/// Eight H100 on NVSwitches: 12 rings of 30 GB/s, 8 switch channels of 40 GB/s.
Communicator hgx() {
  Communicator result;
  result.ranks = 8;
  result.gpu = &tables().architectures.at("hopper");
  result.cpu = &tables().cpus.at("intel_sapphire_rapids");
  result.ring = result.tree = NcclGraph{12, 30_GBps, 30_GBps};
  result.nvls = NcclGraph{8, 40_GBps, 60_GBps};
  return result;
}

/// Four of them, each with eight adapters.
Communicator four_hgx() {
  Communicator result = hgx();
  result.ranks = 32;
  result.machines = 4;
  result.same_channels = false;
  result.ring = result.tree = NcclGraph{8, 45_GBps, 45_GBps};
  result.nvls = NcclGraph{8, 40_GBps, 48_GBps};
  return result;
}

TEST_CASE("Pieces of a tree: a slot, and by LL128 halved until there are enough") {
  const auto piece = [](Protocol protocol, core::Bytes stream) {
    return tables().chunks.of_tree(protocol, stream, 4, 8.0).si();
  };
  CHECK(piece(Protocol::ll, 8_MiB) == 32 * 1024.0);       // 512 KiB / 8 slots, half of it flags
  CHECK(piece(Protocol::simple, 1_KiB) == 512 * 1024.0);  // 4 MiB / 8
  // 600 KiB, 120 of 128 bytes data, are 576,000. Steps 1 + log2(4) + 0.8 = 3.8. Fewest pieces
  // 64 * 3.8 / 8 = 30.4 above 128 KiB and 7.6 above 32 KiB. 8 MiB: 288,000 makes 29.1, 144,000 58.
  CHECK(piece(Protocol::ll128, 64_MiB) == 576'000.0);
  CHECK(piece(Protocol::ll128, 8_MiB) == 144'000.0);
  // 64 KiB: down to 72,000, then 36,000 makes 1.8, 18,000 is small enough.
  CHECK(piece(Protocol::ll128, 64_KiB) == 18'000.0);
}

/// Two machines of one GPU each.
Communicator pair() {
  Communicator result = hgx();
  result.ranks = 2;
  result.machines = 2;
  result.plain_tree = true;
  result.same_channels = false;
  result.nvls.reset();
  result.ring = result.tree = NcclGraph{2, 24_GBps, 24_GBps};
  return result;
}

std::optional<Candidate> find(const Communicator& of, Collective collective, core::Bytes size,
                              Algorithm algorithm, Protocol protocol) {
  for (const Candidate& candidate : candidates(tables(), of, collective, size)) {
    if (candidate.algorithm == algorithm && candidate.protocol == protocol) {
      return candidate;
    }
  }
  return std::nullopt;
}

double latency_us(const Communicator& of, Collective collective, Algorithm algorithm,
                  Protocol protocol) {
  const auto found = find(of, collective, 1_KiB, algorithm, protocol);
  REQUIRE(found);
  return found->latency.si() * 1e6;
}

/// Size over serialisation in GB/s, at 1 GiB, where no tree correction holds any more.
double bandwidth(const Communicator& of, Collective collective, Algorithm algorithm,
                 Protocol protocol, core::Bytes size = 1_GiB) {
  const auto found = find(of, collective, size, algorithm, protocol);
  REQUIRE(found);
  return (size / found->serialisation).si() / 1e9;
}

TEST_CASE("Every number of the tuner's file names its source") {
  core::Diagnostics diagnostics;
  core::Provenance provenance;
  const core::Document document =
      core::Document::load(PL_SOURCE_DIR "/zoo/tuners/nccl_2_30.yaml", diagnostics);
  const core::Reading reading{&document, &diagnostics, nullptr, &provenance};
  REQUIRE(analytic::nccl::read_tables(core::Cursor(reading)).has_value());
  REQUIRE(provenance.size() > 200);  // 72 corrections, 60 caps, some 50 latencies, 80 speeds
  for (const core::ProvenanceEntry& entry : provenance) {
    INFO(entry.path);
    CHECK(entry.source.find("version 2.30.7") != std::string::npos);
  }
}

TEST_CASE("The tuner's latencies are those that NCCL 2.29.7 printed for two machines of one GPU") {
  // NCCL_DEBUG_SUBSYS=TUNING of that run: all_gather by ring 11.6, 22.5, 22.4 us, all_reduce by
  // tree with LL 16.8 us. From the table: one crossing at the tree's 5.0, 8.5, 14 us (one GPU a
  // machine), after bases of 6.6, 14, 8.4; two crossings of 5.0 after 6.8.
  CHECK(latency_us(pair(), Collective::all_gather, Algorithm::ring, Protocol::ll) == Approx(11.6));
  CHECK(latency_us(pair(), Collective::all_gather, Algorithm::ring, Protocol::ll128) ==
        Approx(22.5));
  CHECK(latency_us(pair(), Collective::all_gather, Algorithm::ring, Protocol::simple) ==
        Approx(22.4));
  CHECK(latency_us(pair(), Collective::all_reduce, Algorithm::tree, Protocol::ll) == Approx(16.8));
}

TEST_CASE("Latencies on one machine of eight H100") {
  // Ring: base + 14 steps (7 of an all_gather); tree: base + 2 * 7 steps; switches: 25 us.
  const auto all_reduce = [](Algorithm algorithm, Protocol protocol) {
    return latency_us(hgx(), Collective::all_reduce, algorithm, protocol);
  };
  CHECK(all_reduce(Algorithm::ring, Protocol::ll) == Approx(6.6 + 14 * 0.6));
  CHECK(all_reduce(Algorithm::ring, Protocol::ll128) == Approx(14 + 14 * 1.9));
  CHECK(all_reduce(Algorithm::ring, Protocol::simple) == Approx(8.4 + 14 * 3.4));
  CHECK(all_reduce(Algorithm::tree, Protocol::ll) == Approx(6.8 + 14 * 0.6));
  CHECK(all_reduce(Algorithm::tree, Protocol::ll128) == Approx(14 + 14 * 1.25));
  CHECK(all_reduce(Algorithm::tree, Protocol::simple) == Approx(8.4 + 14 * 4.0));
  CHECK(all_reduce(Algorithm::nvls, Protocol::simple) == Approx(25));
  CHECK(latency_us(hgx(), Collective::reduce_scatter, Algorithm::ring, Protocol::ll) ==
        Approx(6.6 + 7 * 0.6));
  // A broadcast is a pipeline: one step where all channels order the GPUs alike, else one a rank,
  // and Simple's is then a tree's chunk.
  CHECK(latency_us(hgx(), Collective::broadcast, Algorithm::ring, Protocol::simple) ==
        Approx(8.4 + 3.4));
  Communicator mixed = hgx();
  mixed.same_channels = false;
  CHECK(latency_us(mixed, Collective::broadcast, Algorithm::ring, Protocol::ll) ==
        Approx(6.6 + 8 * 0.6));
  CHECK(latency_us(mixed, Collective::reduce, Algorithm::ring, Protocol::simple) ==
        Approx(8.4 + 8 * 4.0));
  // The same machine on PCIe.
  Communicator pcie = hgx();
  pcie.nvlink = false;
  CHECK(latency_us(pcie, Collective::all_reduce, Algorithm::ring, Protocol::simple) ==
        Approx(8.4 + 14 * 5.7));
}

TEST_CASE("Latencies on four machines of eight") {
  // Ring all_reduce: 62 steps, 2 * 3 of them between machines. LL inside: the network overhead of
  // 1 us is more than the 0.6 us of a step. Simple: three times the overhead is less than 3.4 us;
  // all of it times 1.4 from 64 B for each of 8 channels and 32 ranks, 16 KiB, on.
  CHECK(latency_us(four_hgx(), Collective::all_reduce, Algorithm::ring, Protocol::ll) ==
        Approx(6.6 + 56 * 1.0 + 6 * 2.7));
  const double simple = 8.4 + 56 * 3.4 + 6 * 14.0;
  CHECK(latency_us(four_hgx(), Collective::all_reduce, Algorithm::ring, Protocol::simple) ==
        Approx(simple));
  for (const auto& [size, factor] : {std::pair{16_KiB - 1_B, 1.0}, {16_KiB, 1.4}}) {
    const auto found =
        find(four_hgx(), Collective::all_reduce, size, Algorithm::ring, Protocol::simple);
    CHECK(found->latency.si() * 1e6 == Approx(factor * simple));
  }
  // An all_gather has no plateau: 31 steps, 3 between machines.
  CHECK(latency_us(four_hgx(), Collective::all_gather, Algorithm::ring, Protocol::simple) ==
        Approx(8.4 + 28 * 3.4 + 3 * 14.0));
  // AMD: 2 us of overhead, three times of it for Simple.
  Communicator amd = four_hgx();
  amd.cpu = &tables().cpus.at("amd");
  CHECK(latency_us(amd, Collective::all_gather, Algorithm::ring, Protocol::simple) ==
        Approx(8.4 + 28 * 6.0 + 3 * 14.0));
  // Tree: 2 * (7 steps inside + log2(4) between); NVLS tree: 25 + 2 * 2 * 20.9.
  CHECK(latency_us(four_hgx(), Collective::all_reduce, Algorithm::tree, Protocol::ll) ==
        Approx(6.8 + 2 * (7 * 0.6 + 2 * 5.0)));
  CHECK(latency_us(four_hgx(), Collective::all_reduce, Algorithm::nvls_tree, Protocol::simple) ==
        Approx(25 + 4 * 20.9));
  // A network that says 2 us of itself: once a crossing, twice for Simple.
  Communicator slow = four_hgx();
  slow.net_latency = 2_us;
  CHECK(latency_us(slow, Collective::all_reduce, Algorithm::tree, Protocol::ll) ==
        Approx(6.8 + 2 * (7 * 0.6 + 2 * 7.0)));
  CHECK(latency_us(slow, Collective::all_reduce, Algorithm::nvls_tree, Protocol::simple) ==
        Approx(25 + 4 * 24.9));
  // PAT on 8 machines of one GPU: 8 + log2(8) * 14 / 3.5 + 2.8 * 8.
  Communicator eight = pair();
  eight.ranks = eight.machines = 8;
  CHECK(latency_us(eight, Collective::all_gather, Algorithm::pat, Protocol::simple) ==
        Approx(8 + 3 * 14 / 3.5 + 2.8 * 8));
}

TEST_CASE("Bandwidths on one machine of eight H100") {
  // All channels: 12 * 30 = 360. Ring: times 8/14. LL: the less of 141 and 360/2; LL128: the less
  // of 0.92 * 360 and 12 * 36.7.
  const auto all_reduce = [](Algorithm algorithm, Protocol protocol) {
    return bandwidth(hgx(), Collective::all_reduce, algorithm, protocol);
  };
  CHECK(all_reduce(Algorithm::ring, Protocol::simple) == Approx(360.0 * 8 / 14));
  CHECK(all_reduce(Algorithm::ring, Protocol::ll) == Approx(141.0 * 8 / 14));
  CHECK(all_reduce(Algorithm::ring, Protocol::ll128) == Approx(331.2 * 8 / 14));
  // Tree: half of the less of 0.92 * 360 and 12 * 38.7; LL / 3.8; LL128 * 7/9.
  CHECK(all_reduce(Algorithm::tree, Protocol::simple) == Approx(331.2 / 2));
  CHECK(all_reduce(Algorithm::tree, Protocol::ll) == Approx(331.2 / 3.8 / 2));
  CHECK(all_reduce(Algorithm::tree, Protocol::ll128) == Approx(331.2 * 7 / 9 / 2));
  // Switches: 8 channels of 40 * 0.85 * 7/8 * 2 = 59.5, less than the 60 outwards; times 8/14.
  CHECK(all_reduce(Algorithm::nvls, Protocol::simple) == Approx(8 * 59.5 * 8 / 14));
  // An all_gather by ring: 8/7; by switches: 8 * 40 * 0.85 * 7/8 * 7/8, as it is.
  CHECK(bandwidth(hgx(), Collective::all_gather, Algorithm::ring, Protocol::simple) ==
        Approx(360.0 * 8 / 7));
  CHECK(bandwidth(hgx(), Collective::all_gather, Algorithm::nvls, Protocol::simple) ==
        Approx(8 * 40 * 0.85 * 49 / 64));
  CHECK(bandwidth(hgx(), Collective::broadcast, Algorithm::ring, Protocol::simple) == Approx(360));
}

TEST_CASE("Bandwidths on several machines") {
  // Three and more: the rate between machines. Ring of 32: 8 * 45 * 32/62; LL: Intel's third column
  // of the oldest generation, 20.4.
  const auto four = [](Algorithm algorithm, Protocol protocol) {
    return bandwidth(four_hgx(), Collective::all_reduce, algorithm, protocol);
  };
  CHECK(four(Algorithm::ring, Protocol::simple) == Approx(360.0 * 32 / 62));
  CHECK(four(Algorithm::ring, Protocol::ll) == Approx(20.4 * 32 / 62));
  // Tree: 8 * 36 is less than 0.92 * 360; LL128: 8 * 29 is less than 120/128 of that.
  CHECK(four(Algorithm::tree, Protocol::simple) == Approx(288.0 / 2));
  CHECK(four(Algorithm::tree, Protocol::ll128) == Approx(232.0 / 2));
  // NVLS tree: inside 59.5, outside 48, cap 45.5: 8 * 45.5 * 32/62. On two machines outside counts
  // twice and the cap is 57.7.
  CHECK(four(Algorithm::nvls_tree, Protocol::simple) == Approx(8 * 45.5 * 32 / 62));
  Communicator two = four_hgx();
  two.ranks = 16;
  two.machines = 2;
  CHECK(bandwidth(two, Collective::all_reduce, Algorithm::nvls_tree, Protocol::simple) ==
        Approx(8 * 57.7 * 16 / 30));
  // A tree that enters and leaves by the one GPU there is: 0.85.
  CHECK(bandwidth(pair(), Collective::all_reduce, Algorithm::tree, Protocol::simple) ==
        Approx(48 * 0.92 * 0.85 / 2));
  // PAT: 0.75 of 48.
  CHECK(bandwidth(pair(), Collective::all_gather, Algorithm::pat, Protocol::simple) ==
        Approx(36.0));
}

TEST_CASE("CollNet, where the network reduces") {
  Communicator sharp = four_hgx();
  CHECK_FALSE(find(sharp, Collective::all_reduce, 1_GiB, Algorithm::nvls, Protocol::simple));
  sharp.collnet = NcclGraph{8, 45_GBps, 40_GBps};
  // Eight GPUs on eight heads: 8 * 45 / 1 * 0.85 / 2; the chain without the 0.85.
  const auto rate = [&](Collective collective, Algorithm algorithm) {
    return bandwidth(sharp, collective, algorithm, Protocol::simple);
  };
  CHECK(rate(Collective::all_reduce, Algorithm::collnet_direct) == Approx(8 * 45 * 0.85 / 2));
  CHECK(rate(Collective::all_reduce, Algorithm::collnet_chain) == Approx(8 * 45 / 2.0));
  // Gathers: 8 * min(45, 0.9 * 40), as it is.
  CHECK(rate(Collective::all_gather, Algorithm::collnet_direct) == Approx(8 * 36.0));
  // 2 * (3.7 + 0.4 * 7) + 31; chain 2 * 7 * 2.8 + 30; switches 25 + 18.
  CHECK(latency_us(sharp, Collective::all_reduce, Algorithm::collnet_direct, Protocol::simple) ==
        Approx(2 * (3.7 + 0.4 * 7) + 31));
  CHECK(latency_us(sharp, Collective::all_reduce, Algorithm::collnet_chain, Protocol::simple) ==
        Approx(14 * 2.8 + 30));
  CHECK(latency_us(sharp, Collective::all_reduce, Algorithm::nvls, Protocol::simple) ==
        Approx(25 + 18));
  // Four heads for eight GPUs: f = 2 - (2 - 1) / 2 = 1.5, and no gather.
  sharp.collnet->channels = 4;
  CHECK(rate(Collective::all_reduce, Algorithm::collnet_direct) == Approx(4 * 45 / 1.5 * 0.85 / 2));
  CHECK_FALSE(
      find(sharp, Collective::all_gather, 1_GiB, Algorithm::collnet_direct, Protocol::simple));
}

TEST_CASE("A tree is corrected by size: 0.9 of Simple at 64 B, 0.5 at 512 KiB, 1 above 512 MiB") {
  const double full = 331.2 / 2;
  const auto at = [](core::Bytes size, Protocol protocol) {
    return bandwidth(hgx(), Collective::all_reduce, Algorithm::tree, protocol, size);
  };
  // 512 KiB / 64 B = 2^13: the 14th factor; 4 MiB = 64 * 2^16: the 17th.
  CHECK(at(8_B, Protocol::simple) == Approx(0.9 * full));
  CHECK(at(64_B, Protocol::simple) == Approx(0.9 * full));
  CHECK(at(512_KiB, Protocol::simple) == Approx(0.5 * full));
  CHECK(at(512_KiB, Protocol::ll) == Approx(0.4 * full / 3.8));
  CHECK(at(4_MiB, Protocol::ll128) == Approx(0.8 * full * 7 / 9));
  CHECK(at(512_MiB, Protocol::simple) == Approx(0.9 * full));
  CHECK(at(1_GiB, Protocol::simple) == Approx(full));
}

TEST_CASE("What is not offered: other collectives' algorithms, LL128 where stores may tear") {
  const auto has = [](const Communicator& of, Collective collective, Algorithm algorithm,
                      Protocol protocol) {
    return find(of, collective, 1_MiB, algorithm, protocol).has_value();
  };
  CHECK_FALSE(has(hgx(), Collective::broadcast, Algorithm::tree, Protocol::simple));
  CHECK_FALSE(has(hgx(), Collective::all_gather, Algorithm::tree, Protocol::ll));
  CHECK_FALSE(has(hgx(), Collective::all_reduce, Algorithm::nvls, Protocol::ll));
  CHECK_FALSE(has(hgx(), Collective::all_reduce, Algorithm::nvls_tree, Protocol::simple));
  CHECK_FALSE(has(hgx(), Collective::all_gather, Algorithm::pat, Protocol::simple));
  CHECK_FALSE(has(four_hgx(), Collective::all_gather, Algorithm::pat, Protocol::simple));
  Communicator pcie = hgx();
  pcie.nvlink = false;
  CHECK_FALSE(has(pcie, Collective::all_reduce, Algorithm::ring, Protocol::ll128));
  // Adapters behind a CPU: Hopper reaches them through another GPU's switch, Ampere does not.
  Communicator far = four_hgx();
  far.near_network = false;
  CHECK(has(far, Collective::all_reduce, Algorithm::ring, Protocol::ll128));
  far.gpu = &tables().architectures.at("ampere");
  CHECK_FALSE(has(far, Collective::all_reduce, Algorithm::ring, Protocol::ll128));
  CHECK_FALSE(has(far, Collective::all_reduce, Algorithm::nvls_tree, Protocol::simple));
  CHECK_FALSE(analytic::nccl::prices(Collective::all_to_all));
}

TEST_CASE("The choice moves once from LL towards bandwidth, and the time never falls with size") {
  // On eight H100: LL rings while latency reigns, the switches at the end.
  std::vector<Candidate> best;
  for (core::Bytes size = 64_B; size <= 8_GiB; size *= 2.0) {
    best.push_back(candidates(tables(), hgx(), Collective::all_reduce, size).front());
  }
  CHECK(best.front().protocol == Protocol::ll);
  CHECK(best.back().algorithm == Algorithm::nvls);
  for (std::size_t i = 1; i < best.size(); ++i) {
    CHECK(best[i].time() >= best[i - 1].time());
    CHECK(best[i].latency >= best[i - 1].latency);  // who pays more latency buys bandwidth
  }
}

}  // namespace
}  // namespace plumbline::test
