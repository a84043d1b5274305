// SPDX-License-Identifier: Apache-2.0
// The child's side of des/isolation.hpp, and the answer that goes through the pipe.
#pragma once

#include <cstddef>
#include <vector>

#include "core/quantity.hpp"
#include "des/isolation.hpp"

namespace plumbline::des {

/// Exit code of a child that could not allocate.
inline constexpr int child_out_of_memory = 97;

struct ChildSetup {
  int answer = -1;  ///< write end of the pipe
  int output = -1;  ///< replaces standard output and error
  int parent = -1;  ///< process id
  core::Bytes memory;
};

/// All that the child does after the fork.
[[noreturn]] void run_child(const IsolatedTask& task, const ChildSetup& setup) noexcept;

/// Whether the bytes read from the pipe are one whole answer.
[[nodiscard]] bool has_answer(const std::vector<std::byte>& received);

/// What the task returned, or ModelError with the text of what it threw. Precondition: has_answer.
[[nodiscard]] std::vector<std::byte> take_answer(std::vector<std::byte> received);

}  // namespace plumbline::des
