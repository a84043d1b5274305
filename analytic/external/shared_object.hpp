// SPDX-License-Identifier: Apache-2.0
// A solver in a shared object with the C interface of plumbline_solver.h.
#pragma once

#include <memory>
#include <string>

#include "analytic/contract.hpp"
#include "analytic/external/child.hpp"

namespace plumbline::analytic::external {

/// Loads it in a process that is a copy of ours, so that it can neither crash us nor change what we
/// hold. ModelError where that fails or it states no contract. See start_command.
[[nodiscard]] std::unique_ptr<Subject> load_library(const std::string& file,
                                                    const Limits& limits = {});

}  // namespace plumbline::analytic::external
