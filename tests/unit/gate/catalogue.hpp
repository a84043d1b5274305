// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "core/diagnostic.hpp"
#include "zoo/catalogue.hpp"

namespace plumbline::test {

/// The catalogue of the source tree.
inline const zoo::Catalogue& catalogue() {
  static const zoo::Catalogue shipped = [] {
    core::Diagnostics diagnostics;
    zoo::Catalogue read({std::filesystem::path(PL_SOURCE_DIR) / "zoo"}, diagnostics);
    core::throw_if_errors(diagnostics);
    return read;
  }();
  return shipped;
}

}  // namespace plumbline::test
