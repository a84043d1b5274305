// SPDX-License-Identifier: Apache-2.0
#include "core/diagnostic.hpp"

#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

namespace plumbline::core {
namespace {

TEST_CASE("A diagnostic reads as file:line:col, severity, code, message and hint") {
  CHECK(to_text({"PL-U002", Severity::error, {"x.yaml", 2, 19}, "no unit", "write"}) ==
        "x.yaml:2:19: error[PL-U002]: no unit\n    hint: write");
  CHECK(to_text({"PL-U002", Severity::note, {"x.yaml", 0, 0}, "m", {}}) ==
        "x.yaml: note[PL-U002]: m");
}

TEST_CASE("Sorted diagnostics are in reading order, each once") {
  Diagnostics diagnostics;
  diagnostics.warning("PL-K001", {"a", 2, 1}, "later");
  diagnostics.error("PL-K002", {"a", 1, 5}, "earlier");
  diagnostics.error("PL-K002", {"a", 1, 5}, "earlier");
  const auto sorted = diagnostics.sorted();
  REQUIRE(sorted.size() == 2);
  CHECK(sorted[0].message == "earlier");
  CHECK(sorted[1].severity == Severity::warning);
  CHECK_THROWS_AS(throw_if_errors(diagnostics), InputError);
}

TEST_CASE("Warnings alone are no reason to stop") {
  Diagnostics diagnostics;
  diagnostics.warning("PL-K001", {}, "only a warning");
  CHECK_NOTHROW(throw_if_errors(diagnostics));
}

TEST_CASE("The table of codes is sorted, without repetitions, and explains each") {
  const auto codes = diagnostic_codes();
  CHECK(std::adjacent_find(codes.begin(), codes.end(), [](const auto& a, const auto& b) {
          return a.code >= b.code;
        }) == codes.end());
  for (const CodeEntry& entry : codes) {
    CAPTURE(entry.code);
    CHECK(entry.code.size() == 7);
    CHECK(entry.code.starts_with("PL-"));
    CHECK(std::string_view("YXUKNVTWSRMAIGD").find(entry.code[3]) != std::string_view::npos);
    CHECK_FALSE(entry.title.empty());
    CHECK(entry.explanation.ends_with('.'));
  }
}

}  // namespace
}  // namespace plumbline::core
