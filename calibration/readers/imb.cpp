// SPDX-License-Identifier: Apache-2.0
// Tables of the Intel MPI Benchmarks. #bytes is what one rank gives to one other in Allgather,
// Alltoall, Gather and Scatter (ours: times ranks), and the whole buffer elsewhere; PingPong prints
// one way. The time is t_avg, over ranks; low and high are those of single ranks.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "calibration/log.hpp"
#include "core/text.hpp"

namespace plumbline::calibration::readers {
namespace {

struct Benchmark {
  std::string_view name;
  std::string_view collective;
  bool per_rank;
};

constexpr std::array benchmarks{Benchmark{"PingPong", "ping_pong", false},
                                Benchmark{"Sendrecv", "send_recv", false},
                                Benchmark{"Allreduce", "all_reduce", false},
                                Benchmark{"Reduce", "reduce", false},
                                Benchmark{"Reduce_scatter", "reduce_scatter", false},
                                Benchmark{"Bcast", "broadcast", false},
                                Benchmark{"Allgather", "all_gather", true},
                                Benchmark{"Alltoall", "all_to_all", true},
                                Benchmark{"Gather", "gather", true},
                                Benchmark{"Scatter", "scatter", true}};

class Imb {
 public:
  Imb(Log& log, const ReadHints& hints) : log_(log), hints_(hints) {}

  LineKind take(const LogLine& line) {
    if (line.has("#bytes") || line.tokens.front().text == "#repetitions") {
      return headings(line);
    }
    if (line.has("Benchmarking")) {
      return title(line);
    }
    if (line.text.starts_with('#')) {
      for (std::size_t i = 0; i + 2 < line.tokens.size(); ++i) {
        if (line.tokens[i].text == "#processes") {
          processes_ = core::parse_count(line.tokens[i + 2].text).value_or(0);
        }
      }
      return LineKind::comment;
    }
    if (!core::parse_number(line.tokens.front().text) || headings_ == 0) {
      return log_.not_understood(line);
    }
    return usable_ ? row(line) : LineKind::reported;  // with its table
  }

 private:
  LineKind title(const LogLine& line) {
    headings_ = 0;
    processes_ = 0;
    has_title_ = true;
    benchmark_ = nullptr;
    for (const Benchmark& known : benchmarks) {
      benchmark_ = line.tokens.back().text == known.name ? &known : benchmark_;
    }
    return benchmark_ != nullptr
               ? LineKind::comment
               : log_.report(line.number, 1, "PL-M042",
                             fmt::format("'{}' has no counterpart here", line.tokens.back().text),
                             "the rows below are left out");
  }

  LineKind headings(const LogLine& line) {
    const bool titled = has_title_ && headings_ == 0;  // a title is of one table
    headings_ = line.tokens.size();
    if (!titled) {
      usable_ = false;
      return log_.report(line.number, 1, "PL-M042", "this table has no title of its own",
                         "whose numbers they are is not known; its rows are left out");
    }
    time_ = low_ = high_ = rate_ = repeats_ = 0;
    for (std::size_t i = 1; i < line.tokens.size(); ++i) {
      const std::string_view word = line.tokens[i].text;
      if (word == "t[usec]" || word == "t_avg[usec]") {
        time_ = i;
      } else if (word == "t_min[usec]") {
        low_ = i;
      } else if (word == "t_max[usec]") {
        high_ = i;
      } else if (word == "Mbytes/sec") {
        rate_ = i;
      } else if (word == "#repetitions") {
        repeats_ = i;
      }
    }
    usable_ = false;
    if (benchmark_ == nullptr) {
      return LineKind::comment;
    }
    if (time_ == 0) {
      log_.error(line.number, "PL-M040", "no column t[usec] or t_avg[usec]");
      return LineKind::reported;
    }
    ranks_ = processes_ <= 1U << 20U ? static_cast<std::uint32_t>(processes_) : 0;
    nodes_ = 0;
    const ReadHints nodes_alone{
        .collective = {}, .nodes = hints_.nodes, .ranks = processes_ == 0 ? hints_.ranks : 0};
    usable_ = need_ranks_and_nodes(log_, line.number, nodes_alone, ranks_, nodes_);
    return usable_ ? LineKind::comment : LineKind::reported;
  }

