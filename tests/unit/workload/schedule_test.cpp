// SPDX-License-Identifier: Apache-2.0
#include "workload/schedule.hpp"

#include <limits>

#include <catch2/catch.hpp>

#include "core/diagnostic.hpp"

namespace plumbline::workload {
namespace {

Operation copy(std::uint32_t from, std::uint32_t to, std::uint32_t chunk = 0) {
  return {.kind = OpKind::copy, .rank = RankId(from), .peer = RankId(to), .chunk = chunk};
}

std::vector<std::uint32_t> before(const Dag& dag, std::uint32_t op) {
  std::vector<std::uint32_t> result;
  for (const OpId predecessor : dag.before(OpId(op))) {
    result.push_back(predecessor.value);
  }
  return result;
}

using Ops = std::vector<std::uint32_t>;

// Two blocks: A = {a0, a1} runs 3 times, B = {b0} twice. a1 waits for a0 of its iteration, a0 for
// a1 of the one before; b0 enters after a1 of A's last iteration and then follows itself. Expanded:
//   0 1 | 2 3 | 4 5 | 6 | 7      chunks of 4: a0 at 1, stride 3; b0 at 2, stride 1
TEST_CASE("A compact schedule means its expansion") {
  ScheduleBuilder builder(RankCount(2), 4);
  builder.begin_block(3, 3);
  builder.add(copy(0, 1, 1), std::vector<Predecessor>{{.op = 1, .when = When::carried}});
  builder.add(copy(1, 0, 0), std::vector<Predecessor>{{.op = 0}});
  builder.begin_block(2, 1);
  builder.add(copy(0, 1, 2), std::vector<Predecessor>{{.op = 1, .when = When::entry},
                                                      {.op = 0, .when = When::carried}});
  const Schedule schedule = builder.finish();
  CHECK(schedule.operation_count() == 8);
  CHECK(schedule.operations().size() == 3);

  const Dag dag = schedule.expand();
  REQUIRE(dag.size() == 8);
  CHECK(before(dag, 0).empty());
  CHECK(before(dag, 1) == Ops{0});
  CHECK(before(dag, 2) == Ops{1});
  CHECK(before(dag, 3) == Ops{2});
  CHECK(before(dag, 4) == Ops{3});
  CHECK(before(dag, 5) == Ops{4});
  CHECK(before(dag, 6) == Ops{5});
  CHECK(before(dag, 7) == Ops{6});
  // 1, 1 + 3, 1 + 6 mod 4; 0, 3, 6 mod 4; 2, 3.
  const Ops chunks{1, 0, 0, 3, 3, 2, 2, 3};
  const Ops origins{0, 1, 0, 1, 0, 1, 2, 2};
  for (std::uint32_t i = 0; i < 8; ++i) {
    CHECK(dag.operations[i].chunk == chunks[i]);
    CHECK(dag.origin[i] == origins[i]);
  }
}

TEST_CASE("A block is begun for whoever adds an operation without one") {
  ScheduleBuilder builder(RankCount(2), 1);
  CHECK(builder.add(copy(0, 1), {}) == 0);
  CHECK(builder.add(copy(1, 0), std::vector<Predecessor>{{.op = 0}}) == 1);
  const Schedule schedule = builder.finish();
  REQUIRE(schedule.blocks().size() == 1);
  CHECK(schedule.blocks().front().repeat == 1);
  CHECK(schedule.before(1).size() == 1);
}

TEST_CASE("Broken preconditions are bugs") {
  ScheduleBuilder builder(RankCount(2), 2);
  const auto refused = [&](const Operation& op, std::vector<Predecessor> predecessors = {}) {
    REQUIRE_THROWS_AS(builder.add(op, predecessors), core::InternalError);
  };
  CHECK_THROWS_AS(ScheduleBuilder(RankCount(0), 1), core::InternalError);
  CHECK_THROWS_AS(ScheduleBuilder(RankCount(1), 0), core::InternalError);
  CHECK_THROWS_AS(builder.begin_block(0), core::InternalError);
  refused(copy(2, 0));
  refused(copy(0, 2));
  refused(copy(1, 1));
  refused(copy(0, 1, 2));
  Operation wide = copy(0, 1, 1);
  wide.chunk_count = 2;
  refused(wide);
  wide.chunk_count = 0;
  refused(wide);
  Operation negative = copy(0, 1);
  negative.amount = -1.0;
  refused(negative);
  negative.amount = std::numeric_limits<double>::quiet_NaN();
  refused(negative);
  refused(copy(0, 1), {{.op = 0}});                       // itself
  refused(copy(0, 1), {{.op = 0, .when = When::entry}});  // no block before
}

TEST_CASE("Blocks end complete") {
  SECTION("without operations") {
    ScheduleBuilder builder(RankCount(2), 1);
    CHECK_THROWS_AS(builder.finish(), core::InternalError);
  }
  SECTION("begun and left empty") {
    ScheduleBuilder builder(RankCount(2), 1);
    builder.begin_block();
    CHECK_THROWS_AS(builder.begin_block(), core::InternalError);
  }
  SECTION("carrying over what does not exist") {
    ScheduleBuilder builder(RankCount(2), 1);
    builder.begin_block(2);
    builder.add(copy(0, 1), std::vector<Predecessor>{{.op = 1, .when = When::carried}});
    CHECK_THROWS_AS(builder.finish(), core::InternalError);
  }
}

// With a stride the range of chunks may run over the end: chunks 1, 2, then 2, 0, then 0, 1 of 3.
TEST_CASE("Strided ranges of chunks wrap round") {
  ScheduleBuilder builder(RankCount(2), 3);
  builder.begin_block(3, 1);
  Operation wide = copy(0, 1, 1);
  wide.chunk_count = 2;
  builder.add(wide, {});
  const Dag dag = builder.finish().expand();
  CHECK(dag.operations[1].chunk == 2);
  CHECK(dag.operations[2].chunk == 0);
}

}  // namespace
}  // namespace plumbline::workload
