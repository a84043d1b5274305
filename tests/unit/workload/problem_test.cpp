// SPDX-License-Identifier: Apache-2.0
#include "workload/problem.hpp"

#include <catch2/catch.hpp>

#include "core/diagnostic.hpp"
#include "fabrics.hpp"
#include "requests.hpp"

namespace plumbline::workload {
namespace {

Problem problem_on_star(const Workload& workload) {
  auto fabric = std::make_shared<const topology::Fabric>(star(workload.ranks.value));
  auto placement = topology::packed(*fabric, workload.ranks);
  return make_problem(std::move(fabric), std::move(placement), workload, {});
}

TEST_CASE("A problem's transfers cross the links between their ranks") {
  const Problem problem = problem_on_star(request(Collective::all_gather, "ring", 3));
  for (const Operation& op : problem.schedule().operations()) {
    const auto links = problem.routes().links(op.route);
    REQUIRE(links.size() == 2);
    CHECK(problem.fabric().link(links[0]).from == problem.placement().device_of[op.rank.index()]);
    CHECK(problem.fabric().link(links[1]).to == problem.placement().device_of[op.peer.index()]);
  }
  CHECK(problem.routes().size() == 3);
}

TEST_CASE("Other constants keep the schedule and its expansion") {
  const Problem nominal = problem_on_star(request(Collective::all_reduce, "ring", 4));
  ConstantSet constants;
  constants.links["nvlink"] = {.efficiency = 0.5, .extra_latency = {}};
  const Problem slower = nominal.with_constants(constants);
  CHECK(&nominal.schedule() == &slower.schedule());
  CHECK(&nominal.dag() == &slower.dag());
  CHECK(slower.costs().resources()[0].capacity == core::Bandwidth::from_si(50e9));
  CHECK(nominal.costs().resources()[0].capacity == core::Bandwidth::from_si(100e9));
  CHECK(slower.constants().links.size() == 1);
}

// 1,582 ranks: 2 · 1,582 · 1,581 = 5,002,284 operations.
TEST_CASE("A schedule beyond the limit is never expanded") {
  const Problem problem = problem_on_star(request(Collective::all_reduce, "ring", 1'582));
  REQUIRE(problem.schedule().operation_count() == 5'002'284);
  CHECK_THROWS_AS(problem.dag(), core::ModelError);
}

TEST_CASE("Where the fabric has no path there is no problem") {
  topology::FabricBuilder builder;
  builder.add({.name = "gpu0", .kind = topology::DeviceKind::gpu});
  builder.add({.name = "gpu1", .kind = topology::DeviceKind::gpu});
  auto fabric = std::make_shared<const topology::Fabric>(builder.finish());
  auto placement = topology::packed(*fabric, RankCount(2));
  CHECK_THROWS_AS(
      make_problem(fabric, placement, request(Collective::send_recv, "send_recv", 2), {}),
      core::ModelError);
}

TEST_CASE("An algorithm that nobody offers is a bug of the caller") {
  CHECK_THROWS_AS(problem_on_star(request(Collective::all_reduce, "pairwise", 4)),
                  core::InternalError);
}

// Flows run between any devices, a switch included.
TEST_CASE("Flows need no placement") {
  Workload workload = request(Collective::flows, "flows", 2);
  const topology::Fabric fabric = star(2);
  workload.flows = {{.from = *fabric.find("switch"),
                     .to = *fabric.find("gpu1"),
                     .size = core::Bytes::from_si(1e6),
                     .start = {}}};
  const Problem problem = problem_on_star(workload);
  CHECK(problem.routes().links(problem.schedule().operations()[0].route).size() == 1);
}

}  // namespace
}  // namespace plumbline::workload
