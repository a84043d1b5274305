// SPDX-License-Identifier: Apache-2.0
#include "core/document.hpp"

#include <filesystem>
#include <fstream>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "reading_fixture.hpp"

namespace plumbline::core {
namespace {

Found found_in(const std::string& text) {
  return Text(text).found();
}

/// A file in the temporary folder, removed at the end.
struct TemporaryFile {
  std::filesystem::path path = std::filesystem::temp_directory_path() / "plumbline_unit_core.yaml";

  explicit TemporaryFile(const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  ~TemporaryFile() { std::filesystem::remove(path); }
};

Found found_in_file(const std::filesystem::path& path) {
  Diagnostics diagnostics;
  const Document document = Document::load(path, diagnostics);
  Found result;
  for (const Diagnostic& d : diagnostics.all()) {
    result.push_back(d.code + " at " + std::to_string(d.where.line) + ":" +
                     std::to_string(d.where.column));
  }
  return result;
}

TEST_CASE("Every node knows where it stands") {
  const Text text("a: 1\nbb:\n  - x\n  - {c: 'y'}\n");
  CHECK(text.found().empty());
  CHECK(text.root().span() == SourceSpan{"t.yaml", 1, 1});
  CHECK(text.at("a").span() == SourceSpan{"t.yaml", 1, 4});
  CHECK(text.root().key_span("bb") == SourceSpan{"t.yaml", 2, 1});
  const auto items = text.at("bb").items();
  REQUIRE(items.size() == 2);
  CHECK(items[0].span() == SourceSpan{"t.yaml", 3, 5});
  CHECK(items[1].find("c")->span() == SourceSpan{"t.yaml", 4, 9});
  CHECK(items[1].find("c")->quoted());
  CHECK_FALSE(items[0].quoted());
}

TEST_CASE("Scalars keep their text: nothing is guessed") {
  const Text text("{a: 010, b: yes, c: 1e3, d: '~', e: ~, f: }");
  CHECK(text.at("a").text() == "010");
  CHECK(text.at("b").text() == "yes");
  CHECK(text.at("c").text() == "1e3");
  CHECK(text.at("d").is_scalar());
  CHECK(text.at("e").is_null());
  CHECK(text.at("f").is_null());
}

TEST_CASE("An absent value stands at its key, not at the next token") {
  const Text text("a:\n\n# words\nnull_like: 2\nb: ~\nc:\n  -\n  - 1\n");
  CHECK(text.at("a").span() == SourceSpan{"t.yaml", 1, 1});
  CHECK(text.at("b").span() == SourceSpan{"t.yaml", 5, 4});
  CHECK(text.at("c").items()[0].span() == SourceSpan{"t.yaml", 7, 3});
}

TEST_CASE("A duplicate key is an error that names the first place") {
  const Text text("a: 1\nb: {c: 1, c: 2}\na: 2\n");
  CHECK(text.found() == Found{"PL-Y002 at 2:11", "PL-Y002 at 3:1"});
  CHECK(text.diagnostics.sorted()[1].hint == "it stands at 1:1 already");
  CHECK(text.at("a").text() == "1");
}

TEST_CASE("Anchors and aliases are errors, so a bomb never grows") {
  CHECK(found_in("a: &x 1\nb: *x\n") == Found{"PL-Y003 at 1:4", "PL-Y003 at 2:4"});
  CHECK(found_in("a: *x\n") == Found{"PL-Y003 at 1:4"});
  CHECK(found_in("a: &a [*a]\n") == Found{"PL-Y003 at 1:4", "PL-Y003 at 1:8"});
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i <= 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before + ", " + before +
            "]\n";
  }
  CHECK(found_in(bomb).size() == 31 + 60);
}

TEST_CASE("Tags, odd keys, second and empty documents are errors at their place") {
  CHECK(found_in("a: !!int 1\n") == Found{"PL-Y004 at 1:4"});
  CHECK(found_in("a: !x [1]\n") == Found{"PL-Y004 at 1:4"});
  CHECK(found_in("? [1]\n: 2\n") == Found{"PL-Y005 at 1:3"});
  CHECK(found_in("{a: 1}: 2\n") == Found{"PL-Y005 at 1:1"});
  CHECK(found_in("~: 2\n") == Found{"PL-Y005 at 1:1"});
  CHECK(found_in("a: 1\n---\nb: 2\n") == Found{"PL-Y006 at 2:1"});
  CHECK(found_in("a: 1\n...\nb: 2\n") == Found{"PL-Y006 at 3:1"});
  CHECK(found_in("") == Found{"PL-Y007 at 1:1"});
  CHECK(found_in("# words only\n") == Found{"PL-Y007 at 1:1"});
  CHECK(found_in("---\n") == Found{"PL-Y007 at 1:1"});
}

TEST_CASE("Nesting ends at 64") {
  const auto nested = [](std::size_t depth) {
    return found_in(std::string(depth, '[') + "1" + std::string(depth, ']'));
  };
  CHECK(nested(64).empty());
  CHECK(nested(65) == Found{"PL-Y008 at 1:65"});
  CHECK(nested(100'000) == Found{"PL-Y008 at 1:65"});
}

TEST_CASE("Broken YAML is an error at its place, with advice") {
  const auto check = [](const std::string& text, const std::string& where,
                        const std::string& advice) {
    CAPTURE(text);
    const Text read(text);
    CHECK(read.found() == Found{"PL-Y001 at " + where});
    CHECK(read.hint().find(advice) != std::string::npos);
  };
  check("a:\n\tb: 1\n", "2:3", "spaces, not tabs");
  check("a: [1, 2\n", "2:1", "']'");
  check("a: [1, [2\n", "2:1", "']'");
  check("a: {b: 1\n", "2:1", "'}'");
  check("a: b: c\n", "1:5", "quote");
  check("a: @x\n", "1:4", "quotes");
  check("a: 'x\n", "1:4", "close the quote");
  check("\u00e9: 1\r\nb: 1\r\na: 'it''s\r\n", "3:4", "close the quote");
  check("a: \"x\\\"\n", "1:4", "close the quote");
  check("a: 'x\nb: 2", "2:5", "close the quote");
  check("a: \"\\q\"\n", "1:7", "single quotes");
}

TEST_CASE("Bytes that are not text are errors at their place") {
  CHECK(found_in(std::string("a: 1\nb: \0\n", 10)) == Found{"PL-Y009 at 2:4"});
  CHECK(found_in("a: \xFF\n") == Found{"PL-Y009 at 1:4"});
  CHECK(found_in("a: 1\n\x04: 2\n") == Found{"PL-Y009 at 2:1"});
  CHECK(found_in("\xEF\xBB\xBF\x61: 1\na: 2\n") == Found{"PL-Y002 at 2:1"});  // a byte order mark
}

TEST_CASE("Files that can't be read are errors at 1:1") {
  CHECK(found_in_file("/nowhere/at/all.yaml") == Found{"PL-I001 at 1:1"});
  CHECK(found_in_file(std::filesystem::temp_directory_path()) == Found{"PL-I002 at 1:1"});
  CHECK(found_in_file(TemporaryFile(std::string((16U << 20U) + 1, ' ')).path) ==
        Found{"PL-I004 at 1:1"});
  CHECK(found_in_file(TemporaryFile("a: 1\n").path).empty());
}

TEST_CASE("No text makes the parser throw or leaves a tree without a root") {
  const auto piece = rc::gen::elementOf(std::vector<std::string>{
      "a",  "b",   ": ",   ":",  "- ",  "\n",          "  ",  "[",  "]",     "{",
      "}",  ", ",  "'",    "\"", "&x ", "*x",          "!t ", "? ", "---\n", "...\n",
      "# ", "|\n", ">-\n", "~",  "\t",  "%YAML 1.2\n", "\\",  "@"});
  rc::prop("pieces of YAML in any order", [&] {
    std::string text;
    for (const std::string& part : *rc::gen::container<std::vector<std::string>>(piece)) {
      text += part;
    }
    Diagnostics diagnostics;
    const Document document = Document::parse(text, "t.yaml", diagnostics);
    const bool is_empty = document.node(0).kind == Node::Kind::null;
    RC_ASSERT(!is_empty || diagnostics.has_errors());
    for (const Diagnostic& d : diagnostics.all()) {
      RC_ASSERT(d.where.line >= 1);
      RC_ASSERT(d.where.column >= 1);
    }
  });
}

}  // namespace
}  // namespace plumbline::core
