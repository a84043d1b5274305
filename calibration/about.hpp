// SPDX-License-Identifier: Apache-2.0
// about.yaml: who measured what, how, and under which licence.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "calibration/measured_set.hpp"
#include "core/cursor.hpp"

namespace plumbline::calibration {

/// Fills the facts of `set`. `more` binds the keys of `extra`, which a reader adds to those of
/// every set; it is not called where the file is no YAML map.
void read_about(const std::filesystem::path& file, MeasuredSet& set, core::Diagnostics& diagnostics,
                const std::vector<std::string>& extra = {},
                const std::function<void(const core::Cursor&)>& more = {});

}  // namespace plumbline::calibration
