// SPDX-License-Identifier: Apache-2.0
// What the models that choose may know of a machine beside its fabric.
#pragma once

#include <filesystem>
#include <optional>

#include "core/cursor.hpp"
#include "zoo/catalogue.hpp"

namespace plumbline::experiments {

/// What the system says of its GPUs and of NCCL, and the graphs of the file that `nccl_graph:` of
/// the experiment names, a relative path counted from `base`. Nullopt after a diagnostic.
[[nodiscard]] std::optional<workload::MachineFacts> read_facts(const core::Cursor& root,
                                                               const zoo::System& system,
                                                               const std::filesystem::path& base);

}  // namespace plumbline::experiments
