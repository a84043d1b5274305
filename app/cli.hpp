// SPDX-License-Identifier: Apache-2.0
// The command line: the one place that knows CLI11.
#pragma once

#include "app/exit_code.hpp"

namespace plumbline::app {

/// Parses the command line and runs the verb.
[[nodiscard]] ExitCode run_command_line(int argc, char** argv);

}  // namespace plumbline::app
