// SPDX-License-Identifier: Apache-2.0
// Every generator's schedule computes its collective, for every number of ranks that is tried.
#include <algorithm>
#include <bit>

#include <catch2/catch.hpp>

#include "requests.hpp"
#include "workload/traffic.hpp"

namespace plumbline::workload {
namespace {

/// Whose last rounds need a hypercube: with other numbers nobody owns the folded ranks' chunks.
bool takes_powers_of_two(std::string_view algorithm, Collective collective) {
  return (algorithm == "recursive_doubling" && collective == Collective::all_gather) ||
         (algorithm == "halving_doubling" && collective == Collective::reduce_scatter);
}

/// Rows and columns, as square as can be.
std::vector<std::uint32_t> grid_of(std::uint32_t ranks) {
  std::uint32_t rows = 1;
  for (std::uint32_t i = 2; i * i <= ranks; ++i) {
    rows = ranks % i == 0 ? i : rows;
  }
  return {rows, ranks / rows};
}

TEST_CASE("Every collective schedule is proved for 2 to 33 ranks") {
  for (const GeneratorEntry* entry : collectives::all()) {
    for (const Collective collective : entry->collectives) {
      if (collective >= Collective::flows || entry->name == "hierarchical" ||
          entry->name == "nvls_tree" || entry->name == "sharp_leaders") {
        continue;  // they ask for more than a number of ranks
      }
      for (std::uint32_t ranks = 2; ranks <= 33; ++ranks) {
        Workload workload = request(collective, std::string(entry->name), ranks);
        workload.traffic = zipf_traffic(workload.size, workload.ranks, 1.2, 7);
        workload.targets = shift_targets(workload.ranks, 1);
        INFO(entry->name << " " << to_text(collective) << " on " << ranks);
        if (entry->name == "torus_2d") {
          workload.grid = grid_of(ranks);
          if (workload.grid[0] == 1) {  // prime
            REQUIRE(entry->refuses(workload).find("grid") != std::string::npos);
            continue;
          }
        }
        if (takes_powers_of_two(entry->name, collective) && !std::has_single_bit(ranks)) {
          REQUIRE(entry->refuses(workload).find("power of two") != std::string::npos);
          continue;
        }
        REQUIRE(entry->refuses(workload).empty());
        REQUIRE(refusal(generated(workload), workload).empty());
      }
    }
  }
}

TEST_CASE("Two levels are proved, whatever ranks share a machine") {
  for (const Collective collective :
       {Collective::all_reduce, Collective::all_gather, Collective::reduce_scatter,
        Collective::all_to_all, Collective::all_to_allv}) {
    for (std::uint32_t machines = 2; machines <= 5; ++machines) {
      for (std::uint32_t members = 1; members <= 5; ++members) {
        for (const bool packed : {true, false}) {
          Workload workload = request(collective, "hierarchical", machines * members);
          workload.traffic = zipf_traffic(workload.size, workload.ranks, 1.2, 7);
          workload.traffic[1] = {};
          workload.experts = {.count = 4 * machines, .per_token = 3};
          for (std::uint32_t rank = 0; rank < machines * members; ++rank) {
            workload.site.machine_of.push_back(packed ? rank / members : rank % machines);
          }
          INFO(to_text(collective) << " on " << machines << " × " << members);
          REQUIRE(find_generator(collective, "hierarchical")->refuses(workload).empty());
          REQUIRE(refusal(generated(workload), workload).empty());
        }
      }
    }
  }
}

TEST_CASE("Trees over machines whose switches add are proved, whatever ranks share a machine") {
  for (std::uint32_t machines = 2; machines <= 9; ++machines) {
    for (std::uint32_t members = 2; members <= 5; ++members) {
      for (const std::string algorithm : {"nvls_tree", "sharp_leaders"}) {
        Workload workload = request(Collective::all_reduce, algorithm, machines * members);
        workload.site.in_network_inside = true;
        workload.site.in_network_leaders = true;
        const bool packed = (machines + members) % 2 == 0;
        for (std::uint32_t rank = 0; rank < machines * members; ++rank) {
          workload.site.machine_of.push_back(packed ? rank / members : rank % machines);
        }
        INFO(algorithm << " on " << machines << " × " << members);
        REQUIRE(find_generator(workload.collective, algorithm)->refuses(workload).empty());
        REQUIRE(refusal(generated(workload), workload).empty());
      }
    }
  }
}

TEST_CASE("A barrier that leaves someone unheard is no barrier") {
  const Workload workload = request(Collective::barrier, "dissemination", 6);
  Draft draft(generated(workload));
  REQUIRE(draft.entries.size() == 18);  // 3 rounds of 6
  REQUIRE(refusal(draft.write(), workload).empty());
  draft.entries[12].before.clear();  // the last signal of rank 0 no longer waits for what it heard
  CHECK_FALSE(refusal(draft.write(), workload).empty());
}

TEST_CASE("Permutations: every pattern is proved, and one that moves nothing is refused") {
  for (std::uint32_t side = 2; side <= 6; ++side) {
    Workload workload = request(Collective::permutation, "permutation", side * side);
    for (const auto& targets :
         {transpose_targets(workload.ranks), random_targets(workload.ranks, side),
          shift_targets(workload.ranks, 3)}) {
      workload.targets = targets;
      CHECK(refusal(generated(workload), workload).empty());
    }
    workload.targets = shift_targets(workload.ranks, side * side);
    CHECK(find_generator(Collective::permutation, "permutation")->refuses(workload) ==
          "every rank would send to itself");
  }
  // Rows (0, 1), (2, 3): 1 and 2 change places.
  CHECK(transpose_targets(RankCount(4)) == std::vector{RankId(0), RankId(2), RankId(1), RankId(3)});
}

TEST_CASE("Popularity by Zipf: shares 1, 1/2, 1/3, 1/4 in some order, the same for every sender") {
  const auto traffic = zipf_traffic(core::Bytes::from_si(25e6), RankCount(4), 1.0, 11);
  std::vector<double> row;
  for (std::size_t to = 0; to < 4; ++to) {
    row.push_back(traffic[to].si());
    CHECK(traffic[12 + to] == traffic[to]);
  }
  std::sort(row.begin(), row.end());
  CHECK(row[3] == Approx(12e6));  // 25 MB · 1 / (25/12)
  CHECK(row[2] == Approx(6e6));
  CHECK(row[1] == Approx(4e6));
  CHECK(row[0] == Approx(3e6));
}

TEST_CASE("Tokens for experts of one machine cross once") {
  Workload workload = request(Collective::all_to_all, "hierarchical", 4);
  CHECK(crossing_share(workload, 2) == 1.0);
  // 4 experts on 2 machines, 2 per token: of 6 pairs 2 are on one machine and 4 on both: 10/6
  // machines per token instead of 2.
  workload.experts = {.count = 4, .per_token = 2};
  CHECK(crossing_share(workload, 2) == Approx(10.0 / 12));
  workload.experts = {.count = 4, .per_token = 4};  // all: 2 machines instead of 4
  CHECK(crossing_share(workload, 2) == Approx(0.5));
  workload.experts = {.count = 256, .per_token = 1};
  CHECK(crossing_share(workload, 8) == Approx(1.0));
  workload.experts = {.count = 3, .per_token = 1};
  workload.site.machine_of = {0, 0, 1, 1};
  CHECK(find_generator(Collective::all_to_all, "hierarchical")->refuses(workload) ==
        "3 experts can't be spread evenly over 2 machines");
}

TEST_CASE("Two levels need several machines with as many ranks each") {
  Workload workload = request(Collective::all_reduce, "hierarchical", 4);
  const auto why = [&] {
    return find_generator(Collective::all_reduce, "hierarchical")->refuses(workload);
  };
  CHECK(why() == "all ranks are in one machine");
  workload.site.machine_of = {0, 0, 0, 1};
  CHECK(why() == "machines hold 3 and 1 ranks; it needs as many in each");
}

TEST_CASE("A ring is proved with channels") {
  for (const Collective collective :
       {Collective::all_reduce, Collective::all_gather, Collective::reduce_scatter}) {
    for (std::uint32_t ranks = 2; ranks <= 33; ++ranks) {
      for (const std::uint32_t channels : {2U, 3U, 8U}) {
        const Workload workload = request(collective, "ring", ranks, channels);
        INFO(to_text(collective) << " on " << ranks << " with " << channels);
        REQUIRE(refusal(generated(workload), workload).empty());
      }
    }
  }
}

TEST_CASE("Collectives with a root are proved for every root") {
  for (const GeneratorEntry* entry : collectives::all()) {
    for (const Collective collective : entry->collectives) {
      if (collective != Collective::broadcast && collective != Collective::reduce &&
          collective != Collective::incast && collective != Collective::gather &&
          collective != Collective::scatter && collective != Collective::outcast) {
        continue;
      }
      for (std::uint32_t ranks = 2; ranks <= 17; ++ranks) {
        for (std::uint32_t root = 0; root < ranks; ++root) {
          Workload workload = request(collective, std::string(entry->name), ranks);
          workload.root = RankId(root);
          if (entry->name == "msccl") {  // the root is in the program
            workload.program = test::msccl_program(test::msccl_all_pairs(collective, ranks, root));
          }
          INFO(to_text(collective) << " by " << entry->name << " on " << ranks << " from " << root);
          REQUIRE(refusal(generated(workload), workload).empty());
        }
      }
    }
  }
}

/// The request cut into pieces of 7 kB (1 MB / 7 kB = 143 over channels and ranks), on machines of
/// `per_machine` ranks.
Workload in_pieces(Workload workload, std::uint32_t slots, std::uint32_t per_machine) {
  workload.chunk = core::Bytes::from_si(7e3);
  workload.slots = slots;
  for (std::uint32_t rank = 0; rank < workload.ranks.value; ++rank) {
    workload.site.machine_of.push_back(rank / per_machine);
  }
  return workload;
}

TEST_CASE("Pieces are proved, however many are under way") {
  for (const GeneratorEntry* entry : collectives::all()) {
    for (const Collective collective : entry->collectives) {
      for (const std::uint32_t ranks : {2U, 3U, 4U, 7U, 8U}) {
        for (const std::uint32_t slots : {1U, 2U, 5U}) {
          const Workload workload =
              in_pieces(request(collective, std::string(entry->name), ranks, 2), slots, 3);
          if (collective == Collective::flows || !entry->refuses(workload).empty()) {
            continue;
          }
          INFO(to_text(collective) << " by " << entry->name << " on " << ranks << ", " << slots);
          const Schedule schedule = generated(workload);
          REQUIRE(schedule.chunks() > 8 * ranks);
          REQUIRE(refusal(schedule, workload).empty());
        }
      }
    }
  }
}

TEST_CASE("Rings in any order are proved") {
  for (const Collective collective :
       {Collective::all_reduce, Collective::all_gather, Collective::reduce_scatter,
        Collective::broadcast, Collective::reduce}) {
    for (const auto order : {RingOrder::both_directions, RingOrder::rotated, RingOrder::given}) {
      for (const std::uint32_t slots : {1U, 3U}) {
        Workload workload = in_pieces(request(collective, "ring", 6, 3), slots, 2);
        workload.root = RankId(4);
        workload.ring_order = order;
        if (order == RingOrder::given) {
          workload.rings = {{RankId(3), RankId(1), RankId(5), RankId(0), RankId(2), RankId(4)},
                            {RankId(0), RankId(2), RankId(4), RankId(1), RankId(3), RankId(5)}};
        }
        INFO(to_text(collective) << ", order " << static_cast<int>(order) << ", " << slots);
        REQUIRE(find_generator(collective, "ring")->refuses(workload).empty());
        REQUIRE(refusal(generated(workload), workload).empty());
      }
    }
  }
}

TEST_CASE("Two trees over machines are proved for every root") {
  for (const Collective collective :
       {Collective::all_reduce, Collective::broadcast, Collective::reduce}) {
    for (const std::uint32_t per_machine : {1U, 2U, 3U, 4U}) {
      for (std::uint32_t root = 0; root < 11; ++root) {
        Workload workload =
            in_pieces(request(collective, "double_binary_tree", 11), 1, per_machine);
        workload.root = RankId(root);
        INFO(to_text(collective) << ", " << per_machine << " a machine, root " << root);
        REQUIRE(refusal(generated(workload), workload).empty());
      }
    }
  }
}

TEST_CASE("Pipelines are proved with and without activations to send") {
  for (const double activation : {0.0, 1e6}) {
    for (std::uint32_t ranks = 2; ranks <= 9; ++ranks) {
      for (std::uint32_t micro_batches = 1; micro_batches <= 12; ++micro_batches) {
        for (const auto schedule : {PipelineSchedule::gpipe, PipelineSchedule::one_f_one_b}) {
          const Workload workload = pipeline_request(schedule, ranks, micro_batches, 1, activation);
          INFO(to_text(schedule) << ' ' << ranks << " ranks, " << micro_batches);
          REQUIRE(refusal(generated(workload), workload).empty());
        }
      }
      for (const std::uint32_t rounds : {1U, 2U, 3U}) {
        for (const std::uint32_t virtual_stages : {2U, 3U, 4U}) {
          const Workload workload = pipeline_request(PipelineSchedule::interleaved, ranks,
                                                     rounds * ranks, virtual_stages, activation);
          INFO("interleaved " << ranks << " ranks, " << rounds << " rounds, " << virtual_stages);
          REQUIRE(refusal(generated(workload), workload).empty());
        }
      }
    }
  }
}

TEST_CASE("A pipeline whose ranks differ in speed is proved") {
  Workload workload = pipeline_request(PipelineSchedule::one_f_one_b, 3, 4);
  workload.pipeline->forward = {core::Seconds::from_si(1.0), core::Seconds::from_si(2.0),
                                core::Seconds::from_si(3.0)};
  REQUIRE(refusal(generated(workload), workload).empty());
}

// A ring all_reduce on n ranks has 2n(n − 1) operations; 2^20 of them are reached between n = 724
// (1,046,904) and n = 725 (1,049,800), and the largest power of two below is 512.
TEST_CASE("What is too large is proved on fewer ranks, and says so") {
  const Workload largest = request(Collective::all_reduce, "ring", 724);
  const Verification whole = verify_generated(generated(largest), largest);
  CHECK(whole.proved);
  CHECK(whole.at_ranks == RankCount(724));

  const Workload larger = request(Collective::all_reduce, "ring", 725);
  const Verification part = verify_generated(generated(larger), larger);
  CHECK(part.proved);
  CHECK(part.at_ranks == RankCount(512));
}

TEST_CASE("Proofs on fewer ranks keep to what the generator accepts") {
  // 6 ranks × 30,000 micro-batches × 2 virtual stages: 4·6·2·30,000 − … > 2^20 operations; 30,000
  // is a multiple of 4 ranks, on which 8·2·30,000·2 − … operations remain: fewer than 2^20.
  const Workload workload = pipeline_request(PipelineSchedule::interleaved, 6, 30'000, 2, 1.0);
  const Verification result = verify_generated(generated(workload), workload);
  CHECK(result.failure.empty());
  CHECK(result.proved);
  CHECK(result.at_ranks == RankCount(4));
}

}  // namespace
}  // namespace plumbline::workload
