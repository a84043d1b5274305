// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "fabrics.hpp"
#include "tests/unit/core/reading_fixture.hpp"
#include "workload/workload.hpp"

namespace plumbline::workload {
namespace {

using core::Found;
using core::Text;

/// Read as an experiment does: ranks first, then the rest, on 8 GPUs.
std::optional<Workload> read(Text& text) {
  const topology::Fabric fabric = star(8);
  const auto ranks = read_ranks(text.root());
  return read_workload(text.root(), fabric, ranks.value_or(RankCount(8)));
}

Found mistakes(const std::string& yaml) {
  Text text(yaml);
  (void)read(text);
  return text.found();
}

TEST_CASE("A collective is read whole") {
  Text text(
      "{collective: all_reduce, algorithm: ring, protocol: ll128, channels: 4, ranks: 4, size: 1 "
      "MiB}");
  const auto workload = read(text);
  REQUIRE(text.found() == Found{});
  REQUIRE(workload);
  CHECK(workload->collective == Collective::all_reduce);
  CHECK(workload->algorithm == "ring");
  CHECK(workload->protocol == Protocol::ll128);
  CHECK(workload->channels == 4);
  CHECK(workload->ranks == RankCount(4));
  CHECK(workload->size == core::Bytes::from_si(1048576.0));
}

TEST_CASE("What has one algorithm needs none, and defaults are the plainest") {
  Text text("{collective: incast, size: 1 MB, root: 3}");
  const auto workload = read(text);
  REQUIRE(text.found() == Found{});
  CHECK(workload->algorithm == "incast");
  CHECK(workload->protocol == Protocol::none);
  CHECK(workload->channels == 1);
  CHECK(workload->ranks == RankCount(8));
  CHECK(workload->root == RankId(3));
}

TEST_CASE("Every value may be an axis") {
  Text text(
      "{collective: [all_reduce, all_gather], algorithm: ring, ranks: [2, 4, 8], size: {from: 1 "
      "KiB, to: 4 KiB, factor: 2}}");
  CHECK(read(text));
  CHECK(text.axes.points() == 2 * 3 * 3);
  text.axes.select(text.axes.points() - 1);
  const auto last = read(text);
  CHECK(last->collective == Collective::all_gather);
  CHECK(last->ranks == RankCount(8));
  CHECK(last->size == core::Bytes::from_si(4096.0));
  CHECK(text.found() == Found{});
}

TEST_CASE("Exactly one kind of workload") {
  CHECK(mistakes("{size: 1 MB}") == Found{"PL-K007 at 1:1"});
  CHECK(mistakes("{collective: send_recv, size: 1 MB, flows: []}") == Found{"PL-K007 at 1:1"});
}

TEST_CASE("An algorithm is one that the collective has") {
  CHECK(mistakes("{collective: all_reduce, size: 1 MB}") == Found{"PL-W001 at 1:1"});
  Text text("{collective: all_to_all, size: 1 MB, algorithm: pairwize}");
  (void)read(text);
  CHECK(text.found() == Found{"PL-N001 at 1:49"});
  CHECK(text.hint().find("pairwise") != std::string::npos);
  CHECK(mistakes("{collective: all_to_all, size: 1 MB, algorithm: ring}") ==
        Found{"PL-N001 at 1:49"});
  CHECK(mistakes("{collective: allreduce, size: 1 MB}") == Found{"PL-N001 at 1:14"});
}

TEST_CASE("Impossible numbers are found where they stand") {
  const std::string ring = "{collective: all_reduce, algorithm: ring, ";
  CHECK(mistakes(ring + "ranks: 4}") == Found{"PL-K002 at 1:1"});
  CHECK(mistakes(ring + "size: 0 B}") == Found{"PL-W003 at 1:49"});
  CHECK(mistakes(ring + "size: 1 MB, ranks: 1}") == Found{"PL-W004 at 1:62"});
  CHECK(mistakes(ring + "size: 1 MB, ranks: 1048577}") == Found{"PL-W004 at 1:62"});
  CHECK(mistakes(ring + "size: 1 MB, channels: 0}") == Found{"PL-W008 at 1:65"});
  CHECK(mistakes(ring + "size: 1 MB, channels: 2000}") == Found{"PL-W008 at 1:65"});
  CHECK(mistakes(ring + "size: 1 MB, root: 1}") == Found{"PL-W006 at 1:61"});
  CHECK(mistakes("{collective: reduce, size: 1 MB, root: 8, algorithm: binomial}") ==
        Found{"PL-W005 at 1:40"});
}

TEST_CASE("A fabric with one endpoint can't communicate") {
  Text text("{collective: send_recv, size: 1 MB}");
  (void)read_workload(text.root(), star(1), RankCount(1));
  CHECK(text.found() == Found{"PL-W004 at 1:1"});
}

TEST_CASE("What a generator refuses is the user's to change") {
  CHECK(mistakes("{collective: all_to_all, algorithm: direct, channels: 2, size: 1 MB}") ==
        Found{"PL-W007 at 1:1"});
}

TEST_CASE("Pieces and orders are read") {
  Text text(
      "{collective: all_reduce, algorithm: ring, ranks: 4, size: 1 MiB, chunk: 64 KiB, slots: 8, "
      "rings: [[0, 1, 2, 3], [0, 2, 1, 3]]}");
  const auto workload = read(text);
  REQUIRE(text.found() == Found{});
  REQUIRE(workload);
  CHECK(workload->chunk == core::Bytes::from_si(65536.0));
  CHECK(workload->slots == 8);
  CHECK(workload->channels == 2);
  CHECK(workload->ring_order == RingOrder::given);
  REQUIRE(workload->rings.size() == 2);
  CHECK(workload->rings[1] == std::vector<RankId>{RankId(0), RankId(2), RankId(1), RankId(3)});

  Text named("{collective: all_reduce, algorithm: ring, size: 1 MiB, rings: [by_rank, rotated]}");
  CHECK(read(named));
  CHECK(named.axes.points() == 2);
  named.axes.select(1);
  CHECK(read(named)->ring_order == RingOrder::rotated);

  Text torus("{collective: all_reduce, algorithm: torus_2d, size: 1 MiB, grid: [2, 4]}");
  REQUIRE(read(torus));
  CHECK(read(torus)->grid == std::vector<std::uint32_t>{2, 4});
}

TEST_CASE("Impossible pieces and orders are found where they stand") {
  const std::string ring = "{collective: all_reduce, algorithm: ring, size: 1 MB, ";
  CHECK(mistakes(ring + "chunk: 0 B}") == Found{"PL-W003 at 1:62"});
  CHECK(mistakes(ring + "slots: 0}") == Found{"PL-W015 at 1:62"});
  CHECK(mistakes(ring + "rings: sideways}") == Found{"PL-N001 at 1:62"});
  CHECK(mistakes(ring + "rings: [[0, 1], [1, x]]}") == Found{"PL-V002 at 1:75"});
  CHECK(mistakes(ring + "rings: [[0, 1, 2]]}") == Found{"PL-W007 at 1:1"});
  CHECK(mistakes(ring + "grid: [2, 4]}") == Found{"PL-W007 at 1:1"});
  CHECK(mistakes(
            "{pipeline: {schedule: gpipe, micro_batches: 1, forward: 1 s, backward: 1 s}, slots: "
            "2}") == Found{"PL-W006 at 1:85"});
}

TEST_CASE("Flows join devices by name") {
  Text text(R"(protocol: simple
flows:
  - {from: gpu0, to: gpu1, size: 1 MB}
  - {from: gpu2, to: switch, size: 2 MB, start: 3 us}
)");
  const auto workload = read(text);
  REQUIRE(text.found() == Found{});
  CHECK(workload->collective == Collective::flows);
  CHECK(workload->protocol == Protocol::simple);
  REQUIRE(workload->flows.size() == 2);
  CHECK(workload->flows[0].start == core::Seconds{});
  CHECK(workload->flows[1].from == star(8).find("gpu2"));
  CHECK(workload->flows[1].to == star(8).find("switch"));
  CHECK(workload->flows[1].size == core::Bytes::from_si(2e6));
  CHECK(workload->flows[1].start.si() == Approx(3e-6));
}

TEST_CASE("Mistakes in flows are found where they stand, all at once") {
  CHECK(mistakes(R"(size: 1 MB
flows:
  - {from: gpu0, to: gpu9, size: 1 MB}
  - {from: gpu0, to: gpu0, size: 1 MB}
  - {from: gpu0, to: gpu1, size: 0 B}
  - {from: gpu0, to: gpu1}
)") == Found{"PL-W006 at 1:7", "PL-W010 at 3:22", "PL-W011 at 4:5", "PL-W003 at 5:34",
             "PL-K002 at 6:5"});
  CHECK(mistakes("flows: []") == Found{"PL-W009 at 1:8"});
  CHECK(mistakes("flows: gpu0") == Found{"PL-K004 at 1:8"});
}

TEST_CASE("A flow may be staged at other devices, in pieces") {
  Text text(R"(flows:
  - {from: gpu0, to: gpu1, via: gpu5, size: 1 MB}
  - {from: gpu2, to: gpu1, via: [gpu5, switch, gpu7], size: 1 MB, chunk: 300 kB}
)");
  const auto workload = read(text);
  REQUIRE(text.found() == Found{});
  const topology::Fabric fabric = star(8);
  CHECK(workload->flows[0].via == std::vector{*fabric.find("gpu5")});
  CHECK(workload->flows[0].pieces == 1);
  CHECK(workload->flows[1].via ==
        std::vector{*fabric.find("gpu5"), *fabric.find("switch"), *fabric.find("gpu7")});
  CHECK(workload->flows[1].pieces == 4);  // of 250 kB
}

TEST_CASE("Mistakes in staged flows are found where they stand") {
  const auto flow = [](const std::string& rest) {
    return mistakes("flows:\n- {from: gpu0, to: gpu1, size: 1 MB, " + rest + "}\n");
  };
  CHECK(flow("via: gpu9") == Found{"PL-W010 at 2:43"});
  CHECK(flow("via: [gpu2, memory0]") == Found{"PL-W010 at 2:50"});
  CHECK(flow("via: []") == Found{"PL-K010 at 2:43"});
  CHECK(flow("via: {a: gpu2}") == Found{"PL-K003 at 2:43"});
  CHECK(flow("via: gpu1") == Found{"PL-W011 at 2:3"});
  CHECK(flow("via: [gpu2, gpu3, gpu2]") == Found{"PL-W011 at 2:3"});
  CHECK(flow("chunk: 0 B") == Found{"PL-W003 at 2:45"});
  CHECK(flow("chunk: 1e-9 B") == Found{"PL-W007 at 2:45"});
}

TEST_CASE("Lists of flows with names are a sweep over cases") {
  Text text(R"(flows:
  near: [{from: gpu0, to: gpu1, size: 1 MB}]
  far/both ways: [{from: gpu0, to: gpu7, size: 1 MB}, {from: gpu7, to: gpu0, size: 1 MB}]
)");
  core::Axes& axes = text.axes;
  CHECK(read(text)->case_name == "near");
  REQUIRE(axes.all().size() == 1);
  CHECK(axes.all()[0].path == "flows");
  CHECK(axes.all()[0].values == std::vector<std::string>{"near", "far/both ways"});
  axes.select(1);
  const auto second = read(text);
  CHECK(second->case_name == "far/both ways");
  CHECK(second->flows.size() == 2);
  CHECK(text.found() == Found{});
}

TEST_CASE("Cases of flows hold no sweeps of their own") {
  Text nested("flows: {a: [{from: gpu0, to: gpu1, size: [1 MB, 2 MB]}]}");
  CHECK_FALSE(read(nested));
  CHECK(nested.found() == Found{"PL-K003 at 1:42"});
  Text empty("flows: {}");
  CHECK_FALSE(read(empty));
  CHECK(empty.found() == Found{"PL-K010 at 1:8"});
}

TEST_CASE("A stream has at least one message, and nothing else has any") {
  Text text("{collective: stream, size: 1 MB, messages: 16}");
  CHECK(read(text)->messages == 16);
  CHECK(mistakes("{collective: stream, size: 1 MB, messages: 0}") == Found{"PL-W035 at 1:44"});
  CHECK(mistakes("{collective: send_recv, size: 1 MB, messages: 2}") == Found{"PL-W006 at 1:47"});
}

TEST_CASE("A pipeline takes one time for all ranks or one each") {
  Text text(
      "{ranks: 3, pipeline: {schedule: 1f1b, micro_batches: 4, forward: 1 ms, backward_per_rank: "
      "[2 ms, 3 ms, 4 ms], activation: 1 MB}}");
  const auto workload = read(text);
  REQUIRE(text.found() == Found{});
  REQUIRE(workload->pipeline);
  CHECK(workload->algorithm == "pipeline");
  CHECK(workload->pipeline->schedule == PipelineSchedule::one_f_one_b);
  CHECK(workload->pipeline->micro_batches == 4);
  CHECK(workload->pipeline->forward.size() == 1);
  REQUIRE(workload->pipeline->backward.size() == 3);
  CHECK(workload->pipeline->backward[2].si() == Approx(4e-3));
  CHECK(workload->pipeline->activation == core::Bytes::from_si(1e6));
}

TEST_CASE("Mistakes in a pipeline are found where they stand") {
  const auto with = [](const std::string& rest) {
    return mistakes("ranks: 4\npipeline: {schedule: gpipe, " + rest + "}");
  };
  CHECK(with("micro_batches: 0, forward: 1 ms, backward: 1 ms") == Found{"PL-W013 at 2:44"});
  CHECK(with("micro_batches: 4, backward: 1 ms") == Found{"PL-K007 at 2:11"});
  CHECK(with("micro_batches: 4, forward: 0 s, backward: 1 ms") == Found{"PL-W014 at 2:56"});
  CHECK(with("micro_batches: 4, forward: 1 ms, backward_per_rank: [1 ms]") ==
        Found{"PL-W012 at 2:81"});
  CHECK(with("micro_batches: 4, virtual_stages: 2, forward: 1 ms, backward: 1 ms") ==
        Found{"PL-W007 at 1:1"});
  CHECK(mistakes("pipeline: {schedule: 2f2b, micro_batches: 1, forward: 1 s, backward: 1 s}") ==
        Found{"PL-N001 at 1:22"});
}

TEST_CASE("The schema lists every key") {
  CHECK(workload_schema().keys() ==
        std::vector<std::string>{"collective", "flows",       "pipeline", "skew",     "sizes",
                                 "experts",    "permutation", "together", "groups",   "algorithm",
                                 "protocol",   "ranks",       "size",     "compute",  "file",
                                 "channels",   "chunk",       "slots",    "messages", "rings",
                                 "grid",       "inner",       "root"});
}

}  // namespace
}  // namespace plumbline::workload
