// SPDX-License-Identifier: Apache-2.0
// A proof that accepts everything proves nothing: schedules with one mistake are refused at the
// rank and chunk where it shows.
#include <algorithm>
#include <map>
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "requests.hpp"

namespace plumbline::workload {
namespace {

// A ring on 4 ranks: operation 4t + r is what rank r sends to r + 1 in step t. Reducing, that is
// chunk r − 1 − t; copying, r − t, with t counted from 0 in its phase (operation 12 + 4t + r).
const Workload all_reduce = request(Collective::all_reduce, "ring", 4);
const Workload all_gather = request(Collective::all_gather, "ring", 4);

bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

// Operation 6 passes chunk 0 on from rank 2, where operation 1 brings it.
TEST_CASE("A dropped dependency is a race") {
  Draft draft(generated(all_reduce));
  std::erase(draft.entries[6].before, 1U);
  const std::string why = refusal(draft.write(), all_reduce);
  CAPTURE(why);
  CHECK(starts_with(why, "rank 2, chunk 0: race: "));
  CHECK(why.find("operation 6") != std::string::npos);
  CHECK(why.find("operation 1 ") != std::string::npos);
}

// Operation 4 is rank 0's second send, chunk 3; chunk 2 arrives there only in the same step.
TEST_CASE("A wrong chunk is sent by a rank that does not hold it") {
  Draft draft(generated(all_gather));
  draft.entries[4].op.chunk = 2;
  const std::string why = refusal(draft.write(), all_gather);
  CAPTURE(why);
  CHECK(starts_with(why, "rank 0, chunk 2: "));
  CHECK(why.find("does not hold") != std::string::npos);
}

// Operation 8 is rank 0's last send, chunk 2; nothing else brings that chunk to rank 1.
TEST_CASE("A wrong peer leaves the right one without") {
  Draft draft(generated(all_gather));
  draft.entries[8].op.peer = RankId(2);
  CHECK(refusal(draft.write(), all_gather) == "rank 1, chunk 2: ends with {}: {2} is missing");
}

// Operation 8 is the last addition to chunk 1, at rank 1. As a copy it throws rank 1's own part
// away, and every rank gets the rest.
TEST_CASE("A copy in place of a reduce loses a contribution") {
  Draft draft(generated(all_reduce));
  draft.entries[8].op.kind = OpKind::copy;
  CHECK(refusal(draft.write(), all_reduce) ==
        "rank 0, chunk 1: ends with {0, 2–3}: {1} is missing");
}

// Operation 12 brings the complete chunk 0 to rank 1, which still holds its own part of it.
TEST_CASE("A reduce in place of a copy counts twice") {
  Draft draft(generated(all_reduce));
  draft.entries[12].op.kind = OpKind::reduce;
  const std::string why = refusal(draft.write(), all_reduce);
  CAPTURE(why);
  CHECK(starts_with(why, "rank 1, chunk 0: "));
  CHECK(why.find("adds {1} a second time") != std::string::npos);
}

TEST_CASE("A transfer of the wrong size is refused") {
  Draft draft(generated(all_gather));
  draft.entries[5].op.amount *= 2.0;
  const std::string why = refusal(draft.write(), all_gather);
  CAPTURE(why);
  CHECK(starts_with(why, "rank 2, chunk 0: "));
}

TEST_CASE("Additions into one place may run side by side, anything else may not") {
  const Workload reduce = request(Collective::reduce, "binomial", 3);
  const double size = reduce.size.si();
  ScheduleBuilder builder(RankCount(3), 1);
  for (const std::uint32_t from : {1U, 2U}) {
    builder.add({.kind = OpKind::reduce, .rank = RankId(from), .peer = RankId(0), .amount = size},
                {});
  }
  Draft draft(builder.finish());
  CHECK(refusal(draft.write(), reduce).empty());
  draft.entries[1].op.kind = OpKind::copy;
  CHECK(starts_with(refusal(draft.write(), reduce), "rank 0, chunk 0: race"));
}

// Both accumulate at rank 0; the copy back waits for one of them only.
TEST_CASE("A read must wait for every addition") {
  const Workload tree = request(Collective::all_reduce, "binary_tree", 3);
  Draft draft(generated(tree));
  REQUIRE(draft.entries[2].before.size() == 2);
  draft.entries[2].before.pop_back();
  CHECK(starts_with(refusal(draft.write(), tree), "rank 0, chunk 0: race"));
}

// 4 ranks: 0↔1 and 2↔3 (operations 0 to 3), then 0↔2 and 1↔3 (4 to 7). Operation 4 is 0 → 2; it
// waits for 0 → 1 and 1 → 0. Without the latter it carries rank 0's part alone. Not kept apart, the
// first exchange is a race.
TEST_CASE("Kept apart, an addition is seen by what waits for it only") {
  const Workload doubling = request(Collective::all_reduce, "recursive_doubling", 4);
  Draft draft(generated(doubling));
  REQUIRE(refusal(draft.write(), doubling).empty());
  REQUIRE(std::erase(draft.entries[4].before, 1U) == 1);
  CHECK(refusal(draft.write(), doubling) == "rank 2, chunk 0: ends with {0, 2–3}: {1} is missing");
  draft.additions_apart = false;
  CHECK(starts_with(refusal(draft.write(), doubling), "rank 1, chunk 0: race"));
}

// Rank 2 folds onto rank 0: 2 → 0 adds, 0 ↔ 1 exchange, 0 → 2 replaces what rank 2 has sent.
TEST_CASE("Kept apart, a replacement still waits for everything") {
  const Workload doubling = request(Collective::all_reduce, "recursive_doubling", 3);
  Draft draft(generated(doubling));
  REQUIRE(draft.entries.size() == 4);
  REQUIRE(refusal(draft.write(), doubling).empty());
  draft.entries[3].before = {};
  CHECK(starts_with(refusal(draft.write(), doubling), "rank 2, chunk 0: race"));
}

TEST_CASE("A schedule of another shape is refused") {
  CHECK_FALSE(refusal(generated(all_gather), request(Collective::all_gather, "ring", 5)).empty());
  CHECK_FALSE(
      refusal(generated(request(Collective::broadcast, "binomial", 4)), all_gather).empty());
  CHECK_FALSE(refusal(generated(all_gather), all_reduce).empty());
}

TEST_CASE("A pong must wait for its ping") {
  const Workload ping_pong = request(Collective::ping_pong, "ping_pong", 2);
  Draft draft(generated(ping_pong));
  draft.entries[1].before.clear();
  CHECK_FALSE(refusal(draft.write(), ping_pong).empty());
}

TEST_CASE("A flow must start when it is meant to") {
  Workload flows = request(Collective::flows, "flows", 2);
  flows.flows = {{.from = topology::DeviceId(7),
                  .to = topology::DeviceId(5),
                  .size = core::Bytes::from_si(1e3),
                  .start = core::Seconds::from_si(0.5)},
                 {.from = topology::DeviceId(5),
                  .to = topology::DeviceId(9),
                  .size = core::Bytes::from_si(2e3),
                  .start = {}}};
  const Schedule schedule = generated(flows);
  CHECK(schedule.ranks() == RankCount(3));
  CHECK(schedule.operation_count() == 3);
  CHECK(refusal(schedule, flows).empty());

  Draft late(schedule);
  late.entries[0].op.amount = 0.6;
  CHECK(starts_with(refusal(late.write(), flows), "rank 0, chunk 0: the flow starts"));
  Draft at_once(schedule);
  at_once.entries[1].before.clear();
  CHECK(starts_with(refusal(at_once.write(), flows), "rank 0, chunk 0: the flow starts"));
}

// Piece p of a flow by way of device 5 is chunk p: operation 2p brings it there, 2p + 1 onward.
TEST_CASE("A staged flow goes by its stages, each piece once it is there") {
  Workload flows = request(Collective::flows, "flows", 2);
  flows.flows = {{.from = topology::DeviceId(7),
                  .to = topology::DeviceId(9),
                  .size = core::Bytes::from_si(4e3),
                  .start = {},
                  .via = {topology::DeviceId(5)},
                  .pieces = 4}};
  const Schedule schedule = generated(flows);
  CHECK(schedule.ranks() == RankCount(3));
  CHECK(schedule.operation_count() == 8);
  REQUIRE(refusal(schedule, flows).empty());
  Draft bad(schedule);
  SECTION("a piece that does not wait to be there") {
    std::erase(bad.entries[5].before, 4U);
    CHECK(starts_with(refusal(bad.write(), flows), "rank 1, chunk 2: race"));
  }
  SECTION("pieces that leave the stage out") {
    for (std::uint32_t piece = 4; piece-- > 0;) {
      bad.entries.erase(bad.entries.begin() + 2 * piece + 1);
    }
    for (std::uint32_t piece = 0; piece < 4; ++piece) {
      bad.entries[piece].op.peer = RankId(2);
      bad.entries[piece].before =
          piece == 0 ? std::vector<std::uint32_t>{} : std::vector{piece - 1};
    }
    CHECK(refusal(bad.write(), flows) ==
          "rank 0, chunk 0: its flow does not go from there to rank 2");
  }
  SECTION("a piece that is too large") {
    bad.entries[2].op.amount = 2e3;
    CHECK_FALSE(refusal(bad.write(), flows).empty());
  }
  SECTION("a piece of a flow that has not begun") {
    flows.flows[0].start = core::Seconds::from_si(0.5);
    CHECK(starts_with(refusal(schedule, flows), "rank 0, chunk 0: the flow starts"));
    Draft late(generated(flows));
    REQUIRE(refusal(late.write(), flows).empty());
    late.entries[3].before.clear();  // the second piece
    CHECK(starts_with(refusal(late.write(), flows), "rank 0, chunk 1: the flow starts"));
  }
}

TEST_CASE("Mistakes in a pipeline are refused") {
  const Workload workload = pipeline_request(PipelineSchedule::one_f_one_b, 2, 2, 1, 1e3);
  const Draft good(generated(workload));
  REQUIRE(refusal(good.write(), workload).empty());
  const auto first = [&](auto wanted) {
    return static_cast<std::size_t>(
        std::find_if(good.entries.begin(), good.entries.end(),
                     [&](const Draft::Entry& entry) { return wanted(entry.op); }) -
        good.entries.begin());
  };
  Draft bad = good;
  SECTION("a backward before its forward") {
    // Rank 1 does step 2, the first backward, where step 1 should be.
    const std::size_t forward = first(
        [](const Operation& op) { return op.kind == OpKind::compute && op.rank == RankId(1); });
    bad.entries[forward].op.peer = RankId(2);
    bad.entries[forward].op.amount = 2.0;
    CHECK(refusal(bad.write(), workload).find("does step 2 where steps {0} are done") !=
          std::string::npos);
  }
  SECTION("a forward that does not wait for its activation") {
    const std::size_t forward = first(
        [](const Operation& op) { return op.kind == OpKind::compute && op.rank == RankId(1); });
    bad.entries[forward].before.clear();
    CHECK(starts_with(refusal(bad.write(), workload), "rank 1, chunk 0: race"));
  }
  SECTION("two micro-batches at once on one rank") {
    const std::size_t second = first([](const Operation& op) {
      return op.kind == OpKind::compute && op.rank == RankId(0) && op.chunk == 1;
    });
    bad.entries[second].before.clear();
    CHECK(refusal(bad.write(), workload).find("from computing at once") != std::string::npos);
  }
  SECTION("a step on the wrong rank") {
    bad.entries[0].op.rank = RankId(1);
    CHECK(starts_with(refusal(bad.write(), workload), "rank 1, chunk 0: "));
  }
  SECTION("a step that takes another time") {
    bad.entries[0].op.amount = 3.0;
    CHECK(starts_with(refusal(bad.write(), workload), "rank 0, chunk 0: "));
  }
}

/// Runs an all_reduce in one order, counting contributions per rank and chunk.
bool computes_all_reduce(const Draft& draft, const std::vector<std::uint32_t>& order) {
  using Counts = std::map<std::uint32_t, int>;
  const std::uint32_t ranks = draft.ranks.value;
  std::vector<std::vector<Counts>> held(ranks, std::vector<Counts>(draft.chunks));
  Counts everyone;
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    everyone[rank] = 1;
    for (Counts& counts : held[rank]) {
      counts[rank] = 1;
    }
  }
  for (const std::uint32_t i : order) {
    const Operation& op = draft.entries[i].op;
    const Counts sent = held[op.rank.index()][op.chunk];
    Counts& into = held[op.peer.index()][op.chunk];
    if (op.kind == OpKind::copy) {
      into = sent;
      continue;
    }
    for (const auto& [rank, count] : sent) {
      into[rank] += count;
    }
  }
  return std::all_of(held.begin(), held.end(), [&](const auto& chunks) {
    return std::all_of(chunks.begin(), chunks.end(),
                       [&](const Counts& counts) { return counts == everyone; });
  });
}

std::vector<std::uint32_t> any_order(const Draft& draft) {
  std::vector<std::uint32_t> order;
  std::vector<bool> done(draft.entries.size(), false);
  while (order.size() < draft.entries.size()) {
    std::vector<std::uint32_t> ready;
    for (std::uint32_t i = 0; i < draft.entries.size(); ++i) {
      const auto& before = draft.entries[i].before;
      if (!done[i] && std::all_of(before.begin(), before.end(), [&](auto p) { return done[p]; })) {
        ready.push_back(i);
      }
    }
    order.push_back(*rc::gen::elementOf(ready));
    done[order.back()] = true;
  }
  return order;
}

TEST_CASE("What is proved is right in whatever order it runs") {
  rc::prop("also after some dependencies were dropped", [] {
    const std::string algorithm =
        *rc::gen::elementOf(std::vector<std::string>{"ring", "binomial", "binary_tree"});
    const Workload workload =
        request(Collective::all_reduce, algorithm, *rc::gen::inRange<std::uint32_t>(2, 7));
    Draft draft(generated(workload));
    const int drops = *rc::gen::inRange(0, 6);
    for (int i = 0; i < drops; ++i) {
      auto& before = draft.entries[*rc::gen::inRange<std::size_t>(0, draft.entries.size())].before;
      if (!before.empty()) {
        before.erase(before.begin() + *rc::gen::inRange<std::ptrdiff_t>(
                                          0, static_cast<std::ptrdiff_t>(before.size())));
      }
    }
    const bool proved = refusal(draft.write(), workload).empty();
    RC_CLASSIFY(proved, "proved");
    if (proved) {
      RC_ASSERT(computes_all_reduce(draft, any_order(draft)));
    }
  });
}

}  // namespace
}  // namespace plumbline::workload
