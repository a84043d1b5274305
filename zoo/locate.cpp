// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "zoo/catalogue.hpp"

namespace plumbline::zoo {

// An installed executable finds the catalogue of its own prefix, wherever that was moved; one in a
// build tree finds the source tree that it was compiled from.
std::vector<std::filesystem::path> catalogue_folders(std::string_view extra) {
  namespace fs = std::filesystem;
  std::vector<fs::path> folders;
  std::error_code failure;
  const fs::path executable = fs::read_symlink("/proc/self/exe", failure);
  const fs::path prefix = executable.parent_path().parent_path();
  const fs::path installed = (prefix / PLUMBLINE_INSTALL_DATADIR).lexically_normal();
  const fs::path source = PLUMBLINE_SOURCE_ZOO;
  if (!executable.empty() && fs::is_directory(installed, failure)) {
    folders.push_back(installed);
  } else if (fs::is_directory(source, failure)) {
    folders.push_back(source);
  }
  while (!extra.empty()) {
    const std::string_view folder = extra.substr(0, extra.find(':'));
    if (!folder.empty()) {
      folders.emplace_back(folder);
    }
    extra.remove_prefix(folder.size() < extra.size() ? folder.size() + 1 : extra.size());
  }
  return folders;
}

}  // namespace plumbline::zoo
