// SPDX-License-Identifier: Apache-2.0
#include "core/document.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <sstream>
#include <unordered_map>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "core/text.hpp"

namespace plumbline::core {
namespace {

constexpr std::size_t deepest = 64;

// Leaves the parser from inside an event; the diagnostic was already given.
struct StopParsing {};

// Where a parsed text stands: in a file from 1:1, or as a value inside a command-line argument.
struct Place {
  std::string file;
  int column_offset = 0;

  [[nodiscard]] SourceSpan at(int line, int column) const {
    return {file, line + 1, column + 1 + (line == 0 ? column_offset : 0)};
  }

  [[nodiscard]] SourceSpan at(const YAML::Mark& mark) const {
    return mark.is_null() ? at(0, 0) : at(mark.line, mark.column);
  }

  [[nodiscard]] SourceSpan at(std::string_view text, std::size_t offset) const {
    const std::string_view before = text.substr(0, offset);
    const auto line = std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
    return at(static_cast<int>(line), static_cast<int>(offset - start));
  }
};

// What yaml-cpp says, and what the user can do about it.
std::string syntax_hint(std::string_view message, std::string_view line) {
  const std::size_t indentation = line.find_first_not_of(" \t");
  if (message.find("tab") != std::string_view::npos ||
      line.substr(0, indentation).find('\t') != std::string_view::npos) {
    return "indent with spaces, not tabs";
  }

  struct Advice {
    std::string_view part;
    std::string_view hint;
  };

  constexpr std::array<Advice, 7> advices = {
      {{"end of map flow", "close the map with '}' and put ',' between its members"},
       {"end of sequence flow", "close the list with ']' and put ',' between its items"},
       {"end of map", "align the keys of a map, and write 'key: value' with a space"},
       {"end of sequence", "align the '-' of a list"},
       {"illegal map value", "quote a value that holds ': '; one 'key: value' per line"},
       {"EOF in scalar", "close the quote"},
       {"escape", "write '\\\\' for a backslash, or use single quotes"}}};
  for (const Advice& advice : advices) {
    if (message.find(advice.part) != std::string_view::npos) {
      return std::string(advice.hint);
    }
  }
  return message == "unknown token" ? "put the value in quotes" : "";
}

std::string_view line_of(std::string_view text, int line) {
  for (; line > 0 && !text.empty(); --line) {
    const std::size_t end = text.find('\n');
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// Whether the quoted text that starts at `offset` is closed: yaml-cpp takes the end of the file for
// the missing quote if a newline stands before it. True where no quote stands there.
bool quote_is_closed(std::string_view text, std::size_t offset) {
  const char quote = offset < text.size() ? text[offset] : '\0';
  if (quote != '\'' && quote != '"') {
    return true;
  }
  for (std::size_t at = offset + 1; at < text.size(); ++at) {
    const bool doubled = quote == '\'' && text.substr(at, 2) == "''";
    if (doubled || (quote == '"' && text[at] == '\\')) {
      ++at;
    } else if (text[at] == quote) {
      return true;
    }
  }
  return false;
}

// Turns yaml-cpp's events into nodes appended to a document.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::vector<Node>& nodes, std::string_view text, Place place,
              Diagnostics& diagnostics)
      : nodes_(nodes), text_(text), place_(std::move(place)), diagnostics_(diagnostics) {
    root_ = append(Node::Kind::null, place_.at(0, 0));
  }

  // Index of the root.
  [[nodiscard]] std::uint32_t root() const { return root_; }

  void build();

  void OnDocumentStart(const YAML::Mark& mark) override;

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::sequence, mark, tag);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::map, mark, tag);
  }

  void OnMapEnd() override { close(); }

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override;

 private:
  // An open collection. In a map, keys and values take turns.
  struct Frame {
    std::uint32_t node = 0;
    bool is_key = false;  // a list or map where the parent's key belongs
    bool key_read = false;
    bool key_good = false;  // else its value is read and dropped
    std::string key;
    SourceSpan key_span;
    std::unordered_map<std::string, SourceSpan> keys;
  };

  std::uint32_t append(Node::Kind kind, SourceSpan span);
  [[nodiscard]] bool expects_key() const;
  void take_key(const SourceSpan& span, const std::string& key);
  std::uint32_t attach(Node::Kind kind, SourceSpan span);
  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag);
  void close();
  void reject_tag(const YAML::Mark& mark, const std::string& tag);
  [[nodiscard]] SourceSpan place_of_null(const YAML::Mark& mark) const;
  void syntax_error(const YAML::Mark& mark, const std::string& message);

  std::vector<Node>& nodes_;
  std::string_view text_;
  Place place_;
  Diagnostics& diagnostics_;
  std::uint32_t root_ = 0;
  std::vector<Frame> frames_;
  std::vector<SourceSpan> bad_keys_;
  int documents_ = 0;
};

