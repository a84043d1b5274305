// SPDX-License-Identifier: Apache-2.0
// Logs of every program but nccl-tests' tables. Numbers are those of the files in
// tests/support/logs.
#include <map>

#include <catch2/catch.hpp>

#include "tests/support/logs.hpp"

namespace plumbline::calibration {
namespace {

using core::operator""_B;
using core::operator""_MiB;
using test::read_log;
using test::ReadLog;
using Found = std::vector<std::string>;

TEST_CASE("nccl-tests' JSON has every iteration", "[readers]") {
  const ReadLog log = read_log("nccl.json");
  INFO(log.text);
  CHECK(log.found.empty());
  CHECK(log.set.reader == "nccl_tests_json");
  REQUIRE(log.set.rows.size() == 5);
  const MeasuredRow& row = log.set.rows[0];
  CHECK(row.collective == "all_reduce");
  CHECK(row.ranks == 8);  // eight devices of one thread with one GPU
  CHECK(row.nodes == 2);
  // 12.34 us, the iterations 0.95, 1 and 1.05 of it; six decimals are printed.
  CHECK(row.time.si() == Approx(12.34e-6));
  CHECK(row.time_error.si() == Approx(0.5e-2 * 1e-6));
  REQUIRE(row.iterations.size() == 3);
  CHECK(row.iterations[2].si() == Approx(12.957e-6));
  CHECK(row.time_low->si() == Approx(11.723e-6));
  CHECK(row.time_high->si() == Approx(12.957e-6));
}

TEST_CASE("JSON that was cut off, or has no result where one belongs, is told at its place",
          "[readers]") {
  Source cut = test::log_file("nccl.json");
  cut.text.resize(cut.text.size() / 2);
  const ReadLog log = read_log(cut);
  REQUIRE_FALSE(log.found.empty());
  CHECK(log.text.find("PL-Y001") != std::string::npos);
  Source wrong = test::log_file("nccl.json");
  const std::string time = "\"out_of_place\":{\"time\":12.34";
  wrong.text.replace(wrong.text.find(time), time.size(), "\"out_of_place\":{\"time\":\"nan\"");
  const ReadLog row = read_log(wrong);
  REQUIRE(row.found.size() == 1);
  CHECK(row.found[0].ends_with("PL-M032"));
  CHECK(row.set.rows.size() == 4);
}

ReadLog osu(const std::string& name) {
  return read_log(name, {.reader = "", .hints = {"", 2, 16}});
}

TEST_CASE("OSU's sizes are ours after multiplying what one rank gives", "[readers]") {
  const ReadLog all_reduce = osu("osu_allreduce.log");
  INFO(all_reduce.text);
  CHECK(all_reduce.found.empty());
  REQUIRE(all_reduce.set.rows.size() == 3);
  const MeasuredRow& row = all_reduce.set.rows[1];
  CHECK(row.collective == "all_reduce");
  CHECK(row.size == 1024_B);
  CHECK(row.time.si() == Approx(6.83e-6));
  CHECK(row.time_low->si() == Approx(6.15e-6));
  CHECK(row.time_high->si() == Approx(7.51e-6));
  CHECK(row.ranks == 16);
  CHECK(row.nodes == 2);
  // A rank of 16 gives 65536 bytes: 1 MiB are gathered.
  CHECK(osu("osu_allgather.log").set.rows.at(2).size == 1_MiB);
  // 4096 bytes to each of 16: a rank sends 65536.
  CHECK(osu("osu_alltoall.log").set.rows.at(1).size == 65536_B);
  CHECK(osu("osu_alltoall.log").set.rows.at(1).collective == "all_to_all");
}

TEST_CASE("OSU's ranks are not in its log", "[readers]") {
  // Nor are its nodes.
  CHECK(read_log("osu_allreduce.log").found == Found{"2:1 PL-M034!", "2:1 PL-M034!"});
}

TEST_CASE("OSU's pair tests are a ping-pong and a stream of copies", "[readers]") {
  const ReadRequest one_node{.reader = "", .hints = {"", 1, 0}};
  const ReadLog latency = read_log("osu_latency.log", one_node);
  CHECK(latency.found == Found{"4:1 PL-M032"});  // of no bytes
  REQUIRE(latency.set.rows.size() == 2);
  CHECK(latency.set.rows[0].collective == "ping_pong");
  CHECK(latency.set.rows[0].ranks == 2);
  CHECK(latency.set.rows[0].time.si() == Approx(1.93e-6));
  // 4 MiB at 25000 MB/s, a MB being 1e6 bytes: 167.77 us. With 2^20 it would be 160 us.
  const ReadLog stream = read_log("osu_bw.log", one_node);
  INFO(stream.text);
  CHECK(stream.found.empty());
  CHECK(stream.set.rows.at(1).collective == "copy");
  CHECK(stream.set.rows.at(1).time.si() == Approx(4194304 / 25e9));
  const ReadLog rate = read_log("osu_mbw_mr.log", one_node);
  CHECK(rate.found == Found{"1:1 PL-M009!", "1:1 PL-M042"});
}

TEST_CASE("An IMB file holds many tables, each with its processes", "[readers]") {
  const ReadLog log = read_log("imb.log", {.reader = "", .hints = {"", 1, 0}});
  INFO(log.text);
  // PingPong of no bytes; Exchange and Barrier are no collectives of ours.
  REQUIRE(log.found.size() == 3);
  CHECK(log.found[0] == "24:13 PL-M032");
  CHECK(log.found[1].ends_with("PL-M042"));
  CHECK(log.found[2].ends_with("PL-M042"));
  REQUIRE(log.set.rows.size() == 5);
  CHECK(log.set.rows[1].collective == "ping_pong");
  CHECK(log.set.rows[1].ranks == 2);
  CHECK(log.set.rows[1].time.si() == Approx(100e-6));
  CHECK(log.set.rows[3].collective == "all_reduce");
  CHECK(log.set.rows[3].ranks == 4);
  CHECK(log.set.rows[3].time.si() == Approx(205e-6));  // t_avg, after t_min and t_max
  CHECK(log.set.rows[3].time_high->si() == Approx(210.25e-6));
  CHECK(log.set.rows[4].size == 4096_B);  // four ranks gather 1024 bytes of each
}

TEST_CASE("perftest's MB are 2^20 bytes under either name, its Gb are 1e9 bits", "[readers]") {
  // 16000 MiB/s are 16.777 GB/s; 0.256 million messages of 65536 bytes are the same.
  for (const char* name : {"perftest_write_bw_mib.log", "perftest_write_bw_mb.log"}) {
    const ReadLog log = read_log(name);
    INFO(name << log.text);
    CHECK(log.found.empty());
    REQUIRE(log.set.rows.size() == 1);
    CHECK(log.set.rows[0].algorithm == "ib_write_bw");
    CHECK(log.set.rows[0].collective == "copy");
    CHECK(log.set.rows[0].time.si() == Approx(65536 / (16000.0 * 1048576)));
    CHECK(log.set.rows[0].nodes == 2);
  }
  // 104.8576 Gb/s are 13.1072 GB/s: 5 us for 65536 bytes.
  const ReadLog bits = read_log("perftest_read_bw_gb.log");
  INFO(bits.text);
  CHECK(bits.found.empty());
  CHECK(bits.set.rows.at(0).time.si() == Approx(5e-6));
  // A unit that does not agree with the message rate is found.
  Source wrong = test::log_file("perftest_read_bw_gb.log");
  for (std::size_t at = 0; (at = wrong.text.find("Gb/sec")) != std::string::npos;) {
    wrong.text.replace(at, 6, "MB/sec");
  }
  CHECK(read_log(wrong).found.back().ends_with("PL-M033"));
}

TEST_CASE("perftest's latency is one way, with its spread", "[readers]") {
  const ReadLog log = read_log("perftest_send_lat.log");
  INFO(log.text);
  CHECK(log.found.empty());
  const MeasuredRow& row = log.set.rows.at(0);
  CHECK(row.collective == "ping_pong");
  CHECK(row.time.si() == Approx(1.60e-6));  // t_typical
  CHECK(row.time_low->si() == Approx(1.55e-6));
  CHECK(row.time_high->si() == Approx(7.16e-6));
}

std::map<std::string, double> times(const ReadLog& log) {
  std::map<std::string, double> result;
  for (const MeasuredRow& row : log.set.rows) {
    result[row.algorithm] = row.time.si();
  }
  return result;
}

TEST_CASE("nvbandwidth's matrices are copies, in text and in JSON alike", "[readers]") {
  const ReadLog text = read_log("nvbandwidth.log");
  INFO(text.text);
  REQUIRE(text.found.size() == 1);
  CHECK(text.found[0].ends_with("PL-M042"));  // the latency test
  const auto found = times(text);
  CHECK(found.size() == 4);  // two of the host's, two of a 2 x 2 matrix without its diagonal
  // 512 MiB at 400 GB/s.
  CHECK(found.at("device_to_device_memcpy_read_ce/0-1") == Approx(536870912 / 400e9));
  const ReadLog json = read_log("nvbandwidth.json");
  INFO(json.text);
  REQUIRE(json.found.size() == 1);
  CHECK(json.found[0].ends_with("PL-M042"));
  const auto same = times(json);
  REQUIRE(same.size() == 4);
  for (const auto& [name, time] : found) {
    CHECK(same.at(name) == Approx(time));
  }
}

TEST_CASE("The peer-to-peer sample's bidirectional and diagonal cells count twice", "[readers]") {
  const ReadLog log = read_log("p2p.log");
  INFO(log.text);
  CHECK(log.found.empty());
  const auto found = times(log);
  // 160 MB at 250 GB/s; the bidirectional 500 GB/s are 250 each way; 902.14 GB/s on one device are
  // 451.07 read and as many written.
  CHECK(found.at("p2p_enabled_write/0-1") == Approx(160e6 / 250e9));
  CHECK(found.at("p2p_enabled_bidirectional/0-1") == Approx(160e6 / 250e9));
  CHECK(found.at("p2p_enabled_write/0-0") == Approx(160e6 / 451.07e9));
  CHECK(found.at("p2p_enabled_write_latency/0-1") == Approx(2.10e-6));
  CHECK(found.size() == 6 * 4);  // six matrices of four cells; the CPU's two are left out
}

}  // namespace
}  // namespace plumbline::calibration
