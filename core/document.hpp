// SPDX-License-Identifier: Apache-2.0
// A YAML text as a tree that remembers where everything stood. The only door to yaml-cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostic.hpp"

namespace plumbline::core {

/// One node of the tree. Scalars keep their text: nothing is guessed about `010`, `yes` or `1e3`.
struct Node {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };

  struct Member {
    std::string key;
    SourceSpan key_span;
    std::uint32_t value;
  };

  Kind kind = Kind::null;
  bool quoted = false;
  SourceSpan span;
  std::string text;
  std::vector<std::uint32_t> items;
  std::vector<Member> members;
};

/// An immutable tree of nodes; node 0 is the root. Duplicate keys, anchors, aliases, tags and a
/// second document in the stream are errors, so that what a reader sees is what the text says.
class Document {
 public:
  /// Parses `text`; `name` is the file name that diagnostics show. Errors go to `diagnostics`, and
  /// the part that could be read is returned.
  [[nodiscard]] static Document parse(std::string_view text, const std::string& name,
                                      Diagnostics& diagnostics);

  /// Reads a file of at most 16 MiB; a missing file, a directory or a larger file is a diagnostic.
  [[nodiscard]] static Document load(const std::filesystem::path& path, Diagnostics& diagnostics);

  /// Puts the YAML `value` at the dotted `path` (creating maps on the way), as `--set path=value`
  /// does.
  void set(std::string_view path, std::string_view value, const std::string& origin,
           Diagnostics& diagnostics);

  [[nodiscard]] const Node& node(std::uint32_t index) const { return nodes_[index]; }

  [[nodiscard]] const std::string& name() const { return name_; }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void graft(std::string_view path, std::uint32_t value, const std::string& origin,
             Diagnostics& diagnostics);

  /// Steps from node `at` to its member or item `step`, which `replacement` takes the place of;
  /// creates members. Nothing where there is no such step.
  std::optional<std::uint32_t> enter(std::uint32_t at, std::string_view step,
                                     const SourceSpan& span,
                                     std::optional<std::uint32_t> replacement);

  std::string name_;
  std::string text_;
  std::vector<Node> nodes_;
};

}  // namespace plumbline::core
