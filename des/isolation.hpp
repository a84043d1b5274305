// SPDX-License-Identifier: Apache-2.0
// Runs a function in a child process of its own, within limits of time and memory: whatever
// happens to the child, the caller gets bytes or a ModelError that says what happened and what to
// change.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/quantity.hpp"

namespace plumbline::des {

/// What a child may use.
struct IsolationLimits {
  /// Wall clock from the start; infinity: none.
  core::Seconds time = core::Seconds::infinity();

  /// Private memory that the child may map *on top of* what the parent holds at the fork
  /// (RLIMIT_DATA, so files and shared pages are free); infinity: none.
  core::Bytes memory = core::Bytes::infinity();

  /// Where a signal handler says that the user wants to stop; null: nowhere. Looked at every 50 ms.
  const volatile std::sig_atomic_t* stop = nullptr;
};

using IsolatedTask = std::function<std::vector<std::byte>()>;

/// One child. The task sees the caller's memory as it was at the fork and can change none of it;
/// its standard output and error are kept back (the last lines go into the ModelError), and it must
/// start no thread or process that outlives it. Several may be alive at once in one thread.
class IsolatedRun {
 public:
  /// Forks. ModelError where the system refuses a process or a pipe. The caller must have one
  /// thread only: a fork copies no other.
  IsolatedRun(const IsolatedTask& task, const IsolationLimits& limits);

  /// Kills and reaps a child that is still alive.
  ~IsolatedRun();
  IsolatedRun(IsolatedRun&& other) noexcept;
  IsolatedRun& operator=(IsolatedRun&& other) noexcept;

  /// Readable when advance() has something to do; -1 once the child is over. For poll() on several
  /// children, with a timeout of at most the smallest time_left().
  [[nodiscard]] int fd() const { return pipe_; }

  /// Until the time limit; never negative.
  [[nodiscard]] core::Seconds time_left() const;

  /// Takes what the child has sent without blocking, and ends it if a limit has passed or `stop` is
  /// set. True once the child is over and reaped: finish() then returns at once.
  bool advance();

  /// Waits for the end. ModelError where the child gave no answer. Call once.
  [[nodiscard]] std::vector<std::byte> finish();

  /// Wall time of the child, from the fork to its end (or to now).
  [[nodiscard]] core::Seconds wall() const;

 private:
  using Clock = std::chrono::steady_clock;
  enum class Ending { none, by_itself, time_limit, interrupted };

  [[nodiscard]] bool stop_asked() const;
  void end(Ending ending);
  void release() noexcept;

  IsolationLimits limits_;
  Clock::time_point started_;
  std::optional<Clock::time_point> ended_;
  int child_ = -1;   ///< process id
  int pipe_ = -1;    ///< read end; its end of file is the child's death
  int output_ = -1;  ///< memory file that holds the child's standard output and error
  int status_ = 0;   ///< as waitpid gives it
  Ending ending_ = Ending::none;
  std::vector<std::byte> received_;
};

/// Starts one child and waits for it.
[[nodiscard]] std::vector<std::byte> run_isolated(const IsolatedTask& task,
                                                  const IsolationLimits& limits);

}  // namespace plumbline::des
