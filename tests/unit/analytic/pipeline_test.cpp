// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fluid_reference.hpp"
#include "tests/support/star.hpp"
#include "tests/unit/analytic/solve.hpp"

namespace plumbline::test {
namespace {

using core::Seconds;
using workload::PipelineSchedule;
using workload::Problem;

/// F = 1 ms and Bk = 2 ms on `stages` ranks with ports of 50 GB/s and paths of 500 ns.
Problem pipeline(PipelineSchedule schedule, std::uint32_t stages, std::uint32_t micro_batches,
                 std::uint32_t virtual_stages = 1, double activation = 0.0,
                 std::vector<Seconds> forward = {Seconds::from_si(1e-3)}) {
  workload::Workload workload = collective(workload::Collective::pipeline, "pipeline", 0.0);
  workload.pipeline = workload::Pipeline{.schedule = schedule,
                                         .micro_batches = micro_batches,
                                         .virtual_stages = virtual_stages,
                                         .forward = std::move(forward),
                                         .backward = {Seconds::from_si(2e-3)},
                                         .activation = core::Bytes::from_si(activation)};
  return on_star({.hosts = stages}, workload);
}

void check_both(const Problem& problem, double seconds) {
  CHECK(estimate("pipeline", problem) == exactly(seconds));
  CHECK(fluid_reference(problem).makespan == exactly(seconds));
  CHECK(bound("work_conserving", problem) >= seconds * (1 - 1e-9));
}

TEST_CASE(
    "4 equal stages and 8 micro-batches without communication: the bubble is 3/8 of the ideal") {
  // Ideal 8·3 ms = 24 ms, bubble 3·3 ms: 24·(1 + 0.375) = 33 ms, in both orders.
  check_both(pipeline(PipelineSchedule::gpipe, 4, 8), 24e-3 * 1.375);
  check_both(pipeline(PipelineSchedule::one_f_one_b, 4, 8), 24e-3 * 1.375);
  // Fewer micro-batches than stages: (2 + 3)·3 ms.
  check_both(pipeline(PipelineSchedule::one_f_one_b, 4, 2), 15e-3);
}

TEST_CASE("Virtual stages divide the bubble: 4 of them leave 0.09375") {
  check_both(pipeline(PipelineSchedule::interleaved, 4, 8, 4), 24e-3 * 1.09375);
  check_both(pipeline(PipelineSchedule::interleaved, 4, 8, 2), 24e-3 * 1.1875);
}

TEST_CASE("GPipe hides transfers behind stages except on the way to the last one and back") {
  // 33 ms + 2·3·(500 ns + 25 MB / 50 GB/s)
  check_both(pipeline(PipelineSchedule::gpipe, 4, 8, 1, 25e6), 33e-3 + 6 * (500e-9 + 0.5e-3));
}

TEST_CASE("The pipeline's closed form refuses what it does not cover") {
  using Catch::Matchers::Contains;
  CHECK_THAT(refusal("pipeline", pipeline(PipelineSchedule::one_f_one_b, 4, 8, 1, 25e6)),
             Contains("without communication"));
  // 50 MB take 1.0005 ms, longer than the forward of 1 ms.
  CHECK_THAT(refusal("pipeline", pipeline(PipelineSchedule::gpipe, 4, 8, 1, 50e6)),
             Contains("longer than the stage"));
  const std::vector<Seconds> uneven{Seconds::from_si(1e-3), Seconds::from_si(1e-3),
                                    Seconds::from_si(2e-3), Seconds::from_si(1e-3)};
  CHECK_THAT(refusal("pipeline", pipeline(PipelineSchedule::gpipe, 4, 8, 1, 0.0, uneven)),
             Contains("different times"));
}

}  // namespace
}  // namespace plumbline::test
