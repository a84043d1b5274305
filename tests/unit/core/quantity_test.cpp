// SPDX-License-Identifier: Apache-2.0
#include "core/quantity.hpp"

#include <catch2/catch.hpp>

#include "core/id.hpp"
#include "core/interval.hpp"

namespace plumbline::core {
namespace {

TEST_CASE("Dimensions follow the algebra") {
  // 450 GB over 450 GB/s is one second; a ratio of like quantities is a plain number.
  constexpr Seconds transfer = 450_GB / 450_GBps;
  CHECK(transfer == 1_s);
  CHECK(1_GB / transfer == 1_GBps);
  CHECK(450_GBps * 1_ms == 450_MB);
  CHECK(3_us / 1_us == 3.0);
  CHECK(-(1_s) < Seconds{});
  CHECK(2.0 * 1_s - 1_s == 4_s / 4.0);
}

TEST_CASE("Literals are the doubles nearest to what is written") {
  CHECK((3_ns).si() == 3e-9);
  CHECK((1.2_us).si() == 1.2e-6);
  CHECK((64_KiB).si() == 65536.0);
}

TEST_CASE("Intervals are closed, with slack relative to the ends") {
  const Interval<Seconds> interval{1_s, 2_s};
  CHECK(interval.contains(1_s));
  CHECK(interval.contains(2_s));
  CHECK_FALSE(interval.contains(2.001_s));
  CHECK(interval.contains(2.001_s, 1e-2));
  CHECK(interval.overlaps({1.5_s, 3_s}));
  CHECK_FALSE(interval.overlaps({3_s, 4_s}));
}

TEST_CASE("Ids compare and hash by value") {
  using Rank = Id<struct RankTag>;
  CHECK(Rank(3).index() == 3);
  CHECK(Rank(1) < Rank(2));
  CHECK(std::hash<Rank>{}(Rank(7)) == std::hash<Rank>{}(Rank(7)));
}

}  // namespace
}  // namespace plumbline::core
