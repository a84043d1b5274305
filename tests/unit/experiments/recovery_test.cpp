// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/experiments/recovery.hpp"

#include <catch2/catch.hpp>

#include "experiments/certified.hpp"
#include "tests/unit/zoo/zoo_test.hpp"

namespace plumbline::test {
namespace {

TEST_CASE("A sentence speaks of a parameter by its whole name") {
  using experiments::speaks_of;
  CHECK(speaks_of("no point depends on launch", "launch"));
  CHECK(speaks_of("launch^0.7 is", "launch"));
  CHECK_FALSE(speaks_of("no point depends on protocols.ll.launch", "launch"));
  CHECK_FALSE(speaks_of("no point depends on network_launch", "launch"));
  CHECK(speaks_of("a.launch and launch can't be told apart", "launch"));
}

TEST_CASE("Constants drawn at random lie in the 95 % intervals of a fit to their own times") {
  // 50 draws of constants around nccl_protocols, rings, noise of 2 %. With coverage 0.95 of n
  // counted draws fewer than 0.95 n - 4 sqrt(0.0475 n) hits have a probability below 0.001 for
  // every n up to 50. Pooled, were all parameters of a draw wholly dependent: 0.95 - 4 * 0.031 of
  // what is counted. The bench asks more of ten times as many.
  const zoo::Folder folder;
  const experiments::Certified engine;
  experiments::Recovery recovery(
      engine, experiments::recovery_input(zoo::shipped(), "ring", folder.path()), 7);
  calibration::CalibrationOptions options;
  options.fit.starts = 8;
  for (int draw = 0; draw < 50; ++draw) {
    recovery.draw(0.02, options);
  }
  REQUIRE(recovery.coverage().size() == 9);  // launches 3, steps 3, wire ratios 3
  for (const experiments::Coverage& of : recovery.coverage()) {
    INFO(of.name << ": " << of.covered << " of " << of.counted);
    const double counted = of.counted;
    CHECK(of.covered >= 0.95 * counted - 4.0 * std::sqrt(0.0475 * counted));
  }
  const experiments::Coverage all = recovery.pooled();
  INFO("pooled: " << all.covered << " of " << all.counted);
  CHECK(all.counted > 225);  // half of what is asked of the points they tell
  CHECK(all.share() >= 0.95 - 4.0 * std::sqrt(0.0475 / 50.0));
  CHECK(all.covered < all.counted);  // intervals that always cover are too wide
}

}  // namespace
}  // namespace plumbline::test
