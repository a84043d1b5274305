// SPDX-License-Identifier: Apache-2.0
// What a process gives up for good, with all that it starts: files by Landlock, system calls by
// seccomp. Both need no privilege.
#pragma once

#include <string>
#include <vector>

namespace plumbline::analytic::external {

/// Leaves these files and folders, with all below them, to be read and run, and `written` to be
/// written to as well; no other file can be opened, and no process outside be signalled. What does
/// not exist is passed over. False where the kernel has no Landlock.
[[nodiscard]] bool restrict_files(const std::vector<std::string>& read, const std::string& written);

/// Refuses sockets (unless `network`), a look into other processes, and foreign instruction sets,
/// and marks the process as one below a solver. `first`: it is one of a process namespace, whose
/// first listens to word_signal. False where the kernel has no such filter.
[[nodiscard]] bool restrict_calls(bool network, bool first);

enum class Below { nothing, solver, listener };

/// Whether this process descends from one of restrict_calls(): no environment to clear, no copy of
/// our program changes that. `listener`: of one with `first`.
[[nodiscard]] Below below_what();

}  // namespace plumbline::analytic::external