  LineKind row(const LogLine& line) {
    if (line.tokens.size() != headings_) {
      return log_.wrong_width(line, line.tokens.size(), headings_);
    }
    MeasuredRow row;
    Printed time;
    if (!read_size(log_, line.number, line.tokens[0], row.size) ||
        !read_time(log_, line.number, line.tokens[time_], 1e-6, time) ||
        !read_repeats(log_, line, repeats_) || !agrees(line, row.size, time)) {
      return LineKind::reported;
    }
    row.line = line.number;
    row.collective = benchmark_->collective;
    row.ranks = ranks_;
    row.nodes = nodes_;
    row.size *= benchmark_->per_rank ? ranks_ : 1.0;
    row.time = core::Seconds::from_si(time.value);
    row.time_error = core::Seconds::from_si(time.half_unit);
    read_spread(log_, line, low_, high_, 1e-6, row);
    log_.add({std::move(row), {}});
    return LineKind::read;
  }

  /// Mbytes/sec of PingPong is size / time, in 1e6 bytes or, in older versions, 2^20. That of other
  /// benchmarks is reckoned with other times.
  bool agrees(const LogLine& line, core::Bytes size, Printed time) {
    if (rate_ == 0 || benchmark_->collective != "ping_pong") {
      return true;
    }
    const Token& token = line.tokens[rate_];
    const Printed rate = parse_printed(token.text).value_or(Printed{-1.0, 0.0}) * 1e6;
    const double low = size.si() / (time.value + time.half_unit) / (rate.value + rate.half_unit);
    const double high = size.si() / (time.value - time.half_unit) /
                        std::max(rate.value - rate.half_unit, 0.0);  // maybe infinite
    const auto is = [&](double unit) { return low <= unit + 1e-9 && unit - 1e-9 <= high; };
    if (rate.value >= 0 && (is(1.0) || is(1024.0 * 1024.0 / 1e6))) {
      return true;
    }
    log_.report(line.number, token.column, "PL-M033",
                fmt::format("size / time is {:.6g} MB/s, and '{}' is printed",
                            size.si() / time.value / 1e6, token.text),
                unit_suspicion(low, high));
    return false;
  }

  Log& log_;
  const ReadHints& hints_;
  const Benchmark* benchmark_ = nullptr;
  std::uint64_t processes_ = 0;
  std::size_t headings_ = 0;
  std::size_t time_ = 0;  // zero: none
  std::size_t low_ = 0;
  std::size_t high_ = 0;
  std::size_t rate_ = 0;
  std::size_t repeats_ = 0;
  bool has_title_ = false;
  std::uint32_t ranks_ = 0;
  std::uint32_t nodes_ = 0;
  bool usable_ = false;
};

int sureness(const Source& source) {
  return begins_with(source, "MPI Benchmark") && begins_with(source, "#repetitions") ? 95
         : begins_with(source, "# Benchmarking ")                                    ? 60
                                                                                     : 0;
}

void read(const Source& source, const ReadHints& hints, MeasuredSet& set,
          core::Diagnostics& diagnostics) {
  set.software = "Intel MPI Benchmarks";
  set.method = "t_avg over iterations and ranks; low and high are single ranks' averages";
  Log log(source, set, diagnostics);
  read_lines(log, Imb(log, hints));
}

}  // namespace

extern const ReaderEntry imb{.name = "imb",
                             .summary = "Tables of the Intel MPI Benchmarks (IMB-MPI1)",
                             .citation = "Intel MPI Benchmarks user guide, MPI-1 benchmarks",
                             .sureness = sureness,
                             .read = read};

}  // namespace plumbline::calibration::readers
