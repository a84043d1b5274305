// SPDX-License-Identifier: Apache-2.0
// Runs an experiment: every point's bounds, predictions, replay, measurement and gaps.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <vector>

#include "experiments/experiment.hpp"
#include "report/result.hpp"

namespace plumbline::experiments {

struct Progress {
  std::size_t done = 0;
  std::size_t total = 0;
};

struct RunOptions {
  bool predict = true;
  bool replay = true;
  bool timeline = false;
  unsigned jobs = 1;  ///< replays at once, each in a child process
  std::function<void(const Progress&)> progress;
  /// Where a signal handler says that the user wants to stop; null: nowhere.
  const volatile std::sig_atomic_t* stop = nullptr;
};

/// A point that fails is a diagnostic and the others finish; a stopped run returns what it has.
[[nodiscard]] report::ResultSet run(Experiment& experiment, const RunOptions& options);

/// What a run would cost, without running it.
struct Plan {
  struct Row {
    std::vector<std::pair<std::string, std::string>> labels;
    std::uint64_t operations = 0;
    core::Seconds time;  ///< of the replay on one core
    core::Bytes memory;
  };

  std::vector<Row> points;
};

[[nodiscard]] Plan plan(Experiment& experiment);

}  // namespace plumbline::experiments
