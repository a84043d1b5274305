// SPDX-License-Identifier: Apache-2.0
// Into how many pieces a broadcast along a chain is best cut: the replay finds what theory says.
#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "des/replay.hpp"
#include "tests/support/star.hpp"

namespace {

using namespace plumbline;  // NOLINT(google-build-using-namespace): a test

/// Replayed time of a broadcast of `ratio`·αB bytes along 6 hosts in c pieces, in units of α.
double time_in_pieces(double ratio, int pieces) {
  const test::Star shape{.hosts = 6};
  const core::Bytes size = ratio * shape.latency * shape.bandwidth;
  workload::Workload chain = test::collective(workload::Collective::broadcast, "chain", size.si());
  chain.chunk = size / pieces;
  const workload::Problem problem = test::on_star(shape, std::move(chain));
  REQUIRE(problem.schedule().chunks() == static_cast<std::uint32_t>(pieces));
  return *des::Replay({}).run(problem).estimate / shape.latency;
}

int best_pieces(double ratio) {
  int best = 1;
  double least = time_in_pieces(ratio, 1);
  for (int pieces = 2; pieces <= 20; ++pieces) {
    const double time = time_in_pieces(ratio, pieces);
    best = time < least ? pieces : best;
    least = std::min(least, time);
  }
  return best;
}

}  // namespace

// T(c) = (n − 2 + c)(α + S/(cB)); with n = 6 and S/B = x·α that is α·(4 + c)(1 + x/c), convex in c
// with the minimum at √(4x). x = 16: 8 pieces, 12·3 = 36 α, while 7 take 11·23/7 = 36.14 and 9 take
// 13·25/9 = 36.11. x = 6: √24 = 4.9: 5 pieces, 9·2.2 = 19.8, while 4 and 6 take 20. x = 1: 2.
TEST_CASE("the best number of pieces of a chain is the square root that theory gives") {
  CHECK(time_in_pieces(16.0, 8) == Approx(36.0).epsilon(1e-9));
  CHECK(time_in_pieces(6.0, 5) == Approx(19.8).epsilon(1e-9));
  for (const double ratio : {16.0, 6.0, 1.0}) {
    CHECK(best_pieces(ratio) == std::lround(std::sqrt(4.0 * ratio)));
  }
}

// 64 pieces, each α on a wire of its own. k slots let k start at once; they share the wire and end
// together, a wave of α + kα per hop. Between two ranks one wave follows the other: 64/k waves hide
// all latency but their own. On a chain a hop's next wave waits until the next hop has passed the
// last one on, 2 waves a turn; the last of 64/k starts after 2(64/k − 1) and goes 5 hops. So in a
// fluid network slots hide latency on one hop and cost time on a chain, where one slot overlaps
// better.
TEST_CASE("pieces that share their slots travel in waves") {
  const auto time = [](std::uint32_t hosts, std::uint32_t slots) {
    const test::Star shape{.hosts = hosts};
    const core::Bytes size = 64.0 * shape.latency * shape.bandwidth;
    workload::Workload chain =
        test::collective(workload::Collective::broadcast, "chain", size.si());
    chain.chunk = size / 64.0;
    chain.slots = slots;
    return *des::Replay({}).run(test::on_star(shape, std::move(chain))).estimate / shape.latency;
  };
  CHECK(time(2, 1) == Approx(64 * 2.0).epsilon(1e-9));
  CHECK(time(6, 1) == Approx((4 + 64) * 2.0).epsilon(1e-9));
  for (const std::uint32_t slots : {2U, 8U, 64U}) {
    const double waves = 64.0 / slots;
    CHECK(time(2, slots) == Approx(waves * (1.0 + slots)).epsilon(1e-9));
    CHECK(time(6, slots) == Approx((2 * (waves - 1) + 5) * (1.0 + slots)).epsilon(1e-9));
  }
}
