// SPDX-License-Identifier: Apache-2.0
// Where in a sweep a point is, as the commands say it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/text.hpp"

namespace plumbline::app {

/// Axis path → value text, in the order of the axes.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// `system=dgx_h100 workload.size=1 MiB`; empty where nothing is swept.
[[nodiscard]] inline std::string labels_text(const Labels& labels) {
  std::vector<std::string> parts;
  for (const auto& [axis, value] : labels) {
    parts.push_back(axis + "=" + value);
  }
  return core::join(parts, " ");
}

}  // namespace plumbline::app
