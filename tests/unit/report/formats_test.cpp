// SPDX-License-Identifier: Apache-2.0
// Texts of a result set. The files in expected/ hold the *format* of a hand-made example, whose
// numbers check_files.py derives; UPDATE_GOLDEN=1 writes them anew.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "example.hpp"
#include "report/gap.hpp"
#include "report/table_parts.hpp"
#include "report/writers.hpp"

using namespace plumbline;
using namespace plumbline::core::literals;
using core::Seconds;
using nlohmann::json;
using workload::Term;

namespace {

std::string expected(const std::string& name, const std::string& actual) {
  const std::string path = PL_SOURCE_DIR "/tests/unit/report/expected/" + name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << actual;
  }
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// One curve: replays of 1 us per 100 kB, measured with `extra(size)` more.
template <class Extra>
report::ResultSet curve(Extra extra) {
  report::ResultSet result;
  for (const core::Bytes size : {1_KiB, 4_KiB, 16_KiB}) {
    report::Point point;
    point.size = size;
    point.replay = workload::Outcome{};
    point.replay->estimate = size / 100_GBps;
    point.replay->terms[Term::serialisation] = size / 100_GBps;
    point.measured = report::Measurement{};
    point.measured->time = size / 100_GBps + extra(size);
    complete(point);
    result.points.push_back(point);
  }
  return result;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// On one line, however the text was broken.
std::string unbroken(const std::string& text) {
  std::istringstream words(text);
  std::string line;
  for (std::string word; words >> word;) {
    line += (line.empty() ? "" : " ") + word;
  }
  return line;
}

}  // namespace

TEST_CASE("The table, the JSON and the CSV keep their format") {
  const report::ResultSet result = report::example();
  const std::string table = to_table(result, {});
  const std::string document = to_json(result);
  const std::string rows = to_csv(result);
  CHECK(table == expected("table.txt", table));
  CHECK(document == expected("result.json", document));
  CHECK(rows == expected("result.csv", rows));
}

TEST_CASE("A usual table is at most 120 columns wide") {
  std::istringstream lines(to_table(report::example(), {}));
  for (std::string line; std::getline(lines, line);) {
    CHECK(report::width_of(line) <= 120);
  }
}

TEST_CASE("Solvers' names give way to numbers where the table would be too wide") {
  report::ResultSet result = report::example();
  for (report::Point& point : result.points) {
    for (const char* name :
         {"a_name_that_is_long", "another_long_name", "yet_one_more_long_name"}) {
      point.predictions.push_back(point.predictions.front());
      point.predictions.back().solver = name;
    }
  }
  const std::string table = to_table(result, {.gaps = false});
  CHECK(contains(table, "[1] hockney, [2] a_name_that_is_long, [3] another_long_name"));
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    CHECK(report::width_of(line) <= 120);
  }
}

TEST_CASE("A missing time that does not grow with the size is called a cost per call") {
  // 8 us at every size is a constant; 8 us at 1 KiB and 32 us at 4 KiB is not; nor is anything when
  // the replay is the slower one.
  const report::TableStyle plain;
  const std::string constant = gap_paragraph(curve([](core::Bytes) { return 8_us; }), plain);
  const std::string growing =
      gap_paragraph(curve([](core::Bytes size) { return size / 128_MB * 1_s; }), plain);
  const std::string faster = gap_paragraph(curve([](core::Bytes) { return -1_ns; }), plain);
  CHECK(contains(unbroken(constant), "it lacks 8 us whatever the size: a cost per call"));
  CHECK(contains(unbroken(growing), "it lacks"));
  CHECK_FALSE(contains(unbroken(growing), "a cost per call"));
  CHECK_FALSE(contains(unbroken(faster), "it lacks"));
}

TEST_CASE("Colour is asked for") {
  CHECK_FALSE(contains(to_table(report::example(), {}), "\x1b["));
  CHECK(contains(to_table(report::example(), {.color = true}), "\x1b[31m"));
}

TEST_CASE("A replay outside of its bounds is marked") {
  report::ResultSet result = report::example();
  CHECK_FALSE(contains(to_table(result, {}), "outside of its bounds"));
  result.points[0].replay->estimate = 1_s;
  complete(result.points[0]);
  CHECK(contains(to_table(result, {}), "! ring, 1 KiB: the replay is outside of its bounds"));
}

TEST_CASE("Text is broken at spaces and keeps the padding inside") {
  const std::string words = "name       " + std::string(60, 'a') + " " + std::string(60, 'b');
  CHECK(report::wrapped(words, 3) ==
        "  name       " + std::string(60, 'a') + "\n     " + std::string(60, 'b'));
}

TEST_CASE("Two runs differ in `run` only") {
  const report::ResultSet first = report::example();
  report::ResultSet second = report::example();
  second.run["date"] = "2027-01-01";
  for (report::Point& point : second.points) {
    if (point.replay) {
      point.replay->replay->wall = 5_ms;
    }
  }
  json a = json::parse(to_json(first));
  json b = json::parse(to_json(second));
  CHECK(a != b);
  a.erase("run");
  b.erase("run");
  CHECK(a == b);
  CHECK(to_csv(first) == to_csv(second));
  CHECK(to_table(first, {}) == to_table(second, {}));
}

TEST_CASE("Numbers survive JSON bit by bit, and what is not finite is null") {
  report::ResultSet result;
  result.points.resize(1);
  report::Point& point = result.points[0];
  const double awkward = 0.1 + 0.2;  // 0.30000000000000004
  point.lower = Seconds::from_si(awkward);
  point.upper = Seconds::infinity();
  point.speed_of_light = Seconds::from_si(std::numeric_limits<double>::quiet_NaN());
  const json parsed = json::parse(to_json(result)).at("points").at(0);
  CHECK(parsed.at("lower_s").get<double>() == awkward);
  CHECK(parsed.at("upper_s").is_null());
  CHECK(parsed.at("speed_of_light_s").is_null());
  CHECK(parsed.at("simulated_s").is_null());
  CHECK(parsed.at("inside_bounds").is_null());
}

TEST_CASE("Texts that are not UTF-8 do not stop the writers") {
  report::ResultSet result = report::example();
  result.question = "caf\xe9?";
  CHECK_NOTHROW(json::parse(to_json(result)));
}

TEST_CASE("CSV quotes what RFC 4180 says must be quoted") {
  // A quote is doubled, and a field with a comma, a quote or a line break stands in quotes.
  report::ResultSet result;
  result.points.resize(1);
  result.points[0].placement = "a,b";
  result.points[0].routing = "d_mod_k";
  result.points[0].constants = "say \"x\"\nnow";
  CHECK(contains(to_csv(result), ",\"a,b\",d_mod_k,\"say \"\"x\"\"\nnow\","));
}
