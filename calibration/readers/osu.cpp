// SPDX-License-Identifier: Apache-2.0
// Tables of the OSU micro-benchmarks. Size is what one rank gives or gets from one other in
// allgather, alltoall, gather and scatter (ours: times ranks), and the whole buffer elsewhere.
// osu_latency prints one way. osu_bw streams windows of messages: its row is the time a message
// then takes, a copy.
#include <array>
#include <fmt/format.h>
#include <utility>

#include "calibration/log.hpp"
#include "core/text.hpp"

namespace plumbline::calibration::readers {
namespace {

struct Benchmark {
  std::string_view title;
  std::string_view collective;
  bool per_rank;  ///< the size is multiplied by the ranks
};

constexpr std::array benchmarks{
    Benchmark{"Allreduce Latency Test", "all_reduce", false},
    Benchmark{"Allgather Latency Test", "all_gather", true},
    Benchmark{"All-to-All Personalized Exchange Latency Test", "all_to_all", true},
    Benchmark{"Broadcast Latency Test", "broadcast", false},
    Benchmark{"Reduce Latency Test", "reduce", false},
    Benchmark{"Reduce_scatter Latency Test", "reduce_scatter", false},
    Benchmark{"Gather Latency Test", "gather", true},
    Benchmark{"Scatter Latency Test", "scatter", true},
    Benchmark{"Latency Test", "ping_pong", false},
    Benchmark{"Bandwidth Test", "copy", false}};

/// Headings stand two or more spaces apart, and hold single ones: "Avg Latency(us)".
std::vector<std::string> headings_of(std::string_view text) {
  std::vector<std::string> result;
  text.remove_prefix(1);  // the '#'
  while (!text.empty()) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
      break;
    }
    text.remove_prefix(first);
    const std::size_t end = std::min(text.find("  "), text.size());
    result.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return result;
}

class Osu {
 public:
  Osu(Log& log, const ReadHints& hints) : log_(log), hints_(hints) {}

  LineKind take(const LogLine& line) {
    if (line.text.starts_with("# OSU ")) {
      return title(line);
    }
    if (line.text.starts_with("# Size")) {
      return headings(line);
    }
    if (line.text.starts_with('#')) {
      return LineKind::comment;
    }
    const bool row_like = core::parse_number(line.tokens.front().text).has_value();
    if (!row_like || headings_.empty()) {
      return log_.not_understood(line);
    }
    return usable_ ? row(line) : LineKind::reported;  // with its table
  }

 private:
  LineKind title(const LogLine& line) {
    // "# OSU MPI-CUDA Allreduce Latency Test v7.4": the third word names the library.
    std::string name;
    for (std::size_t i = 3; i < line.tokens.size(); ++i) {
      if (line.tokens[i].text.starts_with('v') && i + 1 == line.tokens.size()) {
        break;
      }
      name += fmt::format("{}{}", name.empty() ? "" : " ", line.tokens[i].text);
    }
    headings_.clear();
    has_title_ = true;
    benchmark_ = nullptr;
    for (const Benchmark& known : benchmarks) {
      benchmark_ = known.title == name ? &known : benchmark_;
    }
    usable_ = benchmark_ != nullptr && settle(line);
    return benchmark_ != nullptr ? LineKind::comment
                                 : log_.report(line.number, 1, "PL-M042",
                                               fmt::format("'{}' has no counterpart here", name),
                                               "the rows below are left out");
  }

  bool settle(const LogLine& line) {
    const bool pair = benchmark_->collective == "ping_pong" || benchmark_->collective == "copy";
    ranks_ = pair ? 2 : 0;
    nodes_ = 0;
    return need_ranks_and_nodes(log_, line.number, hints_, ranks_, nodes_);
  }

