// SPDX-License-Identifier: Apache-2.0
#include "calibration/log.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/text.hpp"
#include "core/units.hpp"

namespace plumbline::calibration {
namespace {

constexpr std::size_t most_strange_lines = 50;  // that are named one by one
constexpr std::size_t first_bytes = 65536;      // that a reader is recognised by
constexpr std::string_view blanks = " \t\r\v\f";

/// Length of the tag that `mpirun --tag-output` writes before a line: [1,0]<stdout>:
std::size_t launcher_tag(std::string_view text) {
  const std::size_t bracket = text.find(']');
  if (!text.starts_with('[') || bracket == std::string_view::npos ||
      text.substr(1, bracket - 1).find_first_not_of("0123456789,") != std::string_view::npos) {
    return 0;
  }
  for (const std::string_view stream : {"<stdout>:", "<stderr>:"}) {
    if (text.substr(bracket + 1).starts_with(stream)) {
      return bracket + 1 + stream.size();
    }
  }
  return 0;
}

LogLine split(int number, std::string_view raw) {
  LogLine line{.number = number, .text = {}, .tokens = {}};
  std::size_t at = launcher_tag(raw);
  const std::size_t first = raw.find_first_not_of(blanks, at);
  if (first == std::string_view::npos) {
    return line;
  }
  line.text = raw.substr(first, raw.find_last_not_of(blanks) + 1 - first);
  while ((at = raw.find_first_not_of(blanks, at)) != std::string_view::npos) {
    const std::size_t end = std::min(raw.find_first_of(blanks, at), raw.size());
    line.tokens.push_back({raw.substr(at, end - at), static_cast<int>(at) + 1});
    at = end;
  }
  return line;
}

using Point = std::tuple<std::string, std::string, std::string, std::uint32_t, std::uint32_t>;

Point point_of(const MeasuredRow& row) {
  return {row.collective, row.algorithm, row.protocol, row.nodes, row.ranks};
}

/// `1 MiB`, or `160 MB of p2p_enabled/0-1`
std::string text_of(const MeasuredRow& row) {
  return row.algorithm.empty() ? core::display(row.size)
                               : fmt::format("{} of {}", core::display(row.size), row.algorithm);
}

}  // namespace

bool LogLine::has(std::string_view word) const {
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const Token& token) { return token.text == word; });
}

Log::Log(const Source& source, MeasuredSet& set, core::Diagnostics& diagnostics)
    : text_(source.text), name_(source.path.string()), set_(set), diagnostics_(diagnostics) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  text_.remove_prefix(text_.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
}

void Log::each_line(const std::function<LineKind(const LogLine&)>& take) {
  for (std::size_t start = 0; start < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', start), text_.size());
    const std::string_view raw = text_.substr(start, end - start);
    const LogLine line = split(++line_count_, raw);
    const bool is_text = !core::first_bad_byte(raw);
    const LineKind kind = !is_text              ? not_understood(line)
                          : line.tokens.empty() ? LineKind::comment
                                                : take(line);
    ++(kind == LineKind::read      ? set_.lines.read
       : kind == LineKind::comment ? set_.lines.comments
                                   : set_.lines.reported);
    start = end + 1;
  }
  if (strange_ > most_strange_lines) {
    warning(line_count_, "PL-M030",
            fmt::format("{} more lines are not understood", strange_ - most_strange_lines));
  }
}

LineKind Log::report(int line, int column, std::string_view code, std::string message,
                     std::string hint) {
  diagnostics_.warning(code, at(line, column), std::move(message), std::move(hint));
  return LineKind::reported;
}

LineKind Log::not_understood(const LogLine& line) {
  if (++strange_ > most_strange_lines) {
    return LineKind::reported;
  }
  return report(line.number, line.tokens.empty() ? 1 : line.tokens.front().column, "PL-M030",
                "this line is neither a measurement nor a comment; it is left out",
                "another program wrote it, or the table is damaged here");
}

LineKind Log::wrong_width(const LogLine& line, std::size_t found, std::size_t named,
                          std::string_view what) {
  return report(line.number, line.tokens.back().column, "PL-M031",
                fmt::format("{} {}, where the headings name {}", found, what, named),
                "the row is cut short or something is in it; it is left out");
}

