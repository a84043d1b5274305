// SPDX-License-Identifier: Apache-2.0
// What the tests of the catalogue share.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/cursor.hpp"
#include "core/diagnostic.hpp"
#include "core/document.hpp"
#include "zoo/catalogue.hpp"

namespace plumbline::zoo {

/// A YAML text with what is needed to read it.
class Text {
 public:
  explicit Text(std::string_view text);
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  [[nodiscard]] core::Cursor at(std::string_view key) const;

  [[nodiscard]] const core::Diagnostics& diagnostics() const { return diagnostics_; }

  [[nodiscard]] core::Axes& axes() { return axes_; }

  [[nodiscard]] const core::Provenance& provenance() const { return provenance_; }

 private:
  core::Diagnostics diagnostics_;
  core::Axes axes_;
  core::Provenance provenance_;
  core::Document document_;
  core::Reading reading_;
};

/// Fails the test once for every diagnostic, with its text.
void report(const core::Diagnostics& diagnostics);

/// Every diagnostic as `file.yaml:line:column code`, sorted.
using Found = std::vector<std::string>;
[[nodiscard]] Found found(const core::Diagnostics& diagnostics);

/// The shipped catalogue; it must load without a word.
[[nodiscard]] const Catalogue& shipped();

/// A system of it; fails the test where there is a word to say.
[[nodiscard]] System load(const std::string& name);

[[nodiscard]] std::size_t count(const topology::Fabric& fabric, topology::DeviceKind kind);

/// A folder that is gone at the end of the test.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Writes a file, making its folders.
  void write(const std::string& name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace plumbline::zoo
