// SPDX-License-Identifier: Apache-2.0
// Tables of perftest (ib_write_bw, ib_read_bw, ib_send_lat, …). MB/sec and MiB/sec are both 2^20
// bytes a second (perftest_resources.c divides by 0x100000), Gb/sec is 1e9 bits. A bandwidth row is
// the time that a message takes in a stream of them: a copy. Latency of write and send is one way,
// half a round trip: a ping_pong; of read it is the whole exchange: a copy. Two hosts unless the
// caller knows better.
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "calibration/log.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

namespace plumbline::calibration::readers {
namespace {

constexpr double mebibyte = 1024.0 * 1024.0;

class Perftest {
 public:
  Perftest(Log& log, const ReadHints& hints) : log_(log), hints_(hints) {}

  LineKind take(const LogLine& line) {
    if (line.text.ends_with(" Test") && (line.has("BW") || line.has("Latency"))) {
      return title(line);
    }
    if (line.tokens.front().text == "#bytes") {
      return headings(line);
    }
    const bool row_like = core::parse_number(line.tokens.front().text).has_value();
    if (row_like && headings_ > 0) {
      return usable_ ? row(line) : LineKind::reported;  // with its table
    }
    const bool prose = line.text.find(':') != std::string_view::npos ||  // "Key : value"
                       line.text.starts_with("---") || line.text.starts_with("***") ||
                       line.text.starts_with("Conflicting CPU frequency") || line.has("GPU") ||
                       line.has("CUDA");
    return prose && !row_like ? LineKind::comment : log_.not_understood(line);
  }

 private:
  LineKind title(const LogLine& line) {
    headings_ = 0;
    bidirectional_ = line.has("Bidirectional");
    latency_ = line.has("Latency");
    const std::string_view first = line.tokens.front().text;
    verb_ = first == "RDMA_Write"  ? "write"
            : first == "RDMA_Read" ? "read"
            : first == "Send"      ? "send"
                                   : "";
    return verb_.empty() ? log_.report(line.number, 1, "PL-M042",
                                       fmt::format("'{}' has no counterpart here", line.text),
                                       "the rows below are left out")
                         : LineKind::comment;
  }

  LineKind headings(const LogLine& line) {
    headings_ = 0;
    value_ = low_ = high_ = rate_ = repeats_ = 0;
    std::string_view unit;
    for (const Token& token : line.tokens) {
      const std::string_view word = token.text;
      if (word == "BW" || word.starts_with("percentile")) {
        continue;  // of a heading of two words
      }
      if (word.starts_with("average[")) {
        value_ = headings_;
        unit = word;
      } else if (word == "t_typical[usec]" || (word == "t_avg[usec]" && value_ == 0)) {
        value_ = headings_;
      } else if (word == "t_min[usec]") {
        low_ = headings_;
      } else if (word == "t_max[usec]") {
        high_ = headings_;
      } else if (word == "MsgRate[Mpps]") {
        rate_ = headings_;
      } else if (word == "#iterations") {
        repeats_ = headings_;
      }
      ++headings_;
    }
    unit_ = unit == "average[Gb/sec]"                                 ? 1e9 / 8
            : unit == "average[MB/sec]" || unit == "average[MiB/sec]" ? mebibyte
                                                                      : 0.0;
    usable_ = !verb_.empty() && value_ > 0 && (latency_ || unit_ > 0);
    if (usable_) {
      return LineKind::comment;
    }
    if (verb_.empty()) {
      return log_.report(line.number, 1, "PL-M042", "this table has no title that is known",
                         "its rows are left out");
    }
    log_.error(line.number, "PL-M040", "no column that is known, or an unknown unit",
               "average in Gb/sec, MB/sec or MiB/sec; t_typical or t_avg in usec");
    return LineKind::reported;
  }

