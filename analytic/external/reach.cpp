// SPDX-License-Identifier: Apache-2.0
#include "analytic/external/reach.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace plumbline::analytic::external {
namespace {

namespace fs = std::filesystem;

/// Not all of /usr/share: our own catalogue may be there.
const std::vector<std::string>& of_the_system() {
  static const std::vector<std::string> folders{"/bin",
                                                "/sbin",
                                                "/lib",
                                                "/lib32",
                                                "/lib64",
                                                "/etc",
                                                "/usr/bin",
                                                "/usr/sbin",
                                                "/usr/lib",
                                                "/usr/lib32",
                                                "/usr/lib64",
                                                "/usr/libexec",
                                                "/usr/local/bin",
                                                "/usr/local/lib",
                                                "/usr/share/perl",
                                                "/usr/share/perl5",
                                                "/usr/share/zoneinfo",
                                                "/dev/random",
                                                "/dev/urandom",
                                                "/proc/cpuinfo",
                                                "/proc/meminfo",
                                                "/proc/stat",
                                                "/sys/devices/system/cpu"};
  return folders;
}

bool lies_in(const fs::path& file, const fs::path& folder) {
  return std::ranges::mismatch(file, folder).in2 == folder.end();
}

class Reach {
 public:
  explicit Reach(fs::path base) : base_(std::move(base)) {}

  void folder(const fs::path& path) {
    const char* const home = std::getenv("HOME");
    if (path != path.root_path() &&
        (home == nullptr || path != fs::path(home).lexically_normal())) {
      files_.push_back(path.string());
    }
  }

  /// The program, by name and by what that is a link to, each with what is installed beside it.
  void program(const fs::path& named) {
    std::error_code error;
    const fs::path file = absolute(named);
    for (const fs::path& one : {file, fs::canonical(file, error)}) {
      const bool known = std::ranges::any_of(
          of_the_system(), [&](const std::string& part) { return lies_in(one, part); });
      if (one.empty() || known) {
        continue;
      }
      files_.push_back(one.string());
      const fs::path beside = one.parent_path();
      const bool installed = beside.filename() == "bin" || beside.filename() == "shims";
      folder(installed ? beside.parent_path() : beside);
    }
  }

  /// Who runs it, where its first line says that.
  void interpreter_of(const fs::path& named) {
    std::ifstream script(absolute(named), std::ios::binary);
    std::string mark(2, '\0');
    std::string interpreter;
    if (script.read(mark.data(), 2) && mark == "#!" && script >> interpreter) {
      program(interpreter);
    }
  }

  /// A word of the command; whether it names a file.
  bool word(const std::string& text, bool with_folder) {
    const fs::path file = absolute(text);
    std::error_code error;
    if (!fs::exists(file, error)) {
      return false;
    }
    if (fs::is_directory(file, error)) {
      folder(file);
      return false;
    }
    files_.push_back(file.string());
    if (with_folder) {
      folder(file.parent_path());
    }
    return true;
  }

  [[nodiscard]] std::vector<std::string> take() { return std::move(files_); }

 private:
  [[nodiscard]] fs::path absolute(const fs::path& path) const {
    return (base_ / path).lexically_normal();
  }

  fs::path base_;
  std::vector<std::string> files_;
};

}  // namespace

std::vector<std::string> system_files() {
  std::vector<std::string> files = of_the_system();
  std::error_code error;
  files.push_back(fs::read_symlink("/proc/self/exe", error).string());
  return files;
}

std::vector<std::string> files_of_command(const std::vector<std::string>& command,
                                          const fs::path& base) {
  const fs::path folder = base.empty() ? fs::current_path() : fs::absolute(base).lexically_normal();
  Reach reach(folder);
  reach.folder(folder);
  reach.program(command.front());
  reach.interpreter_of(command.front());
  bool first = true;
  for (std::size_t i = 1; i < command.size(); ++i) {
    first = !reach.word(command[i], first) && first;
  }
  return reach.take();
}

}  // namespace plumbline::analytic::external