void Log::warning(int line, std::string_view code, std::string message, std::string hint) {
  diagnostics_.warning(code, at(line, 1), std::move(message), std::move(hint));
}

void Log::error(int line, std::string_view code, std::string message, std::string hint) {
  diagnostics_.error(code, at(line, 1), std::move(message), std::move(hint));
}

void Log::withdraw(std::size_t rows) {
  const std::size_t lines = std::min(rows, set_.lines.read);
  set_.lines.read -= lines;
  set_.lines.reported += lines;
}

void Log::take_back(int first_line) {
  std::set<int> lines;
  std::erase_if(rows_, [&](const LogRow& found) {
    const bool is_later = found.row.line >= first_line;
    if (is_later) {
      lines.insert(found.row.line);
    }
    return is_later;
  });
  withdraw(lines.size());
}

/// Whether repeats are so far apart that they can't be of one thing; said if so.
bool Log::contradict(const std::vector<const LogRow*>& repeats) {
  constexpr double too_far = 10.0;
  const auto [low, high] = std::minmax_element(
      repeats.begin(), repeats.end(),
      [](const LogRow* a, const LogRow* b) { return a->row.time < b->row.time; });
  const double apart = (*high)->row.time / (*low)->row.time;
  if (apart < too_far) {
    return false;
  }
  warning(
      repeats.back()->row.line, "PL-M037",
      fmt::format("{} stands {} times, first in line {}, and the times contradict each other: "
                  "they are {:.3g} x apart",
                  text_of(repeats.front()->row), repeats.size(), repeats.front()->row.line, apart),
      "the point is left out: keep the right row, or the run without disturbance");
  withdraw(repeats.size());
  return true;
}

void Log::merge(const std::vector<const LogRow*>& repeats) {
  if (contradict(repeats)) {
    return;
  }
  MeasuredRow row = repeats.front()->row;
  if (repeats.size() > 1) {
    warning(
        repeats.back()->row.line, "PL-M037",
        fmt::format("{} stands {} times, first in line {}", text_of(row), repeats.size(), row.line),
        "one point is made of them: the median, with lowest and highest");
    std::vector<core::Seconds> times;
    row.repeats = 0;
    row.iterations.clear();
    for (const LogRow* repeat : repeats) {
      const MeasuredRow& one = repeat->row;
      times.push_back(one.time);
      row.time_low = std::min(row.time_low.value_or(one.time), one.time_low.value_or(one.time));
      row.time_high = std::max(row.time_high.value_or(one.time), one.time_high.value_or(one.time));
      row.time_error = std::max(row.time_error, one.time_error);
      row.repeats += one.repeats;
      row.iterations.insert(row.iterations.end(), one.iterations.begin(), one.iterations.end());
    }
    std::sort(times.begin(), times.end());
    row.time = (times[(times.size() - 1) / 2] + times[times.size() / 2]) / 2.0;
    row.in_place.reset();  // they are of single runs
    row.algbw.reset();
    row.busbw.reset();
  }
  set_.rows.push_back(std::move(row));
}

void Log::finish() {
  std::map<Point, core::Bytes> largest;
  std::map<std::tuple<Point, core::Bytes>, std::size_t> index;
  std::vector<std::vector<const LogRow*>> points;
  for (const LogRow& found : rows_) {
    const Point point = point_of(found.row);
    const auto [where, is_new] = index.try_emplace({point, found.row.size}, points.size());
    if (!is_new) {
      std::vector<const LogRow*>& same = points[where->second];
      if (same.front()->variant != found.variant) {
        error(found.row.line, "PL-M007",
              fmt::format("the same point stands in line {} ({} there, {} here)",
                          same.front()->row.line, same.front()->variant, found.variant),
              "keep one of them in the file: they are two measurements");
        withdraw(1);
        continue;
      }
      same.push_back(&found);
      continue;
    }
    points.push_back({&found});
    core::Bytes& before = largest[point];
    if (found.row.size < before) {
      warning(
          found.row.line, "PL-M038",
          fmt::format("{} stands below {}", core::display(found.row.size), core::display(before)),
          "the order does not matter; but a digit may be missing here");
    }
    before = std::max(before, found.row.size);
  }
  for (const std::vector<const LogRow*>& repeats : points) {
    merge(repeats);
  }
  if (set_.rows.empty() && !diagnostics_.has_errors()) {
    error(1, "PL-M009", "no measurement was read", "the warnings say why, if it is not empty");
  }
}

