// SPDX-License-Identifier: Apache-2.0
#include "gate/truth.hpp"

#include <chrono>
#include <deque>

#include "analytic/solver.hpp"
#include "core/diagnostic.hpp"
#include "des/replay.hpp"
#include "experiments/certified.hpp"

namespace plumbline::gate {
namespace {

using core::Seconds;

struct Running {
  std::size_t index;
  des::IsolatedRun run;
};

bool stopped(const TruthOptions& options) {
  return options.stop != nullptr && *options.stop != 0;
}

/// Replays of some problems, at most `jobs` at once.
class Replays {
 public:
  Replays(std::span<const workload::Problem> problems, const TruthOptions& options,
          std::vector<Truth>& truths)
      : problems_(problems),
        truths_(truths),
        jobs_(std::max(1U, options.jobs)),
        engine_({.time_limit = options.time_limit,
                 .memory_limit = options.memory_limit,
                 .timeline = false,
                 .stop = options.stop}) {}

  void start(std::size_t index) {
    if (const auto validity = engine_.accepts(problems_[index]); !validity.valid) {
      truths_[index].failure = validity.why_not;
      return;
    }
    while (running_.size() >= jobs_) {
      finish_oldest();
    }
    running_.push_back({index, engine_.start(problems_[index])});
  }

  void finish_all() {
    while (!running_.empty()) {
      finish_oldest();
    }
  }

 private:
  void finish_oldest() {
    Running oldest = std::move(running_.front());
    running_.pop_front();
    Truth& truth = truths_[oldest.index];
    try {
      const workload::Outcome outcome =
          engine_.collect(problems_[oldest.index], std::move(oldest.run));
      truth.time = outcome.estimate;
      truth.replayed = true;
      truth.wall += outcome.replay->wall;
    } catch (const core::ModelError& error) {
      truth.failure = error.what();
    }
  }

  std::span<const workload::Problem> problems_;
  std::vector<Truth>& truths_;
  std::size_t jobs_;
  des::Replay engine_;
  std::deque<Running> running_;
};

void take(const workload::Bound& bound, Truth& truth) {
  if (bound.scope == workload::Scope::schedule && bound.side == workload::Side::lower &&
      bound.value >= truth.lower) {
    truth.lower = bound.value;
    truth.lower_by = bound.binding;
  }
  if (bound.scope == workload::Scope::schedule && bound.side == workload::Side::upper &&
      bound.value <= truth.upper) {
    truth.upper = bound.value;
    truth.upper_by = bound.binding;
  }
  if (bound.scope == workload::Scope::speed_of_light && bound.side == workload::Side::lower &&
      bound.value >= truth.light) {
    truth.light = bound.value;
    truth.light_by = bound.binding;
  }
}

}  // namespace

Truth bounded(const workload::Problem& problem) {
  const auto started = std::chrono::steady_clock::now();
  Truth truth;
  truth.upper = Seconds::infinity();
  const analytic::BoundReport known = analytic::all_bounds(problem);
  for (const workload::Bound& bound : known.bounds) {
    take(bound, truth);
  }
  truth.time = experiments::where_they_meet(known.bounds);
  truth.wall = Seconds::from_si(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  return truth;
}

std::vector<Truth> truths(std::span<const workload::Problem> problems,
                          const TruthOptions& options) {
  std::vector<Truth> result(problems.size());
  Replays replays(problems, options, result);
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (stopped(options)) {
      result[i].failure = "interrupted";
      continue;
    }
    result[i] = bounded(problems[i]);
    if (!result[i].time) {
      replays.start(i);
    }
    if (options.progress) {
      options.progress({.done = i + 1, .total = problems.size()});
    }
  }
  replays.finish_all();
  return result;
}

Truth truth(const workload::Problem& problem, const TruthOptions& options) {
  TruthOptions quiet = options;
  quiet.progress = nullptr;
  return truths(std::span(&problem, 1), quiet).front();
}

}  // namespace plumbline::gate
