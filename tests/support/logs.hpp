// SPDX-License-Identifier: Apache-2.0
// The logs in tests/support/logs, written by hand in the formats of their programs: the numbers are
// invented, but agree with each other as the programs' do.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "calibration/reader.hpp"

namespace plumbline::test {

inline calibration::Source log_file(const std::string& name) {
  const std::filesystem::path path =
      std::filesystem::path(PL_SOURCE_DIR) / "tests/support/logs" / name;
  std::ifstream stream(path, std::ios::binary);
  return {path, false, {std::istreambuf_iterator<char>(stream), {}}};
}

/// A set and its diagnostics as `line:column code`, errors marked by '!'.
struct ReadLog {
  calibration::MeasuredSet set;
  std::vector<std::string> found;
  std::string text;  ///< of the diagnostics
};

inline ReadLog read_log(const calibration::Source& source,
                        const calibration::ReadRequest& request = {}) {
  core::Diagnostics diagnostics;
  ReadLog result;
  auto set = calibration::read_measurements(source, request, diagnostics);
  if (set) {
    result.set = std::move(*set);
  }
  for (const core::Diagnostic& item : diagnostics.sorted()) {
    result.found.push_back(fmt::format("{}:{} {}{}", item.where.line, item.where.column, item.code,
                                       item.severity == core::Severity::error ? "!" : ""));
    result.text += to_text(item) + "\n";
  }
  return result;
}

inline ReadLog read_log(const std::string& name, const calibration::ReadRequest& request = {}) {
  return read_log(log_file(name), request);
}

inline std::size_t lines_of(const calibration::Source& source) {
  const std::string& text = source.text;
  const auto ends = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  return ends + (text.empty() || text.ends_with('\n') ? 0 : 1);
}

}  // namespace plumbline::test
