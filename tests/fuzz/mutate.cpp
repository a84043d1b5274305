// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/mutate.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/support/shared_files.hpp"

namespace plumbline::fuzz {
namespace {

using core::XmlElement;

void collect(XmlElement& element, std::vector<XmlElement*>& all) {
  all.push_back(&element);
  for (XmlElement& child : element.children) {
    collect(child, all);
  }
}

std::size_t cases() {
  const char* wanted = std::getenv("PLUMBLINE_FUZZ_CASES");
  return wanted == nullptr ? 5000 : std::strtoull(wanted, nullptr, 10);
}

}  // namespace

std::string to_text(const XmlElement& element) {
  std::string text = "<" + element.name;
  for (const XmlElement::Attribute& attribute : element.attributes) {
    text += " " + attribute.name + "=\"" + attribute.value + "\"";
  }
  if (element.children.empty()) {
    return text + "/>\n";
  }
  text += ">\n";
  for (const XmlElement& child : element.children) {
    text += to_text(child);
  }
  return text + "</" + element.name + ">\n";
}

std::string Mutator::value(const std::string& old) {
  static constexpr std::array<const char*, 14> values{
      "",    "0",        "-1",       "1",        "16",  "4294967296",   "99999999999999999999",
      "1e9", "0x030200", "0x068000", "0x060400", "nan", "0000:00:00.0", "-8 GT/s"};
  if (below(4) == 0 && !old.empty()) {
    std::string changed = old;
    changed[below(changed.size())] = static_cast<char>('0' + below(10));
    return changed;
  }
  return values.at(below(values.size()));
}

void Mutator::change_attribute(XmlElement& element) {
  auto& attributes = element.attributes;
  if (attributes.empty()) {
    attributes.push_back({"count", value("")});
    return;
  }
  const std::size_t at = below(attributes.size());
  switch (below(6)) {
    case 0:
      attributes.erase(attributes.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 1:
      attributes.push_back(attributes[at]);
      break;
    case 2:
      attributes[at].name += "x";
      break;
    default:
      attributes[at].value = value(attributes[at].value);
  }
}

void Mutator::change_tree(XmlElement& root) {
  std::vector<XmlElement*> all;
  collect(root, all);
  XmlElement& element = *all[below(all.size())];
  const std::size_t kind = below(8);
  if (kind < 4 || element.children.empty()) {
    change_attribute(element);
    return;
  }
  const auto at =
      element.children.begin() + static_cast<std::ptrdiff_t>(below(element.children.size()));
  const XmlElement copy = *at;
  switch (kind) {
    case 4:
      element.children.erase(at);
      break;
    case 5:
      element.children.push_back(copy);
      break;
    case 6:
      at->name = all[below(all.size())]->name;
      break;
    default:  // moved; its own subtree goes with it, so the place is looked up afterwards
      element.children.erase(at);
      all.clear();
      collect(root, all);
      all[below(all.size())]->children.push_back(copy);
  }
}

void Mutator::change_bytes(std::string& text) {
  if (below(3) == 0) {
    text.resize(below(text.size() + 1));
    return;
  }
  for (std::size_t flips = 1 + below(4); flips > 0; --flips) {
    char& byte = text[below(text.size())];
    byte = static_cast<char>(static_cast<unsigned char>(byte) ^ (1U << below(8)));
  }
}

std::string Mutator::mutate(const XmlElement& original) {
  XmlElement changed = original;
  for (std::size_t changes = below(4); changes > 0; --changes) {
    change_tree(changed);
  }
  std::string text = to_text(changed);
  if (below(4) == 0) {
    change_bytes(text);
  }
  return text;
}

std::vector<XmlElement> seeds(const std::string& root, const std::string& shared_folder) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files = test::shared_files(shared_folder, ".xml");
  for (const auto& entry : fs::directory_iterator(fs::path(PL_SOURCE_DIR) / "tests/fuzz/seeds")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<XmlElement> result;
  for (const fs::path& file : files) {
    core::Diagnostics diagnostics;
    std::optional<XmlElement> read = core::load_xml(file, diagnostics);
    if (read && read->name == root) {
      result.push_back(std::move(*read));
    }
  }
  return result;
}

void fuzz(const std::vector<XmlElement>& seeds,
          const std::function<void(const std::string& text)>& read) {
  REQUIRE_FALSE(seeds.empty());
  Mutator mutator(20240517);
  const std::size_t count = cases();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = mutator.mutate(seeds[mutator.below(seeds.size())]);
    INFO("case " << i << "\n" << text);
    REQUIRE_NOTHROW(read(text));
  }
}

}  // namespace plumbline::fuzz
