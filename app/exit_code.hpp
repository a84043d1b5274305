// SPDX-License-Identifier: Apache-2.0
// Exit codes, a contract with scripts.
#pragma once

namespace plumbline::app {

enum class ExitCode : int {
  done = 0,
  answer_is_no = 1,  ///< a bound violated, a gap too large
  bad_input = 2,     ///< usage, YAML, unit, unknown name, a named file that can't be read
  model_failed = 3,  ///< a solver or replay could not answer
  writing_failed = 4,
  internal_error = 70,
  interrupted = 130,  ///< 128 + SIGINT
  terminated = 143    ///< 128 + SIGTERM
};

}  // namespace plumbline::app
