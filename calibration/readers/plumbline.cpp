// SPDX-License-Identifier: Apache-2.0
// Our own format: a folder with data.csv, in seconds and bytes, and about.yaml. Strict, since a
// person wrote it: every mistake is an error.
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "calibration/about.hpp"
#include "calibration/csv.hpp"
#include "calibration/reader.hpp"
#include "core/text.hpp"
#include "core/text_file.hpp"

namespace plumbline::calibration::readers {
namespace {

using core::Diagnostics;

enum Column : std::size_t {
  collective_column,
  algorithm_column,
  protocol_column,
  nodes_column,
  ranks_column,
  size_column,
  time_column,
  time_low_column,
  time_high_column,
  repeats_column,
  time_error_column,  // may be left out
  column_count
};

constexpr std::array<std::string_view, column_count> header{
    "collective", "algorithm",  "protocol",    "nodes",   "ranks",       "size_B",
    "time_s",     "time_low_s", "time_high_s", "repeats", "time_error_s"};

std::string header_hint() {
  return fmt::format("the header is {}",
                     fmt::join(std::span(header).first(time_error_column), ","));
}

/// The fields of one record of the right length as values; remembers whether any was wrong.
class RowReader {
 public:
  RowReader(std::span<const CsvField> fields, Diagnostics& diagnostics)
      : fields_(fields), diagnostics_(diagnostics) {}

  [[nodiscard]] const std::string& text(Column column) const { return fields_[column].text; }

  std::uint32_t count(Column column) {
    return static_cast<std::uint32_t>(whole(column, max_count));
  }

  core::Bytes size() {
    return core::Bytes::from_si(static_cast<double>(whole(size_column, max_size)));
  }

  core::Seconds time(Column column) {
    const std::optional<double> value = core::parse_number(text(column));
    if (!value) {
      error("PL-M004", column,
            fmt::format("{} is not a number of seconds: '{}'", header[column], text(column)),
            "write seconds as a plain decimal number: 1.25e-05");
      return {};
    }
    if (*value <= 0) {
      error("PL-M005", column, fmt::format("{} must be above zero", header[column]));
    } else if (*value < shortest || *value > 1 / shortest) {
      error("PL-M005", column, fmt::format("{} is no time: {} s", header[column], *value),
            "times are written in seconds");
    }
    return core::Seconds::from_si(*value);
  }

  std::optional<core::Seconds> optional_time(Column column) {
    return text(column).empty() ? std::nullopt : std::optional(time(column));
  }

  core::Seconds error_of_time() {
    return text(time_error_column).empty() ? core::Seconds() : time(time_error_column);
  }

  void error(std::string_view code, Column column, std::string message, std::string hint = {}) {
    good_ = false;
    diagnostics_.error(code, fields_[column].where, std::move(message), std::move(hint));
  }

  [[nodiscard]] bool good() const { return good_; }

 private:
  static constexpr std::uint64_t max_count = std::numeric_limits<std::uint32_t>::max();
  static constexpr double shortest = 1e-30;  // a quotient with a size stays a number
  static constexpr std::uint64_t max_size = std::uint64_t{1} << 53U;  // exact in a double

  std::uint64_t whole(Column column, std::uint64_t largest) {
    const std::optional<std::uint64_t> value = core::parse_count(text(column));
    if (!value) {
      error("PL-M004", column,
            fmt::format("{} is not a whole number: '{}'", header[column], text(column)));
      return 0;
    }
    if (*value == 0 || *value > largest) {
      error("PL-M005", column, fmt::format("{} must lie in 1 to {}", header[column], largest));
      return 0;
    }
    return *value;
  }

