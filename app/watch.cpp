// SPDX-License-Identifier: Apache-2.0
#include "app/watch.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

namespace plumbline::app {
namespace {

constexpr std::chrono::milliseconds pause{100};

std::vector<std::string> contents(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> all;
  for (const std::filesystem::path& path : files) {
    std::ifstream file(path, std::ios::binary);
    all.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return all;
}

/// Size and time of the last change: cheap to ask for ever.
std::vector<std::pair<std::uintmax_t, std::filesystem::file_time_type>> marks(
    const std::vector<std::filesystem::path>& files) {
  std::vector<std::pair<std::uintmax_t, std::filesystem::file_time_type>> all;
  for (const std::filesystem::path& file : files) {
    std::error_code away;
    const std::uintmax_t size = std::filesystem::file_size(file, away);
    all.emplace_back(size, std::filesystem::last_write_time(file, away));
  }
  return all;
}

}  // namespace

Watch::Watch(std::vector<std::filesystem::path> files)
    : files_(std::move(files)), seen_(contents(files_)) {}

bool Watch::wait(const volatile std::sig_atomic_t& stop) {
  decltype(marks(files_)) looked;  // at rest and known: nothing to read again
  while (stop == 0) {
    auto now = marks(files_);
    if (now != looked) {
      std::this_thread::sleep_for(pause);
      if (marks(files_) != now) {
        continue;  // it is still being written
      }
      std::vector<std::string> read = contents(files_);
      const bool whole = std::ranges::none_of(read, &std::string::empty);
      if (whole && read != seen_) {
        seen_ = std::move(read);
        return true;
      }
      looked = std::move(now);
    }
    std::this_thread::sleep_for(pause);
  }
  return false;
}

}  // namespace plumbline::app
