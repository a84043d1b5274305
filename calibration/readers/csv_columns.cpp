// SPDX-License-Identifier: Apache-2.0
// Any table of comma-separated values: a folder whose about.yaml says, under `columns:`, which
// column holds which value of a row, in which unit; what has no column is one constant.
//
//   file: results.csv
//   columns:
//     size_B: {column: "Message Size", unit: KiB}
//     time_s: {column: lat, unit: us}
//     collective: all_reduce
//     nodes: 1
//     ranks: {column: np}
#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "calibration/about.hpp"
#include "calibration/csv.hpp"
#include "calibration/log.hpp"
#include "core/read.hpp"
#include "core/text.hpp"
#include "core/text_file.hpp"
#include "core/units.hpp"

namespace plumbline::calibration::readers {
namespace {

using core::Cursor;

constexpr std::array<std::string_view, 10> values{
    "collective", "algorithm", "protocol",   "nodes",       "ranks",
    "size_B",     "time_s",    "time_low_s", "time_high_s", "repeats"};

/// Where one value of a row comes from.
struct From {
  std::optional<std::size_t> column;  ///< of the file; none: the constant
  std::string heading;
  std::string constant;
  double unit = 1.0;  ///< bytes or seconds
  core::SourceSpan at;
};

using Map = std::map<std::string, From, std::less<>>;

/// Bytes or seconds of one `unit`, for a value that has one.
std::optional<double> unit_of(std::string_view value, const std::string& unit) {
  const auto si = [](const auto& parsed) -> std::optional<double> {
    return parsed.index() == 0 ? std::optional(std::get<0>(parsed).si()) : std::nullopt;
  };
  return value == "size_B"            ? si(core::parse_bytes("1 " + unit))
         : value.starts_with("time_") ? si(core::parse_seconds("1 " + unit))
                                      : std::nullopt;
}

std::optional<From> read_from(const std::string& value, const Cursor& at) {
  From from{.column = {}, .heading = {}, .constant = {}, .unit = 1.0, .at = at.span()};
  const bool has_unit = value == "size_B" || value.starts_with("time_");
  if (!at.is_map()) {
    const auto constant = core::read<std::string>(at);
    if (constant && has_unit) {
      at.error("PL-M043", fmt::format("{} is no constant", value),
               "write {column: NAME, unit: us}");
      return std::nullopt;
    }
    from.constant = constant.value_or("");
    return constant ? std::optional(from) : std::nullopt;
  }
  at.reject_unknown({"column", "unit"});
  const auto column = at.require("column");
  const auto heading = column ? core::read<std::string>(*column) : std::nullopt;
  const auto unit = has_unit ? at.require("unit") : at.find("unit");
  if (!heading || (has_unit && !unit)) {
    return std::nullopt;
  }
  from.heading = *heading;
  if (unit) {
    const std::optional<double> factor = unit_of(value, unit->text());
    if (!factor) {
      unit->error("PL-M043", fmt::format("'{}' is no unit of {}", unit->text(), value),
                  "B, KiB, MB, … for size_B; s, ms, us, ns for times; nothing else has a unit");
      return std::nullopt;
    }
    from.unit = *factor;
  }
  return from;
}

Map read_columns(const Cursor& about) {
  Map map;
  const auto columns = about.require("columns");
  if (!columns || !columns->is_map()) {
    return map;
  }
  const std::vector<std::string> known(values.begin(), values.end());
  columns->reject_unknown(known);
  for (const std::string& value : known) {
    if (const auto at = columns->find(value)) {
      if (auto from = read_from(value, *at)) {
        map.emplace(value, std::move(*from));
      }
    } else if (value == "collective" || value == "nodes" || value == "ranks" || value == "size_B" ||
               value == "time_s") {
      columns->error("PL-M043", fmt::format("'{}' has neither a column nor a constant", value));
    }
  }
  if (map.contains("time_low_s") != map.contains("time_high_s")) {
    columns->error("PL-M043", "time_low_s and time_high_s go together", "map both or neither");
  }
  return map;
}

/// A heading's last word, where it is a unit: lat_ms, Message Size (KiB).
std::string unit_named(const std::string& heading) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const auto end = std::find_if(heading.rbegin(), heading.rend(), is_word);
  const auto first = std::find_if_not(end, heading.rend(), is_word);
  return {first.base(), end.base()};
}

/// Whether every unit is the one that its heading names, if it names one; an error if not.
bool units_agree(const Map& map, core::Diagnostics& diagnostics) {
  bool good = true;
  for (const auto& [value, from] : map) {
    const std::string name = unit_named(from.heading);
    const std::optional<double> unit = unit_of(value, name);
    if (unit && (name.size() > 1 || name != from.heading) && *unit != from.unit) {
      diagnostics.error(
          "PL-M043", from.at,
          fmt::format("column '{}' is in {}, and the map says another unit", from.heading, name),
          fmt::format("unit: {}, or rename the column", name));
      good = false;
    }
  }
  return good;
}

/// The columns' places; false after an error at the map.
bool find_columns(const CsvRecord& headings, Map& map, core::Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const CsvField& field : headings.fields) {
    names.push_back(field.text);
  }
  bool good = true;
  for (auto& [value, from] : map) {
    if (from.heading.empty()) {
      continue;
    }
    const auto found = std::find(names.begin(), names.end(), from.heading);
    if (std::count(names.begin(), names.end(), from.heading) > 1) {
      diagnostics.error("PL-M043", from.at,
                        fmt::format("the file has several columns '{}'", from.heading),
                        "rename all but one of them in the file");
      good = false;
    } else if (found == names.end()) {
      diagnostics.error("PL-M043", from.at,
                        fmt::format("the file has no column '{}'", from.heading),
                        core::suggest(from.heading, names));
      good = false;
    } else {
      from.column = static_cast<std::size_t>(found - names.begin());
    }
  }
  return good;
}

