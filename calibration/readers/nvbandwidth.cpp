// SPDX-License-Identifier: Apache-2.0
// nvbandwidth's matrices, as text and as the JSON of --json. The row is what the copy engine of the
// first end sees, `name/row-column` in the algorithm column. Only the named direction of a
// bidirectional test is measured. Its buffer is 512 MiB by default, which it does not print.
#include <array>
#include <fmt/format.h>

#include "calibration/matrix.hpp"
#include "core/cursor.hpp"
#include "core/text.hpp"

namespace plumbline::calibration::readers {
namespace {

using core::Cursor;

PrintedMatrix matrix_of(std::string_view name, std::string_view description) {
  PrintedMatrix matrix;
  matrix.algorithm = name;
  matrix.size = core::Bytes::from_si(512.0 * 1024 * 1024);
  matrix.unit = description.find("(GB/s)") != std::string_view::npos ? 1e9 : 0.0;
  return matrix;
}

class Text {
 public:
  explicit Text(Log& log) : log_(log) {}

  LineKind take(const LogLine& line) {
    const std::string_view first = line.tokens.front().text;
    if (first == "Running" && line.tokens.size() == 2 && line.text.ends_with('.')) {
      end_matrix(line.number);
      name_ = line.tokens[1].text.substr(0, line.tokens[1].text.size() - 1);
      columns_ = 0;
      described_ = false;
      return LineKind::comment;
    }
    if (line.text.find("(row)") != std::string_view::npos) {
      return description(line);
    }
    if (described_ && core::parse_count(first)) {
      return columns_ == 0 ? headings(line) : row(line);
    }
    if (first == "SUM") {
      return sum(line);
    }
    static constexpr auto known = std::to_array<std::string_view>(
        {"MIN", "MAX", "AVERAGE", "COEFFICIENT_OF_VARIATION", "Waived:", "NOTE:", "NOTE",
         "Additional", "Performance", "nvbandwidth", "Built", "CUDA", "Driver", "Device", "Process",
         "MPI"});
    for (const std::string_view word : known) {
      if (first == word) {
        return LineKind::comment;
      }
    }
    return log_.not_understood(line);
  }

  /// At the end of the log, or where another matrix begins.
  void end_matrix(int line) {
    if (columns_ > 0 && matrix_.unit > 0 && !summed_) {
      log_.warning(line, "PL-M039", fmt::format("the matrix of {} has no SUM below it", name_),
                   "it was cut off, and rows may be missing; what is there is read");
    }
  }

 private:
  LineKind description(const LogLine& line) {
    end_matrix(line.number);
    matrix_ = matrix_of(name_, line.text);
    sum_ = {};
    summed_ = false;
    columns_ = 0;
    described_ = !name_.empty();
    if (!described_) {
      return log_.not_understood(line);
    }
    return matrix_.unit > 0 ? LineKind::comment
                            : log_.report(line.number, 1, "PL-M042",
                                          fmt::format("{} is no bandwidth in GB/s", name_),
                                          "the matrix below is left out");
  }

  LineKind headings(const LogLine& line) {
    columns_ = line.tokens.size();
    first_line_ = line.number;
    return LineKind::comment;
  }

  /// `SUM host_to_device_memcpy_ce 105.20`
  LineKind sum(const LogLine& line) {
    const std::string wrong =
        columns_ > 0 && matrix_.unit > 0 && !summed_ ? sum_.differs(line.tokens.back().text) : "";
    summed_ = true;
    if (wrong.empty()) {
      return LineKind::comment;
    }
    log_.take_back(first_line_);
    return log_.report(line.number, line.tokens.back().column, "PL-M033", wrong,
                       "a row is missing, or a digit damaged; the matrix is left out");
  }

  LineKind row(const LogLine& line) {
    if (line.tokens.size() != columns_ + 1) {
      return log_.wrong_width(line, line.tokens.size() - 1, columns_, "cells");
    }
    bool good = matrix_.unit > 0;  // else reported with its matrix
    for (std::size_t i = 1; matrix_.unit > 0 && i < line.tokens.size(); ++i) {
      sum_.add(line.tokens[i].text);
      good = add_cell(log_, matrix_, line.number, line.tokens[i], line.tokens[0].text,
                      std::to_string(i - 1)) &&
             good;
    }
    return good ? LineKind::read : LineKind::reported;
  }