  LineKind row(const LogLine& line) {
    if (line.tokens.size() != headings_) {
      return log_.wrong_width(line, line.tokens.size(), headings_);
    }
    MeasuredRow row;
    Printed value;
    if (!read_size(log_, line.number, line.tokens[0], row.size) ||
        !read_time(log_, line.number, line.tokens[value_], 1.0, value) ||
        !read_repeats(log_, line, repeats_)) {
      return LineKind::reported;
    }
    row.line = line.number;
    row.ranks = 2;
    row.nodes = hints_.nodes == 0 ? 2 : hints_.nodes;
    const bool one_way = latency_ && verb_ != "read";
    row.collective = one_way ? "ping_pong" : "copy";
    row.algorithm = fmt::format("ib_{}_{}{}", verb_, latency_ ? "lat" : "bw",
                                bidirectional_ ? "_bidirectional" : "");
    const bool good = latency_ ? take_latency(line, value, row) : take_rate(line, value, row);
    if (!good) {
      return LineKind::reported;
    }
    log_.add({std::move(row), {}});
    return LineKind::read;
  }

  bool take_latency(const LogLine& line, Printed value, MeasuredRow& row) {
    row.time = core::Seconds::from_si(value.value * 1e-6);
    row.time_error = core::Seconds::from_si(value.half_unit * 1e-6);
    read_spread(log_, line, low_, high_, 1e-6, row);
    return true;
  }

  /// Message rate and bandwidth are one number twice: the one with more digits is taken.
  bool take_rate(const LogLine& line, Printed value, MeasuredRow& row) {
    const double directions = bidirectional_ ? 2.0 : 1.0;  // the program prints their sum
    Printed bandwidth = value * (unit_ / directions);
    const auto messages = rate_ == 0 ? std::nullopt : parse_printed(line.tokens[rate_].text);
    if (rate_ != 0 && (!messages || messages->value < 0)) {
      log_.report(line.number, line.tokens[rate_].column, "PL-M032",
                  fmt::format("'{}' is no message rate", line.tokens[rate_].text),
                  "this row is left out");
      return false;
    }
    if (messages && messages->value > 0) {
      const Printed other = *messages * (1e6 * row.size.si() / directions);
      const double apart = std::abs(other.value - bandwidth.value);
      if (apart > (other.half_unit + bandwidth.half_unit) * (1 + 1e-9)) {
        log_.report(line.number, line.tokens[value_].column, "PL-M033",
                    fmt::format("the bandwidth is {}, and size x message rate {}",
                                core::display(core::Bandwidth::from_si(bandwidth.value)),
                                core::display(core::Bandwidth::from_si(other.value))),
                    "the row is damaged, or its unit is another; it is left out");
        return false;
      }
      if (other.half_unit / other.value < bandwidth.half_unit / bandwidth.value) {
        bandwidth = other;
      }
    }
    row.algbw = core::Bandwidth::from_si(bandwidth.value);
    row.time = row.size / *row.algbw;
    row.time_error = row.time * (bandwidth.half_unit / bandwidth.value);
    return true;
  }

  Log& log_;
  const ReadHints& hints_;
  std::string verb_;
  std::size_t headings_ = 0;
  std::size_t value_ = 0;  // columns; zero: none
  std::size_t low_ = 0;
  std::size_t high_ = 0;
  std::size_t rate_ = 0;
  std::size_t repeats_ = 0;
  double unit_ = 0.0;
  bool bidirectional_ = false;
  bool latency_ = false;
  bool usable_ = false;
};

int sureness(const Source& source) {
  const bool table = begins_with(source, "#bytes") && begins_with(source, "#iterations");
  return table && (begins_with(source, " BW Test") || begins_with(source, "Latency Test")) ? 95 : 0;
}

void read(const Source& source, const ReadHints& hints, MeasuredSet& set,
          core::Diagnostics& diagnostics) {
  set.software = "perftest";
  set.method = "average bandwidth as time per message of a stream; typical latency";
  Log log(source, set, diagnostics);
  read_lines(log, Perftest(log, hints));
}

}  // namespace

extern const ReaderEntry perftest{.name = "perftest",
                                  .summary = "Tables of perftest (ib_write_bw, ib_send_lat, …)",
                                  .citation = "linux-rdma/perftest, src/perftest_parameters.h",
                                  .sureness = sureness,
                                  .read = read};

}  // namespace plumbline::calibration::readers
