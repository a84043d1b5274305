// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "report/writers.hpp"

using namespace plumbline;
using namespace plumbline::core::literals;
using nlohmann::json;
using report::TraceOperation;
using workload::OpKind;

namespace {

TraceOperation operation(std::uint32_t rank, core::Seconds start, core::Seconds end) {
  return {.name = "copy \"x\"",
          .rank = rank,
          .channel = 0,
          .kind = OpKind::copy,
          .start = start,
          .data_start = start,
          .end = end,
          .on_chain = false};
}

std::vector<json> slices(const std::string& text) {
  std::vector<json> result;
  const json document = json::parse(text);
  for (const json& event : document.at("traceEvents")) {
    if (event.at("ph") == "X") {
      result.push_back(event);
    }
  }
  return result;
}

workload::Dag two_operations() {
  workload::Dag dag;
  dag.operations.resize(2);
  dag.operations[0].rank = workload::RankId(3);
  dag.operations[0].peer = workload::RankId(4);
  dag.operations[0].channel = 2;
  dag.operations[0].chunk = 5;
  dag.operations[1].kind = OpKind::compute;
  dag.operations[1].rank = workload::RankId(1);
  dag.predecessor_offsets = {0, 0, 0};
  dag.origin = {0, 1};
  return dag;
}

}  // namespace

TEST_CASE("Times are microseconds with picosecond digits") {
  // From 1.234567 us to 2.5 us: ts 1.234567, dur 1.265433. Whole microseconds would show 1 and 1.
  report::ResultSet result;
  result.points.resize(1);
  result.points[0].trace = {operation(0, 1234.567_ns, 2500_ns)};
  const std::string text = to_trace(result);
  CHECK(text.find("\"ts\":1.234567,\"dur\":1.265433") != std::string::npos);
  const auto found = slices(text);
  REQUIRE(found.size() == 1);
  CHECK(found[0].at("name") == "copy \"x\"");
  CHECK(found[0].at("cat") == "copy");
}

TEST_CASE("Slices of one thread never overlap, and ranks never share one") {
  // Rank 0 has three transfers: 0–2, 1–3 and 2–4 us. The third fits behind the first, so two
  // threads do; rank 1's takes a third thread.
  report::ResultSet result;
  result.points.resize(1);
  result.points[0].trace = {operation(0, 0_us, 2_us), operation(0, 1_us, 3_us),
                            operation(1, 0_us, 1_us), operation(0, 2_us, 4_us)};
  std::map<int, std::vector<std::pair<double, double>>> threads;
  for (const json& slice : slices(to_trace(result))) {
    const double start = slice.at("ts");
    const double duration = slice.at("dur");
    threads[slice.at("tid").get<int>()].emplace_back(start, start + duration);
  }
  using Slices = std::vector<std::pair<double, double>>;
  REQUIRE(threads.size() == 3);
  CHECK(threads.at(0) == Slices{{0.0, 2.0}, {2.0, 4.0}});
  CHECK(threads.at(1) == Slices{{1.0, 3.0}});
  CHECK(threads.at(2) == Slices{{0.0, 1.0}});
}

TEST_CASE("Points are processes, and those without a trace are left out") {
  report::ResultSet result;
  result.points.resize(3);
  result.points[2].labels = {{"workload.size", "1 MiB"}};
  result.points[0].trace = {operation(0, 0_us, 1_us)};
  result.points[2].trace = {operation(0, 0_us, 1_us)};
  const std::string text = to_trace(result);
  const auto found = slices(text);
  REQUIRE(found.size() == 2);
  CHECK(found[0].at("pid") == 0);
  CHECK(found[1].at("pid") == 2);
  CHECK(text.find("workload.size = 1 MiB") != std::string::npos);
  CHECK(json::parse(report::to_trace({})).at("traceEvents").empty());
}

TEST_CASE("A timeline gets its operations' names, ranks and chain") {
  workload::ReplayDetails replay;
  replay.timeline = {{0_us, 1_us, 2_us}, {3_us, 3_us, 5_us}};
  replay.chain = {workload::OpId(1)};
  const auto trace = report::trace_operations(two_operations(), replay);
  REQUIRE(trace.size() == 2);
  CHECK(trace[0].name == "copy 3 to 4, chunk 5");
  CHECK(trace[0].rank == 3);
  CHECK(trace[0].channel == 2);
  CHECK(trace[0].data_start == 1_us);
  CHECK_FALSE(trace[0].on_chain);
  CHECK(trace[1].name == "compute on 1");
  CHECK(trace[1].end == 5_us);
  CHECK(trace[1].on_chain);
}

TEST_CASE("A timeline of another schedule is our bug, and none at all is no trace") {
  workload::ReplayDetails replay;
  CHECK(report::trace_operations(two_operations(), replay).empty());
  replay.timeline.resize(3);
  CHECK_THROWS_AS(report::trace_operations(two_operations(), replay), core::InternalError);
}
