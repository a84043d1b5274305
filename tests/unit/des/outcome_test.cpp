// SPDX-License-Identifier: Apache-2.0
// What a replay says about where the time went.
#include <numeric>
#include <vector>

#include <catch2/catch.hpp>

#include "des/replay.hpp"
#include "scenario.hpp"

namespace {

using namespace plumbline;
using namespace plumbline::core::literals;
using des::test::Scenario;
using workload::OpId;
using workload::OpKind;
using workload::Outcome;
using workload::Term;

/// In microseconds, which keeps the numbers of these cases readable.
void check_term(const Outcome& outcome, Term term, double microseconds) {
  INFO(to_text(term));
  CHECK(outcome.terms[term] / 1_us == Approx(microseconds).epsilon(1e-9).margin(1e-12));
}

TEST_CASE("The terms follow the chain that ends last") {
  // Star, 1 GB/s, 1 us per link. 0: 1 MB from host 0 to 1; 1: the same, sharing every link: both
  // end at 2 + 2000 us. 2: a compute of 300 us after both; 3: a delay of 50 us after it; 4: 1 MB
  // from 1 to 0 alone, 2 + 1000 us. 5: a compute of 100 us beside all that.
  // The chain: 0 (equal to 1, smaller id), 2, 3, 4. 3354 us in all, and 7 us of launch.
  workload::ConstantSet constants;
  constants.launch = 7_us;
  Scenario scenario = Scenario::star(2, 1_GBps, 1_us);
  const auto a = scenario.transfer(0, 1, 1_MB);
  const auto b = scenario.transfer(0, 1, 1_MB);
  const auto compute = scenario.wait(OpKind::compute, 300_us, {a, b});
  const auto delay = scenario.wait(OpKind::delay, 50_us, {compute});
  const auto last = scenario.transfer(1, 0, 1_MB, {delay});
  scenario.wait(OpKind::compute, 100_us);
  const Outcome outcome = des::Replay({}).run(scenario.problem(constants));

  CHECK(outcome.replay->chain ==
        std::vector<OpId>{OpId(a), OpId(compute), OpId(delay), OpId(last)});
  CHECK(outcome.estimate.value() / 1_us == Approx(3361.0).epsilon(1e-12));
  check_term(outcome, Term::launch, 7.0);
  check_term(outcome, Term::latency, 4.0);
  check_term(outcome, Term::serialisation, 2000.0);
  check_term(outcome, Term::contention, 1000.0);
  check_term(outcome, Term::compute, 300.0);
  check_term(outcome, Term::queueing, 50.0);
  check_term(outcome, Term::reduction, 0.0);
  CHECK(outcome.terms.sum() / *outcome.estimate == Approx(1.0).epsilon(1e-9));
  CHECK(outcome.replay->operations == 6);
  CHECK(outcome.replay->replayed_operations == 6);
  CHECK_FALSE(outcome.replay->folded);
  CHECK(outcome.replay->timeline.empty());  // not asked for
}

TEST_CASE("What a receiver's reduction rate adds is a term of its own") {
  // 1 MB at 10 GB/s takes 100 us on the links; at 2 GB/s of reduction 500 us: 400 us more. A copy
  // of the same pays nothing of it.
  workload::ConstantSet constants;
  constants.reduction_bandwidth = 2_GBps;
  for (const OpKind kind : {OpKind::copy, OpKind::reduce}) {
    Scenario scenario = Scenario::star(2, 10_GBps, 0_s);
    scenario.transfer(0, 1, 1_MB, {}, kind);
    const Outcome outcome = des::Replay({}).run(scenario.problem(constants));
    check_term(outcome, Term::serialisation, 100.0);
    check_term(outcome, Term::reduction, kind == OpKind::reduce ? 400.0 : 0.0);
    check_term(outcome, Term::contention, 0.0);
  }
}

TEST_CASE("A receiver's reductions share its throughput, in bytes as they come off the wire") {
  // Two bytes on the wire per byte of payload, reduction 1 GB/s, links 100 GB/s. Two transfers of
  // 1 MB to one host: 4 MB at 1 GB/s, 4 ms, half of which is contention.
  workload::ConstantSet constants;
  constants.reduction_bandwidth = 1_GBps;
  for (auto& of_path : constants.steps[static_cast<std::size_t>(workload::Protocol::ll)]) {
    of_path.wire_ratio = 2.0;
  }
  Scenario scenario = Scenario::star(3, 100_GBps, 0_s);
  scenario.transfer(0, 2, 1_MB, {}, OpKind::reduce, workload::Protocol::ll);
  scenario.transfer(1, 2, 1_MB, {}, OpKind::reduce, workload::Protocol::ll);
  const Outcome outcome = des::Replay({}).run(scenario.problem(constants));
  CHECK(outcome.estimate.value() / 1_us == Approx(4000.0).epsilon(1e-12));
  check_term(outcome, Term::serialisation, 20.0);
  check_term(outcome, Term::reduction, 1980.0);
  check_term(outcome, Term::contention, 2000.0);
}

TEST_CASE("The five busiest links come busiest first, with what crossed them") {
  // Host 6 receives from hosts 0 to 5: i + 1 MB from host i, 21 MB over its cable at 1 GB/s, busy
  // from 0 to 21 ms without a pause. The sources' cables are busy 6/21, 5/21, 4/21, 3/21 of it.
  Scenario scenario = Scenario::star(7, 1_GBps, 0_s);
  for (std::size_t i = 0; i < 6; ++i) {
    scenario.transfer(i, 6, static_cast<double>(i + 1) * 1_MB);
  }
  const Outcome outcome = des::Replay({}).run(scenario.problem());
  const auto& hottest = outcome.replay->hottest_links;
  REQUIRE(hottest.size() == 5);
  CHECK(hottest[0].link == "switch→host6");
  CHECK(hottest[0].bytes / 1_MB == Approx(21.0));
  CHECK(hottest[0].utilisation == Approx(1.0).epsilon(1e-9));
  for (std::size_t i = 1; i < 5; ++i) {
    CHECK(hottest[i].link == "host" + std::to_string(6 - i) + "→switch");
    CHECK(hottest[i].utilisation == Approx(static_cast<double>(7 - i) / 21.0).epsilon(1e-9));
  }
  CHECK(outcome.binding == "switch→host6 (busy 100.0 % of the time)");
}

TEST_CASE("The timeline holds every operation, in the dag's order, when asked for") {
  const workload::Problem problem = des::test::collective_on_star(workload::Collective::all_reduce,
                                                                  "ring", 8, 1_MB, 50_GBps, 250_ns);
  const Outcome outcome = des::Replay({.timeline = true}).run(problem);
  const auto& times = outcome.replay->timeline;
  REQUIRE(times.size() == problem.dag().size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    core::Seconds ready{};
    for (const OpId before : problem.dag().before(OpId(i))) {
      ready = std::max(ready, times[before.index()].end);
    }
    REQUIRE(times[i].start == ready);  // the same double: the chain is found by equality
    REQUIRE(times[i].start <= times[i].data_start);
    REQUIRE(times[i].data_start < times[i].end);
  }
  CHECK(outcome.replay->chain.size() == 14);
  CHECK(outcome.replay->wall > 0_s);
}

TEST_CASE("Two replays started together give what each gives alone") {
  const auto ring = des::test::collective_on_star(workload::Collective::all_reduce, "ring", 8, 1_GB,
                                                  50_GBps, 250_ns);
  const auto pairwise = des::test::collective_on_star(workload::Collective::all_to_all, "pairwise",
                                                      8, 1_GB, 50_GBps, 250_ns);
  const des::Replay replay({});
  des::IsolatedRun first = replay.start(ring);
  des::IsolatedRun second = replay.start(pairwise);
  CHECK(replay.collect(pairwise, std::move(second)).estimate == replay.run(pairwise).estimate);
  CHECK(replay.collect(ring, std::move(first)).estimate == replay.run(ring).estimate);
}

}  // namespace
