// SPDX-License-Identifier: Apache-2.0
#include "report/gap.hpp"

#include <cmath>
#include <limits>
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "example.hpp"

using namespace plumbline;
using namespace plumbline::core::literals;
using core::Seconds;
using workload::Scope;
using workload::Side;
using workload::Term;

namespace {

report::Prediction prediction_of(const workload::Terms& terms) {
  report::Prediction prediction;
  prediction.solver = "model";
  prediction.estimate = terms.sum();
  prediction.terms = terms;
  return prediction;
}

workload::Outcome replay_of(const workload::Terms& terms) {
  workload::Outcome outcome;
  outcome.estimate = terms.sum();
  outcome.terms = terms;
  return outcome;
}

workload::Terms terms_of(Seconds latency, Seconds serialisation, Seconds contention) {
  workload::Terms terms;
  terms[Term::latency] = latency;
  terms[Term::serialisation] = serialisation;
  terms[Term::contention] = contention;
  return terms;
}

Seconds sum_of(const report::Gap& gap) {
  Seconds sum;
  for (const auto& [name, value] : gap.terms) {
    sum += value;
  }
  return sum;
}

report::Point measured_point(Seconds measured, Seconds speed_of_light) {
  report::Point point;
  point.size = 1_MiB;
  point.has_nvswitch = true;
  point.bounds = {{"endpoint", Scope::speed_of_light, Side::lower, speed_of_light, "gpu0's port"}};
  point.measured = report::Measurement{};
  point.measured->time = measured;
  return point;
}

}  // namespace

TEST_CASE("A prediction's gap is the difference of the estimates, term by term") {
  // The prediction knows 2 us of latency and 8 us of serialisation; the replay has besides 10 us of
  // contention: (10 − 20) / 20 = −1/2, of which latency and serialisation explain nothing.
  const auto gap = report::prediction_gap(prediction_of(terms_of(2_us, 8_us, 0_us)),
                                          replay_of(terms_of(2_us, 8_us, 10_us)));
  CHECK(gap.of == "model");
  CHECK(gap.against == "replay");
  CHECK(gap.relative == Approx(-0.5).epsilon(1e-12));
  REQUIRE(gap.terms.size() == 3);
  CHECK(gap.terms[0] == std::pair<std::string, Seconds>{"latency", 0_s});
  CHECK(gap.terms[1] == std::pair<std::string, Seconds>{"serialisation", 0_s});
  CHECK(gap.terms[2].first == "contention");
  CHECK(gap.terms[2].second.si() == Approx(-10e-6).epsilon(1e-12));
  CHECK(gap.explanation ==
        "model 50 % below the replay; contention differs most, by -10 us of -10 us");
}

TEST_CASE("What the terms do not explain is structure") {
  // 30 us predicted, of which terms name 12 us; 20 us replayed, all named. The difference is 10 us,
  // the terms differ by −8 us (serialisation 10 against 18), hence structure = 10 − (−8) = 18 us.
  auto prediction = prediction_of(terms_of(2_us, 10_us, 0_us));
  prediction.estimate = 30_us;
  const auto gap = report::prediction_gap(prediction, replay_of(terms_of(2_us, 18_us, 0_us)));
  REQUIRE(gap.terms.size() == 3);
  CHECK(gap.terms[2].first == "structure");
  CHECK(gap.terms[2].second.si() == Approx(18e-6).epsilon(1e-12));
}

TEST_CASE("A prediction without terms differs in structure only") {
  // Were the missing terms read as zeros, the gap of +5 us would be explained by −10 us of latency.
  report::Prediction prediction;
  prediction.solver = "external";
  prediction.estimate = 15_us;
  const auto gap = report::prediction_gap(prediction, replay_of(terms_of(10_us, 0_us, 0_us)));
  REQUIRE(gap.terms.size() == 1);
  CHECK(gap.terms[0].first == "structure");
  CHECK(gap.terms[0].second.si() == Approx(5e-6).epsilon(1e-12));
}

