// SPDX-License-Identifier: Apache-2.0
// An XML text as a tree that remembers where every element stood. The only door to pugixml.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"

namespace plumbline::core {

/// One element; text between elements and comments are dropped.
struct XmlElement {
  struct Attribute {
    std::string name;
    std::string value;
  };

  std::string name;
  SourceSpan where;                   ///< of its '<'
  std::vector<Attribute> attributes;  ///< in the order of the file, names all different
  std::vector<XmlElement> children;

  /// The value of an attribute; null where there is none.
  [[nodiscard]] const std::string* find(std::string_view attribute) const;
};

/// The root element of a text of at most 64 levels; `name` is the file name that diagnostics show.
/// Nullopt after a diagnostic.
[[nodiscard]] std::optional<XmlElement> parse_xml(std::string_view text, const std::string& name,
                                                  Diagnostics& diagnostics);

/// parse_xml on a file of at most 16 MiB.
[[nodiscard]] std::optional<XmlElement> load_xml(const std::filesystem::path& path,
                                                 Diagnostics& diagnostics);

/// Text as an attribute or an element holds it: `&`, `<`, `>` and `"` as entities.
[[nodiscard]] std::string xml_escaped(std::string_view text);

}  // namespace plumbline::core
