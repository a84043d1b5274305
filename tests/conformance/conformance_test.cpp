// SPDX-License-Identifier: Apache-2.0
// Every registered builder, generator and solver keeps its contract, on a grid of small problems;
// and every check of it can fail.
#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "des/replay.hpp"
#include "tests/conformance/cases.hpp"
#include "tests/conformance/contract.hpp"
#include "topology/builder.hpp"

namespace {

using namespace plumbline;               // NOLINT(google-build-using-namespace): a test
using namespace plumbline::conformance;  // NOLINT(google-build-using-namespace): a test
using namespace plumbline::core::literals;

const std::vector<NamedFabric>& fabrics() {
  static const std::vector<NamedFabric> all = all_fabrics();
  return all;
}

const NamedFabric& fabric(std::string_view name) {
  return *std::ranges::find(fabrics(), name, &NamedFabric::name);
}

const des::Replay& replay() {
  static const des::Replay engine{{.timeline = true}};
  return engine;
}

struct Solver {
  const analytic::SolverEntry* entry;
  std::unique_ptr<workload::Engine> engine;
};

std::vector<Solver> solvers() {
  std::vector<Solver> result;
  for (const analytic::SolverEntry* entry : analytic::solvers::all()) {
    result.push_back({entry, engine_of(*entry)});
  }
  return result;
}

/// Everything that is broken in one case.
Violations broken_in(const Case& item, const std::vector<Solver>& solvers) {
  const workload::Problem& problem = item.problem;
  Violations broken = of_schedule(problem);
  const auto add = [&](Violations more) { std::ranges::move(more, std::back_inserter(broken)); };
  add(of_routes(problem));
  add(of_conservation(problem));
  const workload::Outcome truth = replay().run(problem);
  add(of_replay(problem, truth));
  if (problem.constants().launch > 0_s) {  // half of the grid: enough to meet every entry
    add(of_repetition(truth, replay().run(problem)));
  }
  for (const Solver& solver : solvers) {
    if (!solver.engine->accepts(problem).valid) {
      continue;
    }
    const workload::Outcome outcome = solver.engine->run(problem);
    add(of_solver(*solver.entry, outcome, *truth.estimate));
    add(of_bounds(outcome.bounds, *truth.estimate));
  }
  return broken;
}

/// A case without contention, where lower bound, replay and upper bound are one number.
Case ring_case() {
  const NamedFabric& named = fabric("nvswitch_node");
  const topology::Placement placement = placement_from("packed", *named.fabric, 8);
  const workload::GeneratorEntry& ring =
      *workload::find_generator(workload::Collective::all_reduce, "ring");
  workload::Workload workload =
      requests(ring, workload::Collective::all_reduce, *named.fabric, placement, 1_MiB)
          .front()
          .workload;
  return {"ring", &ring, workload::make_problem(named.fabric, placement, std::move(workload), {})};
}

/// One transfer from rank 0 to rank 1 along links that the test chooses.
workload::Problem transfer_along(const std::vector<std::pair<std::string, std::string>>& hops) {
  const NamedFabric& named = fabric("nvswitch_node");
  const topology::Placement placement = placement_from("packed", *named.fabric, 2);
  std::vector<topology::LinkId> links;
  for (const auto& [from, to] : hops) {
    for (const topology::LinkId id : named.fabric->out_links(*named.fabric->find(from))) {
      if (named.fabric->device(named.fabric->link(id).to).name == to) {
        links.push_back(id);
      }
    }
  }
  REQUIRE(links.size() == hops.size());
  auto routes = std::make_shared<topology::RouteTable>();
  workload::ScheduleBuilder builder(placement.ranks(), 1);
  builder.add({.rank = topology::RankId(0),
               .peer = topology::RankId(1),
               .route = routes->intern(links),
               .amount = 1e6},
              {});
  workload::Workload workload;
  workload.collective = workload::Collective::send_recv;
  workload.algorithm = "send_recv";
  workload.size = 1_MB;
  workload.ranks = placement.ranks();
  return workload::Problem(
      {.fabric = named.fabric,
       .placement = placement,
       .workload = std::move(workload),
       .schedule = std::make_shared<const workload::Schedule>(builder.finish()),
       .routes = std::move(routes),
       .constants = {}});
}

}  // namespace

