// SPDX-License-Identifier: Apache-2.0
#include "app/console.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fmt/format.h>
#include <unistd.h>

namespace plumbline::app {
namespace {

bool use_color(When when, int descriptor) {
  if (when != When::automatic) {
    return when == When::always;
  }
  const char* off = std::getenv("NO_COLOR");
  return (off == nullptr || *off == '\0') && isatty(descriptor) == 1;
}

}  // namespace

Console::Console(const GlobalOptions& options)
    : options_(options),
      color_out_(use_color(options.color, STDOUT_FILENO)),
      color_err_(use_color(options.color, STDERR_FILENO)),
      live_progress_(options.progress == ProgressStyle::automatic && isatty(STDERR_FILENO) == 1) {}

void Console::result(std::string_view text) const {
  errno = 0;
  const std::size_t written = std::fwrite(text.data(), 1, text.size(), stdout);
  if (written != text.size() || std::fflush(stdout) != 0) {
    throw core::IoError(fmt::format("can't write the result to stdout: {}", std::strerror(errno)));
  }
}

void Console::diagnostic(const core::Diagnostic& diagnostic) const {
  std::string text = to_text(diagnostic);
  if (color_err_) {
    const std::string_view tint =
        diagnostic.severity == core::Severity::error ? "\x1b[31m" : "\x1b[33m";
    text = fmt::format("{}{}\x1b[0m", tint, text);
  }
  fmt::print(stderr, "{}\n", text);
}

void Console::diagnostics(const std::vector<core::Diagnostic>& diagnostics) const {
  for (const core::Diagnostic& item : diagnostics) {
    diagnostic(item);
  }
}

void Console::note(std::string_view text) const {
  if (!options_.quiet) {
    fmt::print(stderr, "{}\n", text);
  }
}

void Console::progress(const experiments::Progress& progress) {
  if (options_.quiet || options_.progress == ProgressStyle::none) {
    return;
  }
  if (live_progress_) {
    fmt::print(stderr, "\r{} of {} points", progress.done, progress.total);
    std::fflush(stderr);
    line_open_ = true;
  } else if (options_.progress == ProgressStyle::plain) {
    fmt::print(stderr, "{} of {} points\n", progress.done, progress.total);
  }
}

void Console::end_progress() {
  if (line_open_) {
    fmt::print(stderr, "\r\x1b[K");
    line_open_ = false;
  }
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    throw core::IoError(
        fmt::format("can't create the folder '{}': {}", folder.string(), error.message()));
  }
}

void write_file(const std::filesystem::path& file, std::string_view text) {
  const auto fail = [&] {
    throw core::IoError(fmt::format("can't write '{}': {}", file.string(), std::strerror(errno)));
  };
  std::FILE* stream = std::fopen(file.c_str(), "wb");
  if (stream == nullptr) {
    fail();
  }
  const bool whole =
      std::fwrite(text.data(), 1, text.size(), stream) == text.size() && std::fflush(stream) == 0;
  const int reason = errno;
  if (std::fclose(stream) != 0 || !whole) {
    errno = whole ? errno : reason;
    fail();
  }
}

}  // namespace plumbline::app