bool read_time(Log& log, int line, const Token& token, double unit, Printed& time) {
  constexpr double tiny = 1e-30;  // beyond which a quotient with a size need not be a number
  const std::optional<Printed> value = parse_printed(token.text);
  if (!value || value->value < tiny || value->value > 1 / tiny) {
    log.report(line, token.column, "PL-M032", fmt::format("'{}' is no measured value", token.text),
               "times and bandwidths are numbers above zero; this row is left out");
    return false;
  }
  time = *value * unit;
  return true;
}

bool read_size(Log& log, int line, const Token& token, core::Bytes& size) {
  constexpr std::uint64_t largest = std::uint64_t{1} << 53U;  // exact in a double
  const std::optional<std::uint64_t> value = core::parse_count(token.text);
  if (!value || *value > largest) {
    log.report(line, token.column, "PL-M032", fmt::format("'{}' is no size in bytes", token.text),
               "a size is a whole number; this row is left out");
    return false;
  }
  if (*value == 0) {
    log.report(line, token.column, "PL-M032", "a measurement of no bytes",
               "points have a size above zero; this row is left out");
    return false;
  }
  size = core::Bytes::from_si(static_cast<double>(*value));
  return true;
}

void read_spread(Log& log, const LogLine& line, std::size_t low, std::size_t high, double unit,
                 MeasuredRow& row) {
  if (low == 0 || high == 0) {
    return;
  }
  const auto time = [&](std::size_t column) -> std::optional<core::Seconds> {
    const auto value = parse_printed(line.tokens[column].text);
    return value && value->value > 0 ? std::optional(core::Seconds::from_si(value->value * unit))
                                     : std::nullopt;
  };
  const std::optional<core::Seconds> lowest = time(low);
  const std::optional<core::Seconds> highest = time(high);
  if (lowest && highest && *lowest <= row.time && row.time <= *highest) {
    row.time_low = lowest;
    row.time_high = highest;
    return;
  }
  log.warning(line.number, "PL-M006",
              fmt::format("the spread, {} to {}, does not hold the time of {}",
                          line.tokens[low].text, line.tokens[high].text, core::display(row.time)),
              "the time is read without a spread; columns may be swapped, or a digit damaged");
}

bool read_repeats(Log& log, const LogLine& line, std::size_t column) {
  const Token& token = line.tokens[column];
  const std::optional<std::uint64_t> repeats = core::parse_count(token.text);
  if (column == 0 || (repeats && *repeats > 0)) {
    return true;
  }
  log.report(line.number, token.column, "PL-M032",
             fmt::format("'{}' is no number of repeats above zero", token.text),
             "the program measured nothing here; this row is left out");
  return false;
}

bool begins_with(const Source& source, std::string_view word) {
  return std::string_view(source.text).substr(0, first_bytes).find(word) != std::string_view::npos;
}

bool need_ranks_and_nodes(Log& log, int line, const ReadHints& hints, std::uint32_t& ranks,
                          std::uint32_t& nodes) {
  bool good = true;
  for (const auto& [name, hint, value] :
       {std::tuple{"ranks", hints.ranks, &ranks}, std::tuple{"nodes", hints.nodes, &nodes}}) {
    if (*value == 0) {
      *value = hint;
    }
    if (*value == 0) {
      log.error(line, "PL-M034", fmt::format("the log does not say how many {} took part", name),
                fmt::format("--{0} N, or 'measured: {{set: …, {0}: N}}'", name));
    } else if (hint != 0 && hint != *value) {
      log.error(line, "PL-M034",
                fmt::format("the log has {} {}, and you say {}", *value, name, hint));
      good = false;
    }
  }
  if (ranks != 0 && nodes > ranks) {
    log.error(line, "PL-M034", fmt::format("{} ranks can't be on {} nodes", ranks, nodes),
              "every node has a rank at least: correct --ranks or --nodes");
    good = false;
  }
  return good && ranks != 0 && nodes != 0;
}

}  // namespace plumbline::calibration
