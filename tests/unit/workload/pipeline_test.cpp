// SPDX-License-Identifier: Apache-2.0
// The orders of Narayanan et al., SC 2021, §2.2, and the bubbles that the paper derives from them.
#include "workload/training/pipeline.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "requests.hpp"

namespace plumbline::workload {
namespace {

/// Per rank, in computing order: the steps.
std::vector<std::vector<std::uint32_t>> computed(const Workload& workload) {
  std::vector<std::vector<std::uint32_t>> result(workload.ranks.value);
  const Schedule schedule = generated(workload);
  for (const Operation& op : schedule.operations()) {
    if (op.kind == OpKind::compute) {
      result[op.rank.index()].push_back(op.peer.value);
    }
  }
  return result;
}

/// Forwards before the first backward.
std::size_t forwards_first(const Workload& workload, const std::vector<std::uint32_t>& steps) {
  const PipelineSteps pipeline(workload);
  return static_cast<std::size_t>(
      std::find_if(steps.begin(), steps.end(), [&](auto s) { return !pipeline.is_forward(s); }) -
      steps.begin());
}

/// Most micro-batches (times stages) whose forward is done and whose backward is not.
int most_in_flight(const Workload& workload, const std::vector<std::uint32_t>& steps) {
  const PipelineSteps pipeline(workload);
  int now = 0;
  int most = 0;
  for (const std::uint32_t step : steps) {
    now += pipeline.is_forward(step) ? 1 : -1;
    most = std::max(most, now);
  }
  return most;
}

/// Longest path; transfers take `transfer`.
double makespan(const Schedule& schedule, double transfer = 0.0) {
  const Dag dag = schedule.expand();
  std::vector<double> end(dag.size());
  double last = 0.0;
  for (std::uint32_t i = 0; i < dag.size(); ++i) {
    double start = 0.0;
    for (const OpId before : dag.before(OpId(i))) {
      start = std::max(start, end[before.index()]);
    }
    const Operation& op = dag.operations[i];
    end[i] = start + (op.is_transfer() ? transfer : op.duration().si());
    last = std::max(last, end[i]);
  }
  return last;
}

TEST_CASE("GPipe runs all forwards, then all backwards") {
  const Workload workload = pipeline_request(PipelineSchedule::gpipe, 4, 8);
  for (const auto& steps : computed(workload)) {
    CHECK(steps.size() == 16);
    CHECK(forwards_first(workload, steps) == 8);
    CHECK(most_in_flight(workload, steps) == 8);
  }
}

// Rank s warms up with p − s − 1 forwards; one more precedes its first backward. No rank ever holds
// more micro-batches than that: the memory argument for 1F1B.
TEST_CASE("1F1B warms up with p - s - 1 forwards and then takes turns") {
  const std::uint32_t ranks = 4;
  const Workload workload = pipeline_request(PipelineSchedule::one_f_one_b, ranks, 8);
  const auto all = computed(workload);
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    const auto& steps = all[rank];
    REQUIRE(steps.size() == 16);
    CHECK(forwards_first(workload, steps) == ranks - rank);
    CHECK(most_in_flight(workload, steps) == static_cast<int>(ranks - rank));
    // From then on backward and forward alternate until the forwards run out.
    const PipelineSteps pipeline(workload);
    for (std::size_t i = ranks - rank; i + 1 < 16 - (ranks - rank - 1); ++i) {
      CHECK(pipeline.is_forward(steps[i]) != pipeline.is_forward(steps[i + 1]));
    }
  }
}

TEST_CASE("With fewer micro-batches than stages 1F1B warms up with all of them") {
  const Workload workload = pipeline_request(PipelineSchedule::one_f_one_b, 6, 2);
  CHECK(forwards_first(workload, computed(workload).front()) == 2);
  CHECK(forwards_first(workload, computed(workload).back()) == 1);
}

// Megatron-LM: 2(p − s − 1) + (v − 1)p warm-up forwards, then one forward and one backward in turn.
// With p = 4 and v = 2: 6 + 4 on rank 0, down to 0 + 4 on rank 3; one more precedes the first
// backward.
TEST_CASE("Interleaved 1F1B warms up with 2(p - s - 1) + (v - 1)p forwards") {
  const std::uint32_t ranks = 4;
  const Workload workload = pipeline_request(PipelineSchedule::interleaved, ranks, 8, 2);
  const auto all = computed(workload);
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    CHECK(all[rank].size() == 32);
    CHECK(forwards_first(workload, all[rank]) == 2 * (ranks - rank - 1) + ranks + 1);
  }
  // p micro-batches on the rank's first stage, then the same on its second: stages 0, 0, 0, 0, 4, …
  CHECK(std::vector(all[0].begin(), all[0].begin() + 10) ==
        std::vector<std::uint32_t>{0, 0, 0, 0, 4, 4, 4, 4, 0, 0});
}

