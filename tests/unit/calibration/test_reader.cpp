// SPDX-License-Identifier: Apache-2.0
// Which reader reads a file, and our own format written and read back.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "calibration/measured_files.hpp"
#include "tests/support/logs.hpp"

namespace plumbline::calibration {
namespace {

namespace fs = std::filesystem;
using test::read_log;
using Found = std::vector<std::string>;

TEST_CASE("A file of no known program has no reader, and forcing one says what is wrong",
          "[readers]") {
  const Source prose{"notes.txt", false, "All-reduce was fast today.\nTomorrow, too.\n"};
  CHECK(read_log(prose).found == Found{"1:1 PL-M011!"});
  CHECK(read_log(prose, {.reader = "ncll_tests", .hints = {}}).found == Found{"1:1 PL-M010!"});
  CHECK(read_log(prose, {.reader = "nccl_tests", .hints = {}}).found ==
        Found{"1:1 PL-M009!", "1:1 PL-M030", "2:1 PL-M030"});
  CHECK(read_log(Source{"empty.log", false, ""}).found == Found{"1:1 PL-M009!"});
}

TEST_CASE("A set that was read from a log is the same after writing and reading it", "[readers]") {
  const MeasuredSet set = read_log("nccl_iterations.log").set;
  std::string folder = (fs::temp_directory_path() / "plumbline_set_XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  std::ofstream(fs::path(folder) / "data.csv") << data_csv(set);
  std::ofstream(fs::path(folder) / "about.yaml") << about_yaml(set);
  core::Diagnostics diagnostics;
  const auto again = load_measured_set(folder, diagnostics);
  fs::remove_all(folder);
  for (const core::Diagnostic& item : diagnostics.all()) {
    FAIL_CHECK(to_text(item));
  }
  REQUIRE(again.has_value());
  CHECK(again->reader == "plumbline");
  CHECK(again->title == "nccl_iterations");
  REQUIRE(again->rows.size() == set.rows.size());
  for (std::size_t i = 0; i < set.rows.size(); ++i) {
    CHECK(again->rows[i].collective == set.rows[i].collective);
    CHECK(again->rows[i].size == set.rows[i].size);
    CHECK(again->rows[i].time == set.rows[i].time);
    CHECK(again->rows[i].time_low == set.rows[i].time_low);
    CHECK(again->rows[i].time_high == set.rows[i].time_high);
    CHECK(again->rows[i].time_error == set.rows[i].time_error);
  }
}

/// What csv_columns makes of these files.
test::ReadLog columns(const std::string& map, const std::string& data) {
  std::string folder = (fs::temp_directory_path() / "plumbline_columns_XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  std::ofstream(fs::path(folder) / "results.csv") << data;
  std::ofstream(fs::path(folder) / "about.yaml")
      << "title: a set\nsource: here\nsize_convention: ours\nfile: results.csv\ncolumns:\n"
      << map;
  const test::ReadLog log = read_log(Source{folder, true, {}});
  fs::remove_all(folder);
  return log;
}

TEST_CASE("Any CSV is read by a map of its columns", "[readers]") {
  const std::string map =
      "  size_B: {column: Message Size, unit: KiB}\n"
      "  time_s: {column: lat, unit: us}\n"
      "  collective: all_reduce\n  nodes: 1\n  ranks: {column: np}\n";
  const test::ReadLog good = columns(map, "np,lat,Message Size\n8,12.5,64\n8,20.0,128\n");
  INFO(good.text);
  CHECK(good.found.empty());
  CHECK(good.set.reader == "csv_columns");
  REQUIRE(good.set.rows.size() == 2);
  CHECK(good.set.rows[0].size.si() == 65536);
  CHECK(good.set.rows[0].time.si() == Approx(12.5e-6));
  CHECK(good.set.rows[0].time_error.si() == Approx(0.05e-6));
  CHECK(good.set.rows[0].ranks == 8);
  // A row too short, no time and no ranks cost their own rows alone.
  CHECK(columns(map, "np,lat,Message Size\n8,1\n8,x,1\n0,1,1\n8,1.5,1\n").found ==
        Found{"2:1 PL-M031", "3:3 PL-M032", "4:1 PL-M032"});
  // about.yaml: `columns:` is line 5, the map's first key line 6.
  CHECK(columns(map, "np,latency,Message Size\n8,1,1\n").found == Found{"7:11 PL-M043!"});
  CHECK(columns("  size_B: {column: a, unit: us}\n  time_s: {column: b, unit: us}\n"
                "  collective: all_reduce\n  nodes: 1\n  ranks: 2\n",
                "a,b\n1,1\n")
            .found == Found{"6:29 PL-M043!"});
  CHECK(columns("  size_B: {column: a, unit: B}\n  time_s: {column: b, unit: us}\n"
                "  collective: all_reduce\n  nodes: 1\n",
                "a,b\n1,1\n")
            .found == Found{"6:3 PL-M043!"});
}

}  // namespace
}  // namespace plumbline::calibration
