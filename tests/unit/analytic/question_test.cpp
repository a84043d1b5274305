// SPDX-License-Identifier: Apache-2.0
// What solvers are told of a problem, and what their domains hold.
#include "analytic/question.hpp"

#include <catch2/catch.hpp>

#include "tests/support/star.hpp"

namespace {

using namespace plumbline;
using analytic::Question;
using workload::Collective;

workload::Problem ring(double bytes) {
  return test::on_star({.hosts = 4}, test::collective(Collective::all_reduce, "ring", bytes));
}

}  // namespace

TEST_CASE("a question holds what a ring on one switch is made of") {
  const Question question = analytic::question_of(ring(1e6));
  CHECK(question.number("ranks").value == 4.0);
  CHECK(question.number("nodes").value == 4.0);
  CHECK(question.number("gpus_per_node").value == 1.0);
  CHECK(question.number("size").value == 1e6);
  CHECK(question.number("steps").value == 6.0);  // 2 (n - 1)
  CHECK(question.number("bandwidth").value == 50e9);
  CHECK(question.number("fabric.net.bandwidth").value == 50e9);
  CHECK(question.number("latency").value.value() == Approx(500e-9).epsilon(1e-12));
  CHECK_FALSE(question.number("fabric.nvlink.latency").value);
  CHECK_FALSE(question.number("chunk").value);
  CHECK(question.words.at("algorithm") == "ring");
  CHECK(question.node_of == std::vector<std::uint32_t>{0, 1, 2, 3});
}

TEST_CASE("what differs between ranks is no number") {
  // One of four hosts has a port of half the rate; a ring crosses all of them.
  topology::FabricBuilder builder;
  const auto hub = builder.add(
      {.name = "switch", .kind = topology::DeviceKind::leaf, .node = 0, .in_node = false});
  for (std::uint32_t h = 0; h < 4; ++h) {
    const auto host = builder.add(
        {.name = "host" + std::to_string(h), .kind = topology::DeviceKind::host, .node = h});
    builder.connect(host, hub,
                    {.name = "port",
                     .kind = topology::LinkKind::network,
                     .bandwidth_per_direction = core::Bandwidth::from_si(h == 0 ? 25e9 : 50e9),
                     .latency = core::Seconds::from_si(250e-9)});
  }
  const auto fabric = std::make_shared<const topology::Fabric>(builder.finish());
  workload::Workload what = test::collective(Collective::all_reduce, "ring", 1e6);
  what.ranks = topology::RankCount(4);
  const Question question = analytic::question_of(
      workload::make_problem(fabric, topology::packed(*fabric, what.ranks), what, {}));
  CHECK_FALSE(question.number("bandwidth").value);
  CHECK(question.number("latency").value.value() == Approx(500e-9).epsilon(1e-12));
}

TEST_CASE("a reduction that slows transfers leaves no injection bandwidth") {
  workload::ConstantSet constants;
  constants.reduction_bandwidth = core::Bandwidth::from_si(10e9);
  const Question question = analytic::question_of(test::on_star(
      {.hosts = 4}, test::collective(Collective::all_reduce, "ring", 1e6), constants));
  CHECK_FALSE(question.number("bandwidth").value);
  CHECK(question.number("constants.reduction_bandwidth").value == 10e9);
}

TEST_CASE("a domain says in one sentence what lies outside of it") {
  const Question question = analytic::question_of(ring(1e6));
  CHECK(analytic::outside({{"ranks", {.from = 2, .to = 8}}}, question).empty());
  CHECK(analytic::outside({{"ranks", {.from = 8, .to = 64}}}, question) ==
        "ranks 4 is outside of its domain (8 to 64)");
  CHECK(analytic::outside({{"algorithm", {.words = {"tree", "ring"}}}}, question).empty());
  CHECK(analytic::outside({{"algorithm", {.words = {"tree"}}}}, question) ==
        "algorithm ring is outside of its domain (tree)");
  // A machine's latency is none of a question that has no single one, or several.
  CHECK(analytic::outside({{"latency", {.from = 1, .to = 2}}}, question).empty());
  CHECK(analytic::axis_dimension("nvlink_latency") == analytic::Dimension{1, 0});
  CHECK_FALSE(analytic::axis_dimension("rank"));
}
