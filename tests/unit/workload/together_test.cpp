// SPDX-License-Identifier: Apache-2.0
// Several workloads at once, on a star of 8 GPUs.
#include "workload/together.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "fabrics.hpp"
#include "tests/unit/core/reading_fixture.hpp"
#include "workload/problem.hpp"

namespace plumbline::workload {
namespace {

using core::Found;
using core::Text;

const topology::Fabric& eight() {
  static const topology::Fabric fabric = star(8);
  return fabric;
}

std::optional<Workload> read(Text& text) {
  const topology::Placement placement = topology::packed(eight(), RankCount(8));
  return read_workload(text.root(), eight(), RankCount(8), site_of(eight(), placement));
}

Workload must_read(const std::string& yaml) {
  Text text(yaml);
  const auto workload = read(text);
  REQUIRE(text.found() == Found{});
  REQUIRE(workload);
  return *workload;
}

std::vector<std::uint32_t> numbers(const std::vector<RankId>& ranks) {
  std::vector<std::uint32_t> result;
  for (const RankId rank : ranks) {
    result.push_back(rank.value);
  }
  return result;
}

constexpr const char* data_and_flow =
    "{groups: {tensor: 2, data: 4}, together: ["
    "{name: gradients, group: data, start: 2 us, "
    "run: {collective: all_reduce, algorithm: ring, size: 8 kB}}, "
    "{run: {flows: [{from: switch, to: gpu7, size: 1 kB}]}}, {run: {compute: 5 us}}]}";

// tensor varies fastest: ranks 0 and 1 are one tensor group, so the data groups are the even and
// the odd ranks.
TEST_CASE("A part on a process group is one workload per group") {
  const Workload workload = must_read(data_and_flow);
  REQUIRE(workload.parts.size() == 4);
  CHECK(workload.parts[0].name == "gradients[0]");
  CHECK(numbers(workload.parts[0].ranks) == std::vector<std::uint32_t>{0, 2, 4, 6});
  CHECK(numbers(workload.parts[1].ranks) == std::vector<std::uint32_t>{1, 3, 5, 7});
  CHECK(workload.parts[1].work.ranks == RankCount(4));
  CHECK(workload.parts[1].start == core::Seconds::from_si(2e-6));
  CHECK(numbers(workload.parts[3].ranks) == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7});
}

// The switch has no rank: it is number 8, after the eight ranks; gpu7 stays rank 7.
TEST_CASE("A flow's device without a rank is numbered after the ranks") {
  const Workload workload = must_read(data_and_flow);
  CHECK(numbers(workload.parts[2].ranks) == std::vector<std::uint32_t>{8, 7});
}

// Each ring on 4 ranks: 2 phases of 3 steps on 4 ranks is 24 operations, and 4 delays for the
// start; one flow; 8 computes.
TEST_CASE("Parts are joined side by side, each in chunks of its own") {
  const Workload workload = must_read(data_and_flow);
  RouteSource nowhere = RouteSource::without_routes();
  const Schedule schedule = join_parts(workload, nowhere);
  CHECK(schedule.ranks() == RankCount(9));
  CHECK(schedule.chunks() == 4 + 4 + 1 + 1);
  CHECK(schedule.operation_count() == 28 + 28 + 1 + 8);
  const Dag dag = schedule.expand();
  for (std::uint32_t i = 0; i < dag.size(); ++i) {
    const Operation& op = dag.operations[i];
    const bool is_even = op.rank.value % 2 == 0;
    if (op.kind == OpKind::reduce) {
      CHECK(op.chunk / 4 == (is_even ? 0U : 1U));
    }
  }
  CHECK(verify(schedule, workload).proved);
}

// A ring whose chunks move on by a stride keeps its own window of chunks when it is appended.
TEST_CASE("An appended ring wraps within its own chunks") {
  const Workload workload = must_read(
      "{groups: {tensor: 2, data: 4}, together: ["
      "{group: data, run: {collective: all_gather, algorithm: ring, size: 8 kB}}]}");
  RouteSource nowhere = RouteSource::without_routes();
  const Schedule schedule = join_parts(workload, nowhere);
  CHECK(schedule.blocks().size() == 2);  // compact: no start to wait for
  CHECK(schedule.blocks()[1].first_chunk == 4);
  const Dag dag = schedule.expand();
  CHECK(dag.size() == 2 * 3 * 4);
  CHECK(std::ranges::all_of(dag.operations,
                            [](const Operation& op) { return op.chunk / 4 == op.rank.value % 2; }));
  CHECK(verify(schedule, workload).proved);
}

TEST_CASE("A joined schedule that is not its parts is refused") {
  const Workload workload = must_read(data_and_flow);
  Workload fewer = workload;
  fewer.parts.pop_back();
  RouteSource nowhere = RouteSource::without_routes();
  const Verification missing = verify(join_parts(fewer, nowhere), workload);
  CHECK_FALSE(missing.proved);
  CHECK(missing.failure.find("side by side") != std::string::npos);
}

TEST_CASE("A compute that a rank leaves out is refused") {
  const Workload workload = must_read("{compute: 5 us}");
  ScheduleBuilder builder(RankCount(8), 1);
  for (std::uint32_t rank = 0; rank < 7; ++rank) {
    builder.add({.kind = OpKind::compute, .rank = RankId(rank), .amount = 5e-6}, {});
  }
  CHECK_FALSE(verify(builder.finish(), workload).proved);
}

TEST_CASE("Mistakes in parts are reported where they stand") {
  const auto mistakes = [](const std::string& yaml) {
    Text text(yaml);
    (void)read(text);
    return text.found();
  };
  CHECK(mistakes("{together: []}") == Found{"PL-W016 at 1:12"});
  CHECK(mistakes("{groups: {tensor: 3}, together: [{run: {compute: 1 us}}]}") ==
        Found{"PL-W017 at 1:10"});
  CHECK(mistakes("{together: [{group: data, run: {compute: 1 us}}]}") == Found{"PL-W017 at 1:21"});
  CHECK(mistakes("{together: [{members: [0, 8], run: {compute: 1 us}}]}") ==
        Found{"PL-W005 at 1:23"});
  CHECK(mistakes("{together: [{run: {together: []}}]}") == Found{"PL-W016 at 1:30"});
  CHECK(mistakes("{groups: {tensor: 8}, compute: 1 us}") == Found{"PL-W006 at 1:10"});
}

}  // namespace
}  // namespace plumbline::workload
