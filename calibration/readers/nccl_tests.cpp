// SPDX-License-Identifier: Apache-2.0
// The text output of nccl-tests. Columns are found by their headings, so that versions with and
// without redop, root, per-iteration times or timestamps read alike. Its sizes are ours: all_gather
// and reduce_scatter count the whole array, alltoall what a rank sends in total (PERFORMANCE.md of
// NVIDIA/nccl-tests). `time` is out of place, a mean over the iterations of one run.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "calibration/nccl_run.hpp"
#include "core/text.hpp"

namespace plumbline::calibration::readers {
namespace {

/// One side of the table: out of place or in place.
struct Side {
  std::optional<std::size_t> time, algbw, busbw, wrong, low, high;
};

struct Columns {
  std::optional<std::size_t> size, elements, type, operation, root;
  std::array<Side, 2> sides;
  std::size_t count = 0;  ///< of tokens in a row
  bool cpu_time = false;
};

/// Places of the headings; a heading that stands twice is that of both sides.
Columns columns_of(const std::vector<Token>& headings) {
  Columns columns;
  const auto side = [&](auto member) -> std::optional<std::size_t>& {
    auto& first = columns.sides[0].*member;
    return first ? columns.sides[1].*member : first;
  };
  for (const Token& heading : headings) {
    const std::string_view word = heading.text;
    if (word == "#") {
      continue;
    }
    const std::size_t at = columns.count++;
    if (word == "size" || word == "bytes") {
      columns.size = at;
    } else if (word == "count") {
      columns.elements = at;
    } else if (word == "type") {
      columns.type = at;
    } else if (word == "redop" || word == "op") {
      columns.operation = at;
    } else if (word == "root") {
      columns.root = at;
    } else if (word == "time" || word == "cputime") {
      side(&Side::time) = at;
      columns.cpu_time = columns.cpu_time || word == "cputime";
    } else if (word == "algbw") {
      side(&Side::algbw) = at;
    } else if (word == "busbw") {
      side(&Side::busbw) = at;
    } else if (word == "#wrong") {
      side(&Side::wrong) = at;
    } else if (word == "i_min") {
      side(&Side::low) = at;
    } else if (word == "i_max") {
      side(&Side::high) = at;
    } else if (word == "timestamp") {
      ++columns.count;  // a date and a time
    }
  }
  return columns;
}

/// `#  Rank  0 Group  0 Pid 123 on HOST device 0 …`; older versions have no group.
struct RankLine {
  std::uint64_t rank = 0;
  std::uint64_t group = 0;
  std::string host;
};

std::optional<RankLine> rank_line(const LogLine& line) {
  RankLine result;
  std::optional<std::uint64_t> rank;
  for (std::size_t i = 0; i + 1 < line.tokens.size(); ++i) {
    const std::string_view value = line.tokens[i + 1].text;
    if (line.tokens[i].text == "Rank") {
      rank = core::parse_count(value);
    } else if (line.tokens[i].text == "Group") {
      result.group = core::parse_count(value).value_or(0);
    } else if (line.tokens[i].text == "on") {
      result.host = value;
      break;
    }
  }
  result.rank = rank.value_or(0);
  return rank && !result.host.empty() && line.has("Pid") ? std::optional(result) : std::nullopt;
}

class NcclTests {
 public:
  NcclTests(Log& log, const ReadHints& hints) : log_(log), hints_(hints) {}

  LineKind take(const LogLine& line) {
    if (line.text.starts_with('#')) {
      return comment(line);
    }
    const std::string program = program_in(line.text);
    if (!program.empty()) {  // a command line
      begin_if_measured();
      run_.program = program;
      return LineKind::comment;
    }
    const bool row_like = core::parse_number(line.tokens.front().text).has_value();
    return row_like && columns_.size ? row(line) : log_.not_understood(line);
  }

