// SPDX-License-Identifier: Apache-2.0
// The event-driven engine: replays a problem's schedule on SimGrid in a child process of its own.
#pragma once

#include <csignal>
#include <string>

#include "core/quantity.hpp"
#include "des/isolation.hpp"
#include "workload/engine.hpp"

namespace plumbline::des {

struct ReplayOptions {
  core::Seconds time_limit = core::Seconds::from_si(60.0);  ///< wall clock of the child
  core::Bytes memory_limit = core::Bytes::from_si(4.0 * 1024 * 1024 * 1024);
  bool timeline = false;                             ///< return the times of every operation
  const volatile std::sig_atomic_t* stop = nullptr;  ///< see IsolationLimits
};

/// SimGrid holds one engine per process, so each run forks: a crash, a hang or a memory blow-up is
/// a ModelError of that run, and the caller goes on.
class Replay final : public workload::Engine {
 public:
  explicit Replay(ReplayOptions options) : options_(options) {}

  [[nodiscard]] std::string_view name() const override { return "replay"; }

  [[nodiscard]] workload::Validity accepts(const workload::Problem& problem) const override;
  [[nodiscard]] workload::Outcome run(const workload::Problem& problem) const override;

  /// The two halves of run(), for several replays at once in one thread: start one, and collect its
  /// outcome (waiting for it, if need be) with the same problem.
  [[nodiscard]] IsolatedRun start(const workload::Problem& problem) const;
  [[nodiscard]] workload::Outcome collect(const workload::Problem& problem, IsolatedRun run) const;

 private:
  ReplayOptions options_;
};

/// Replays two cases whose answers are known exactly (one unloaded transfer; two flows of eight
/// sources to private and common hosts, which SimGrid's lazy updates get wrong with link
/// latencies). ModelError if the installed SimGrid misses either by more than 1e-9.
void self_test();

/// Version of the SimGrid in use, as `3.32`.
[[nodiscard]] std::string simgrid_version();

}  // namespace plumbline::des
