// SPDX-License-Identifier: Apache-2.0
// Damaged logs of every reader: none crashes or hangs one, and no line goes unaccounted.
#include <cmath>
#include <random>

#include <catch2/catch.hpp>

#include "tests/support/logs.hpp"

namespace plumbline::calibration {
namespace {

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  std::string make(std::string text, const std::string& other) {
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
      change(text, other);
    }
    return text;
  }

 private:
  void change(std::string& text, const std::string& other) {
    const std::size_t at = below(text.size() + 1);
    switch (below(8)) {
      case 0:
        text.resize(at);  // cut
        break;
      case 1:
        text.insert(at, "\n[node07:123] 15 more processes have sent help message\n");
        break;
      case 2:
        text.insert(at, other.substr(below(other.size() + 1), below(400)));
        break;
      case 3:
        text.erase(at, below(80));
        break;
      case 4:
        text.insert(at, std::string(1 + below(3), static_cast<char>(below(256))));
        break;
      case 5:
        replace_token(text, at);
        break;
      case 6:
        text.insert(at, text.substr(below(text.size() + 1), below(300)));  // repeated
        break;
      default:
        if (at < text.size()) {
          text[at] = static_cast<char>('0' + below(10));
        }
    }
  }

  void replace_token(std::string& text, std::size_t at) {
    static constexpr const char* values[] = {"nan",   "inf",    "-1",    "0",
                                             "1e308", "1e-320", "-0.0",  "N/A",
                                             "",      "#",      "1e999", "99999999999999999999",
                                             "12us",  ".",      "\r",    "\t"};
    const std::size_t first = std::min(text.find_first_of("0123456789", at), text.size());
    const std::size_t end = std::min(text.find_first_of(" \n,]", first), text.size());
    text.replace(first, end - first, values[below(std::size(values))]);
  }

  std::mt19937_64 random_;
};

std::vector<std::string> log_names() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(test::log_file("x").path.parent_path())) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void check(const Source& source, const test::ReadLog& log) {
  for (const MeasuredRow& row : log.set.rows) {
    REQUIRE(row.size > core::Bytes{});
    REQUIRE(row.time >= core::Seconds{});
    REQUIRE(std::isfinite(row.time.si()));
    REQUIRE(row.ranks >= 1);
    REQUIRE(row.nodes >= 1);
  }
  const LineTally& lines = log.set.lines;
  if (!source.text.starts_with('{') && !log.set.reader.empty()) {
    REQUIRE(lines.read + lines.comments + lines.reported == test::lines_of(source));
  }
  if (lines.reported > 0) {
    REQUIRE_FALSE(log.found.empty());
  }
}

TEST_CASE("damaged logs are read as far as they go, and every line is accounted for") {
  Damage damage(20260504);
  const std::vector<std::string> names = log_names();
  REQUIRE(names.size() >= 20);
  std::size_t rows = 0;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    Source source = test::log_file(names[i % names.size()]);
    const Source other = test::log_file(names[damage.below(names.size())]);
    const ReadRequest request{.reader = test::read_log(source).set.reader,
                              .hints = {"", i % 2 == 0 ? 1U : 0U, i % 4 == 0 ? 8U : 0U}};
    source.text = damage.make(source.text, other.text);
    INFO("case " << i << " from " << source.path << "\n" << source.text);
    const test::ReadLog forced = test::read_log(source, request);
    check(source, forced);
    check(source, test::read_log(source));
    rows += forced.set.rows.size();
    refused += forced.set.rows.empty() ? 1U : 0U;
  }
  // The damage is neither so small that all is read nor so large that nothing is.
  CHECK(rows > 2000);
  CHECK(refused > 100);
}

}  // namespace
}  // namespace plumbline::calibration
