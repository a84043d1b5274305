// SPDX-License-Identifier: Apache-2.0
// Imports an NCCL topology with the shipped rates.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/xml.hpp"
#include "topology/imports/nccl_topology.hpp"

namespace plumbline::topology::imports::test {

inline const NcclRates& rates() {
  static const NcclRates instance = [] {
    core::Diagnostics diagnostics;
    auto read = load_nccl_rates(std::filesystem::path(PL_SOURCE_DIR) / "zoo/imports/nccl.yaml",
                                diagnostics);
    core::throw_if_errors(diagnostics);
    return std::move(*read);
  }();
  return instance;
}

/// `PL-T082 2:3` for each diagnostic, by place.
inline std::vector<std::string> places(const core::Diagnostics& diagnostics) {
  std::vector<std::string> result;
  for (const core::Diagnostic& diagnostic : diagnostics.sorted()) {
    result.push_back(diagnostic.code + " " + std::to_string(diagnostic.where.line) + ":" +
                     std::to_string(diagnostic.where.column));
  }
  return result;
}

using Found = std::vector<std::string>;

}  // namespace plumbline::topology::imports::test