  LineKind headings(const LogLine& line) {
    const bool titled = has_title_ && headings_.empty();  // a title is of one table
    headings_ = headings_of(line.text);
    if (!titled) {
      usable_ = false;
      return log_.report(line.number, 1, "PL-M042", "this table has no title of its own",
                         "whose numbers they are is not known; its rows are left out");
    }
    time_ = low_ = high_ = repeats_ = 0;
    for (std::size_t i = 1; i < headings_.size(); ++i) {
      const std::string& heading = headings_[i];
      if (heading.starts_with("Avg Lat") || heading.starts_with("Latency") ||
          heading.starts_with("Bandwidth")) {
        time_ = i;
      } else if (heading.starts_with("Min Lat")) {
        low_ = i;
      } else if (heading.starts_with("Max Lat")) {
        high_ = i;
      } else if (heading == "Iterations") {
        repeats_ = i;
      }
    }
    if (!usable_) {
      return benchmark_ == nullptr ? LineKind::comment : LineKind::reported;
    }
    const bool rate = benchmark_->collective == "copy";
    if (time_ == 0 || headings_[time_].find(rate ? "(MB/s)" : "(us)") == std::string::npos) {
      usable_ = false;
      log_.error(line.number, "PL-M040",
                 fmt::format("no column in {}", rate ? "MB/s" : "microseconds"));
      return LineKind::reported;
    }
    return LineKind::comment;
  }

  LineKind row(const LogLine& line) {
    if (line.tokens.size() != headings_.size()) {
      return log_.wrong_width(line, line.tokens.size(), headings_.size());
    }
    MeasuredRow row;
    row.line = line.number;
    row.collective = benchmark_->collective;
    row.ranks = ranks_;
    row.nodes = nodes_;
    Printed value;
    if (!read_size(log_, line.number, line.tokens[0], row.size) ||
        !read_time(log_, line.number, line.tokens[time_], 1.0, value) ||
        !read_repeats(log_, line, repeats_)) {
      return LineKind::reported;
    }
    if (benchmark_->collective == "copy") {
      constexpr double megabyte = 1e6;  // osu_bw divides by 1e6, not by 2^20
      row.algorithm = "osu_bw";
      row.time = row.size / core::Bandwidth::from_si(value.value * megabyte);
      row.time_error = row.time * (value.half_unit / value.value);
      row.algbw = core::Bandwidth::from_si(value.value * megabyte);
    } else {
      row.time = core::Seconds::from_si(value.value * 1e-6);
      row.time_error = core::Seconds::from_si(value.half_unit * 1e-6);
      read_spread(log_, line, low_, high_, 1e-6, row);
    }
    row.size *= benchmark_->per_rank ? ranks_ : 1.0;
    log_.add({std::move(row), {}});
    return LineKind::read;
  }

  Log& log_;
  const ReadHints& hints_;
  const Benchmark* benchmark_ = nullptr;
  std::vector<std::string> headings_;
  std::size_t time_ = 0;  // zero: none
  std::size_t low_ = 0;
  std::size_t high_ = 0;
  std::size_t repeats_ = 0;
  bool has_title_ = false;
  std::uint32_t ranks_ = 0;
  std::uint32_t nodes_ = 0;
  bool usable_ = false;
};

int sureness(const Source& source) {
  return begins_with(source, "# OSU ") ? 95 : 0;
}

void read(const Source& source, const ReadHints& hints, MeasuredSet& set,
          core::Diagnostics& diagnostics) {
  set.software = "OSU micro-benchmarks";
  set.method = "averages over iterations and ranks; low and high are single ranks' averages";
  Log log(source, set, diagnostics);
  read_lines(log, Osu(log, hints));
}

}  // namespace

extern const ReaderEntry osu{.name = "osu",
                             .summary = "Tables of the OSU micro-benchmarks (osu_allreduce, …)",
                             .citation = "mvapich.cse.ohio-state.edu/benchmarks, README",
                             .sureness = sureness,
                             .read = read};

}  // namespace plumbline::calibration::readers
