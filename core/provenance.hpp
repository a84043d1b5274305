// SPDX-License-Identifier: Apache-2.0
// Where a number came from.
#pragma once

#include <string>
#include <vector>

#include "core/diagnostic.hpp"

namespace plumbline::core {

/// One number read from a file: its place, its text as written, and its stated source.
struct ProvenanceEntry {
  std::string path;
  std::string text;
  std::string source;  ///< empty where the file states none
  bool verified = true;
  SourceSpan where;
};

using Provenance = std::vector<ProvenanceEntry>;

}  // namespace plumbline::core
