// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "calibration/reader.hpp"

namespace plumbline::calibration {
namespace {

namespace fs = std::filesystem;
using core::operator""_B;
using core::operator""_us;

constexpr std::string_view header =
    "collective,algorithm,protocol,nodes,ranks,size_B,time_s,time_low_s,time_high_s,repeats\n";
constexpr std::string_view about =
    "title: a set\nsource: measured here\nsize_convention: bytes of one rank's buffer\n";

std::string with_header(std::string_view rows) {
  return fmt::format("{}{}", header, rows);
}

/// A measured set on disk, gone at the end of the test.
class Folder {
 public:
  Folder(std::string_view data, std::string_view about_text) : path_(make()) {
    write("data.csv", data);
    write("about.yaml", about_text);
  }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  ~Folder() { fs::remove_all(path_); }

  [[nodiscard]] const fs::path& path() const { return path_; }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

 private:
  static fs::path make() {
    std::string name = (fs::temp_directory_path() / "measured_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    return name;
  }

  fs::path path_;
};

/// Every diagnostic as `line:column code`, about.yaml before data.csv.
using Found = std::vector<std::string>;

Found problems(const fs::path& folder) {
  core::Diagnostics diagnostics;
  CHECK_FALSE(load_measured_set(folder, diagnostics).has_value());
  Found found;
  for (const core::Diagnostic& diagnostic : diagnostics.sorted()) {
    const core::SourceSpan& at = diagnostic.where;
    found.push_back(fmt::format("{}:{} {}", at.line, at.column, diagnostic.code));
  }
  return found;
}

Found problems_in_data(std::string_view data) {
  return problems(Folder(data, about).path());
}

Found problems_in_rows(std::string_view rows) {
  return problems_in_data(with_header(rows));
}

TEST_CASE("A good set is read as it is written", "[measured]") {
  const Folder folder(with_header("all_reduce,ring,simple,2,16,1024,1.5e-05,1e-05,2e-05,20\n"
                                  "copy,\"host, write\",,1,1,2048,3e-05,,,1\n"),
                      "title: a set\nsoftware: nccl\nlicence: MIT\nrole: check\n"
                      "source: {repository: a/b, commit: c0ffee, path: d/e.txt}\n"
                      "system: {nodes: [1, 2], nic: null}\nmethod: by hand\n"
                      "size_convention: as nccl-tests\nnotes: [one, two]\n");
  core::Diagnostics diagnostics;
  const auto set = load_measured_set(folder.path(), diagnostics);
  CHECK(diagnostics.all().empty());
  REQUIRE(set.has_value());
  CHECK(set->name == folder.path().filename().string());
  CHECK(set->title == "a set");
  CHECK(set->software == "nccl");
  CHECK(set->licence == "MIT");
  CHECK(set->role == "check");
  CHECK(set->source == "a/b@c0ffee:d/e.txt");
  CHECK(set->notes == std::vector<std::string>{"one", "two"});
  REQUIRE(set->rows.size() == 2);
  const MeasuredRow& row = set->rows[0];
  CHECK(row.collective == "all_reduce");
  CHECK(row.algorithm == "ring");
  CHECK(row.protocol == "simple");
  CHECK(row.nodes == 2);
  CHECK(row.ranks == 16);
  CHECK(row.size == 1024_B);
  CHECK(row.time.si() == 1.5e-5);
  CHECK(row.time_low->si() == 1e-5);
  CHECK(row.time_high->si() == 2e-5);
  CHECK(row.repeats == 20);
  CHECK(row.line == 2);
  CHECK(set->rows[1].algorithm == "host, write");
  CHECK(set->rows[1].protocol.empty());
  CHECK_FALSE(set->rows[1].time_low.has_value());
  CHECK(set->rows[1].line == 3);
}

TEST_CASE("A trailing slash does not change a set's name", "[measured]") {
  const Folder folder(with_header("copy,,,1,1,1,1,,,1\n"), about);
  core::Diagnostics diagnostics;
  const auto set = load_measured_set(folder.path() / "", diagnostics);
  REQUIRE(set.has_value());
  CHECK(set->name == folder.path().filename().string());
}

TEST_CASE("Each wrong value is reported at its own column", "[measured]") {
  // A good row is `copy,,,1,1,8,1,,,1`: nodes at column 8, ranks 10, size 12, time 14, low 16, high
  // 17, repeats 18 while low and high are empty.
  CHECK(problems_in_rows("cpoy,,,1,1,8,1,,,1\n") == Found{"2:1 PL-M008"});
  CHECK(problems_in_rows("copy,,,x,1,8,1,,,1\n") == Found{"2:8 PL-M004"});
  CHECK(problems_in_rows("copy,,,0,1,8,1,,,1\n") == Found{"2:8 PL-M005"});
  CHECK(problems_in_rows("copy,,,1,-1,8,1,,,1\n") == Found{"2:10 PL-M004"});
  CHECK(problems_in_rows("copy,,,1,4294967296,8,1,,,1\n") == Found{"2:10 PL-M005"});
  CHECK(problems_in_rows("copy,,,1,1,8.5,1,,,1\n") == Found{"2:12 PL-M004"});
  CHECK(problems_in_rows("copy,,,1,1,0,1,,,1\n") == Found{"2:12 PL-M005"});
  CHECK(problems_in_rows("copy,,,1,1,8,1 s,,,1\n") == Found{"2:14 PL-M004"});
  CHECK(problems_in_rows("copy,,,1,1,8,,,,1\n") == Found{"2:14 PL-M004"});
  CHECK(problems_in_rows("copy,,,1,1,8,0,,,1\n") == Found{"2:14 PL-M005"});
  CHECK(problems_in_rows("copy,,,1,1,8,-1,,,1\n") == Found{"2:14 PL-M005"});
  CHECK(problems_in_rows("copy,,,1,1,8,nan,,,1\n") == Found{"2:14 PL-M004"});
  CHECK(problems_in_rows("copy,,,1,1,8,1,x,,1\n") == Found{"2:16 PL-M004"});
  CHECK(problems_in_rows("copy,,,1,1,8,1,2,,1\n") == Found{"2:16 PL-M006"});   // low 2 > 1
  CHECK(problems_in_rows("copy,,,1,1,8,1,,.5,1\n") == Found{"2:17 PL-M004"});  // no digit
  CHECK(problems_in_rows("copy,,,1,1,8,1,,0.5,1\n") == Found{"2:17 PL-M006"});
  CHECK(problems_in_rows("copy,,,1,1,8,1,,,0\n") == Found{"2:18 PL-M005"});
}

TEST_CASE("The limits themselves are good values", "[measured]") {
  const Folder folder(with_header("copy,,,1,4294967295,1,1,1,1,1\n"), about);
  core::Diagnostics diagnostics;
  CHECK(load_measured_set(folder.path(), diagnostics).has_value());
  CHECK(diagnostics.all().empty());
}

TEST_CASE("A row of the wrong length, an empty line and a repeated point are errors",
          "[measured]") {
  CHECK(problems_in_rows("copy,,,1,1,8,1,,\n") == Found{"2:1 PL-M003"});
  CHECK(problems_in_rows("copy,,,1,1,8,1,,,1,\n") == Found{"2:1 PL-M003"});
  CHECK(problems_in_rows("copy,,,1,1,8,1,,,1\n\ncopy,,,1,1,9,1,,,1\n") == Found{"3:1 PL-M003"});
  // Lines 2 and 4 are one point: time, spread and repeats do not make another.
  CHECK(problems_in_rows("copy,,,1,1,8,1,,,1\ncopy,,,1,2,8,1,,,1\ncopy,,,1,1,8,2,,,5\n") ==
        Found{"4:1 PL-M007"});
}

TEST_CASE("Every mistake of both files is reported at once", "[measured]") {
  const Folder folder(with_header("copy,,,1,1,8,x,,,0\n"
                                  "allreduce,,,1,1,8,1,,,1\n"
                                  "copy,,\n"
                                  "co\"py,,,1,1,8,1,,,1\n"),
                      "title: a set\nsource: here\nsoftwere: nccl\n");
  // about.yaml: size_convention is missing (at the map, 1:1), `softwere` is no key (3:1). data.csv:
  // line 2 has no time (14) and no repeats (18), line 3 a
  // wrong name, line 4 too few columns, line 5 a quote inside a field.
  const Found expected{"1:1 PL-K002", "3:1 PL-K001", "2:14 PL-M004", "2:18 PL-M005",
                       "3:1 PL-M008", "4:1 PL-M003", "5:3 PL-M001"};
  CHECK(problems(folder.path()) == expected);
}

TEST_CASE("A header that is not ours stops the reading of rows", "[measured]") {
  const std::string row = "copy,,,1,1,8,1,,,1\n";
  CHECK(problems_in_data("collective,algorithm,nodes\n" + row) == Found{"1:22 PL-M002"});
  CHECK(problems_in_data("collective,algorithm\n" + row) == Found{"1:1 PL-M002"});
  CHECK(problems_in_data(row) == Found{"1:1 PL-M002"});
  CHECK(problems_in_data("") == Found{"1:1 PL-M009"});
  CHECK(problems_in_data(header) == Found{"1:1 PL-M009"});
}

TEST_CASE("A folder that lacks a file says which", "[measured]") {
  const Folder folder(with_header("copy,,,1,1,8,1,,,1\n"), about);
  fs::remove(folder.path() / "data.csv");
  CHECK(problems(folder.path()) == Found{"1:1 PL-I001"});
  fs::create_directory(folder.path() / "data.csv");
  CHECK(problems(folder.path()) == Found{"1:1 PL-I002"});
  fs::remove(folder.path() / "about.yaml");
  CHECK(problems(folder.path()).size() == 2);
}

TEST_CASE("A role other than check is refused", "[measured]") {
  const Folder folder(with_header("copy,,,1,1,8,1,,,1\n"), fmt::format("{}role: chekc\n", about));
  // The fourth line of about.yaml; `role: ` takes six characters.
  CHECK(problems(folder.path()) == Found{"4:7 PL-N001"});
}

MeasuredRow row(const std::string& algorithm, std::uint32_t ranks, core::Bytes size) {
  MeasuredRow result;
  result.collective = "all_reduce";
  result.algorithm = algorithm;
  result.nodes = 1;
  result.ranks = ranks;
  result.size = size;
  result.time = 1_us;
  return result;
}

TEST_CASE("Rows match on collective, nodes, ranks, size and the restricted columns", "[measured]") {
  MeasuredSet set;
  set.rows = {row("", 8, 1024_B), row("ring", 8, 1024_B), row("", 4, 1024_B), row("", 8, 2048_B)};
  const MeasuredQuery all{"all_reduce", 1, 8, 1024_B, {}};
  CHECK(match(set, all) == std::vector<const MeasuredRow*>{&set.rows[0], &set.rows[1]});

  MeasuredQuery query = all;
  query.where = {{"algorithm", ""}};  // an empty text asks for the library's own choice
  CHECK(match(set, query) == std::vector<const MeasuredRow*>{&set.rows[0]});
  query.where = {{"algorithm", "ring"}, {"ranks", "8"}, {"nodes", "1"}, {"protocol", ""}};
  CHECK(match(set, query) == std::vector<const MeasuredRow*>{&set.rows[1]});
  for (const auto& [column, text] :
       {std::pair{"algorithm", "tree"}, {"protocol", "ll"}, {"nodes", "2"}, {"ranks", "4"}}) {
    query.where = {{column, text}};
    CHECK(match(set, query).empty());
  }
  query.where = {{"colour", "red"}};
  CHECK_THROWS_AS(match(set, query), core::InternalError);

  query = all;
  query.collective = "all_gather";
  CHECK(match(set, query).empty());
  query = all;
  query.nodes = 2;
  CHECK(match(set, query).empty());
  query = all;
  query.size = 1025_B;
  CHECK(match(set, query).empty());
}

TEST_CASE("The shipped H100 set holds 21 sizes of one collective", "[measured][zoo]") {
  core::Diagnostics diagnostics;
  const auto set = load_measured_set(
      fs::path(PL_SOURCE_DIR) / "zoo/measurements/h100_8gpu_all_reduce", diagnostics);
  for (const core::Diagnostic& diagnostic : diagnostics.all()) {
    FAIL_CHECK(core::to_text(diagnostic));
  }
  REQUIRE(set.has_value());
  CHECK_FALSE(set->licence.empty());
  CHECK_FALSE(set->software.empty());
  // 512 B to 512 MiB, doubling: 2^9 to 2^29, 21 sizes.
  REQUIRE(set->rows.size() == 21);
  for (std::size_t i = 0; i < set->rows.size(); ++i) {
    const MeasuredRow& r = set->rows[i];
    CHECK(r.size.si() == static_cast<double>(1U << (9 + i)));
    CHECK(r.collective == "all_reduce");
    CHECK(r.ranks == 8);
    CHECK(r.nodes == 1);
    // 8 H100 with 450 GB/s per direction: a ring moves 2·7/8 of the buffer over each GPU's links,
    // so that no time lies below 1.75·S / 450 GB/s unless the switches reduced.
    CHECK(r.time.si() > 1.75 * r.size.si() / 450e9);
  }
}

/// The research data that some checkouts have beside them; not part of the product.
fs::path shared_folder() {
  const char* given = std::getenv("PLUMBLINE_SHARED");
  return given != nullptr ? fs::path(given) : fs::path(PL_SOURCE_DIR) / ".." / "shared";
}

TEST_CASE("Every collected set loads without a diagnostic", "[measured][shared]") {
  const fs::path folder = shared_folder() / "measurements";
  if (!fs::is_directory(folder)) {
    std::cout << "skipped: no measured sets at " << folder.lexically_normal().string() << "\n";
    return;
  }
  std::set<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) {
      core::Diagnostics diagnostics;
      const auto set = load_measured_set(entry.path(), diagnostics);
      for (const core::Diagnostic& diagnostic : diagnostics.all()) {
        FAIL_CHECK(core::to_text(diagnostic));
      }
      REQUIRE(set.has_value());
      // What must not be fitted on is marked twice: by its name and by its role.
      CHECK(set->name.starts_with("check_") == (set->role == "check"));
      CHECK_FALSE(set->source.empty());
      names.insert(set->name);
    }
  }
  CHECK(names.size() >= 20);
}

}  // namespace
}  // namespace plumbline::calibration
