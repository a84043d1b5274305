// SPDX-License-Identifier: Apache-2.0
// A position in a Document together with what reading it needs: the diagnostics sink, the sweep
// axes and the provenance of numbers. Everything that binds a file takes a Cursor.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/document.hpp"
#include "core/provenance.hpp"

namespace plumbline::core {

/// A scalar position that holds several values: one axis of a sweep.
struct Axis {
  std::string path;  ///< dotted, from the root: `workload.size`
  SourceSpan where;
  std::vector<std::string> values;
};

/// The axes met while binding, in reading order, and the value chosen on each.
class Axes {
 public:
  /// Registers the axis at `path` on first sight and returns the index chosen on it (0 by default).
  std::size_t choose(const std::string& path, const SourceSpan& where,
                     const std::vector<std::string>& values);

  [[nodiscard]] const std::vector<Axis>& all() const { return axes_; }

  /// Product of the axis lengths: the number of points.
  [[nodiscard]] std::size_t points() const;

  /// Chooses point `index`, the last axis running fastest.
  void select(std::size_t index);

  /// Index chosen on each axis, parallel to all().
  [[nodiscard]] const std::vector<std::size_t>& chosen() const { return chosen_; }

 private:
  std::vector<Axis> axes_;
  std::vector<std::size_t> chosen_;
};

/// What a read shares. `axes` null: a list where a scalar belongs is an error.
struct Reading {
  const Document* document = nullptr;
  Diagnostics* diagnostics = nullptr;
  Axes* axes = nullptr;
  Provenance* provenance = nullptr;
};

/// Cheap to copy; outlived by its Reading.
class Cursor {
 public:
  explicit Cursor(const Reading& reading);

  [[nodiscard]] bool is_null() const { return node().kind == Node::Kind::null; }

  [[nodiscard]] bool is_scalar() const { return node().kind == Node::Kind::scalar; }

  [[nodiscard]] bool is_sequence() const { return node().kind == Node::Kind::sequence; }

  [[nodiscard]] bool is_map() const { return node().kind == Node::Kind::map; }

  [[nodiscard]] const std::string& text() const { return node().text; }

  [[nodiscard]] bool quoted() const { return node().quoted; }

  [[nodiscard]] const SourceSpan& span() const { return node().span; }

  [[nodiscard]] const std::string& path() const { return path_; }

  [[nodiscard]] std::vector<Cursor> items() const;
  [[nodiscard]] std::vector<std::string> keys() const;

  /// Place of a member's key, for messages about the key itself.
  [[nodiscard]] const SourceSpan& key_span(std::string_view key) const;
  [[nodiscard]] std::optional<Cursor> find(std::string_view key) const;

  /// The member, or a diagnostic at this map that it is missing.
  [[nodiscard]] std::optional<Cursor> require(std::string_view key) const;

  /// Reports every key that is neither known nor one of source, note, unverified.
  void reject_unknown(const std::vector<std::string>& known) const;

  void error(std::string_view code, std::string message, std::string hint = {}) const;
  void warning(std::string_view code, std::string message, std::string hint = {}) const;

  [[nodiscard]] const Reading& reading() const { return *reading_; }

  /// The sweep's axes; null where nothing may be swept.
  [[nodiscard]] Axes* axes() const { return sweeps_ ? reading_->axes : nullptr; }

  /// The same place, inside of which nothing may be swept.
  [[nodiscard]] Cursor unswept() const;

  [[nodiscard]] Diagnostics& diagnostics() const { return *reading_->diagnostics; }

  /// Nearest `source:` at or above this place; empty where there is none.
  [[nodiscard]] const std::string& source() const { return source_; }

  /// False where the nearest map with a `source:` or `unverified:` says `unverified: true`.
  [[nodiscard]] bool verified() const { return verified_; }

 private:
  [[nodiscard]] const Node& node() const { return reading_->document->node(index_); }

  [[nodiscard]] Cursor child(std::uint32_t index, std::string_view step) const;
  void note_source();

  const Reading* reading_;
  std::uint32_t index_ = 0;
  std::string path_;
  std::string source_;
  bool verified_ = true;
  bool sweeps_ = true;
};

}  // namespace plumbline::core
