// SPDX-License-Identifier: Apache-2.0
// A solver in a process of its own, which speaks JSON lines (docs/external_solvers.md).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analytic/contract.hpp"
#include "analytic/external/child.hpp"

namespace plumbline::analytic::external {

/// Starts `command` in the folder `base` and takes its handshake. A first word without a slash is
/// looked for on PATH. ModelError where it can't be started or states no contract. The caller must
/// have one thread only: a fork copies no other.
[[nodiscard]] std::unique_ptr<Subject> start_command(std::vector<std::string> command,
                                                     const std::string& base,
                                                     const Limits& limits = {});

/// The same for what a body says in a process that is a copy of ours.
[[nodiscard]] std::unique_ptr<Subject> start_body(Child::Body body, const Limits& limits);

}  // namespace plumbline::analytic::external
