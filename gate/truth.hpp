// SPDX-License-Identifier: Apache-2.0
// What problems really take: proved where the bounds of a schedule meet, replayed elsewhere.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/quantity.hpp"
#include "experiments/runner.hpp"
#include "workload/problem.hpp"

namespace plumbline::gate {

struct Truth {
  std::optional<core::Seconds> time;
  core::Seconds lower;   ///< no run of this schedule is faster
  std::string lower_by;  ///< what sets it
  core::Seconds upper;   ///< nor slower; infinity where no bound is known
  std::string upper_by;
  core::Seconds light;  ///< no algorithm is faster on nominal links; zero where not known
  std::string light_by;
  bool replayed = false;
  core::Seconds wall;   ///< that it took to find out
  std::string failure;  ///< why there is no time
};

struct TruthOptions {
  unsigned jobs = 1;  ///< replays at once, each in a process of its own
  core::Seconds time_limit = core::Seconds::from_si(20.0);  ///< of one replay
  core::Bytes memory_limit = core::Bytes::from_si(2.0 * 1024 * 1024 * 1024);
  std::function<void(const experiments::Progress&)> progress;
  const volatile std::sig_atomic_t* stop = nullptr;  ///< see experiments::RunOptions
  /// Truths of cases by their text, for who judges several solvers on the same: what is in it is
  /// not found out again, what is not is added. Null: everything is found out.
  std::map<std::string, Truth, std::less<>>* known = nullptr;
};

/// In the order of the problems. One that can't be replayed within the limits has a failure and the
/// others finish; after a stop the rest has one too.
[[nodiscard]] std::vector<Truth> truths(std::span<const workload::Problem> problems,
                                        const TruthOptions& options);

/// Of one problem, here and now.
[[nodiscard]] Truth truth(const workload::Problem& problem, const TruthOptions& options);

/// The bounds alone: never a replay, and a time where they meet.
[[nodiscard]] Truth bounded(const workload::Problem& problem);

}  // namespace plumbline::gate
