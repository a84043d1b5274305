// SPDX-License-Identifier: Apache-2.0
// A whole input file as text.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/diagnostic.hpp"

namespace plumbline::core {

/// Reads a file of at most 16 MiB; a missing file, a directory or a larger file is a diagnostic.
[[nodiscard]] std::optional<std::string> read_text_file(const std::filesystem::path& path,
                                                        Diagnostics& diagnostics);

}  // namespace plumbline::core
