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
    static constexpr auto known = std::to_array<std::string_view>(
        {"SUM", "MIN", "MAX", "AVERAGE", "COEFFICIENT_OF_VARIATION", "Waived:", "NOTE:", "NOTE",
         "Additional", "Performance", "nvbandwidth", "Built", "CUDA", "Driver", "Device", "Process",
         "MPI"});
    for (const std::string_view word : known) {
      if (first == word) {
        return LineKind::comment;
      }
    }
    return log_.not_understood(line);
  }

 private:
  LineKind description(const LogLine& line) {
    matrix_ = matrix_of(name_, line.text);
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
    return LineKind::comment;
  }

  LineKind row(const LogLine& line) {
    if (line.tokens.size() != columns_ + 1) {
      return log_.wrong_width(line, line.tokens.size() - 1, columns_, "cells");
    }
    bool good = matrix_.unit > 0;  // else reported with its matrix
    for (std::size_t i = 1; matrix_.unit > 0 && i < line.tokens.size(); ++i) {
      good = add_cell(log_, matrix_, line.number, line.tokens[i], line.tokens[0].text,
                      std::to_string(i - 1)) &&
             good;
    }
    return good ? LineKind::read : LineKind::reported;
  }

  Log& log_;
  PrintedMatrix matrix_;
  std::string name_;
  std::size_t columns_ = 0;
  bool described_ = false;
};

std::string text_at(const Cursor& map, std::string_view key) {
  const std::optional<Cursor> at = map.is_map() ? map.find(key) : std::nullopt;
  return at && at->is_scalar() ? at->text() : std::string();
}

/// Every row of one test case's matrix; false after a warning.
bool read_cells(Log& log, const PrintedMatrix& matrix, const Cursor& cells) {
  bool good = true;
  std::size_t row = 0;
  for (const Cursor& line : cells.items()) {
    std::size_t column = 0;
    for (const Cursor& cell : line.items()) {
      good = cell.is_scalar() &&
             add_cell(log, matrix, cell.span().line, {cell.text(), cell.span().column},
                      std::to_string(row), std::to_string(column)) &&
             good;
      ++column;
    }
    ++row;
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
  return read_cells(log, matrix, *cells) ? LineKind::read : LineKind::reported;
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