  Log& log_;
  PrintedMatrix matrix_;
  std::string name_;
  CellSum sum_;
  std::size_t columns_ = 0;
  int first_line_ = 0;
  bool described_ = false;
  bool summed_ = false;
};

std::string text_at(const Cursor& map, std::string_view key) {
  const std::optional<Cursor> at = map.is_map() ? map.find(key) : std::nullopt;
  return at && at->is_scalar() ? at->text() : std::string();
}

/// Every row of one test case's matrix; false after a warning, and then none is kept.
bool read_cells(Log& log, const PrintedMatrix& matrix, const Cursor& test, const Cursor& cells) {
  std::vector<std::vector<Cursor>> rows;
  CellSum sum;
  for (const Cursor& line : cells.items()) {
    rows.push_back(line.is_sequence() ? line.items() : std::vector<Cursor>{});
    for (const Cursor& cell : rows.back()) {
      sum.add(cell.is_scalar() ? cell.text() : "");
    }
    if (rows.back().empty() || rows.back().size() != rows.front().size()) {
      log.report(line.span().line, line.span().column, "PL-M031",
                 fmt::format("{} cells, where the first row has {}", rows.back().size(),
                             rows.front().size()),
                 "the matrix is left out");
      return false;
    }
  }
  const std::optional<Cursor> printed = test.find("sum");
  const std::string wrong =
      printed && printed->is_scalar() ? sum.differs(printed->text()) : std::string();
  if (!wrong.empty()) {
    log.report(printed->span().line, printed->span().column, "PL-M033", wrong,
               "a row is missing, or a digit damaged; the matrix is left out");
    return false;
  }
  bool good = true;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < rows[row].size(); ++column) {
      const Cursor& cell = rows[row][column];
      good = add_cell(log, matrix, cell.span().line,
                      {cell.is_scalar() ? std::string_view(cell.text()) : "", cell.span().column},
                      std::to_string(row), std::to_string(column)) &&
             good;
    }
  }
  return good;
}

/// What became of one test case.
LineKind read_case(Log& log, const Cursor& test) {
  const std::string name = text_at(test, "name");
  const core::SourceSpan& at = test.span();
  const auto cells = test.is_map() ? test.find("bandwidth_matrix") : std::nullopt;
  if (!cells || !cells->is_sequence()) {
    const std::string status = text_at(test, "status");
    return status == "Waived" ? LineKind::comment
                              : log.report(at.line, at.column, "PL-M031",
                                           fmt::format("'{}' has no matrix ({})", name, status));
  }
  const PrintedMatrix matrix = matrix_of(name, text_at(test, "bandwidth_description"));
  if (matrix.unit <= 0) {
    return log.report(at.line, at.column, "PL-M042",
                      fmt::format("{} is no bandwidth in GB/s", name), "it is left out");
  }
  if (const std::string status = text_at(test, "status"); status != "Passed") {
    return log.report(at.line, at.column, "PL-M041",
                      fmt::format("the program says of '{}': {}", name, status), "it is left out");
  }
  return read_cells(log, matrix, test, *cells) ? LineKind::read : LineKind::reported;
}

void read_json(const Source& source, Log& log, MeasuredSet& set, core::Diagnostics& diagnostics) {
  const core::Document document =
      core::Document::parse(source.text, source.path.string(), diagnostics);
  const core::Reading reading{.document = &document, .diagnostics = &diagnostics};
  const Cursor root(reading);
  const auto top = root.is_map() ? root.find("nvbandwidth") : std::nullopt;
  const auto tests = top && top->is_map() ? top->find("testcases") : std::nullopt;
  if (!tests || !tests->is_sequence()) {
    log.error(1, "PL-M009", "there are no test cases in this file");
    return;
  }
  for (const Cursor& test : tests->items()) {
    const LineKind kind = read_case(log, test);
    ++(kind == LineKind::read      ? set.lines.read
       : kind == LineKind::comment ? set.lines.comments
                                   : set.lines.reported);
  }
}

int sureness(const Source& source) {
  const bool is_json = source.text.starts_with('{');
  return is_json && begins_with(source, "\"nvbandwidth\"")                                     ? 95
         : !is_json && begins_with(source, "nvbandwidth Version")                              ? 95
         : !is_json && begins_with(source, "bandwidth (GB/s)") && begins_with(source, "(row)") ? 60
                                                                                               : 0;
}

void read(const Source& source, const ReadHints& /*hints*/, MeasuredSet& set,
          core::Diagnostics& diagnostics) {
  set.software = "nvbandwidth";
  set.method = "time_s = size / printed GB/s";
  set.notes = {"The size of a copy is the program's default of 512 MiB: it does not print it."};
  Log log(source, set, diagnostics);
  if (source.text.starts_with('{')) {
    read_json(source, log, set, diagnostics);
  } else {
    Text reader(log);
    log.each_line([&](const LogLine& line) { return reader.take(line); });
    reader.end_matrix(log.lines());
  }
  log.finish();
}

}  // namespace

extern const ReaderEntry nvbandwidth{.name = "nvbandwidth",
                                     .summary = "nvbandwidth's matrices, as text or JSON",
                                     .citation = "NVIDIA/nvbandwidth, output.cpp, json_output.cpp",
                                     .sureness = sureness,
                                     .read = read};

}  // namespace plumbline::calibration::readers