void TreeBuilder::build() {
  if (const auto bad = first_bad_byte(text_)) {
    diagnostics_.error("PL-Y009", place_.at(text_, *bad),
                       fmt::format("byte 0x{:02X} can't be part of a text file",
                                   static_cast<unsigned char>(text_[*bad])),
                       "save the file as UTF-8 text");
    return;
  }
  std::istringstream stream{std::string(text_)};
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(*this)) {
    }
    // Only now: yaml-cpp takes a list that is never closed for a key.
    for (const SourceSpan& span : bad_keys_) {
      diagnostics_.error("PL-Y005", span, "a key must be plain text");
    }
  } catch (const StopParsing&) {
    return;
  } catch (const YAML::Exception& exception) {
    syntax_error(exception.mark, exception.msg);
  }
}

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
  if (++documents_ > 1) {
    const bool marked = line_of(text_, mark.line).starts_with("---");
    diagnostics_.error(
        "PL-Y006", place_.at(mark),
        marked ? "a second document starts here" : "there is text behind the end of the document",
        "one file holds one document");
    throw StopParsing{};
  }
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) {
  if (expects_key()) {
    take_key(place_.at(mark), {});
    return;
  }
  attach(Node::Kind::null, place_of_null(mark));
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) {
  diagnostics_.error("PL-Y003", place_.at(mark), "aliases ('*name') are not read",
                     "write the value out");
  if (expects_key()) {
    throw StopParsing{};
  }
  attach(Node::Kind::null, place_.at(mark));
}

void TreeBuilder::OnAnchor(const YAML::Mark& mark, const std::string& name) {
  diagnostics_.error("PL-Y003", place_.at(mark), fmt::format("anchors ('&{}') are not read", name),
                     "write the value out wherever it is used");
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag,
                           YAML::anchor_t /*anchor*/, const std::string& value) {
  reject_tag(mark, tag);
  if (tag == "!" && !quote_is_closed(text_, static_cast<std::size_t>(std::max(mark.pos, 0)))) {
    diagnostics_.error("PL-Y001", place_.at(mark), "not YAML: this quote is never closed",
                       "close the quote");
    throw StopParsing{};
  }
  if (expects_key()) {
    take_key(place_.at(mark), value);
    return;
  }
  const std::uint32_t index = attach(Node::Kind::scalar, place_.at(mark));
  nodes_[index].text = value;
  nodes_[index].quoted = tag == "!";
}

std::uint32_t TreeBuilder::append(Node::Kind kind, SourceSpan span) {
  Node node;
  node.kind = kind;
  node.span = std::move(span);
  nodes_.push_back(std::move(node));
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

bool TreeBuilder::expects_key() const {
  return !frames_.empty() && nodes_[frames_.back().node].kind == Node::Kind::map &&
         !frames_.back().key_read;
}

void TreeBuilder::take_key(const SourceSpan& span, const std::string& key) {
  Frame& frame = frames_.back();
  frame.key_read = true;
  frame.key_good = false;
  if (key.empty()) {
    diagnostics_.error("PL-Y005", span, "a key is missing here", "write 'key: value'");
    return;
  }
  const auto [first, is_new] = frame.keys.emplace(key, span);
  if (!is_new) {
    diagnostics_.error(
        "PL-Y002", span, fmt::format("the key '{}' is given twice", key),
        fmt::format("it stands at {}:{} already", first->second.line, first->second.column));
    return;
  }
  frame.key_good = true;
  frame.key = key;
  frame.key_span = span;
}

std::uint32_t TreeBuilder::attach(Node::Kind kind, SourceSpan span) {
  if (frames_.empty()) {
    nodes_[root_].kind = kind;
    nodes_[root_].span = std::move(span);
    return root_;
  }
  const std::uint32_t index = append(kind, std::move(span));
  Frame& frame = frames_.back();
  Node& parent = nodes_[frame.node];
  if (parent.kind == Node::Kind::sequence) {
    parent.items.push_back(index);
  } else if (frame.key_good) {
    parent.members.push_back({frame.key, frame.key_span, index});
  }
  frame.key_read = false;
  return index;
}

void TreeBuilder::open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag) {
  reject_tag(mark, tag);
  if (frames_.size() == deepest) {
    diagnostics_.error("PL-Y008", place_.at(mark),
                       fmt::format("maps and lists are nested more than {} deep", deepest));
    throw StopParsing{};
  }
  const bool is_key = expects_key();
  if (is_key) {
    bad_keys_.push_back(place_.at(mark));
  }
  const std::uint32_t index =
      is_key ? append(kind, place_.at(mark)) : attach(kind, place_.at(mark));
  frames_.emplace_back();
  frames_.back().node = index;
  frames_.back().is_key = is_key;
}

