// SPDX-License-Identifier: Apache-2.0
#include "core/xml.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace plumbline::core {
namespace {

/// `PL-X001 2:3` for each diagnostic of a text that must be refused.
std::vector<std::string> refused(const std::string& text) {
  Diagnostics diagnostics;
  CHECK_FALSE(parse_xml(text, "test.xml", diagnostics));
  std::vector<std::string> found;
  for (const Diagnostic& diagnostic : diagnostics.sorted()) {
    found.push_back(diagnostic.code + " " + std::to_string(diagnostic.where.line) + ":" +
                    std::to_string(diagnostic.where.column));
  }
  return found;
}

using Found = std::vector<std::string>;

TEST_CASE("text is escaped so that a reader gives it back", "[xml]") {
  CHECK(xml_escaped("a<b> & \"c\" → d") == "a&lt;b&gt; &amp; &quot;c&quot; → d");
  Diagnostics diagnostics;
  const auto root = parse_xml("<a b=\"" + xml_escaped("<&\">'") + "\"/>", "test.xml", diagnostics);
  REQUIRE(root);
  CHECK(*root->find("b") == "<&\">'");
}

TEST_CASE("an XML text becomes a tree with places", "[xml]") {
  Diagnostics diagnostics;
  const auto root = parse_xml(
      "<?xml version=\"1.0\"?>\n<!-- a word -->\n<a z=\"1\" b='x &amp; y'>text\n  <b/><c "
      "d=\"\"/>\n</a>",
      "test.xml", diagnostics);
  REQUIRE(root);
  CHECK(diagnostics.all().empty());
  CHECK(root->name == "a");
  CHECK(root->where == SourceSpan{"test.xml", 3, 1});
  REQUIRE(root->attributes.size() == 2);
  CHECK(root->attributes[0].name == "z");  // in the order of the file
  CHECK(*root->find("b") == "x & y");
  CHECK(root->find("c") == nullptr);
  REQUIRE(root->children.size() == 2);
  CHECK(root->children[0].where == SourceSpan{"test.xml", 4, 3});
  CHECK(root->children[1].where == SourceSpan{"test.xml", 4, 7});
  CHECK(root->children[1].find("d")->empty());
}

TEST_CASE("what is no XML is refused at its place", "[xml]") {
  // Line 3 closes what line 1 opened while <b> is open.
  CHECK(refused("<a>\n  <b>\n</a>").front().starts_with("PL-X001 3:"));
  CHECK(refused("<a b=1/>").front().starts_with("PL-X001 1:"));
  CHECK(refused("").front().starts_with("PL-X001"));
  CHECK(refused("words").front().starts_with("PL-X001"));
  CHECK(refused("<a/>\n<b/>") == Found{"PL-X004 2:1"});
  CHECK(refused("<a>\n <b c=\"1\" c=\"2\"/></a>") == Found{"PL-X003 2:2"});
  CHECK(refused(std::string("<a b=\"\x01\"/>")) == Found{"PL-Y009 1:7"});
}

TEST_CASE("elements nest at most 64 deep", "[xml]") {
  const auto nested = [](int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) {
      text += "<a>";
    }
    for (int i = 0; i < depth; ++i) {
      text += "</a>";
    }
    return text;
  };
  Diagnostics diagnostics;
  CHECK(parse_xml(nested(64), "test.xml", diagnostics));
  CHECK(refused(nested(65)) == Found{"PL-X002 1:193"});  // 64 times three bytes before it
  CHECK(refused(nested(200'000)) == Found{"PL-X002 1:193"});
}

}  // namespace
}  // namespace plumbline::core
