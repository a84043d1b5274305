// SPDX-License-Identifier: Apache-2.0
// Every file in files/ holds a mistake that a user really makes and, in comments, the diagnostics
// it must give: `# expect: PL-U002 at 2:19`. Any extra, missing or misplaced diagnostic fails.
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>

#include "experiments/experiment.hpp"

namespace {

namespace fs = std::filesystem;
using plumbline::core::Diagnostic;
using plumbline::core::Diagnostics;
using plumbline::experiments::Experiment;
using plumbline::zoo::Catalogue;

const fs::path folder = fs::path(PL_SOURCE_DIR) / "tests/rejected/files";

std::string read(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::multiset<std::string> expected(const std::string& text) {
  static const std::regex pattern(R"(# expect: (PL-[A-Z]\d{3}) at (\d+):(\d+))");
  std::multiset<std::string> result;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
    result.insert(fmt::format("{} at {}:{}", (*at)[1].str(), (*at)[2].str(), (*at)[3].str()));
  }
  return result;
}

const Catalogue& catalogue() {
  static Diagnostics diagnostics;
  static const Catalogue instance({fs::path(PL_SOURCE_DIR) / "zoo"}, diagnostics);
  return instance;
}

struct Found {
  std::multiset<std::string> places;
  std::string text;
};

Found reject(const fs::path& file) {
  Found found;
  try {
    const Experiment experiment(file, {}, catalogue());
  } catch (const plumbline::core::InputError& error) {
    found.text = error.what();
    for (const Diagnostic& item : error.diagnostics()) {
      if (item.severity == plumbline::core::Severity::error) {
        found.places.insert(
            fmt::format("{} at {}:{}", item.code, item.where.line, item.where.column));
      }
    }
  }
  return found;
}

std::vector<fs::path> files() {
  std::vector<fs::path> result;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") {
      result.push_back(entry.path());
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

TEST_CASE("every rejected file gives exactly the diagnostics that it expects") {
  REQUIRE(files().size() >= 50);
  for (const fs::path& file : files()) {
    DYNAMIC_SECTION(file.filename().string()) {
      const std::multiset<std::string> wanted = expected(read(file));
      REQUIRE_FALSE(wanted.empty());
      const Found found = reject(file);
      INFO(found.text);
      CHECK(found.places == wanted);
    }
  }
}

TEST_CASE("every diagnostic of the rejected files tells what to do") {
  for (const fs::path& file : files()) {
    try {
      const Experiment experiment(file, {}, catalogue());
    } catch (const plumbline::core::InputError& error) {
      for (const Diagnostic& item : error.diagnostics()) {
        INFO(to_text(item));
        CHECK(item.where.line >= 1);
        CHECK(item.where.column >= 1);
        CHECK(item.message.size() >= 10);
      }
    }
  }
}

TEST_CASE("inputs that are no text files are refused at 1:1") {
  const fs::path scratch = fs::temp_directory_path() / "plumbline_rejected";
  fs::create_directories(scratch / "folder.yaml");
  std::ofstream(scratch / "empty.yaml").close();
  std::ofstream(scratch / "large.yaml").close();
  fs::resize_file(scratch / "large.yaml", 100'000'000);  // sparse: takes no room
  for (const std::string name : {"folder.yaml", "empty.yaml", "large.yaml", "absent.yaml"}) {
    DYNAMIC_SECTION(name) {
      const Found found = reject(scratch / name);
      INFO(found.text);
      REQUIRE(found.places.size() == 1);
      CHECK(found.places.begin()->ends_with(" at 1:1"));
    }
  }
  fs::remove_all(scratch);
}
