// SPDX-License-Identifier: Apache-2.0
// Logs of nccl-tests. Times and sizes are those of the files in tests/support/logs.
#include <catch2/catch.hpp>

#include "calibration/nccl_run.hpp"
#include "calibration/printed.hpp"
#include "tests/support/logs.hpp"

namespace plumbline::calibration {
namespace {

using core::operator""_B;
using test::read_log;
using test::ReadLog;
using Found = std::vector<std::string>;

TEST_CASE("A printed number is known to half a unit of its last digit", "[readers]") {
  CHECK(parse_printed("12.34")->half_unit == Approx(0.005));
  CHECK(parse_printed("12345")->half_unit == Approx(0.5));
  CHECK(parse_printed("1.2e+04")->value == Approx(12000));
  CHECK(parse_printed("1.2e+04")->half_unit == Approx(500));  // the digit 2 stands for 2000
  CHECK(parse_printed("2e-07")->half_unit == Approx(5e-8));
  for (const char* wrong : {"", "nan", "inf", "1.2.3", "12us", "-", "0x10"}) {
    CHECK_FALSE(parse_printed(wrong).has_value());
  }
}

TEST_CASE("A log of the present version is read without a question", "[readers]") {
  const ReadLog log = read_log("nccl_new_all_reduce.log");
  INFO(log.text);
  CHECK(log.found.empty());
  CHECK(log.set.reader == "nccl_tests");
  REQUIRE(log.set.rows.size() == 5);
  // The first row prints 12.34 us out of place, 12.09 in place; eight '# Rank' lines of one host.
  const MeasuredRow& row = log.set.rows[0];
  CHECK(row.collective == "all_reduce");
  CHECK(row.ranks == 8);
  CHECK(row.nodes == 1);
  CHECK(row.size == 1024_B);
  CHECK(row.time.si() == Approx(12.34e-6));
  CHECK(row.time_error.si() == Approx(0.005e-6));
  CHECK(row.in_place->si() == Approx(12.09e-6));
  CHECK(row.algbw->si() == Approx(0.08e9));
  CHECK(row.busbw->si() == Approx(0.15e9));
  CHECK(row.line == 18);
  // The last row prints 4123.50.
  CHECK(log.set.rows[4].time_error.si() == Approx(0.005e-6));
  // 17 lines before the table, 5 rows, 4 after it.
  CHECK(log.set.lines.read == 5);
  CHECK(log.set.lines.comments == 21);
  CHECK(log.set.lines.reported == 0);
}

TEST_CASE("Line ends and a launcher's tags change nothing", "[readers]") {
  const ReadLog plain = read_log("nccl_new_all_reduce.log");
  for (const char* name : {"nccl_crlf.log", "nccl_tagged.log"}) {
    const ReadLog log = read_log(name);
    INFO(name << log.text);
    CHECK(log.found.empty());
    REQUIRE(log.set.rows.size() == plain.set.rows.size());
    for (std::size_t i = 0; i < log.set.rows.size(); ++i) {
      CHECK(log.set.rows[i].time == plain.set.rows[i].time);
      CHECK(log.set.rows[i].busbw == plain.set.rows[i].busbw);
    }
  }
}

TEST_CASE("Columns are found by their headings", "[readers]") {
  // 2.x before the column root: the fourth column is the operation, `error` is no count of errors.
  const ReadLog old = read_log("nccl_old_reduce_scatter.log");
  INFO(old.text);
  CHECK(old.found.empty());
  REQUIRE(old.set.rows.size() == 3);
  CHECK(old.set.rows[1].collective == "reduce_scatter");  // of the command line above the log
  CHECK(old.set.rows[1].ranks == 4);
  CHECK(old.set.rows[1].time.si() == Approx(18.90e-6));
  // Per-iteration columns are the spread: the file has 0.9 and 1.2 times the mean of 31.02 us.
  const ReadLog spread = read_log("nccl_iterations.log");
  INFO(spread.text);
  CHECK(spread.found.empty());
  REQUIRE(spread.set.rows.size() == 5);
  CHECK(spread.set.rows[2].time.si() == Approx(31.02e-6));
  CHECK(spread.set.rows[2].time_low->si() == Approx(27.92e-6));
  CHECK(spread.set.rows[2].time_high->si() == Approx(37.22e-6));
  CHECK(spread.set.rows[2].in_place->si() == Approx(31.02e-6));
}

TEST_CASE("A file may hold several runs, each with its own ranks", "[readers]") {
  const ReadLog log = read_log("nccl_two_runs.log");
  INFO(log.text);
  CHECK(log.found.empty());
  REQUIRE(log.set.rows.size() == 6);
  CHECK(log.set.rows[0].collective == "all_gather");
  CHECK(log.set.rows[5].collective == "all_to_all");
  CHECK(log.set.rows[5].nodes == 2);  // hosts a1 and a2, eight ranks each
  CHECK(log.set.rows[5].ranks == 16);
}

TEST_CASE("busbw finds a wrong number of ranks, and says which is right", "[readers]") {
  // Six '# Rank' lines, but busbw / algbw is 1.75 = 2 * 7/8: eight ranks ran.
  const ReadLog log = read_log("nccl_wrong_ranks.log");
  CHECK(log.found == Found{"16:1 PL-M036!"});
  CHECK(log.text.find("8 ranks would agree") != std::string::npos);
  CHECK(log.set.rows.empty());
  CHECK(log.set.lines.read == 0);
  CHECK(log.set.lines.reported == 5);
}

TEST_CASE("What a bare table does not say, busbw or the caller does", "[readers]") {
  // No program, no ranks: a factor of 1.75 with an operation and no root is that of an all_reduce
  // of eight ranks alone. Nothing tells the nodes.
  CHECK(read_log("nccl_bare.log").found == Found{"4:1 PL-M034", "4:1 PL-M034!", "4:1 PL-M035"});
  const ReadLog helped = read_log("nccl_bare.log", {.reader = "", .hints = {"all_reduce", 2, 8}});
  INFO(helped.text);
  CHECK(helped.found.empty());
  REQUIRE(helped.set.rows.size() == 5);
  CHECK(helped.set.rows[0].nodes == 2);
  // (n - 1)/n is that of all_gather and all_to_all, which print the same operation and root.
  Source two = test::log_file("nccl_two_runs.log");
  const std::size_t name = two.text.find("# Collective test starting");
  two.text.erase(name, two.text.find('\n', name) + 1 - name);
  const ReadLog ambiguous = read_log(two);
  CHECK(ambiguous.text.find("all_gather, all_to_all all fit") != std::string::npos);
  CHECK(ambiguous.set.rows.size() == 3);  // the second run has its name
}

TEST_CASE("A caller who contradicts the log is told so", "[readers]") {
  CHECK(read_log("nccl_crlf.log", {.reader = "", .hints = {"all_gather", 0, 0}}).found ==
        Found{"16:1 PL-M035!"});
  CHECK(read_log("nccl_crlf.log", {.reader = "", .hints = {"", 3, 0}}).found ==
        Found{"16:1 PL-M034!"});
  CHECK(read_log("nccl_crlf.log", {.reader = "", .hints = {"", 0, 9}}).found ==
        Found{"16:1 PL-M034!"});
}

TEST_CASE("A damaged row costs no other row", "[readers]") {
  const ReadLog log = read_log("nccl_noise.log");
  // The headings stand in line 16, the units in 17. Noise, NaN, zero, a busbw and an algbw that do
  // not agree, wrong results, bytes that are no text, a size out of order, a repeated size: line by
  // line from 19.
  CHECK(log.found == Found{"19:1 PL-M030", "20:51 PL-M032", "21:50 PL-M032", "22:4 PL-M033",
                           "23:4 PL-M033", "24:76 PL-M041", "25:4 PL-M030", "27:1 PL-M038",
                           "28:1 PL-M037"});
  REQUIRE(log.set.rows.size() == 3);
  CHECK(log.set.rows[1].repeats == 2);
  // Rows in lines 18, 26, 27, 28; seven lines lost; the rest are comments.
  CHECK(log.set.lines.read == 4);
  CHECK(log.set.lines.reported == 7);
}

TEST_CASE("A log that was cut off gives what is whole", "[readers]") {
  const ReadLog log = read_log("nccl_cut.log");
  CHECK(log.found == Found{"22:1 PL-M039", "22:55 PL-M031"});
  CHECK(log.set.rows.size() == 4);
}

/// A table of eight ranks on one node with these lines below its headings.
ReadLog table(const std::string& units, const std::string& rows) {
  Source source = test::log_file("nccl_new_all_reduce.log");
  const std::size_t at = source.text.find("#        (B)");
  source.text.erase(at);
  source.text += units + rows + "# Avg bus bandwidth    : 1\n";
  return read_log(source);
}

constexpr auto microseconds = "# (B) (elements) (us) (GB/s) (GB/s) (us) (GB/s) (GB/s)\n";

TEST_CASE("Units are those that the table names", "[readers]") {
  // 1 MiB in 1 ms is 1.0486 GB/s, or 0.9766 GiB/s; busbw is 1.75 times that.
  const ReadLog ms = table("# (B) (elements) (ms) (GB/s) (GB/s) (ms) (GB/s) (GB/s)\n",
                           " 1048576 262144 float sum -1 1.00 1.05 1.84 0 1.00 1.05 1.84 0\n");
  INFO(ms.text);
  CHECK(ms.found.empty());
  CHECK(ms.set.rows.at(0).time.si() == Approx(1e-3));
  const ReadLog gib = table("# (B) (elements) (ms) (GiB/s) (GiB/s) (ms) (GiB/s) (GiB/s)\n",
                            " 1048576 262144 float sum -1 1.000 0.977 1.709 0 1.00 0.98 1.71 0\n");
  INFO(gib.text);
  CHECK(gib.found.empty());
  CHECK(gib.set.rows.at(0).algbw->si() == Approx(0.977 * 1073741824));
  // The same numbers as GB/s: size / time is 1.049 GB/s, not 0.977.
  CHECK(table("# (B) (elements) (ms) (GB/s) (GB/s) (ms) (GB/s) (GB/s)\n",
              " 1048576 262144 float sum -1 1.000 0.977 1.709 0 1.00 0.98 1.71 0\n")
            .found.at(1) == "18:2 PL-M033");
  CHECK(table("# (B) (elements) (ms) (GB/s) (GB/s) (us) (GB/s) (GB/s)\n", "").found ==
        Found{"17:1 PL-M040!"});
}

TEST_CASE("Values that can't be are left out, each at its place", "[readers]") {
  const auto one = [](const std::string& row) { return table(microseconds, row).found.back(); };
  CHECK(one(" 0 0 float sum -1 10.00 0.00 0.00 0 10.00 0.00 0.00 0\n") == "18:2 PL-M032");
  CHECK(one(" 1.5 0 float sum -1 10.00 0.00 0.00 0 10.00 0.00 0.00 0\n") == "18:2 PL-M032");
  CHECK(one(" 1024 256 float sum -1 -9.00 0.10 0.18 0 10.00 0.10 0.18 0\n") == "18:24 PL-M032");
  CHECK(one(" 1024 256 float sum -1 10.00 nan 0.18 0 10.00 0.10 0.18 0\n") == "18:30 PL-M032");
  CHECK(one(" 1024 256 float sum -1 10.00 0.10 0.18 0 10.00 0.10 0.18 0 7\n") == "18:60 PL-M031");
  // A half and a float of the same size are two measurements of one point.
  CHECK(one(" 1024 256 float sum -1 10.00 0.10 0.18 0 10.00 0.10 0.18 0\n"
            " 1024 512 half sum -1 10.00 0.10 0.18 0 10.00 0.10 0.18 0\n") == "19:1 PL-M007!");
}

TEST_CASE("Processes that each ran alone are noticed", "[readers]") {
  Source source = test::log_file("nccl_new_all_reduce.log");
  for (std::size_t at = 0; (at = source.text.find("#  Rank ", at)) != std::string::npos; ++at) {
    source.text[at + 9] = '0';
  }
  const ReadLog log = read_log(source);
  CHECK(log.found.at(0) == "7:1 PL-M034");  // the second rank 0
  CHECK(log.text.find("MPI=1") != std::string::npos);
}

}  // namespace
}  // namespace plumbline::calibration