TEST_CASE("Equal outcomes have no gap and no structure") {
  const auto terms = terms_of(1_us, 3_us, 0_us);
  const auto gap = report::prediction_gap(prediction_of(terms), replay_of(terms));
  CHECK(gap.relative == 0.0);
  CHECK(gap.terms.size() == 2);
  CHECK(gap.explanation == "model equals the replay to 1e-9");
}

TEST_CASE("Terms and structure sum to the gap whatever the terms are") {
  rc::prop("sum of terms = estimate − replay", [] {
    const auto time = [] { return Seconds::from_si(*rc::gen::inRange(1, 1000000) * 1e-9); };
    auto prediction = prediction_of(terms_of(time(), time(), time()));
    *prediction.estimate += *rc::gen::element(0_us, 3_us);
    const auto replay = replay_of(terms_of(time(), time(), time()));
    const auto gap = report::prediction_gap(prediction, replay);
    const Seconds difference = *prediction.estimate - *replay.estimate;
    // Dust is judged against the times, not against their difference, which may vanish.
    RC_ASSERT(std::abs((sum_of(gap) - difference).si()) <=
              1e-9 * std::max(prediction.estimate->si(), replay.estimate->si()));
  });
}

TEST_CASE("Against a measurement there is a signed gap and no terms") {
  // 9 us of a measured 20 us: −55 %; serialisation is 8 of 9 us, 88.9 %.
  report::Measurement measured;
  measured.time = 20_us;
  const auto gap =
      report::measured_gap("replay", 9_us, terms_of(1_us, 8_us, 0_us), measured, 1_KiB);
  CHECK(gap.against == "measured");
  CHECK(gap.relative == Approx(-0.55).epsilon(1e-12));
  CHECK(gap.terms.empty());
  CHECK(gap.regime == "small");
  CHECK(gap.explanation ==
        "small: replay 55 % below measured; serialisation is 88.9 % of the replay");
}

TEST_CASE("A model within the measurement's own range says so") {
  report::Measurement measured;
  measured.time = 20_us;
  measured.low = 18_us;
  measured.high = 25_us;
  const auto inside = report::measured_gap("replay", 19_us, {}, measured, 1_KiB);
  const auto outside = report::measured_gap("replay", 17_us, {}, measured, 1_KiB);
  CHECK(inside.explanation.find("within the measured range of 18 us to 25 us") !=
        std::string::npos);
  CHECK(outside.explanation.find("range") == std::string::npos);
}

TEST_CASE("Regimes change at 64 KiB and behind 16 MiB") {
  CHECK(report::regime_of(core::Bytes::from_si(65535.0)) == "small");
  CHECK(report::regime_of(64_KiB) == "middle");
  CHECK(report::regime_of(16_MiB) == "middle");
  CHECK(report::regime_of(core::Bytes::from_si(16777217.0)) == "large");
}

TEST_CASE("Scopes of bounds are never mixed") {
  // Lower bounds of the schedule: the largest, 3 us. Upper: the smallest, 7 us. Speed of light: the
  // largest lower one, 2 us. The achievable 5 us, tighter than 7 us, bounds the optimum and not
  // this schedule. NaN is no bound.
  const auto nan = Seconds::from_si(std::numeric_limits<double>::quiet_NaN());
  report::Point point;
  point.bounds = {{"a", Scope::schedule, Side::lower, 1_us, ""},
                  {"b", Scope::schedule, Side::lower, 3_us, ""},
                  {"c", Scope::schedule, Side::upper, 9_us, ""},
                  {"d", Scope::schedule, Side::upper, 7_us, ""},
                  {"e", Scope::achievable, Side::upper, 5_us, ""},
                  {"f", Scope::speed_of_light, Side::lower, 2_us, ""},
                  {"g", Scope::schedule, Side::lower, nan, ""}};
  complete(point);
  CHECK(point.lower == 3_us);
  CHECK(point.upper == 7_us);
  CHECK(point.speed_of_light == 2_us);
  CHECK_FALSE(point.inside_bounds.has_value());
}

