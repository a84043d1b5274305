// SPDX-License-Identifier: Apache-2.0
// What the models that choose may know of a machine beside its fabric, and what does not fit it.
#pragma once

#include <filesystem>
#include <optional>

#include "core/cursor.hpp"
#include "topology/placement.hpp"
#include "topology/routing.hpp"
#include "zoo/catalogue.hpp"

namespace plumbline::experiments {

/// What the system says of its GPUs and of NCCL, and the graphs of the file that `nccl_graph:` of
/// the experiment names, a relative path counted from `base`. Nullopt after a diagnostic.
[[nodiscard]] std::optional<workload::MachineFacts> read_facts(const core::Cursor& root,
                                                               const zoo::System& system,
                                                               const std::filesystem::path& base);

/// topology::decided() for these ranks of the machine.
[[nodiscard]] topology::Routing decided(const topology::Routing& routing,
                                        const workload::MachineFacts& facts,
                                        const topology::Fabric& fabric,
                                        const topology::Placement& placement);

/// Reports at `at` constants of link classes that exist nowhere, which would silently change
/// nothing (an error), and those fitted on other machines alone (a warning).
void check_constants(const workload::ConstantSet& constants, const core::Cursor& at,
                     const zoo::System& system, const topology::LinkCatalogue& catalogue);

}  // namespace plumbline::experiments