void TreeBuilder::close() {
  const bool was_key = frames_.back().is_key;
  frames_.pop_back();
  if (was_key) {
    frames_.back().key_read = true;
    frames_.back().key_good = false;
  }
}

void TreeBuilder::reject_tag(const YAML::Mark& mark, const std::string& tag) {
  // yaml-cpp's own marks: "?" for a plain node, "!" for a quoted one.
  if (!tag.empty() && tag != "?" && tag != "!") {
    diagnostics_.error("PL-Y004", place_.at(mark), fmt::format("tags ('{}') are not read", tag),
                       "leave the tag out; the key says what its value is");
  }
}

// yaml-cpp places an absent value at the next token, which may be another key, lines below.
SourceSpan TreeBuilder::place_of_null(const YAML::Mark& mark) const {
  const auto position = std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), text_.size());
  const std::string_view rest = text_.substr(position);
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n,]}:#"));
  const bool is_key = rest.substr(word.size()).starts_with(':');
  if (!is_key && (word == "~" || word == "null" || word == "Null" || word == "NULL")) {
    return place_.at(mark);
  }
  if (!frames_.empty() && nodes_[frames_.back().node].kind == Node::Kind::map) {
    return frames_.back().key_span;
  }
  const std::size_t dash = text_.substr(0, position).find_last_not_of(" \t\r\n");
  return dash != std::string_view::npos && text_[dash] == '-' ? place_.at(text_, dash)
                                                              : place_.at(mark);
}

void TreeBuilder::syntax_error(const YAML::Mark& mark, const std::string& message) {
  if (message.find("anchor is not defined") != std::string::npos) {
    diagnostics_.error("PL-Y003", place_.at(mark), "aliases ('*name') are not read",
                       "write the value out");
    return;
  }
  diagnostics_.error("PL-Y001", place_.at(mark), "not YAML: " + message,
                     syntax_hint(message, line_of(text_, std::max(mark.line, 0))));
}

}  // namespace

Document Document::parse(std::string_view text, const std::string& name, Diagnostics& diagnostics) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  text.remove_prefix(text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
  Document document;
  document.name_ = name;
  document.text_ = text;
  Diagnostics found;
  TreeBuilder builder(document.nodes_, document.text_, {name}, found);
  builder.build();
  if (!found.has_errors() && document.nodes_[0].kind == Node::Kind::null) {
    found.error("PL-Y007", {name, 1, 1}, "the document is empty");
  }
  for (const Diagnostic& diagnostic : found.all()) {
    diagnostics.add(diagnostic);
  }
  return document;
}

void Document::set(std::string_view path, std::string_view value, const std::string& origin,
                   Diagnostics& diagnostics) {
  Diagnostics found;
  TreeBuilder builder(nodes_, value, {origin, static_cast<int>(path.size()) + 1}, found);
  builder.build();
  for (const Diagnostic& diagnostic : found.all()) {
    diagnostics.add(diagnostic);
  }
  if (!found.has_errors()) {
    graft(path, builder.root(), origin, diagnostics);
  }
}

}  // namespace plumbline::core
