// SPDX-License-Identifier: Apache-2.0
// Readers of measurement files: one entry per file in readers/. A reader recognises what a program
// writes and makes a measured set of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "calibration/measured_set.hpp"
#include "core/diagnostic.hpp"

namespace plumbline::calibration {

/// What a log may not say of itself. Empty or zero: the log has to say it.
struct ReadHints {
  std::string collective;
  std::uint32_t nodes = 0;
  std::uint32_t ranks = 0;
};

/// The file or folder that is read.
struct Source {
  std::filesystem::path path;
  bool is_folder = false;
  std::string text;  ///< of a file
};

struct ReaderEntry {
  std::string_view name;
  std::string_view summary;   ///< one sentence
  std::string_view citation;  ///< where the format is defined
  /// 0: not mine; 100: nobody else's. Looks at the beginning alone.
  int (*sureness)(const Source& source);
  /// Fills rows and facts. A row that can't be used is left out with a warning at its place; what
  /// spoils the whole file is an error. No line is passed over: see LineTally.
  void (*read)(const Source& source, const ReadHints& hints, MeasuredSet& set,
               core::Diagnostics& diagnostics);
};

namespace readers {
/// Every reader, in the order of calibration/CMakeLists.txt.
[[nodiscard]] std::span<const ReaderEntry* const> all();
}  // namespace readers

[[nodiscard]] std::vector<std::string> reader_names();

struct ReadRequest {
  std::string reader;  ///< empty: whichever is surest
  ReadHints hints;
};

/// What could be read, even beside errors; nothing where the file can't be opened or no single
/// reader knows it.
[[nodiscard]] std::optional<MeasuredSet> read_measurements(const std::filesystem::path& path,
                                                           const ReadRequest& request,
                                                           core::Diagnostics& diagnostics);

/// The same of a text that is at hand; `path` names it.
[[nodiscard]] std::optional<MeasuredSet> read_measurements(const Source& source,
                                                           const ReadRequest& request,
                                                           core::Diagnostics& diagnostics);

/// For those who compute with it: nothing where there was an error.
[[nodiscard]] std::optional<MeasuredSet> load_measured_set(const std::filesystem::path& path,
                                                           core::Diagnostics& diagnostics,
                                                           const ReadRequest& request = {});

}  // namespace plumbline::calibration
