// SPDX-License-Identifier: Apache-2.0
// The lines of a program's log. A log is no careful file: other programs write into it and it ends
// anywhere. So a line that can't be used is a warning and costs no other line; but every line is
// read, a comment, or reported.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "calibration/printed.hpp"
#include "calibration/reader.hpp"

namespace plumbline::calibration {

struct Token {
  std::string_view text;
  int column = 1;  ///< in bytes, as diagnostics count
};

struct LogLine {
  int number = 0;
  std::string_view text;      ///< without the launcher's tag and spaces at both ends
  std::vector<Token> tokens;  ///< separated by white space

  [[nodiscard]] bool has(std::string_view word) const;
};

enum class LineKind { read, comment, reported };

/// A row as the log has it.
struct LogRow {
  MeasuredRow row;
  std::string variant;  ///< what makes two rows of one point different measurements: a data type
};

class Log {
 public:
  Log(const Source& source, MeasuredSet& set, core::Diagnostics& diagnostics);

  /// Hands every line to `take`, which says what became of it. Bytes that are no text never arrive.
  void each_line(const std::function<LineKind(const LogLine&)>& take);

  /// Warnings that cost the line; they return LineKind::reported.
  LineKind report(int line, int column, std::string_view code, std::string message,
                  std::string hint = {});
  LineKind not_understood(const LogLine& line);
  /// Of a row with `found` columns (or `what` they are) under headings that name `named`.
  LineKind wrong_width(const LogLine& line, std::size_t found, std::size_t named,
                       std::string_view what = "columns");

  void warning(int line, std::string_view code, std::string message, std::string hint = {});
  void error(int line, std::string_view code, std::string message, std::string hint = {});

  /// Takes back rows that were counted as read. The caller has said why.
  void withdraw(std::size_t rows);

  /// Likewise every row that was added from this line on, and the lines that they stand in.
  void take_back(int first_line);

  void add(LogRow row) { rows_.push_back(std::move(row)); }

  /// Merges repeated points into one with a spread (none where they contradict each other), warns
  /// of sizes out of order and of a log without rows, and hands the rows to the set.
  void finish();

  [[nodiscard]] int lines() const { return line_count_; }

 private:
  [[nodiscard]] core::SourceSpan at(int line, int column) const { return {name_, line, column}; }

  void merge(const std::vector<const LogRow*>& repeats);
  bool contradict(const std::vector<const LogRow*>& repeats);

  std::string_view text_;
  std::string name_;
  MeasuredSet& set_;
  core::Diagnostics& diagnostics_;
  std::vector<LogRow> rows_;
  std::size_t strange_ = 0;
  int line_count_ = 0;
};

/// Hands every line to reader.take() and ends the log.
template <class Reader>
void read_lines(Log& log, Reader reader) {
  log.each_line([&](const LogLine& line) { return reader.take(line); });
  log.finish();
}

/// The value of `token` in seconds, `unit` seconds each, as the row's time. False after a warning
/// where it is no time: zero, negative, NaN.
[[nodiscard]] bool read_time(Log& log, int line, const Token& token, double unit, Printed& time);

/// Bytes at `token`. False after a warning where it is no size above zero.
[[nodiscard]] bool read_size(Log& log, int line, const Token& token, core::Bytes& size);

/// Lowest and highest at two columns (zero: none), in units of `unit` seconds, as the row's spread.
/// A warning, and none, where they are no times or don't enclose the row's own.
void read_spread(Log& log, const LogLine& line, std::size_t low, std::size_t high, double unit,
                 MeasuredRow& row);

/// False after a warning where the program says (at a column; zero: nowhere) that it ran nothing.
[[nodiscard]] bool read_repeats(Log& log, const LogLine& line, std::size_t column);

/// Whether `word` stands in the first lines of the text.
[[nodiscard]] bool begins_with(const Source& source, std::string_view word);

/// The hints' or the log's ranks and nodes, or errors that say which option is missing.
[[nodiscard]] bool need_ranks_and_nodes(Log& log, int line, const ReadHints& hints,
                                        std::uint32_t& ranks, std::uint32_t& nodes);

}  // namespace plumbline::calibration
