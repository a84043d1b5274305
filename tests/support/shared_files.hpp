// SPDX-License-Identifier: Apache-2.0
// Files of other projects that tests use where they are at hand.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

namespace plumbline::test {

/// Files of one ending below a folder of the shared files, sorted; says so where there are none.
/// The variable PLUMBLINE_SHARED names the shared files, by default `shared` beside the sources.
inline std::vector<std::filesystem::path> shared_files(const std::string& folder,
                                                       const std::string& ending) {
  namespace fs = std::filesystem;
  const char* named = std::getenv("PLUMBLINE_SHARED");
  const fs::path root = named == nullptr ? fs::path(PL_SOURCE_DIR) / "../shared" : fs::path(named);
  std::vector<fs::path> found;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(root / folder, failure)) {
    if (entry.path().extension() == ending) {
      found.push_back(entry.path());
    }
  }
  if (found.empty()) {
    std::cout << "skipped: no " << ending << " files in " << (root / folder).string() << "\n";
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace plumbline::test