TEST_CASE("A replay is inside its bounds to a relative 1e-9") {
  const auto inside = [](double relative_to_lower) {
    report::Point point;
    point.bounds = {{"l", Scope::schedule, Side::lower, 10_us, ""},
                    {"u", Scope::schedule, Side::upper, 10_us, ""}};
    point.replay = workload::Outcome{};
    point.replay->estimate = 10_us * relative_to_lower;
    complete(point);
    return point.inside_bounds;
  };
  CHECK(inside(1.0) == true);
  CHECK(inside(1.0 + 5e-10) == true);
  CHECK(inside(1.0 - 5e-10) == true);
  CHECK(inside(1.0 + 2e-9) == false);
  CHECK(inside(1.0 - 2e-9) == false);
}

TEST_CASE("A measurement that beats the speed of light is flagged with a likely reason") {
  // 9 us measured where nothing can take less than 12 us: (12 − 9) / 12 = 25 % below.
  auto point = measured_point(9_us, 12_us);
  SECTION("switches that reduce") {
    complete(point);
    CHECK(point.measured->below ==
          "25 % below the speed-of-light bound endpoint (12 us, set by gpu0's port): in-network "
          "reduction (NVLS/SHARP) or a wrong link rate");
  }
  SECTION("no such switch") {
    point.has_nvswitch = false;
    complete(point);
    CHECK(point.measured->below->ends_with(": wrong specification or size convention"));
  }
  SECTION("nothing to reduce") {
    point.collective = workload::Collective::all_to_all;
    complete(point);
    CHECK(point.measured->below->ends_with(": wrong specification or size convention"));
  }
  SECTION("a measurement at the bound is legal") {
    point.measured->time = 12_us;
    complete(point);
    CHECK_FALSE(point.measured->below.has_value());
  }
}

TEST_CASE("A ping-pong is measured one way and replayed there and back") {
  // A replay of 8 us is 4 us one way, as measured: no gap. The round trip's bound of 8 us allows no
  // less than 4 us one way, so 4 us is legal and 3.9 us is not.
  auto point = measured_point(4_us, 8_us);
  point.collective = workload::Collective::ping_pong;
  point.reported_share = 0.5;
  point.replay = replay_of(terms_of(8_us, 0_us, 0_us));
  complete(point);
  REQUIRE(point.gaps.size() == 1);
  CHECK(point.gaps[0].relative == Approx(0.0).margin(1e-12));
  CHECK_FALSE(point.measured->below.has_value());
  point.measured->time = 3.9_us;
  complete(point);
  CHECK(point.measured->below.has_value());
}

TEST_CASE("Completing a point twice changes nothing") {
  auto result = report::example();
  for (report::Point& point : result.points) {
    const std::size_t gaps = point.gaps.size();
    complete(point);
    CHECK(point.gaps.size() == gaps);
  }
}

TEST_CASE("Refused predictions have no gap") {
  for (const report::Point& point : report::example().points) {
    for (const report::Gap& gap : point.gaps) {
      CHECK(gap.of != "picky");
    }
  }
}

TEST_CASE("a claim is refuted by a replay on its wrong side, and an estimate never is") {
  // The replay takes 10 us; 12 us is 20 % above, 9 us is 10 % below.
  const auto refuted = [](const std::string& claim, Seconds says) {
    report::Point point;
    point.replay = replay_of(terms_of(10_us, Seconds{}, Seconds{}));
    point.predictions = {prediction_of(terms_of(says, Seconds{}, Seconds{}))};
    point.predictions.front().claim = claim;
    report::complete(point);
    return point.predictions.front().refuted.value_or("");
  };
  CHECK(refuted("lower", 12_us) == "model 20 % above the replay, and claims to be its lower bound");
  CHECK(refuted("lower", 9_us).empty());
  CHECK(refuted("upper", 9_us) == "model 10 % below the replay, and claims to be its upper bound");
  CHECK(refuted("upper", 12_us).empty());
  CHECK(refuted("exact", 9_us) == "model 10 % below the replay, and claims to be exact");
  CHECK(refuted("exact", 12_us) == "model 20 % above the replay, and claims to be exact");
  CHECK(refuted("exact", 10_us).empty());
  CHECK(refuted("estimate", 12_us).empty());
  CHECK(refuted("", 12_us).empty());
}
