// SPDX-License-Identifier: Apache-2.0
// Attributes of other programs' XML, and what there is to say about them.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/xml.hpp"

namespace plumbline::topology::imports {

/// Mistakes and remarks about a file, each at its element.
class Remarks {
 public:
  explicit Remarks(core::Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void error(const core::XmlElement& at, std::string_view code, std::string message,
             std::string hint = {}) {
    good_ = false;
    diagnostics_.error(code, at.where, std::move(message), std::move(hint));
  }

  void warning(const core::XmlElement& at, std::string_view code, std::string message,
               std::string hint = {}) {
    diagnostics_.warning(code, at.where, std::move(message), std::move(hint));
  }

  /// What is kept and not used: said once, at the first place.
  void note(const core::XmlElement& at, const std::string& message);

  /// The attribute as a whole number; nullopt where it is absent or, after an error, none.
  std::optional<std::int64_t> integer(const core::XmlElement& at, std::string_view attribute);

  /// As integer, and an error where it is absent or below 1.
  std::optional<std::uint32_t> count(const core::XmlElement& at, std::string_view attribute);

  /// The attribute's text; an error where it is absent.
  std::optional<std::string> text(const core::XmlElement& at, std::string_view attribute);

  /// Notes the attributes that are not among `known`.
  void only(const core::XmlElement& at, const std::set<std::string_view>& known);

  [[nodiscard]] bool good() const { return good_; }

  [[nodiscard]] const std::vector<core::Diagnostic>& notes() const { return notes_; }

 private:
  core::Diagnostics& diagnostics_;
  std::vector<core::Diagnostic> notes_;
  std::set<std::string> noted_;
  bool good_ = true;
};

}  // namespace plumbline::topology::imports
