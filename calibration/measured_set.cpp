// SPDX-License-Identifier: Apache-2.0
#include "calibration/measured_set.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fstream>
#include <limits>
#include <span>
#include <sstream>
#include <string_view>
#include <tuple>
#include <utility>

#include "calibration/csv.hpp"
#include "core/cursor.hpp"
#include "core/document.hpp"
#include "core/read.hpp"
#include "core/text.hpp"
#include "workload/workload.hpp"

namespace plumbline::calibration {
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
  column_count
};

constexpr std::array<std::string_view, column_count> header{
    "collective", "algorithm", "protocol",   "nodes",       "ranks",
    "size_B",     "time_s",    "time_low_s", "time_high_s", "repeats"};

std::string header_hint() {
  return fmt::format("the header is {}", fmt::join(header, ","));
}

/// Every collective a workload can name, and `copy`: flows between devices, measured alone or
/// together.
const std::vector<std::string>& collective_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result{"copy"};
    for (auto value = static_cast<int>(workload::Collective::all_reduce);
         value <= static_cast<int>(workload::Collective::pipeline); ++value) {
      result.emplace_back(workload::to_text(static_cast<workload::Collective>(value)));
    }
    return result;
  }();
  return names;
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
    }
    return core::Seconds::from_si(*value);
  }

  std::optional<core::Seconds> optional_time(Column column) {
    return text(column).empty() ? std::nullopt : std::optional(time(column));
  }

  void error(std::string_view code, Column column, std::string message, std::string hint = {}) {
    good_ = false;
    diagnostics_.error(code, fields_[column].where, std::move(message), std::move(hint));
  }

  [[nodiscard]] bool good() const { return good_; }

 private:
  static constexpr std::uint64_t max_count = std::numeric_limits<std::uint32_t>::max();
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

