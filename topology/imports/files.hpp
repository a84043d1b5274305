// SPDX-License-Identifier: Apache-2.0
// Machines from files of other programs, told apart by what stands in them.
#pragma once

#include <filesystem>
#include <optional>

#include "topology/builder.hpp"

namespace plumbline::topology::imports {

/// The fabric of an XML file: <system>, NCCL's topology. Remarks on what is not used go to the
/// diagnostics as notes. Nullopt after an error.
[[nodiscard]] std::optional<Fabric> import_xml(const std::filesystem::path& file,
                                               const BuildContext& context,
                                               core::Diagnostics& diagnostics);

}  // namespace plumbline::topology::imports
