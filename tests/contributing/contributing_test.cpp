// SPDX-License-Identifier: Apache-2.0
// The examples of CONTRIBUTING.md do what the guide says.
#include <filesystem>

#include <catch2/catch.hpp>

#include "analytic/solver.hpp"
#include "calibration/reader.hpp"
#include "core/document.hpp"
#include "topology/builder.hpp"
#include "workload/generator.hpp"
#include "workload/problem.hpp"
#include "workload/verify.hpp"
#include "zoo/catalogue.hpp"

namespace plumbline::topology::builders {
extern const BuilderEntry gpu_line;
}

namespace plumbline::workload::collectives {
extern const GeneratorEntry line;
}

namespace plumbline::analytic::solvers {
extern const SolverEntry line_broadcast;
}

namespace plumbline {
namespace {

using namespace core::literals;

topology::Fabric four_gpus() {
  core::Diagnostics diagnostics;
  const core::Document document = core::Document::parse(
      "{builder: gpu_line, gpus: 4, link: {kind: nvlink, bandwidth_per_direction: 1 GB/s, latency: "
      "1 us}}",
      "example.yaml", diagnostics);
  const core::Reading reading{.document = &document, .diagnostics = &diagnostics};
  auto fabric =
      topology::builders::gpu_line.build(core::Cursor(reading), {.links = {}, .fabric_of = {}});
  for (const core::Diagnostic& diagnostic : diagnostics.all()) {
    UNSCOPED_INFO(core::to_text(diagnostic));
  }
  REQUIRE(fabric);
  return std::move(*fabric);
}

workload::Workload broadcast_from(std::uint32_t root) {
  return {.collective = workload::Collective::broadcast,
          .algorithm = "line",
          .size = 1_MB,
          .ranks = workload::RankCount(4),
          .root = workload::RankId(root),
          .flows = {},
          .pipeline = {},
          .parts = {}};
}

workload::Problem problem_on(topology::Fabric four, workload::Workload workload) {
  auto fabric = std::make_shared<const topology::Fabric>(std::move(four));
  topology::Placement placement = topology::packed(*fabric, workload.ranks);
  topology::Router router(*fabric);
  auto routes = std::make_shared<topology::RouteTable>();
  workload::RouteSource source(placement, router, *routes, *fabric);
  auto schedule = std::make_shared<const workload::Schedule>(
      workload::collectives::line.generate(workload, source));
  return workload::Problem({.fabric = fabric,
                            .placement = std::move(placement),
                            .workload = std::move(workload),
                            .schedule = schedule,
                            .routes = routes,
                            .constants = {}});
}

TEST_CASE("the guide's topology joins four GPUs by three cables") {
  const topology::Fabric fabric = four_gpus();
  CHECK(fabric.endpoints().size() == 4);
  CHECK(fabric.links().size() == 6);  // two directions each
  CHECK(fabric.find("gpu3"));
}

TEST_CASE("the guide's collective is proved from every root, and says what it refuses") {
  for (std::uint32_t root = 0; root < 4; ++root) {
    auto routes = workload::RouteSource::without_routes();
    const workload::Workload workload = broadcast_from(root);
    const auto schedule = workload::collectives::line.generate(workload, routes);
    const workload::Verification proof = workload::verify(schedule, workload);
    INFO(proof.failure);
    CHECK(proof.proved);
  }
  workload::Workload channels = broadcast_from(0);
  CHECK(workload::collectives::line.refuses(channels).empty());
  channels.channels = 2;
  CHECK_FALSE(workload::collectives::line.refuses(channels).empty());
}

TEST_CASE("the guide's solver adds up the hops and is as exact as it claims") {
  // Three hops over three cables: 3 (1 us + 1 MB / (1 GB/s)) = 3 us + 3 ms.
  const workload::Problem problem = problem_on(four_gpus(), broadcast_from(0));
  const auto solver = analytic::solvers::line_broadcast.make(nullptr);
  REQUIRE(solver->accepts(problem).valid);
  const workload::Outcome outcome = solver->run(problem);
  CHECK(outcome.estimate->si() == Approx(3.003e-3).epsilon(1e-12));
  CHECK(outcome.terms[workload::Term::latency].si() == Approx(3e-6).epsilon(1e-12));
  for (const workload::Bound& bound : analytic::all_bounds(problem).bounds) {
    INFO(bound.name);
    if (bound.side == workload::Side::lower) {
      CHECK(bound.value.si() <= outcome.estimate->si() * (1 + 1e-12));
    } else if (bound.scope == workload::Scope::schedule) {
      CHECK(bound.value.si() >= outcome.estimate->si() * (1 - 1e-12));
    }
  }
}

TEST_CASE("the guide's solver refuses another algorithm") {
  workload::Workload other = broadcast_from(0);
  other.algorithm = "binomial";
  const auto validity = analytic::solvers::line_broadcast.make(nullptr)->accepts(
      problem_on(four_gpus(), std::move(other)));
  CHECK_FALSE(validity.valid);
}

TEST_CASE("the guide's link, system and measured set are read without a complaint") {
  core::Diagnostics diagnostics;
  const std::filesystem::path folder = EXAMPLE_ZOO;
  const zoo::Catalogue catalogue({folder}, diagnostics);
  const core::Document document = core::Document::parse("bench_node", "example", diagnostics);
  const core::Reading reading{.document = &document, .diagnostics = &diagnostics};
  const auto system = catalogue.system(core::Cursor(reading), folder);
  const auto set =
      calibration::load_measured_set(folder / "measurements/bench_all_reduce", diagnostics);
  for (const core::Diagnostic& diagnostic : diagnostics.sorted()) {
    FAIL_CHECK(core::to_text(diagnostic));
  }
  REQUIRE(system);
  // 100 Gb/s is 12.5 GB/s in each direction.
  CHECK(system->fabric->links()[0].capacity.si() == 12.5e9);
  REQUIRE(set);
  CHECK(set->rows.at(0).size == 1_MiB);
}

}  // namespace
}  // namespace plumbline