  std::span<const CsvField> fields_;
  Diagnostics& diagnostics_;
  bool good_ = true;
};

void check_spread(const MeasuredRow& row, RowReader& reader) {
  if (row.time_low && *row.time_low > row.time) {
    reader.error("PL-M006", time_low_column, "time_low_s is above time_s");
  }
  if (row.time_high && *row.time_high < row.time) {
    reader.error("PL-M006", time_high_column, "time_high_s is below time_s");
  }
}

std::optional<MeasuredRow> read_row(const CsvRecord& record, std::size_t columns,
                                    Diagnostics& diagnostics) {
  if (record.fields.size() != columns) {
    diagnostics.error(
        "PL-M003", record.where,
        fmt::format("this row has {} columns, the header {}", record.fields.size(), columns),
        header_hint());
    return std::nullopt;
  }
  RowReader reader(record.fields, diagnostics);
  const MeasuredRow row{
      .collective = reader.text(collective_column),
      .algorithm = reader.text(algorithm_column),
      .protocol = reader.text(protocol_column),
      .nodes = reader.count(nodes_column),
      .ranks = reader.count(ranks_column),
      .size = reader.size(),
      .time = reader.time(time_column),
      .time_low = reader.optional_time(time_low_column),
      .time_high = reader.optional_time(time_high_column),
      .repeats = reader.count(repeats_column),
      .time_error = columns == column_count ? reader.error_of_time() : core::Seconds(),
      .line = record.where.line};
  const std::vector<std::string>& known = collective_names();
  if (std::find(known.begin(), known.end(), row.collective) == known.end()) {
    reader.error("PL-M008", collective_column,
                 fmt::format("'{}' is not a collective", row.collective),
                 core::suggest(row.collective, known));
  }
  if (reader.good() && row.nodes > row.ranks) {
    reader.error("PL-M005", nodes_column,
                 fmt::format("{} ranks can't be on {} nodes", row.ranks, row.nodes),
                 "every node has a rank at least; columns may be swapped");
  }
  if (reader.good()) {  // a time that is no number has been reported once already
    check_spread(row, reader);
  }
  return reader.good() ? std::optional(row) : std::nullopt;
}

bool read_header(const CsvRecord& record, Diagnostics& diagnostics) {
  const std::size_t both = std::min(record.fields.size(), header.size());
  for (std::size_t i = 0; i < both; ++i) {
    if (record.fields[i].text != header[i]) {
      diagnostics.error(
          "PL-M002", record.fields[i].where,
          fmt::format("column {} is '{}', not '{}'", i + 1, record.fields[i].text, header[i]),
          header_hint());
      return false;
    }
  }
  if (record.fields.size() != time_error_column && record.fields.size() != header.size()) {
    diagnostics.error("PL-M002", record.where,
                      fmt::format("the header has {} columns, not {}", record.fields.size(),
                                  std::size_t{time_error_column}),
                      header_hint());
    return false;
  }
  return true;
}

/// Points that stand twice would make the answer depend on which one is taken.
void reject_duplicates(const std::vector<MeasuredRow>& rows, const std::string& file,
                       Diagnostics& diagnostics) {
  using Point =
      std::tuple<std::string, std::string, std::string, std::uint32_t, std::uint32_t, core::Bytes>;
  std::map<Point, int> first_line;
  for (const MeasuredRow& row : rows) {
    const auto [at, is_new] = first_line.try_emplace(
        Point{row.collective, row.algorithm, row.protocol, row.nodes, row.ranks, row.size},
        row.line);
    if (!is_new) {
      diagnostics.error("PL-M007", {file, row.line, 1},
                        fmt::format("the same point stands in line {}", at->second),
                        "keep one row a point; put the spread of repeats in time_low_s and "
                        "time_high_s");
    }
  }
}

void read_data(const std::filesystem::path& path, MeasuredSet& set, Diagnostics& diagnostics) {
  const std::optional<std::string> text = core::read_text_file(path, diagnostics);
  if (!text) {
    return;
  }
  const std::vector<CsvRecord> records = parse_csv(*text, set.data_file, diagnostics);
  if (records.empty()) {
    diagnostics.error("PL-M009", {set.data_file, 1, 1}, "no header and no rows", header_hint());
    return;
  }
  if (!read_header(records.front(), diagnostics)) {
    return;
  }
  if (records.size() == 1) {
    diagnostics.error("PL-M009", records.front().where, "a header without rows");
  }
  for (const CsvRecord& record : std::span(records).subspan(1)) {
    if (record.fields.front().text == header.front()) {
      diagnostics.error("PL-M002", record.where, "the header stands here again",
                        "two files in one? Take this line out");
      continue;
    }
    if (std::optional<MeasuredRow> row =
            read_row(record, records.front().fields.size(), diagnostics)) {
      set.rows.push_back(std::move(*row));
    }
  }
  reject_duplicates(set.rows, set.data_file, diagnostics);
}

int sureness(const Source& source) {
  return source.is_folder ? 50 : 0;
}

void read(const Source& source, const ReadHints& /*hints*/, MeasuredSet& set,
          Diagnostics& diagnostics) {
  set.data_file = (source.path / "data.csv").string();
  read_about(source.path / "about.yaml", set, diagnostics);
  read_data(source.path / "data.csv", set, diagnostics);
}

}  // namespace

extern const ReaderEntry plumbline{.name = "plumbline",
                                   .summary = "A folder with data.csv and about.yaml",
                                   .citation = "CONTRIBUTING.md, a measured set",
                                   .sureness = sureness,
                                   .read = read};

}  // namespace plumbline::calibration::readers
