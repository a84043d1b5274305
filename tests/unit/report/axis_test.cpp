// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "example.hpp"
#include "report/series.hpp"

using namespace plumbline;
using report::coordinate;

TEST_CASE("An axis is numeric where all of its values are quantities of one kind") {
  const auto sizes = coordinate({"workload.size", {"1 KiB", "1 kB", "2 B"}});
  CHECK(sizes.unit == "B");
  CHECK(sizes.numbers == std::vector<double>{1024.0, 1000.0, 2.0});
  CHECK(sizes.column() == "workload.size_B");

  const auto times = coordinate({"constants.launch", {"1 us", "2 s"}});
  CHECK(times.unit == "s");
  CHECK(times.numbers == std::vector<double>{1e-6, 2.0});

  const auto rates = coordinate({"rate", {"1 GB/s", "8 Gb/s"}});  // 8 bits are one byte
  CHECK(rates.unit == "B/s");
  CHECK(rates.numbers == std::vector<double>{1e9, 1e9});
  CHECK(rates.column() == "rate_Bps");

  const auto shares = coordinate({"efficiency", {"50 %", "100 %"}});
  CHECK(shares.unit == "1");
  CHECK(shares.numbers == std::vector<double>{0.5, 1.0});

  const auto counts = coordinate({"workload.ranks", {"8", "16"}});
  CHECK(counts.unit == "1");
  CHECK(counts.numbers == std::vector<double>{8.0, 16.0});
  CHECK(counts.column() == "workload.ranks");
}

TEST_CASE("An axis of mixed or other values is text") {
  for (const auto& values : {std::vector<std::string>{"ring", "tree"},
                             {"1 KiB", "1 us"},
                             {"1 KiB", "8"},
                             {"auto", "1 KiB"},
                             {}}) {
    const auto axis = coordinate({"a.b", values});
    CHECK_FALSE(axis.is_numeric());
    CHECK(axis.numbers.empty());
    CHECK(axis.texts == values);
    CHECK(axis.column() == "a.b");
  }
}

TEST_CASE("Engines are listed once, replay and measured last") {
  CHECK(report::engines(report::example()) ==
        std::vector<std::string>{"hockney", "picky", "replay", "measured"});
  CHECK(report::engines({}).empty());
}

TEST_CASE("Bandwidths follow nccl-tests") {
  // all_reduce of 1 GB on 8 ranks in 10 ms: algbw 100 GB/s, busbw 2·7/8 of it, 175 GB/s.
  report::Point point;
  point.size = core::Bytes::from_si(1e9);
  point.ranks = 8;
  report::Answer answer{"replay", core::Seconds::from_si(10e-3), std::nullopt, 1.0};
  CHECK(algorithm_bandwidth(point, answer)->si() == Approx(100e9).epsilon(1e-12));
  CHECK(bus_bandwidth(point, answer)->si() == Approx(175e9).epsilon(1e-12));
  answer.reported_share = 0.5;  // only half of the time counts
  CHECK(algorithm_bandwidth(point, answer)->si() == Approx(200e9).epsilon(1e-12));
}

TEST_CASE("Without bytes or time there is no bandwidth") {
  report::Point point;
  point.ranks = 8;
  CHECK_FALSE(algorithm_bandwidth(point, {"replay", core::Seconds::from_si(1.0), {}, 1.0}));
  point.size = core::Bytes::from_si(1.0);
  CHECK_FALSE(algorithm_bandwidth(point, {"replay", core::Seconds{}, {}, 1.0}));
}