class Row {
 public:
  Row(Log& log, const CsvRecord& record, const Map& map) : log_(log), record_(record), map_(map) {}

  std::optional<MeasuredRow> read() {
    MeasuredRow row;
    row.line = record_.where.line;
    row.collective = text("collective");
    row.algorithm = text("algorithm");
    row.protocol = text("protocol");
    row.nodes = count("nodes");
    row.ranks = count("ranks");
    row.repeats = map_.contains("repeats") ? count("repeats") : 1;
    row.size = core::Bytes::from_si(number("size_B").value);
    const Printed time = number("time_s");
    row.time = core::Seconds::from_si(time.value);
    row.time_error = core::Seconds::from_si(time.half_unit);
    if (map_.contains("time_low_s")) {
      row.time_low = core::Seconds::from_si(number("time_low_s").value);
      row.time_high = core::Seconds::from_si(number("time_high_s").value);
      if (*row.time_low > row.time || *row.time_high < row.time) {
        wrong("PL-M006", "time_s", "the spread does not hold the time");
      }
    }
    if (good_ && row.nodes > row.ranks) {
      wrong("PL-M032", "nodes", fmt::format("{} ranks can't be on {} nodes", row.ranks, row.nodes));
    }
    const std::vector<std::string>& known = collective_names();
    if (std::find(known.begin(), known.end(), row.collective) == known.end()) {
      wrong("PL-M008", "collective", fmt::format("'{}' is not a collective", row.collective));
    }
    return good_ ? std::optional(std::move(row)) : std::nullopt;
  }

 private:
  std::string text(std::string_view value) const {
    const auto from = map_.find(value);
    return from == map_.end()    ? std::string()
           : from->second.column ? record_.fields[*from->second.column].text
                                 : from->second.constant;
  }

