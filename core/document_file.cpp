// SPDX-License-Identifier: Apache-2.0
// A Document from a file, and values put into one from the command line.
#include <algorithm>
#include <fmt/format.h>

#include "core/document.hpp"
#include "core/text.hpp"
#include "core/text_file.hpp"

namespace plumbline::core {

Document Document::load(const std::filesystem::path& path, Diagnostics& diagnostics) {
  const std::string name = path.string();
  const SourceSpan start{name, 1, 1};
  Document nothing;
  nothing.name_ = name;
  nothing.nodes_.emplace_back().span = start;

  const std::optional<std::string> text = read_text_file(path, diagnostics);
  return text ? parse(*text, name, diagnostics) : nothing;
}

void Document::graft(std::string_view path, std::uint32_t value, const std::string& origin,
                     Diagnostics& diagnostics) {
  std::uint32_t at = 0;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('.', start), path.size());
    const std::string_view step = path.substr(start, end - start);
    const SourceSpan span{origin, 1, static_cast<int>(start) + 1};
    if (step.empty()) {
      diagnostics.error("PL-K008", span, "a key is missing in the path",
                        "write keys with dots between them, such as workload.size=1MiB");
      return;
    }
    const bool last = end == path.size();
    const auto next = enter(at, step, span, last ? std::optional(value) : std::nullopt);
    if (!next) {
      const std::string so_far(path.substr(0, start == 0 ? 0 : start - 1));
      diagnostics.error("PL-K009", span,
                        nodes_[at].kind == Node::Kind::sequence
                            ? fmt::format("'{}' has {} items, and '{}' is none of them", so_far,
                                          nodes_[at].items.size(), step)
                            : fmt::format("'{}' is a single value, so '{}' can't be set in it",
                                          so_far.empty() ? "the document" : so_far, step));
      return;
    }
    at = *next;
    start = end + 1;
  }
}

std::optional<std::uint32_t> Document::enter(std::uint32_t at, std::string_view step,
                                             const SourceSpan& span,
                                             std::optional<std::uint32_t> replacement) {
  if (nodes_[at].kind == Node::Kind::scalar) {
    return std::nullopt;
  }
  if (nodes_[at].kind == Node::Kind::sequence) {
    const auto number = parse_count(step);
    if (!number || *number >= nodes_[at].items.size()) {
      return std::nullopt;
    }
    std::uint32_t& item = nodes_[at].items[*number];
    return item = replacement.value_or(item);
  }
  nodes_[at].kind = Node::Kind::map;  // a key without a value becomes a map
  for (Node::Member& member : nodes_[at].members) {
    if (member.key == step) {
      return member.value = replacement.value_or(member.value);
    }
  }
  if (!replacement) {
    replacement = static_cast<std::uint32_t>(nodes_.size());
    Node& created = nodes_.emplace_back();
    created.kind = Node::Kind::map;
    created.span = span;
  }
  nodes_[at].members.push_back({std::string(step), span, *replacement});
  return replacement;
}

}  // namespace plumbline::core
