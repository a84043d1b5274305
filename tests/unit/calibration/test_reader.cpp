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
  CHECK(read_log(Source{"empty.log", false, ""}).found == Found{"1:1 PL-M011!"});
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

}  // namespace
}  // namespace plumbline::calibration