TEST_CASE("every case of the grid keeps the contract") {
  const std::vector<Solver> all = solvers();
  for (const NamedFabric& named : fabrics()) {
    DYNAMIC_SECTION(named.name) {
      for (const Case& item : cases_on(named)) {
        const Violations broken = broken_in(item, all);
        INFO(item.name << "\n" << core::join(broken, "\n"));
        CHECK(broken.empty());
      }
    }
  }
}

TEST_CASE("the grid leaves no registered entry out") {
  std::set<std::string> built;
  std::set<std::pair<std::string_view, workload::Collective>> generated;
  std::set<std::string_view> answered;
  const std::vector<Solver> all = solvers();
  for (const NamedFabric& named : fabrics()) {
    built.insert(named.builder);
    for (const Case& item : cases_on(named)) {
      generated.emplace(item.generator->name, item.problem.workload().collective);
      for (const Solver& solver : all) {
        if (!answered.contains(solver.entry->name) && solver.engine->accepts(item.problem).valid) {
          answered.insert(solver.entry->name);
        }
      }
    }
  }
  for (const topology::BuilderEntry* builder : topology::builders::all()) {
    INFO("builder " << builder->name << ": add tests/conformance/fabrics/" << builder->name
                    << ".yaml");
    CHECK(built.contains(std::string(builder->name)));
  }
  for (const workload::GeneratorEntry* generator : workload::generators()) {
    for (const workload::Collective collective : generator->collectives) {
      INFO(to_text(collective) << " by " << generator->name
                               << ": refused every request of cases.cpp");
      CHECK(generated.contains({generator->name, collective}));
    }
  }
  for (const Solver& solver : all) {
    INFO("solver " << solver.entry->name << ": refused every case; options are in cases.cpp");
    CHECK(answered.contains(solver.entry->name));
  }
}

TEST_CASE("a wrong bound is caught") {
  const Case item = ring_case();
  const core::Seconds time = *replay().run(item.problem).estimate;
  std::vector<workload::Bound> bounds = analytic::all_bounds(item.problem).bounds;
  REQUIRE(of_bounds(bounds, time).empty());
  // No two transfers of this ring share a link, so that critical path, replay and latest end are
  // 14 * (2 * 300 ns + 128 KiB / 100 GB/s): a millionth off either is wrong.
  const double exact = 14 * (600e-9 + 131072.0 / 100e9);
  CHECK(time.si() == Approx(exact).epsilon(1e-9));
  std::set<workload::Side> tight;
  for (workload::Bound& bound : bounds) {
    const core::Seconds kept = bound.value;
    const bool is_lower = bound.side == workload::Side::lower;
    if (bound.scope == workload::Scope::schedule &&
        std::abs(kept.si() / exact - 1.0) < engine_slack) {
      tight.insert(bound.side);
      bound.value = kept * (is_lower ? 1.0 + 1e-6 : 1.0 - 1e-6);
      CHECK(of_bounds(bounds, time).size() == 1);
    }
    if (bound.scope == workload::Scope::speed_of_light) {
      bound.value = time * 1.01;
      CHECK(of_bounds(bounds, time).size() == 1);
    }
    bound.value = core::Seconds::from_si(std::nan(""));
    CHECK(of_bounds(bounds, time).size() == 1);
    bound.value = kept;
  }
  CHECK(tight == std::set{workload::Side::lower, workload::Side::upper});
}

TEST_CASE("a wrong claim is caught") {
  const Case item = ring_case();
  const analytic::SolverEntry& exact = *analytic::find_solver("ring_all_reduce");
  const core::Seconds time = *replay().run(item.problem).estimate;
  workload::Outcome outcome = engine_of(exact)->run(item.problem);
  REQUIRE(of_solver(exact, outcome, time).empty());
  CHECK(of_solver(exact, outcome, time * (1.0 + 1e-8)).size() == 1);
  analytic::SolverEntry one_sided = exact;
  one_sided.claim = analytic::Claim::lower;
  CHECK(of_solver(one_sided, outcome, time * 0.99).size() == 1);
  CHECK(of_solver(one_sided, outcome, time * 1.01).empty());
  one_sided.claim = analytic::Claim::upper;
  CHECK(of_solver(one_sided, outcome, time * 1.01).size() == 1);
  CHECK(of_solver(one_sided, outcome, time * 0.99).empty());
  outcome.terms[workload::Term::latency] += time * 1e-11;
  CHECK(of_solver(exact, outcome, time).size() == 1);
}