  void end() {
    if (!run_.rows.empty() && !footer_) {
      log_.warning(log_.lines(), "PL-M039", "the log ends without '# Avg bus bandwidth'",
                   "the run was cut off or still goes on; what is there is read");
    }
    finish();
  }

 private:
  void finish() {
    run_.ranks = static_cast<std::uint32_t>(ranks_.size());
    run_.nodes = static_cast<std::uint32_t>(hosts_.size());
    finish_run(log_, hints_, std::exchange(run_, {}));
    ranks_.clear();
    hosts_.clear();
    columns_ = {};
    unit_ = 0;
    footer_ = false;
  }

  void begin_if_measured() {
    if (!run_.rows.empty()) {
      finish();
    }
  }

  LineKind comment(const LogLine& line) {
    if (line.text.find("Avg bus bandwidth") != std::string_view::npos) {
      footer_ = true;
    } else if (line.text.find("Out of bounds values") != std::string_view::npos) {
      return verdict(line);
    } else if (line.text.find("Collective test starting") != std::string_view::npos) {
      begin_if_measured();
      run_.program = line.tokens.back().text;
    } else if (line.has("nThread") || line.text.starts_with("# nccl-tests version")) {
      begin_if_measured();
    } else if (const std::optional<RankLine> rank = rank_line(line)) {
      take_rank(line, *rank);
    } else if (line.has("busbw")) {
      return headings(line);
    } else if (line.has("(us)") || line.has("(ms)")) {
      units(line);
    }
    return LineKind::comment;
  }

  /// `# Out of bounds values : 0 OK`
  LineKind verdict(const LogLine& line) {
    const bool good = line.tokens.back().text == "OK";
    return good ? LineKind::comment
                : log_.report(line.number, 1, "PL-M041",
                              fmt::format("nccl-tests itself says '{}'", line.text),
                              "rows with wrong elements are left out; mistrust the others");
  }

  void take_rank(const LogLine& line, const RankLine& rank) {
    if (ranks_.empty()) {
      group_ = rank.group;
    }
    if (rank.group != group_) {  // the groups run at once, each its own collective
      return;
    }
    hosts_.insert(rank.host);
    if (!ranks_.insert(rank.rank).second) {
      log_.warning(line.number, "PL-M034", fmt::format("rank {} stands here again", rank.rank),
                   "several processes, each alone: build nccl-tests with MPI=1");
    }
  }

  LineKind headings(const LogLine& line) {
    columns_ = columns_of(line.tokens);
    run_.line = line.number;
    unit_ = 0;
    const Side& side = columns_.sides[0];
    if (columns_.size && side.time && !columns_.cpu_time) {
      return LineKind::comment;
    }
    columns_.size.reset();
    return log_.report(line.number, 1, "PL-M031",
                       columns_.cpu_time ? "this table has the CPU's time, not the collective's"
                                         : "this table lacks the columns size and time",
                       "its rows are left out");
  }

  void units(const LogLine& line) {
    unit_ = line.has("(us)") ? 1e-6 : 1e-3;
    bandwidth_ = line.has("(GiB/s)") ? 1024.0 * 1024.0 * 1024.0 : 1e9;
    if ((line.has("(us)") && line.has("(ms)")) || (line.has("(GB/s)") && line.has("(GiB/s)"))) {
      columns_.size.reset();
      log_.error(line.number, "PL-M040", "the units of one table differ",
                 "one unit of time and one of bandwidth are read");
    }
  }

  LineKind row(const LogLine& line) {
    if (line.tokens.size() != columns_.count) {
      return log_.wrong_width(line, line.tokens.size(), columns_.count);
    }
    NcclRow found;
    found.column = line.tokens.front().column;
    found.row.line = line.number;
    const Side& side = columns_.sides[0];
    if (unit_ == 0) {
      log_.error(run_.line, "PL-M040", "no line below the headings names the units",
                 "'(us)' below 'time' is needed");
      columns_.size.reset();
      return LineKind::reported;
    }
    if (!read_size(log_, line.number, line.tokens[*columns_.size], found.row.size) ||
        !read_time(log_, line.number, line.tokens[*side.time], unit_, found.time)) {
      return LineKind::reported;
    }
    describe(line, found);
    if (!read_rates(line, found) || !is_right(line) || !read_in_place(line, found) ||
        !check_algbw(log_, found)) {
      return LineKind::reported;
    }
    run_.rows.push_back(std::move(found));
    return LineKind::read;
  }

