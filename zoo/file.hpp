// SPDX-License-Identifier: Apache-2.0
// One YAML file of the catalogue, open for reading.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/cursor.hpp"
#include "core/document.hpp"

namespace plumbline::zoo {

/// A file parsed without a mistake, at least as YAML and as a map.
class File {
 public:
  File(const std::filesystem::path& path, core::Diagnostics& diagnostics,
       core::Provenance* provenance)
      : document_(load(path, diagnostics)),
        reading_{.document = document_ ? &*document_ : nullptr,
                 .diagnostics = &diagnostics,
                 .axes = nullptr,
                 .provenance = provenance} {}

  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] std::optional<core::Cursor> root() const {
    return document_ ? std::optional(core::Cursor(reading_)) : std::nullopt;
  }

  [[nodiscard]] const std::string& text() const { return document_->text(); }

 private:
  static std::optional<core::Document> load(const std::filesystem::path& path,
                                            core::Diagnostics& diagnostics) {
    core::Diagnostics found;
    core::Document document = core::Document::load(path, found);
    for (const core::Diagnostic& diagnostic : found.all()) {
      diagnostics.add(diagnostic);
    }
    if (found.has_errors()) {
      return std::nullopt;
    }
    if (document.node(0).kind != core::Node::Kind::map) {
      diagnostics.error("PL-K005", {path.string(), 1, 1}, "a map is expected in this file");
      return std::nullopt;
    }
    return document;
  }

  std::optional<core::Document> document_;
  core::Reading reading_;
};

}  // namespace plumbline::zoo
