// SPDX-License-Identifier: Apache-2.0
// What a calibration says around its fit.
#include <catch2/catch.hpp>

#include "experiments/calibration_curves.hpp"
#include "experiments/calibration_next.hpp"

namespace plumbline::experiments {
namespace {

// A ring of all_reduce passes each part n-1 times twice; one of all_gather once.
TEST_CASE("Steps of a ring scale a null model's latency") {
  CHECK(ring_steps("all_reduce", 8) == 14.0);
  CHECK(ring_steps("all_gather", 8) == 7.0);
  CHECK(ring_steps("reduce_scatter", 2) == 1.0);
  CHECK(ring_steps("ping_pong", 2) == 1.0);
}

// nccl-tests, PERFORMANCE.md: 2(n-1)/n and (n-1)/n.
TEST_CASE("Bus factors scale a null model's cost of a byte") {
  CHECK(ring_bytes("all_reduce", 4) == Approx(1.5));
  CHECK(ring_bytes("all_gather", 4) == Approx(0.75));
  CHECK(ring_bytes("copy", 1) == 1.0);
}

MeasuredCurve curve(const std::string& collective, std::uint32_t nodes, std::uint32_t ranks) {
  MeasuredCurve result;
  result.collective = collective;
  result.nodes = nodes;
  result.ranks = ranks;
  return result;
}

// From a fourth of 512 KiB to four times of it.
TEST_CASE("A measurement to make is a command line of nccl-tests") {
  const core::Bytes size = core::Bytes::from_si(512.0 * 1024.0);
  CHECK(nccl_tests_command(curve("all_gather", 1, 8), size) ==
        "all_gather_perf -b 128K -e 2M -f 2 -g 8");
  CHECK(nccl_tests_command(curve("all_reduce", 4, 16), size) ==
        "mpirun -np 16 -N 4 all_reduce_perf -b 128K -e 2M -f 2 -g 1");
  CHECK(nccl_tests_command(curve("permutation", 1, 8), size).empty());
}

}  // namespace
}  // namespace plumbline::experiments