TEST_CASE("A pipeline has 2pvm computes and 2m(pv - 1) transfers") {
  const auto transfers = [](const Workload& workload) {
    const Schedule schedule = generated(workload);
    return std::count_if(schedule.operations().begin(), schedule.operations().end(),
                         [](const Operation& op) { return op.is_transfer(); });
  };
  const auto schedule = PipelineSchedule::interleaved;
  CHECK(generated(pipeline_request(schedule, 4, 8, 3)).operation_count() == 2 * 4 * 3 * 8);
  CHECK(transfers(pipeline_request(schedule, 4, 8, 3)) == 0);
  CHECK(transfers(pipeline_request(schedule, 4, 8, 3, 1.0)) == 2 * 8 * (4 * 3 - 1));
}

// Forward 1, backward 2 per micro-batch and rank, nothing to send. Ideal: 3m. The paper's bubbles
// are (p − 1)/m of it and, with v stages per rank, (p − 1)/(vm): 4 ranks and 8 micro-batches give
// 24·1.375 = 33, with v = 4 24·1.09375 = 26.25.
TEST_CASE("Bubbles are the paper's") {
  CHECK(makespan(generated(pipeline_request(PipelineSchedule::gpipe, 4, 8))) == Approx(33.0));
  CHECK(makespan(generated(pipeline_request(PipelineSchedule::one_f_one_b, 4, 8))) == Approx(33.0));
  CHECK(makespan(generated(pipeline_request(PipelineSchedule::interleaved, 4, 8, 4))) ==
        Approx(26.25));
  for (std::uint32_t ranks = 2; ranks <= 8; ++ranks) {
    for (const std::uint32_t rounds : {1U, 2U, 5U}) {
      for (const std::uint32_t v : {2U, 3U}) {
        const std::uint32_t m = rounds * ranks;
        const Workload workload = pipeline_request(PipelineSchedule::interleaved, ranks, m, v);
        INFO(ranks << " ranks, " << m << " micro-batches, " << v << " stages each");
        CHECK(makespan(generated(workload)) == Approx(3.0 * (m + (ranks - 1.0) / v)));
      }
    }
  }
}

// Transfers that take c ≤ F each: the last stage starts (p − 1)(F + c) late, and the gradients come
// back over as many hops: (m + p − 1)(F + B) + 2(p − 1)c.
TEST_CASE("GPipe pays two transfers per hop of the pipeline") {
  const Workload workload = pipeline_request(PipelineSchedule::gpipe, 4, 8, 1, 1.0);
  CHECK(makespan(generated(workload), 0.25) == Approx(33.0 + 2 * 3 * 0.25));
}

TEST_CASE("What the paper's schedules can't do is refused") {
  const auto refuses = [](const Workload& workload) {
    return find_generator(Collective::pipeline, "pipeline")->refuses(workload);
  };
  CHECK(refuses(pipeline_request(PipelineSchedule::interleaved, 4, 8, 2)).empty());
  CHECK_FALSE(refuses(pipeline_request(PipelineSchedule::interleaved, 4, 6, 2)).empty());
  CHECK_FALSE(refuses(pipeline_request(PipelineSchedule::interleaved, 4, 8, 1)).empty());
  CHECK_FALSE(refuses(pipeline_request(PipelineSchedule::gpipe, 4, 8, 2)).empty());
  CHECK_FALSE(refuses(pipeline_request(PipelineSchedule::one_f_one_b, 1024, 2'000)).empty());
}

}  // namespace
}  // namespace plumbline::workload
