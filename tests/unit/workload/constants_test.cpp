// SPDX-License-Identifier: Apache-2.0
#include "workload/constants.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/core/reading_fixture.hpp"

namespace plumbline::workload {
namespace {

using core::Found;
using core::Text;

TEST_CASE("A constants file is read whole") {
  Text text(R"(constants: fitted
title: From somewhere
source: a paper
links:
  nvlink4: {efficiency: 0.8, extra_latency: 100 ns}
  hdr: {efficiency: 1.5}
protocols:
  simple: {launch: 8.4 us, nvlink: {step_latency: 3.5 us, wire_ratio: 1.25}, nvls: {step_latency: 25 us}}
  ll: {net: {wire_ratio: 2, occupancy: 0.25}}
launch: 7 us
network_launch: 3 us
reduction_bandwidth: 1.5 TB/s
channel_rate: 20 GB/s
)");
  const auto set = read_constants(text.root());
  REQUIRE(text.found() == Found{});
  REQUIRE(set);
  CHECK(set->name == "fitted");
  REQUIRE(set->links.size() == 2);
  CHECK(set->links.at("nvlink4").efficiency == 0.8);
  CHECK(set->links.at("nvlink4").extra_latency.si() == Approx(100e-9));
  CHECK(set->links.at("hdr").extra_latency == core::Seconds{});
  const auto step = [&](Protocol protocol, PathClass path) {
    return set->steps[static_cast<std::size_t>(protocol)][static_cast<std::size_t>(path)];
  };
  CHECK(step(Protocol::simple, PathClass::nvlink).step_latency.si() == Approx(3.5e-6));
  CHECK(step(Protocol::simple, PathClass::nvlink).wire_ratio == 1.25);
  CHECK(step(Protocol::ll, PathClass::net).wire_ratio == 2.0);
  CHECK(step(Protocol::ll, PathClass::nvlink).wire_ratio == 1.0);
  CHECK(step(Protocol::ll128, PathClass::pcie).step_latency == core::Seconds{});
  CHECK(step(Protocol::simple, PathClass::nvls).step_latency.si() == Approx(25e-6));
  CHECK(step(Protocol::ll, PathClass::net).occupancy == 0.25);
  CHECK(step(Protocol::ll, PathClass::nvlink).occupancy == 0.0);
  CHECK(set->launch.si() == Approx(7e-6));
  CHECK(set->protocol_launch[static_cast<std::size_t>(Protocol::simple)].si() == Approx(8.4e-6));
  CHECK(set->protocol_launch[static_cast<std::size_t>(Protocol::ll)] == core::Seconds{});
  CHECK(set->network_launch.si() == Approx(3e-6));
  CHECK(set->reduction_bandwidth->si() == Approx(1.5e12));
  CHECK(set->channel_rate->si() == Approx(20e9));
}

TEST_CASE("An empty set is the nominal one") {
  Text text("constants: nominal\n");
  const auto set = read_constants(text.root());
  REQUIRE(text.found() == Found{});
  CHECK(set->links.empty());
  CHECK_FALSE(set->reduction_bandwidth);
  CHECK_FALSE(set->channel_rate);
  CHECK(set->launch == core::Seconds{});
}

TEST_CASE("Impossible constants are found where they stand, all at once") {
  Text text(R"(links:
  a: {efficiency: 0}
  b: {efficiency: 1.6}
  c: {efficency: 1}
protocols:
  simple: {nvlink: {wire_ratio: 0.5}}
  none: {net: {wire_ratio: 1}}
launch: 7
channel_rate: 0 GB/s
)");
  (void)read_constants(text.root());
  CHECK(text.found() == Found{"PL-W020 at 2:19", "PL-W020 at 3:19", "PL-K001 at 4:7",
                              "PL-W020 at 6:33", "PL-K001 at 7:3", "PL-U001 at 8:10"});
  Text zero("reduction_bandwidth: 0 GB/s\n");
  (void)read_constants(zero.root());
  CHECK(zero.found() == Found{"PL-W021 at 1:22"});
}

TEST_CASE("The schema lists every key of the file") {
  CHECK(constants_schema().keys() ==
        std::vector<std::string>{"constants", "title", "links", "protocols", "launch",
                                 "network_launch", "reduction_bandwidth", "channel_rate",
                                 "tree_ratio", "calibrated"});
}

TEST_CASE("A set of constants is written as a file that reads back the same") {
  ConstantSet set;
  set.name = "a: b";  // a name that needs its quotes
  set.launch = core::Seconds::from_si(5.25e-6);
  set.network_launch = core::Seconds::from_si(1e-6);
  set.links["nvlink4"] = {.efficiency = 0.75, .extra_latency = core::Seconds::from_si(1e-7)};
  set.channel_rate = core::Bandwidth::from_si(20e9);
  set.tree_ratio = 2.5;
  auto& step =
      set.steps[static_cast<std::size_t>(Protocol::ll)][static_cast<std::size_t>(PathClass::net)];
  step = {.step_latency = core::Seconds::from_si(2.5e-6), .wire_ratio = 2.0, .occupancy = 0.25};
  CalibrationRecord record;
  record.plumbline = "1.2";
  record.systems = {"one", "two"};
  record.fitted_on = {{.set = "s", .source = "a \"b\"", .licence = "", .points = 3.0}};
  record.numbers = {
      {.name = "launch", .low = "5 us", .high = "6 us", .relative_error = 0.02, .note = "n"}};
  record.errors = {{.curve = "c",
                    .system = "one",
                    .points = 3.0,
                    .use = "scored",
                    .error = 0.05,
                    .left_out = 0.0}};
  record.margins = {.small = 1.25, .middle = 0.0, .large = 1.5, .groups = 2.0};
  record.correlations = {{.first = "a", .second = "b", .correlation = -0.95}};
  record.unidentified = {"it \\ can't be told"};
  set.calibration = std::make_shared<const CalibrationRecord>(record);

  Text text(to_yaml(set));
  const auto back = read_constants(text.root());
  REQUIRE(text.found() == Found{});
  REQUIRE(back);
  CHECK(back->name == set.name);
  CHECK(back->launch.si() == Approx(set.launch.si()));
  CHECK(back->network_launch.si() == Approx(1e-6));
  CHECK(back->links.at("nvlink4").efficiency == 0.75);
  CHECK(back->channel_rate->si() == Approx(20e9));
  CHECK(back->tree_ratio == 2.5);
  const auto& read =
      back->steps[static_cast<std::size_t>(Protocol::ll)][static_cast<std::size_t>(PathClass::net)];
  CHECK(read.step_latency.si() == Approx(2.5e-6));
  CHECK(read.occupancy == 0.25);
  REQUIRE(back->calibration);
  CHECK(back->calibration->knows("two"));
  CHECK_FALSE(back->calibration->knows("three"));
  CHECK(back->calibration->fitted_on.front().source == "a \"b\"");
  CHECK(back->calibration->unidentified == record.unidentified);
  CHECK(back->calibration->correlations.front().correlation == -0.95);
  CHECK(to_yaml(*back) == to_yaml(set));
}

// Below 64 KiB, and above 16 MiB, are regimes of their own.
TEST_CASE("A margin goes by the size") {
  const Margins margins{.small = 1.1, .middle = 1.2, .large = 1.3, .groups = 2.0};
  CHECK(margins.of(core::Bytes::from_si(65535.0)) == 1.1);
  CHECK(margins.of(core::Bytes::from_si(65536.0)) == 1.2);
  CHECK(margins.of(core::Bytes::from_si(16777216.0)) == 1.2);
  CHECK(margins.of(core::Bytes::from_si(16777217.0)) == 1.3);
}

TEST_CASE("A margin that narrows is refused") {
  Text text(
      "calibrated: {plumbline: x, systems: [a], fitted_on: [{set: s, points: 1}], margins: {small: "
      "0.9}}\n");
  std::ignore = read_constants(text.root());
  REQUIRE(text.found().size() == 1);
  CHECK(text.found().front().find("PL-W023") != std::string::npos);
}

}  // namespace
}  // namespace plumbline::workload