  void describe(const LogLine& line, NcclRow& found) {
    const auto text = [&](const std::optional<std::size_t>& at) {
      return at ? std::string(line.tokens[*at].text) : std::string();
    };
    found.type = text(columns_.type);
    found.operation = text(columns_.operation);
    if (const std::string root = text(columns_.root); !root.empty()) {
      found.root = root.starts_with('-') ? -1 : 0;
    }
    if (columns_.elements) {
      found.count = core::parse_count(text(columns_.elements));
    }
    found.row.time = core::Seconds::from_si(found.time.value);
    read_spread(log_, line, columns_.sides[0].low.value_or(0), columns_.sides[0].high.value_or(0),
                unit_, found.row);
  }

  bool read_rates(const LogLine& line, NcclRow& found) {
    for (const auto& [at, rate] : {std::pair{columns_.sides[0].algbw, &found.algbw},
                                   std::pair{columns_.sides[0].busbw, &found.busbw}}) {
      if (!at) {
        continue;
      }
      const Token& token = line.tokens[*at];
      const std::optional<Printed> value = parse_printed(token.text);
      if (!value || value->value < 0) {
        log_.report(line.number, token.column, "PL-M032",
                    fmt::format("'{}' is no bandwidth", token.text), "this row is left out");
        return false;
      }
      *rate = *value * bandwidth_;
    }
    return true;
  }

  /// A wrong result, in place or not, means that this was not the collective.
  bool is_right(const LogLine& line) {
    return std::all_of(columns_.sides.begin(), columns_.sides.end(), [&](const Side& side) {
      return !side.wrong || check_wrong(log_, line.number, line.tokens[*side.wrong].column,
                                        std::string(line.tokens[*side.wrong].text));
    });
  }

  /// The second time; a collective that has none prints N/A.
  bool read_in_place(const LogLine& line, NcclRow& found) {
    const std::optional<std::size_t> at = columns_.sides[1].time;
    if (!at || line.tokens[*at].text == "N/A") {
      return true;
    }
    Printed time;
    if (!read_time(log_, line.number, line.tokens[*at], unit_, time)) {
      return false;
    }
    found.row.in_place = core::Seconds::from_si(time.value);
    return true;
  }

  Log& log_;
  const ReadHints& hints_;
  NcclRun run_;
  Columns columns_;
  std::set<std::uint64_t> ranks_;
  std::set<std::string> hosts_;
  std::uint64_t group_ = 0;
  double unit_ = 0;  ///< seconds; zero: not known yet
  double bandwidth_ = 1e9;
  bool footer_ = false;
};

int sureness(const Source& source) {
  const bool table = begins_with(source, "algbw") && begins_with(source, "busbw");
  return table && begins_with(source, "#") ? 90 : 0;
}

void read(const Source& source, const ReadHints& hints, MeasuredSet& set,
          core::Diagnostics& diagnostics) {
  set.software = "nccl-tests";
  set.method = "out-of-place times, each a mean over the iterations of a run";
  Log log(source, set, diagnostics);
  NcclTests reader(log, hints);
  log.each_line([&](const LogLine& line) { return reader.take(line); });
  reader.end();
  log.finish();
}

}  // namespace

extern const ReaderEntry nccl_tests{
    .name = "nccl_tests",
    .summary = "Tables of nccl-tests (all_reduce_perf, …)",
    .citation = "NVIDIA/nccl-tests, src/common.cu, doc/PERFORMANCE.md",
    .sureness = sureness,
    .read = read};

}  // namespace plumbline::calibration::readers
