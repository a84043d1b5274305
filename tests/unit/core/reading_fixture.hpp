// SPDX-License-Identifier: Apache-2.0
// A YAML text with all that reading it needs.
#pragma once

#include <string>
#include <vector>

#include "core/cursor.hpp"
#include "core/read.hpp"

namespace plumbline::core {

struct Text {
  Diagnostics diagnostics;
  Document document;
  Axes axes;
  Provenance provenance;
  Reading reading;

  explicit Text(const std::string& text, bool with_axes = true)
      : document(Document::parse(text, "t.yaml", diagnostics)) {
    reading = {&document, &diagnostics, with_axes ? &axes : nullptr, &provenance};
  }

  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  [[nodiscard]] Cursor root() const { return Cursor(reading); }

  [[nodiscard]] Cursor at(const std::string& key) const { return root().find(key).value(); }

  /// "PL-U001 at 2:7" of everything found, in order.
  [[nodiscard]] std::vector<std::string> found() const {
    std::vector<std::string> result;
    for (const Diagnostic& d : diagnostics.sorted()) {
      result.push_back(d.code + " at " + std::to_string(d.where.line) + ":" +
                       std::to_string(d.where.column));
    }
    return result;
  }

  [[nodiscard]] std::string hint() const {
    return diagnostics.all().empty() ? "nothing found" : diagnostics.all().front().hint;
  }
};

using Found = std::vector<std::string>;

}  // namespace plumbline::core
