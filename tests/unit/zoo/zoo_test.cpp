// SPDX-License-Identifier: Apache-2.0
#include "zoo_test.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>

#include <catch2/catch.hpp>

namespace plumbline::zoo {

Text::Text(std::string_view text)
    : document_(core::Document::parse(text, "test.yaml", diagnostics_)),
      reading_{&document_, &diagnostics_, &axes_, &provenance_} {
  report(diagnostics_);
}

core::Cursor Text::at(std::string_view key) const {
  const auto found = core::Cursor(reading_).find(key);
  REQUIRE(found.has_value());
  return *found;
}

void report(const core::Diagnostics& diagnostics) {
  for (const core::Diagnostic& diagnostic : diagnostics.all()) {
    FAIL_CHECK(core::to_text(diagnostic));
  }
}

Found found(const core::Diagnostics& diagnostics) {
  Found result;
  for (const core::Diagnostic& diagnostic : diagnostics.sorted()) {
    const core::SourceSpan& at = diagnostic.where;
    result.push_back(fmt::format("{}:{}:{} {}", std::filesystem::path(at.file).filename().string(),
                                 at.line, at.column, diagnostic.code));
  }
  return result;
}

const Catalogue& shipped() {
  static const Catalogue catalogue = [] {
    core::Diagnostics diagnostics;
    Catalogue result(catalogue_folders(""), diagnostics);
    report(diagnostics);
    return result;
  }();
  return catalogue;
}

System load(const std::string& name) {
  Text text("system: " + name);
  std::optional<System> system = shipped().system(text.at("system"), {});
  report(text.diagnostics());
  REQUIRE(system.has_value());
  return std::move(*system);
}

std::size_t count(const topology::Fabric& fabric, topology::DeviceKind kind) {
  const auto devices = fabric.devices();
  return static_cast<std::size_t>(
      std::count_if(devices.begin(), devices.end(),
                    [kind](const topology::Device& device) { return device.kind == kind; }));
}

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "zoo_XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

Folder::~Folder() {
  std::error_code failure;
  std::filesystem::remove_all(path_, failure);
}

void Folder::write(const std::string& name, std::string_view text) const {
  std::filesystem::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << text;
}

}  // namespace plumbline::zoo
