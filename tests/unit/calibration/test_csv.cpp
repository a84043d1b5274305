// SPDX-License-Identifier: Apache-2.0
#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "calibration/csv.hpp"

namespace plumbline::calibration {
namespace {

using Table = std::vector<std::vector<std::string>>;

Table texts(const std::vector<CsvRecord>& records) {
  Table table;
  for (const CsvRecord& record : records) {
    std::vector<std::string>& row = table.emplace_back();
    for (const CsvField& field : record.fields) {
      row.push_back(field.text);
    }
  }
  return table;
}

Table read(std::string_view text) {
  core::Diagnostics diagnostics;
  const std::vector<CsvRecord> records = parse_csv(text, "t.csv", diagnostics);
  CHECK(diagnostics.all().empty());
  return texts(records);
}

TEST_CASE("A table of comma-separated values is split by the rules of RFC 4180", "[csv]") {
  CHECK(read("").empty());
  // Two records of three fields; the end of the last line is optional, and CRLF is as good as LF.
  const Table expected{{"a", "b", "c"}, {"1", "", "3"}};
  CHECK(read("a,b,c\n1,,3\n") == expected);
  CHECK(read("a,b,c\n1,,3") == expected);
  CHECK(read("a,b,c\r\n1,,3\r\n") == expected);
  CHECK(read("\xEF\xBB\xBF"
             "a,b,c\n1,,3\n") == expected);
  // n commas separate n + 1 fields, empty ones included.
  CHECK(read(",\n,,") == Table{{"", ""}, {"", "", ""}});
  // An empty line is a record of one empty field: whoever counts columns will object.
  CHECK(read("a\n\nb\n") == Table{{"a"}, {""}, {"b"}});
  // Inside quotes commas and line ends are text, and two quotes are one.
  CHECK(read("\"a,b\",\"c\"\"d\",\"e\nf\"\n") == Table{{"a,b", "c\"d", "e\nf"}});
  CHECK(read("\"\",x") == Table{{"", "x"}});
}

TEST_CASE("Every field knows where it began", "[csv]") {
  core::Diagnostics diagnostics;
  // Line 1 holds a at column 1 and the quoted field at column 3. That field spans a line end, so
  // that the record is followed by one on line 3, whose second field begins at column 4.
  const auto records = parse_csv("a,\"b\nc\"\nde,f\n", "t.csv", diagnostics);
  REQUIRE(records.size() == 2);
  CHECK(records[0].where == core::SourceSpan{"t.csv", 1, 1});
  CHECK(records[0].fields[1].where == core::SourceSpan{"t.csv", 1, 3});
  CHECK(records[1].where == core::SourceSpan{"t.csv", 3, 1});
  CHECK(records[1].fields[1].where == core::SourceSpan{"t.csv", 3, 4});
  // A byte-order mark is no column.
  const auto marked = parse_csv(
      "\xEF\xBB\xBF"
      "ab,c",
      "t.csv", diagnostics);
  CHECK(marked.at(0).fields.at(1).where == core::SourceSpan{"t.csv", 1, 4});
}

TEST_CASE("Broken quoting is reported where it breaks, and the other records are kept", "[csv]") {
  const auto check = [](std::string_view text, int line, int column, const Table& rest) {
    core::Diagnostics diagnostics;
    const auto records = parse_csv(text, "t.csv", diagnostics);
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all()[0].code == "PL-M001");
    CHECK(diagnostics.all()[0].where == core::SourceSpan{"t.csv", line, column});
    CHECK(texts(records) == rest);
  };
  check("a,b\nc,d\"e\nf,g\n", 2, 4, {{"a", "b"}, {"f", "g"}});    // a quote in plain text
  check("a,b\n\"c\"d,e\nf,g\n", 2, 4, {{"a", "b"}, {"f", "g"}});  // text behind a closing quote
  check("a,b\nc\rd,e\nf,g\n", 2, 2, {{"a", "b"}, {"f", "g"}});    // a carriage return alone
  check("a,b\nc,\"d\ne,f\n", 2, 3, {{"a", "b"}});  // a quote that never closes takes all the rest
  check("a\r", 1, 2, {});
}

std::string quote(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    result += c == '"' ? "\"\"" : std::string(1, c);
  }
  return result + "\"";
}

TEST_CASE("Whatever is written with quotes is read back", "[csv][property]") {
  rc::prop("quoted tables survive", [] {
    const auto characters = rc::gen::element('a', ',', '"', '\n', '\r', ' ', '\t');
    const auto cell = rc::gen::container<std::string>(characters);
    const auto row = rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(cell));
    const Table table = *rc::gen::container<Table>(row);
    std::string text;
    for (const auto& cells : table) {
      for (std::size_t i = 0; i < cells.size(); ++i) {
        text += (i == 0 ? "" : ",") + quote(cells[i]);
      }
      text += "\r\n";
    }
    core::Diagnostics diagnostics;
    const Table back = texts(parse_csv(text, "t.csv", diagnostics));
    RC_ASSERT(diagnostics.all().empty());
    RC_ASSERT(back == table);
  });
}

TEST_CASE("No text breaks the reader, and none is lost without a diagnostic", "[csv][property]") {
  rc::prop("every line feed outside quotes ends a record or a diagnostic was given", [] {
    const auto characters = rc::gen::element('a', ',', '"', '\n', '\r', '\0');
    const std::string text = *rc::gen::container<std::string>(characters);
    core::Diagnostics diagnostics;
    const Table table = texts(parse_csv(text, "t.csv", diagnostics));
    if (diagnostics.all().empty() && text.find('"') == std::string::npos) {
      // Without quotes, joining the fields again gives the text, line ends made alike.
      std::string joined;
      for (const auto& cells : table) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
          joined += (i == 0 ? "" : ",") + cells[i];
        }
        joined += '\n';
      }
      std::string expected;
      for (const char c : text) {
        if (c != '\r') {
          expected += c;
        }
      }
      if (!expected.empty() && expected.back() != '\n') {
        expected += '\n';
      }
      RC_ASSERT(joined == expected);
    }
  });
}

}  // namespace
}  // namespace plumbline::calibration