std::optional<MeasuredRow> read_row(const CsvRecord& record, Diagnostics& diagnostics) {
  if (record.fields.size() != column_count) {
    diagnostics.error("PL-M003", record.where,
                      fmt::format("this row has {} columns, the header {}", record.fields.size(),
                                  std::size_t{column_count}),
                      header_hint());
    return std::nullopt;
  }
  RowReader reader(record.fields, diagnostics);
  const MeasuredRow row{.collective = reader.text(collective_column),
                        .algorithm = reader.text(algorithm_column),
                        .protocol = reader.text(protocol_column),
                        .nodes = reader.count(nodes_column),
                        .ranks = reader.count(ranks_column),
                        .size = reader.size(),
                        .time = reader.time(time_column),
                        .time_low = reader.optional_time(time_low_column),
                        .time_high = reader.optional_time(time_high_column),
                        .repeats = reader.count(repeats_column),
                        .line = record.where.line};
  const std::vector<std::string>& known = collective_names();
  if (std::find(known.begin(), known.end(), row.collective) == known.end()) {
    reader.error("PL-M008", collective_column,
                 fmt::format("'{}' is not a collective", row.collective),
                 core::suggest(row.collective, known));
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
  if (record.fields.size() != header.size()) {
    diagnostics.error(
        "PL-M002", record.where,
        fmt::format("the header has {} columns, not {}", record.fields.size(), header.size()),
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

std::optional<std::string> read_text(const std::filesystem::path& path, Diagnostics& diagnostics) {
  const core::SourceSpan start{path.string(), 1, 1};
  const std::string hint = "a measured set is a folder with data.csv and about.yaml";
  std::error_code failure;
  if (!std::filesystem::exists(path, failure)) {
    diagnostics.error("PL-I001", start, "there is no such file", hint);
    return std::nullopt;
  }
  if (std::filesystem::is_directory(path, failure)) {
    diagnostics.error("PL-I002", start, "this is a directory, and a file is expected", hint);
    return std::nullopt;
  }
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream.is_open() || stream.bad()) {
    diagnostics.error("PL-I003", start, "the file can't be read", "check its permissions");
    return std::nullopt;
  }
  return std::move(text).str();
}

void read_data(const std::filesystem::path& path, MeasuredSet& set, Diagnostics& diagnostics) {
  const std::optional<std::string> text = read_text(path, diagnostics);
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
    if (std::optional<MeasuredRow> row = read_row(record, diagnostics)) {
      set.rows.push_back(std::move(*row));
    }
  }
  reject_duplicates(set.rows, set.data_file, diagnostics);
}

/// Text at a key; empty where an optional key is absent or something was wrong.
std::string text_at(const core::Cursor& map, std::string_view key, bool required) {
  const std::optional<core::Cursor> at = required ? map.require(key) : map.find(key);
  return at ? core::read<std::string>(*at).value_or("") : "";
}

/// `source:` as one text; a map names repository, commit and path.
std::string read_source(const core::Cursor& about) {
  const std::optional<core::Cursor> at = about.require("source");
  if (!at) {
    return {};
  }
  if (!at->is_map()) {
    return core::read<std::string>(*at).value_or("");
  }
  at->reject_unknown({"repository", "commit", "path"});
  std::string text = text_at(*at, "repository", true);
  if (const std::string commit = text_at(*at, "commit", false); !commit.empty()) {
    text += "@" + commit;
  }
  if (const std::string path = text_at(*at, "path", false); !path.empty()) {
    text += ":" + path;
  }
  return text;
}

void read_about(const std::filesystem::path& path, MeasuredSet& set, Diagnostics& diagnostics) {
  const std::size_t before = diagnostics.all().size();
  const core::Document document = core::Document::load(path, diagnostics);
  if (diagnostics.all().size() > before) {
    return;
  }
  const core::Reading reading{.document = &document, .diagnostics = &diagnostics};
  const core::Cursor about(reading);
  if (!about.is_map()) {
    about.error("PL-K005", "a map is expected here (what a measured set is about)");
    return;
  }
  // `system` describes the machine in the words of whoever measured: kept for people, not read.
  about.reject_unknown({"title", "system", "software", "method", "source", "licence",
                        "size_convention", "notes", "role"});
  set.title = text_at(about, "title", true);
  set.software = text_at(about, "software", false);
  set.source = read_source(about);
  set.licence = text_at(about, "licence", false);
  text_at(about, "size_convention", true);  // must be stated: the conventions differ by a factor n
  if (const std::optional<core::Cursor> notes = about.find("notes")) {
    set.notes = core::read<std::vector<std::string>>(*notes).value_or(std::vector<std::string>{});
  }
  if (const std::optional<core::Cursor> role = about.find("role")) {
    set.role = core::read_choice(*role, {"check"}, "role").value_or("");
  }
}

bool restricted(const MeasuredRow& row, const std::string& column, const std::string& wanted) {
  if (column == "algorithm") {
    return row.algorithm != wanted;
  }
  if (column == "protocol") {
    return row.protocol != wanted;
  }
  if (column == "nodes") {
    return std::to_string(row.nodes) != wanted;
  }
  if (column == "ranks") {
    return std::to_string(row.ranks) != wanted;
  }
  throw core::InternalError("no measured column to restrict: " + column);
}

}  // namespace

std::optional<MeasuredSet> load_measured_set(const std::filesystem::path& folder,
                                             core::Diagnostics& diagnostics) {
  core::Diagnostics found;
  MeasuredSet set;
  const std::filesystem::path clean = (folder / "").lexically_normal().parent_path();
  set.name = clean.filename().string();
  set.data_file = (folder / "data.csv").string();
  read_about(folder / "about.yaml", set, found);
  read_data(folder / "data.csv", set, found);
  for (const core::Diagnostic& diagnostic : found.all()) {
    diagnostics.add(diagnostic);
  }
  return found.has_errors() ? std::nullopt : std::optional(std::move(set));
}

std::vector<const MeasuredRow*> match(const MeasuredSet& set, const MeasuredQuery& query) {
  std::vector<const MeasuredRow*> result;
  for (const MeasuredRow& row : set.rows) {
    const bool same_point = row.collective == query.collective && row.nodes == query.nodes &&
                            row.ranks == query.ranks && row.size == query.size;
    const bool refused = std::any_of(query.where.begin(), query.where.end(), [&](const auto& w) {
      return restricted(row, w.first, w.second);
    });
    if (same_point && !refused) {
      result.push_back(&row);
    }
  }
  return result;
}

}  // namespace plumbline::calibration
