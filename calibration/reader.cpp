// SPDX-License-Identifier: Apache-2.0
#include "calibration/reader.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "core/text.hpp"
#include "core/text_file.hpp"

namespace plumbline::calibration {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view force_hint =
    "name the reader: --reader NAME, or 'measured: {set: …, reader: NAME}'";

std::optional<Source> open(const fs::path& path, core::Diagnostics& diagnostics) {
  std::error_code failure;
  Source source{.path = path, .is_folder = fs::is_directory(path, failure), .text = {}};
  if (!source.is_folder) {
    std::optional<std::string> text = core::read_text_file(path, diagnostics);
    if (!text) {
      return std::nullopt;
    }
    source.text = std::move(*text);
  }
  return source;
}

const ReaderEntry* named(const std::string& name, const core::SourceSpan& at,
                         core::Diagnostics& diagnostics) {
  for (const ReaderEntry* entry : readers::all()) {
    if (entry->name == name) {
      return entry;
    }
  }
  diagnostics.error("PL-M010", at, fmt::format("there is no reader '{}'", name),
                    core::suggest(name, reader_names()));
  return nullptr;
}

const ReaderEntry* surest(const Source& source, const core::SourceSpan& at,
                          core::Diagnostics& diagnostics) {
  int best = 0;
  std::vector<const ReaderEntry*> candidates;
  for (const ReaderEntry* entry : readers::all()) {
    const int sure = entry->sureness(source);
    if (sure > best) {
      candidates.clear();
    }
    best = std::max(best, sure);
    if (sure > 0 && sure == best) {
      candidates.push_back(entry);
    }
  }
  if (candidates.size() == 1) {
    return candidates.front();
  }
  if (candidates.empty() && !source.is_folder && source.text.empty()) {
    diagnostics.error("PL-M009", at, "the file is empty", "the program that wrote it was cut off");
    return nullptr;
  }
  if (candidates.empty() && core::first_bad_byte(source.text)) {
    diagnostics.error("PL-M011", at, "no reader knows this format, and it is no UTF-8 text",
                      "a binary file? Text of PowerShell's `>` is UTF-16: convert it to UTF-8");
    return nullptr;
  }
  if (candidates.empty()) {
    diagnostics.error("PL-M011", at, "no reader knows this format",
                      fmt::format("readers: {}; {}", core::join(reader_names(), ", "), force_hint));
    return nullptr;
  }
  std::vector<std::string> names;
  for (const ReaderEntry* entry : candidates) {
    names.emplace_back(entry->name);
  }
  diagnostics.error("PL-M012", at,
                    fmt::format("several readers know this format: {}", core::join(names, ", ")),
                    std::string(force_hint));
  return nullptr;
}

std::string name_of(const Source& source) {
  const fs::path clean = (source.path / "").lexically_normal().parent_path();
  return source.is_folder ? clean.filename().string() : source.path.stem().string();
}

}  // namespace

std::vector<std::string> reader_names() {
  std::vector<std::string> names;
  for (const ReaderEntry* entry : readers::all()) {
    names.emplace_back(entry->name);
  }
  return names;
}

std::optional<MeasuredSet> read_measurements(const Source& source, const ReadRequest& request,
                                             core::Diagnostics& diagnostics) {
  const core::SourceSpan start{source.path.string(), 1, 1};
  const ReaderEntry* reader = request.reader.empty() ? surest(source, start, diagnostics)
                                                     : named(request.reader, start, diagnostics);
  if (reader == nullptr) {
    return std::nullopt;
  }
  MeasuredSet set;
  set.name = name_of(source);
  set.reader = reader->name;
  set.data_file = source.path.string();
  reader->read(source, request.hints, set, diagnostics);
  return set;
}

std::optional<MeasuredSet> read_measurements(const fs::path& path, const ReadRequest& request,
                                             core::Diagnostics& diagnostics) {
  const std::optional<Source> source = open(path, diagnostics);
  return source ? read_measurements(*source, request, diagnostics) : std::nullopt;
}

std::optional<MeasuredSet> load_measured_set(const fs::path& path, core::Diagnostics& diagnostics,
                                             const ReadRequest& request) {
  core::Diagnostics found;
  std::optional<MeasuredSet> set = read_measurements(path, request, found);
  for (const core::Diagnostic& diagnostic : found.all()) {
    diagnostics.add(diagnostic);
  }
  return found.has_errors() ? std::nullopt : std::move(set);
}

}  // namespace plumbline::calibration
