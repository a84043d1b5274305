// SPDX-License-Identifier: Apache-2.0
// stdout carries the result, stderr diagnostics and progress; every write is checked.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/diagnostic.hpp"
#include "experiments/runner.hpp"

namespace plumbline::app {

enum class When { automatic, always, never };
enum class ProgressStyle { automatic, plain, none };

/// What every command takes.
struct GlobalOptions {
  bool json = false;
  bool quiet = false;
  When color = When::automatic;
  ProgressStyle progress = ProgressStyle::automatic;
};

class Console {
 public:
  explicit Console(const GlobalOptions& options);

  /// The result. IoError when stdout can't take it (a full disk, a closed pipe).
  void result(std::string_view text) const;

  void diagnostic(const core::Diagnostic& diagnostic) const;
  void diagnostics(const std::vector<core::Diagnostic>& diagnostics) const;

  /// A line for people on stderr; silent with --quiet.
  void note(std::string_view text) const;

  void progress(const experiments::Progress& progress);

  /// Ends a progress line, if one stands.
  void end_progress();

  [[nodiscard]] bool color() const { return color_out_; }

 private:
  GlobalOptions options_;
  bool color_out_;
  bool color_err_;
  bool live_progress_;
  bool line_open_ = false;
};

/// With all that are above it; IoError says what failed.
void make_folder(const std::filesystem::path& folder);

/// Writes a whole file, or throws IoError saying what failed.
void write_file(const std::filesystem::path& file, std::string_view text);

}  // namespace plumbline::app
