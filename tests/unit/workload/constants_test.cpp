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
                                 "network_launch", "reduction_bandwidth", "channel_rate"});
}

}  // namespace
}  // namespace plumbline::workload