TEST_CASE("a wrong route is caught") {
  CHECK(of_routes(transfer_along({{"gpu0", "nvswitch"}, {"nvswitch", "gpu1"}})).empty());
  const workload::Problem elsewhere = transfer_along({{"gpu0", "nvswitch"}, {"nvswitch", "gpu2"}});
  CHECK(of_routes(elsewhere).size() == 1);
  CHECK(of_conservation(elsewhere).size() == 2);  // gpu1 lacks what gpu2 has
  CHECK(of_routes(transfer_along({{"gpu2", "nvswitch"}, {"nvswitch", "gpu1"}})).size() == 1);
  CHECK(of_routes(transfer_along({{"gpu0", "nvswitch"}})).size() == 1);
  CHECK(of_routes(transfer_along({{"gpu0", "nvswitch"},
                                  {"nvswitch", "gpu3"},
                                  {"gpu3", "pcie_switch1"},
                                  {"pcie_switch1", "gpu2"},
                                  {"gpu2", "nvswitch"},
                                  {"nvswitch", "gpu1"}}))
            .size() == 1);  // through gpu3
  CHECK(of_routes(transfer_along({{"gpu0", "pcie_switch0"},
                                  {"pcie_switch0", "cpu0"},
                                  {"cpu0", "pcie_switch0"},
                                  {"pcie_switch0", "gpu1"}}))
            .size() == 1);  // the same switch twice
}

TEST_CASE("a wrong schedule is caught") {
  const workload::Problem one = transfer_along({{"gpu0", "nvswitch"}, {"nvswitch", "gpu1"}});
  CHECK(of_schedule(one).empty());
  workload::Workload other = one.workload();
  other.collective = workload::Collective::all_reduce;  // rank 0 never hears of rank 1
  const workload::Problem unproved(
      {.fabric = std::make_shared<topology::Fabric>(one.fabric()),
       .placement = one.placement(),
       .workload = other,
       .schedule = std::make_shared<workload::Schedule>(one.schedule()),
       .routes = std::make_shared<topology::RouteTable>(one.routes()),
       .constants = {}});
  CHECK(of_schedule(unproved).size() == 1);
}

TEST_CASE("a wrong replay is caught") {
  const Case item = ring_case();
  const workload::Outcome good = replay().run(item.problem);
  REQUIRE(of_replay(item.problem, good).empty());
  const core::Seconds step = *good.estimate * 1e-6;
  const auto change = [&](auto mutate) {
    workload::Outcome bad = good;
    mutate(bad);
    return of_replay(item.problem, bad).size() + 100 * of_repetition(good, bad).size();
  };
  const std::size_t last = item.problem.dag().size() - 1;
  // a capacity exceeded: the operation also ends before it can
  CHECK(change([&](auto& bad) { bad.replay->timeline[last].end -= step; }) >= 102);
  CHECK(change([&](auto& bad) { bad.replay->timeline[last].start -= step; }) == 101);
  CHECK(change([&](auto& bad) { bad.replay->timeline[last].data_start -= step; }) == 101);
  CHECK(change([&](auto& bad) { bad.terms[workload::Term::latency] += step; }) == 101);
  CHECK(change([&](auto& bad) { bad.replay->hottest_links[2].bytes *= 1.0 + 1e-6; }) == 1);
  CHECK(change([&](auto& bad) { bad.replay->hottest_links[2].utilisation *= 1.0 - 1e-6; }) == 1);
  CHECK(change([&](auto& bad) { bad.replay->hottest_links.pop_back(); }) == 1);
  CHECK(change([&](auto& bad) { bad.replay->timeline.clear(); }) >= 101);
  const auto next = [](core::Seconds time) {
    return core::Seconds::from_si(std::nextafter(time.si(), 1.0));
  };
  CHECK(change([&](auto& bad) { bad.estimate = next(*bad.estimate); }) == 101);
}
