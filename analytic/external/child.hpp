// SPDX-License-Identifier: Apache-2.0
// A child process that is not trusted: asked and answering in lines of text, within limits, and
// gone with all that it started when this is destroyed.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/quantity.hpp"

namespace plumbline::analytic::external {

struct Report;

struct Limits {
  core::Seconds handshake = core::Seconds::from_si(10.0);  ///< wall clock, from the start
  core::Seconds answer = core::Seconds::from_si(10.0);     ///< wall clock, of one answer
  core::Seconds waiting = core::Seconds::from_si(3600.0);  ///< wall clock, of all answers
  core::Seconds cpu = core::Seconds::from_si(3600.0);      ///< of every process, all answers
  core::Bytes memory = core::Bytes::from_si(4.0 * 1024 * 1024 * 1024);  ///< of every process
  core::Bytes file = core::Bytes::from_si(16.0 * 1024 * 1024);          ///< that it may write
  std::size_t line = 1 << 20;                                           ///< bytes of one answer
  unsigned files = 256;                                                 ///< open at once
  unsigned processes = 64;           ///< alive at once; not counted where we run as root
  bool network = false;              ///< whether it may use it
  std::vector<std::string> reads{};  ///< files and folders that it may read beside the system's
};

/// A line, or in one sentence why there is none.
struct Received {
  std::string line;
  std::string failure;
};

class Child {
 public:
  /// Runs in the child, its standard input and output joined to us; returns its exit status. Does
  /// nothing that needs another thread of ours.
  using Body = std::function<int()>;

  /// Forks. ModelError where the system refuses a process or a pipe.
  Child(const Body& body, const Limits& limits);

  /// Kills it, with whatever it has started.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Sends a line and waits at most so long for one in return. After a failure there is no other
  /// answer than that failure. An empty line is not sent: something is awaited all the same.
  [[nodiscard]] Received ask(const std::string& line, core::Seconds wait);

  /// How long its answers took, in all.
  [[nodiscard]] core::Seconds waited() const { return waited_; }

  /// What holds it, one sentence each.
  [[nodiscard]] std::vector<std::string> containment() const;

 private:
  class Deadline;

  [[nodiscard]] bool send(const std::string& line, const Deadline& deadline);
  [[nodiscard]] std::optional<std::string> receive(const Deadline& deadline);
  [[nodiscard]] std::optional<std::string> take_line();
  /// Ends it and says why: `what`, and its last words.
  void fail(std::string what);
  [[nodiscard]] std::string death();
  [[nodiscard]] std::string last_words() const;
  [[nodiscard]] Report report() const;
  [[nodiscard]] bool ran_plumbline() const;
  void end() noexcept;

  Limits limits_;
  int child_ = -1;        ///< process id of the guard; its group holds all that stays in it
  int input_ = -1;        ///< our end of its standard input
  int output_ = -1;       ///< our end of its standard output
  int words_ = -1;        ///< memory file: its standard error
  int report_ = -1;       ///< memory file: what the guard says, see contain.hpp
  std::string folder_;    ///< its temporary files, and the mark, see mark_variable
  core::Seconds waited_;  ///< for all answers so far
  std::string received_;  ///< not yet taken
  std::string failure_;
};

/// Replaces the process by a program: `command` from the folder `base`, found on PATH where it is
/// no path, whose memory counts from nothing. Returns only where that fails.
[[nodiscard]] int execute(const std::vector<std::string>& command, const std::string& base,
                          core::Bytes memory);

/// In the environment of every child: the file that a plumbline below it writes to before it
/// refuses to run.
inline constexpr const char* mark_variable = "PLUMBLINE_BELOW_A_SOLVER";

/// Whether this process runs below a solver that a plumbline started; leaves word of it if so.
[[nodiscard]] bool runs_below_a_solver();

}  // namespace plumbline::analytic::external
