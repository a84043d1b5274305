// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM end a run early and keep what is done.
#pragma once

#include <csignal>

namespace plumbline::app {

/// Installs the handlers. The first signal asks for a stop; a second one ends the process at once.
void catch_interrupts();

/// The signal that arrived, or 0; where a run looks for it.
[[nodiscard]] const volatile std::sig_atomic_t& interrupted_by();

}  // namespace plumbline::app
