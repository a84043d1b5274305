// SPDX-License-Identifier: Apache-2.0
// Waits until a file changes.
#pragma once

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

namespace plumbline::app {

/// Some files, by content. One that is away for a moment, as while an editor replaces it, has not
/// changed yet.
class Watch {
 public:
  explicit Watch(std::vector<std::filesystem::path> files);

  /// Returns once a file holds something else than when this was made or last returned, and has
  /// come to rest; false where `stop` is set first.
  [[nodiscard]] bool wait(const volatile std::sig_atomic_t& stop);

 private:
  std::vector<std::filesystem::path> files_;
  std::vector<std::string> seen_;
};

}  // namespace plumbline::app
