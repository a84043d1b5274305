// SPDX-License-Identifier: Apache-2.0
// Every file in measured/ holds one mistake that measurements really have. expected.txt says what
// reading it must give, by the entry point of `plumbline measured` and `measured:`.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "calibration/reader.hpp"

namespace {

namespace fs = std::filesystem;
using plumbline::calibration::read_measurements;
using plumbline::calibration::ReadRequest;
using plumbline::core::Diagnostic;
using plumbline::core::Diagnostics;

const fs::path folder = fs::path(PL_SOURCE_DIR) / "tests/rejected/measured";

/// `warning PL-M031 14 cut short`
struct Expected {
  std::string severity;
  std::string code;
  int line = 0;
  std::string words;

  [[nodiscard]] bool is(const Diagnostic& item) const {
    const bool is_error = item.severity == plumbline::core::Severity::error;
    const std::string text = fmt::format("{} {}", item.message, item.hint);
    return severity == (is_error ? "error" : "warning") && code == item.code &&
           line == item.where.line && text.find(words) != std::string::npos;
  }
};

struct Case {
  std::string file;
  std::size_t rows = 0;
  ReadRequest request;
  std::vector<Expected> expected;
};

/// `rows=2`, `ranks=8`, …
void take_option(const std::string& option, Case& one) {
  const std::size_t equals = option.find('=');
  const std::string name = option.substr(0, equals);
  const std::string value = option.substr(equals + 1);
  if (name == "rows") {
    one.rows = std::stoul(value);
  } else if (name == "ranks") {
    one.request.hints.ranks = static_cast<std::uint32_t>(std::stoul(value));
  } else if (name == "nodes") {
    one.request.hints.nodes = static_cast<std::uint32_t>(std::stoul(value));
  } else if (name == "reader") {
    one.request.reader = value;
  } else {
    FAIL("expected.txt has no option " << option);
  }
}

std::vector<Case> cases() {
  std::vector<Case> result;
  std::ifstream list(folder / "expected.txt");
  for (std::string text; std::getline(list, text);) {
    std::istringstream words(text);
    if (text.starts_with("  ")) {
      Expected one;
      words >> one.severity >> one.code >> one.line >> std::ws;
      std::getline(words, one.words);
      result.back().expected.push_back(one);
    } else if (!text.empty() && !text.starts_with('#')) {
      Case one;
      words >> one.file;
      for (std::string option; words >> option;) {
        take_option(option, one);
      }
      result.push_back(one);
    }
  }
  return result;
}

/// The file itself; of a CSV, the folder of a set that is made of it and its about.yaml.
fs::path readable(const std::string& file, const fs::path& scratch) {
  fs::path path = folder / file;
  if (path.extension() != ".csv") {
    return path;
  }
  fs::path set = scratch / path.stem();
  fs::create_directories(set);
  const fs::path own = fs::path(path).replace_extension(".yaml");
  const auto always = fs::copy_options::overwrite_existing;
  fs::copy_file(fs::exists(own) ? own : folder / "about.yaml", set / "about.yaml", always);
  fs::copy_file(path, set / "data.csv", always);
  return set;
}

void check(const Case& one, const fs::path& scratch) {
  Diagnostics diagnostics;
  const auto set = read_measurements(readable(one.file, scratch), one.request, diagnostics);
  std::vector<Diagnostic> left = diagnostics.sorted();
  for (const Diagnostic& item : left) {
    UNSCOPED_INFO(to_text(item));
  }
  CHECK((set ? set->rows.size() : 0) == one.rows);
  CHECK_FALSE(one.expected.empty());
  for (const Expected& expected : one.expected) {
    const auto found = std::find_if(left.begin(), left.end(),
                                    [&](const Diagnostic& item) { return expected.is(item); });
    INFO("expected " << expected.severity << " " << expected.code << " in line " << expected.line
                     << " that says '" << expected.words << "'");
    CHECK(found != left.end());
    if (found != left.end()) {
      left.erase(found);
    }
  }
  for (const Diagnostic& item : left) {
    FAIL_CHECK("not expected: " << to_text(item));
  }
}

}  // namespace

TEST_CASE("every broken measurement is caught at its line, and nothing else is") {
  const fs::path scratch = fs::temp_directory_path() / "plumbline_rejected_measured";
  REQUIRE(cases().size() >= 60);
  for (const Case& one : cases()) {
    DYNAMIC_SECTION(one.file) {
      check(one, scratch);
    }
  }
  fs::remove_all(scratch);
}

TEST_CASE("every broken measurement is expected to be caught, and is there") {
  std::set<std::string> listed;
  for (const Case& one : cases()) {
    CHECK(listed.insert(one.file).second);
  }
  std::set<std::string> present;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string ending = entry.path().extension().string();
    if (ending == ".log" || ending == ".json" || ending == ".csv") {
      present.insert(entry.path().filename().string());
    }
  }
  CHECK(present == listed);
}
