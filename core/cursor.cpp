// SPDX-License-Identifier: Apache-2.0
#include "core/cursor.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

#include "core/text.hpp"

namespace plumbline::core {
namespace {

// Every map may say where its numbers come from.
constexpr std::array<std::string_view, 3> always_known = {"source", "note", "unverified"};

const Node::Member* member_of(const Node& node, std::string_view key) {
  const auto found = std::find_if(node.members.begin(), node.members.end(),
                                  [&](const Node::Member& member) { return member.key == key; });
  return found == node.members.end() ? nullptr : &*found;
}

}  // namespace

std::size_t Axes::choose(const std::string& path, const SourceSpan& where,
                         const std::vector<std::string>& values) {
  const auto found =
      std::find_if(axes_.begin(), axes_.end(), [&](const Axis& axis) { return axis.path == path; });
  if (found != axes_.end()) {
    return chosen_[static_cast<std::size_t>(found - axes_.begin())];
  }
  axes_.push_back({path, where, values});
  chosen_.push_back(0);
  return 0;
}

std::size_t Axes::points() const {
  std::size_t product = 1;
  for (const Axis& axis : axes_) {
    const std::size_t length = axis.values.size();
    if (length != 0 && product > std::numeric_limits<std::size_t>::max() / length) {
      return std::numeric_limits<std::size_t>::max();
    }
    product *= length;
  }
  return product;
}

void Axes::select(std::size_t index) {
  for (std::size_t i = axes_.size(); i-- > 0;) {
    const std::size_t length = std::max<std::size_t>(1, axes_[i].values.size());
    chosen_[i] = index % length;
    index /= length;
  }
}

Cursor::Cursor(const Reading& reading) : reading_(&reading) {
  note_source();
}

std::vector<Cursor> Cursor::items() const {
  std::vector<Cursor> result;
  const std::vector<std::uint32_t>& indices = node().items;
  result.reserve(indices.size());
  for (std::size_t i = 0; i < indices.size(); ++i) {
    result.push_back(child(indices[i], std::to_string(i)));
  }
  return result;
}

std::vector<std::string> Cursor::keys() const {
  std::vector<std::string> result;
  for (const Node::Member& member : node().members) {
    result.push_back(member.key);
  }
  return result;
}

const SourceSpan& Cursor::key_span(std::string_view key) const {
  const Node::Member* member = member_of(node(), key);
  return member != nullptr ? member->key_span : span();
}

std::optional<Cursor> Cursor::find(std::string_view key) const {
  const Node::Member* member = member_of(node(), key);
  return member != nullptr ? std::optional(child(member->value, key)) : std::nullopt;
}

std::optional<Cursor> Cursor::require(std::string_view key) const {
  std::optional<Cursor> found = find(key);
  if (!found) {
    error("PL-K002", fmt::format("the key '{}' is missing", key));
  }
  return found;
}

void Cursor::reject_unknown(const std::vector<std::string>& known) const {
  for (const Node::Member& member : node().members) {
    const auto is_key = [&](std::string_view name) { return name == member.key; };
    if (std::none_of(known.begin(), known.end(), is_key) &&
        std::none_of(always_known.begin(), always_known.end(), is_key)) {
      diagnostics().error("PL-K001", member.key_span, fmt::format("unknown key '{}'", member.key),
                          suggest(member.key, known));
    }
  }
}

void Cursor::error(std::string_view code, std::string message, std::string hint) const {
  diagnostics().error(code, span(), std::move(message), std::move(hint));
}

void Cursor::warning(std::string_view code, std::string message, std::string hint) const {
  diagnostics().warning(code, span(), std::move(message), std::move(hint));
}

Cursor Cursor::unswept() const {
  Cursor result = *this;
  result.sweeps_ = false;
  return result;
}

Cursor Cursor::child(std::uint32_t index, std::string_view step) const {
  Cursor result = *this;
  result.index_ = index;
  result.path_ += path_.empty() ? "" : ".";
  result.path_ += step;
  result.note_source();
  return result;
}

void Cursor::note_source() {
  const Node::Member* source = member_of(node(), "source");
  const Node::Member* unverified = member_of(node(), "unverified");
  if (source != nullptr) {
    const Node& value = reading_->document->node(source->value);
    source_ = value.kind == Node::Kind::scalar ? value.text : source_;
  }
  if (source != nullptr || unverified != nullptr) {
    verified_ = unverified == nullptr || reading_->document->node(unverified->value).text != "true";
  }
}

}  // namespace plumbline::core
