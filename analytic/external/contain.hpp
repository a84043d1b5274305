// SPDX-License-Identifier: Apache-2.0
// The child's side of child.hpp: what happens between the fork and the solver.
#pragma once

#include <csignal>
#include <string>

#include "analytic/external/child.hpp"

namespace plumbline::analytic::external {

/// What the guard writes to the memory file `report`.
struct Report {
  bool own_network = false;    ///< a network namespace, without any interface that is up
  bool own_processes = false;  ///< a process namespace: nothing in it outlives the solver
  bool own_files = false;      ///< restrict_files()
  bool own_calls = false;      ///< restrict_calls()
  bool ran_plumbline = false;  ///< a plumbline below it left word
  bool ended = false;
  int status = 0;  ///< of the solver, as waitpid gives it, once ended
};

struct Ends {
  int input = -1;   ///< becomes standard input
  int output = -1;  ///< standard output
  int words = -1;   ///< standard error
  int report = -1;
  int parent = -1;  ///< process id
};

/// All that the guard does: namespaces where the kernel grants them, limits, what it may reach, the
/// body in a process of its own. `folder` is the solver's to write to. Ends when that ends.
[[noreturn]] void guard(const Child::Body& body, const Limits& limits, const Ends& ends,
                        const std::string& folder) noexcept;

/// Where a plumbline below a solver leaves word, in the folder of its temporary files.
[[nodiscard]] std::string mark_in(const std::string& folder);

/// What a plumbline sends to the first process of the solver's namespace: word where its mark can't
/// be found.
constexpr int word_signal = SIGUSR1;

}  // namespace plumbline::analytic::external
