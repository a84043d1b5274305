// SPDX-License-Identifier: Apache-2.0
// Users' solvers by what names them: a file, or `external:` in an experiment.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analytic/contract.hpp"
#include "analytic/external/child.hpp"
#include "core/cursor.hpp"
#include "workload/engine.hpp"

namespace plumbline::analytic::external {

/// Starts what the file holds: `.py` by python3, `.sh` by sh, `.so` a library, `.yaml` a formula
/// (whose mistakes go to `diagnostics`: nullptr then), anything else a program. ModelError where it
/// does not come as far as stating its contract, or there is no such file.
[[nodiscard]] std::unique_ptr<Subject> open_solver(const std::filesystem::path& file,
                                                   core::Diagnostics& diagnostics,
                                                   const Limits& limits = {});

/// A solver that is not started yet.
struct External {
  std::string name;  ///< of its column
  std::function<std::shared_ptr<Subject>()> start;
};

/// `{command: [python3, mine.py]}`, `{library: mine.so}`, `{formula: {time: …}}` or `{file: …}` as
/// open_solver has it; with each `name:`, `reads: [folder, …]` and `network: true`. Relative paths,
/// and the command itself, count from `base`. nullopt after diagnostics.
[[nodiscard]] std::optional<External> read_external(const core::Cursor& cursor,
                                                    const std::filesystem::path& base);

/// As an engine; the solver is started when it is first asked. A failure of its is a ModelError of
/// run(). Of a claim `lower` or `upper` the estimate is the bound.
[[nodiscard]] std::unique_ptr<workload::Engine> engine_of(External external);

/// The contract of an engine of engine_of() that has been asked; nullptr for any other.
[[nodiscard]] const Contract* contract_of(const workload::Engine& engine);

/// Of what a contract says of containment, that which the kernel did not grant.
[[nodiscard]] std::vector<std::string> not_granted(const Contract& contract);

}  // namespace plumbline::analytic::external
