// SPDX-License-Identifier: Apache-2.0
// Shape of the generated schedules: counts, order, sizes. That they compute their collective is
// proof_test.cpp's.
#include <algorithm>

#include <catch2/catch.hpp>

#include "requests.hpp"
#include "workload/problem.hpp"

namespace plumbline::workload {
namespace {

struct Step {
  OpKind kind;
  std::uint32_t from, to, chunk;
  std::vector<std::uint32_t> before;
  friend bool operator==(const Step&, const Step&) = default;
};

std::vector<Step> steps(const Schedule& schedule) {
  const Dag dag = schedule.expand();
  std::vector<Step> result;
  for (std::uint32_t i = 0; i < dag.size(); ++i) {
    const Operation& op = dag.operations[i];
    Step step{op.kind, op.rank.value, op.peer.value, op.chunk, {}};
    for (const OpId predecessor : dag.before(OpId(i))) {
      step.before.push_back(predecessor.value);
    }
    std::sort(step.before.begin(), step.before.end());
    result.push_back(std::move(step));
  }
  return result;
}

constexpr OpKind add = OpKind::reduce;
constexpr OpKind put = OpKind::copy;

// Rank r starts by sending its own chunk r; what arrives in one step is passed on in the next.
TEST_CASE("Ring all_gather on 3 ranks, written out") {
  CHECK(steps(generated(request(Collective::all_gather, "ring", 3))) ==
        std::vector<Step>{{put, 0, 1, 0, {}},
                          {put, 1, 2, 1, {}},
                          {put, 2, 0, 2, {}},
                          {put, 0, 1, 2, {0, 2}},
                          {put, 1, 2, 0, {0, 1}},
                          {put, 2, 0, 1, {1, 2}}});
}

// 2 ranks: one step reduces, so that rank r holds chunk r complete; one step copies it back.
TEST_CASE("Ring all_reduce on 2 ranks, written out") {
  CHECK(
      steps(generated(request(Collective::all_reduce, "ring", 2))) ==
      std::vector<Step>{
          {add, 0, 1, 1, {}}, {add, 1, 0, 0, {}}, {put, 0, 1, 0, {0, 1}}, {put, 1, 0, 1, {0, 1}}});
}

// The definition of a ring with c channels, for every operation: in step t of its phase rank r
// sends ring position r − t (from r − 1 on when reducing) of channel k, chunk c·position + k, after
// its own send and receive of the step before. Steps of the phases follow each other.
TEST_CASE("Compact rings equal their definition") {
  for (const std::uint32_t ranks : {2U, 3U, 5U, 8U}) {
    for (const std::uint32_t channels : {1U, 2U, 3U}) {
      const auto found = steps(generated(request(Collective::all_reduce, "ring", ranks, channels)));
      std::vector<Step> defined;
      for (std::uint32_t step = 0; step < 2 * (ranks - 1); ++step) {
        const bool reducing = step < ranks - 1;
        const std::uint32_t back = reducing ? step + 1 : step - (ranks - 1);
        for (std::uint32_t channel = 0; channel < channels; ++channel) {
          for (std::uint32_t rank = 0; rank < ranks; ++rank) {
            const std::uint32_t position = (rank + 2 * ranks - back) % ranks;
            Step each{
                reducing ? add : put, rank, (rank + 1) % ranks, channels * position + channel, {}};
            if (step > 0) {
              const std::uint32_t row = ((step - 1) * channels + channel) * ranks;
              each.before = {row + rank, row + (rank + ranks - 1) % ranks};
              std::sort(each.before.begin(), each.before.end());
            }
            defined.push_back(each);
          }
        }
      }
      INFO(ranks << " ranks, " << channels << " channels");
      CHECK(found == defined);
    }
  }
}

TEST_CASE("Pairwise all_to_all on 3 ranks, written out") {
  CHECK(steps(generated(request(Collective::all_to_all, "pairwise", 3))) ==
        std::vector<Step>{{put, 0, 1, 1, {}},
                          {put, 1, 2, 5, {}},
                          {put, 2, 0, 6, {}},
                          {put, 0, 2, 2, {0, 2}},
                          {put, 1, 0, 3, {0, 1}},
                          {put, 2, 1, 7, {1, 2}}});
}

// Rounds 1, 2 and 4 apart; a rank waits for whatever it took part in last. With 6 ranks the subtree
// of 4 lacks 6 and 7.
TEST_CASE("Binomial reduce on 6 ranks, written out") {
  CHECK(steps(generated(request(Collective::reduce, "binomial", 6))) ==
        std::vector<Step>{{add, 1, 0, 0, {}},
                          {add, 3, 2, 0, {}},
                          {add, 5, 4, 0, {}},
                          {add, 2, 0, 0, {0, 1}},
                          {add, 4, 0, 0, {2, 3}}});
}

// 0 has the children 1 and 2, 1 the child 3. Both children of 0 are free to send at once, and 0
// sends to both at once.
TEST_CASE("Binary tree on 4 ranks, written out") {
  CHECK(steps(generated(request(Collective::all_reduce, "binary_tree", 4))) ==
        std::vector<Step>{{add, 3, 1, 0, {}},
                          {add, 2, 0, 0, {}},
                          {add, 1, 0, 0, {0}},
                          {put, 0, 1, 0, {1, 2}},
                          {put, 0, 2, 0, {1, 2}},
                          {put, 1, 3, 0, {0, 3}}});
}

TEST_CASE("Numbers of operations") {
  const auto count = [](Collective collective, const char* algorithm, std::uint32_t ranks,
                        std::uint32_t channels = 1) {
    return generated(request(collective, algorithm, ranks, channels)).operation_count();
  };
  CHECK(count(Collective::all_reduce, "ring", 8) == 112);  // 2·7 steps of 8
  CHECK(count(Collective::all_reduce, "ring", 8, 4) == 448);
  CHECK(count(Collective::all_gather, "ring", 8) == 56);
  CHECK(count(Collective::all_to_all, "pairwise", 8) == 56);
  CHECK(count(Collective::all_to_all, "direct", 8) == 56);
  CHECK(count(Collective::broadcast, "binomial", 13) == 12);  // each rank but one receives once
  CHECK(count(Collective::all_reduce, "binomial", 13) == 24);
  CHECK(count(Collective::all_reduce, "binary_tree", 13) == 24);
  CHECK(count(Collective::ping_pong, "ping_pong", 8) == 2);
  CHECK(count(Collective::incast, "incast", 16) == 15);
}

// 1 MB per rank: an eighth per ring step, a sixteenth with 2 channels; an eighth to each peer; the
// whole per tree hop.
TEST_CASE("Chunks are shares of the size, as real numbers") {
  const auto amount = [](const Workload& workload) {
    return generated(workload).operations().front().payload();
  };
  CHECK(amount(request(Collective::all_reduce, "ring", 8)) == core::Bytes::from_si(125e3));
  CHECK(amount(request(Collective::all_reduce, "ring", 8, 2)) == core::Bytes::from_si(62.5e3));
  CHECK(amount(request(Collective::all_to_all, "direct", 8)) == core::Bytes::from_si(125e3));
  CHECK(amount(request(Collective::broadcast, "binomial", 8)) == core::Bytes::from_si(1e6));
  CHECK(amount(request(Collective::all_reduce, "ring", 3)) == core::Bytes::from_si(1e6 / 3));
}

// Two blocks of 100,000 operations with 2 and with 4 predecessors: 200,000 × 36 bytes and 600,000 ×
// 8 bytes make 12 MB, whatever the 2 × 10^10 operations it stands for.
TEST_CASE("A ring on 100,000 ranks is small") {
  const Schedule schedule = generated(request(Collective::all_reduce, "ring", 100'000));
  CHECK(schedule.operation_count() == 2ULL * 100'000 * 99'999);
  REQUIRE(schedule.operations().size() == 200'000);
  std::size_t predecessors = 0;
  for (std::uint32_t i = 0; i < schedule.operations().size(); ++i) {
    predecessors += schedule.before(i).size();
  }
  CHECK(predecessors == 600'000);
  CHECK(schedule.operations().size_bytes() + predecessors * sizeof(Predecessor) < 100'000'000);
}

TEST_CASE("Generators say what they can't do") {
  const auto refuses = [](const Workload& workload) {
    return find_generator(workload.collective, workload.algorithm)->refuses(workload);
  };
  CHECK(refuses(request(Collective::all_to_all, "pairwise", 8, 2)).find("one channel") !=
        std::string::npos);
  // 2,236 · 2,235 = 4,997,460 operations; 2,237 ranks take more than 5,000,000.
  CHECK(refuses(request(Collective::all_to_all, "direct", 2'236)).empty());
  CHECK_FALSE(refuses(request(Collective::all_to_all, "direct", 2'237)).empty());
  CHECK(refuses(request(Collective::all_reduce, "ring", 1U << 20U)).empty());
  CHECK_FALSE(refuses(request(Collective::all_reduce, "ring", 1U << 20U, 3)).empty());
}

TEST_CASE("A generator is found by collective and algorithm") {
  CHECK(find_generator(Collective::all_reduce, "ring")->name == "ring");
  CHECK(find_generator(Collective::pipeline, "pipeline")->name == "pipeline");
  CHECK(find_generator(Collective::all_reduce, "pairwise") == nullptr);
  CHECK(find_generator(Collective::all_reduce, "rings") == nullptr);
  for (const GeneratorEntry* entry : generators()) {
    CHECK_FALSE(entry->summary.empty());
    CHECK_FALSE(entry->citation.empty());
  }
}

}  // namespace
}  // namespace plumbline::workload