  Printed number(std::string_view value) {
    const auto parsed = parse_printed(text(value));
    if (!parsed || parsed->value < 1e-30 || parsed->value > 1e30) {
      wrong("PL-M032", value, fmt::format("'{}' is no {} above zero", text(value), value));
      return {1.0, 0.0};
    }
    return *parsed * map_.find(value)->second.unit;
  }

  std::uint32_t count(std::string_view value) {
    const auto parsed = core::parse_count(text(value));
    if (!parsed || *parsed == 0 || *parsed > 1U << 30U) {
      wrong("PL-M032", value, fmt::format("'{}' is no number of {}", text(value), value));
      return 1;
    }
    return static_cast<std::uint32_t>(*parsed);
  }

  void wrong(std::string_view code, std::string_view value, std::string message) {
    const auto from = map_.find(value);
    const bool placed = from != map_.end() && from->second.column.has_value();
    const core::SourceSpan& at =
        placed ? record_.fields[*from->second.column].where : record_.where;
    log_.report(at.line, at.column, code, std::move(message), "this row is left out");
    good_ = false;
  }

  Log& log_;
  const CsvRecord& record_;
  const Map& map_;
  bool good_ = true;
};

std::string about_text(const Source& source) {
  core::Diagnostics unused;
  return source.is_folder ? core::read_text_file(source.path / "about.yaml", unused).value_or("")
                          : std::string();
}

int sureness(const Source& source) {
  const std::string about = about_text(source);
  return about.starts_with("columns:") || about.find("\ncolumns:") != std::string::npos ? 90 : 0;
}

void read_records(const Source& file, Map map, MeasuredSet& set, core::Diagnostics& diagnostics) {
  const std::vector<CsvRecord> records = parse_csv(file.text, file.path.string(), diagnostics);
  Log log(file, set, diagnostics);
  if (!units_agree(map, diagnostics) ||
      (!records.empty() && !find_columns(records.front(), map, diagnostics))) {
    return;
  }
  for (std::size_t i = 1; i < records.size(); ++i) {
    const CsvRecord& record = records[i];
    const bool whole = record.fields.size() == records.front().fields.size();
    const bool again =
        whole &&
        std::equal(record.fields.begin(), record.fields.end(), records.front().fields.begin(),
                   [](const CsvField& a, const CsvField& b) { return a.text == b.text; });
    if (again) {
      log.report(record.where.line, 1, "PL-M031", "the headings stand here again",
                 "two files in one? This row is left out");
    } else if (!whole) {
      log.report(record.where.line, 1, "PL-M031",
                 fmt::format("{} columns, where the headings name {}", record.fields.size(),
                             records.front().fields.size()),
                 "this row is left out");
    }
    auto row = whole && !again ? Row(log, record, map).read() : std::nullopt;
    ++(row ? set.lines.read : set.lines.reported);
    if (row) {
      log.add({std::move(*row), {}});
    }
  }
  log.finish();
}

void read(const Source& source, const ReadHints& /*hints*/, MeasuredSet& set,
          core::Diagnostics& diagnostics) {
  Map map;
  std::string name = "data.csv";
  core::Diagnostics found;
  read_about(source.path / "about.yaml", set, found, {"columns", "file"}, [&](const Cursor& about) {
    map = read_columns(about);
    if (const auto file = about.find("file")) {
      name = core::read<std::string>(*file).value_or(name);
    }
  });
  for (const core::Diagnostic& item : found.all()) {
    diagnostics.add(item);
  }
  if (found.has_errors()) {
    return;
  }
  const std::filesystem::path file = source.path / name;
  set.data_file = file.string();
  if (auto text = core::read_text_file(file, diagnostics)) {
    read_records({file, false, std::move(*text)}, std::move(map), set, diagnostics);
  }
}

}  // namespace

extern const ReaderEntry csv_columns{
    .name = "csv_columns",
    .summary = "A folder with any CSV and about.yaml, whose `columns:` maps it",
    .citation = "CONTRIBUTING.md, a measured set",
    .sureness = sureness,
    .read = read};

}  // namespace plumbline::calibration::readers
