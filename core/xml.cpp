// SPDX-License-Identifier: Apache-2.0
#include "core/xml.hpp"

#include <algorithm>
#include <fmt/format.h>

#include <pugixml.hpp>

#include "core/text.hpp"
#include "core/text_file.hpp"

namespace plumbline::core {
namespace {

constexpr int deepest = 64;

// Copies pugixml's tree, reporting what pugixml lets pass.
class TreeCopier {
 public:
  TreeCopier(std::string_view text, std::string file, Diagnostics& diagnostics)
      : file_(std::move(file)), diagnostics_(diagnostics) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') {
        line_starts_.push_back(i + 1);
      }
    }
  }

  [[nodiscard]] SourceSpan at(std::size_t offset) const {
    const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    const std::size_t start = *std::prev(next);
    return {file_, static_cast<int>(next - line_starts_.begin()),
            static_cast<int>(offset - start) + 1};
  }

  std::optional<XmlElement> copy(const pugi::xml_node& node, int depth) {
    XmlElement element{
        .name = node.name(), .where = at(offset_of(node)), .attributes = {}, .children = {}};
    if (depth > deepest) {
      diagnostics_.error("PL-X002", element.where,
                         fmt::format("elements nest more than {} deep", deepest));
      return std::nullopt;
    }
    bool good = copy_attributes(node, element);
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() == pugi::node_element) {
        std::optional<XmlElement> copied = copy(child, depth + 1);
        good = good && copied;
        if (copied) {
          element.children.push_back(std::move(*copied));
        }
      }
    }
    return good ? std::optional(std::move(element)) : std::nullopt;
  }

 private:
  // pugixml counts to the name that follows the '<'.
  static std::size_t offset_of(const pugi::xml_node& node) {
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(node.offset_debug() - 1, 0));
  }

  bool copy_attributes(const pugi::xml_node& node, XmlElement& element) {
    bool good = true;
    for (const pugi::xml_attribute& attribute : node.attributes()) {
      if (element.find(attribute.name()) != nullptr) {
        diagnostics_.error(
            "PL-X003", element.where,
            fmt::format("<{}> has the attribute {} twice", element.name, attribute.name()));
        good = false;
      }
      element.attributes.push_back({attribute.name(), attribute.value()});
    }
    return good;
  }

  std::string file_;
  Diagnostics& diagnostics_;
  std::vector<std::size_t> line_starts_{0};
};

}  // namespace

const std::string* XmlElement::find(std::string_view attribute) const {
  const auto found = std::ranges::find(attributes, attribute, &Attribute::name);
  return found == attributes.end() ? nullptr : &found->value;
}

std::optional<XmlElement> parse_xml(std::string_view text, const std::string& name,
                                    Diagnostics& diagnostics) {
  TreeCopier copier(text, name, diagnostics);
  if (const std::optional<std::size_t> bad = first_bad_byte(text)) {
    diagnostics.error("PL-Y009", copier.at(*bad), "this byte is no text",
                      "XML is read as UTF-8 without control characters");
    return std::nullopt;
  }
  pugi::xml_document document;
  const pugi::xml_parse_result result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!result) {
    const std::size_t offset = std::min(static_cast<std::size_t>(result.offset), text.size());
    diagnostics.error("PL-X001", copier.at(offset),
                      fmt::format("not well-formed XML: {}", result.description()));
    return std::nullopt;
  }
  const pugi::xml_node root = document.document_element();
  for (pugi::xml_node other = root.next_sibling(); other; other = other.next_sibling()) {
    if (other.type() == pugi::node_element) {
      diagnostics.error("PL-X004", copier.at(static_cast<std::size_t>(other.offset_debug() - 1)),
                        fmt::format("a second root element <{}>", other.name()));
      return std::nullopt;
    }
  }
  return copier.copy(root, 1);
}

std::optional<XmlElement> load_xml(const std::filesystem::path& path, Diagnostics& diagnostics) {
  const std::optional<std::string> text = read_text_file(path, diagnostics);
  return text ? parse_xml(*text, path.string(), diagnostics) : std::nullopt;
}

std::string xml_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace plumbline::core
