// SPDX-License-Identifier: Apache-2.0
// A result set for people: what was asked, a row per point, then what explains the rows.
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/text.hpp"
#include "core/units.hpp"
#include "report/series.hpp"
#include "report/table_parts.hpp"
#include "report/writers.hpp"

namespace plumbline::report {
namespace {

using core::Seconds;

constexpr std::size_t usual_width = 120;
constexpr std::string_view size_axis = "workload.size";

/// One unit for every time in the table, so that columns can be compared by eye.
struct TimeUnit {
  std::string_view name = "us";
  double per_second = 1e6;
};

struct Column {
  std::string head;
  std::string unit;
  std::vector<std::string> cells;
  bool left = false;
};

/// Four significant digits, never an exponent within the range people read.
std::string cell(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value)) {
    return std::isinf(value) ? "inf" : "-";
  }
  if (size != 0.0 && (size < 1e-3 || size >= 1e9)) {
    return fmt::format("{:.3e}", value);
  }
  const int digits = size < 9.9995 ? 3 : size < 99.995 ? 2 : size < 999.95 ? 1 : 0;
  return fmt::format("{:.{}f}", value, digits);
}

template <class Quantity>
std::string cell(const std::optional<Quantity>& value, double scale) {
  return value ? cell(value->si() * scale) : "-";
}

const Answer* find_answer(const std::vector<Answer>& all, std::string_view engine) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Answer& answer) { return answer.engine == engine; });
  return found == all.end() ? nullptr : &*found;
}

/// The largest unit in which the shortest time is at least one; the speed of light, far below at
/// small sizes, has no vote.
TimeUnit time_unit(const ResultSet& result) {
  Seconds shortest = Seconds::infinity();
  const auto consider = [&](Seconds time) {
    shortest = time > Seconds{} && time < shortest ? time : shortest;
  };
  for (const Point& point : result.points) {
    for (const Answer& answer : answers(point)) {
      consider(answer.time);
    }
    consider(point.lower.value_or(Seconds{}));
  }
  if (!std::isfinite(shortest.si())) {
    return {};
  }
  for (const TimeUnit unit : {TimeUnit{"s", 1.0}, {"ms", 1e3}, {"us", 1e6}}) {
    if (shortest.si() * unit.per_second >= 1.0) {
      return unit;
    }
  }
  return {"ns", 1e9};
}

Column text_column(std::string head, const ResultSet& result,
                   const std::function<std::string(const Point&)>& value) {
  Column column{std::move(head), "", {}, true};
  for (const Point& point : result.points) {
    column.cells.push_back(value(point));
  }
  return column;
}

Column number_column(std::string head, std::string_view unit, const ResultSet& result,
                     const std::function<std::string(const Point&)>& value) {
  Column column = text_column(std::move(head), result, value);
  column.unit = unit;
  column.left = false;
  return column;
}

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('.') + 1);
}

std::string gap_cell(const Point& point) {
  const Gap* gap = find_gap(point, "replay", "measured");
  return gap == nullptr || !std::isfinite(gap->relative)
             ? "-"
             : fmt::format("{:+.3g}", 100.0 * gap->relative);
}

bool is_refuted(const Point& point) {
  return std::any_of(point.predictions.begin(), point.predictions.end(),
                     [](const Prediction& p) { return p.refuted.has_value(); });
}

std::string marks(const Point& point) {
  std::string text;
  text += point.inside_bounds.value_or(true) && !is_refuted(point) ? "" : "!";
  text += point.measured && point.measured->below ? "<" : "";
  text += point.status == PointStatus::failed ? "x" : "";
  text += point.status == PointStatus::missing ? "?" : "";
  return text;
}

void add_engines(std::vector<Column>& columns, const ResultSet& result, const TimeUnit& unit,
                 const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    columns.push_back(number_column(name, unit.name, result, [&](const Point& point) {
      const auto all = answers(point);
      const Answer* answer = find_answer(all, name);
      return answer == nullptr ? "-" : cell(answer->time.si() * unit.per_second);
    }));
  }
}

void add_bandwidths(std::vector<Column>& columns, const ResultSet& result,
                    const std::string& engine) {
  constexpr double per_giga = 1e-9;
  const auto column = [&](const char* head, auto bandwidth) {
    columns.push_back(number_column(head, "GB/s", result, [&](const Point& point) {
      const auto all = answers(point);
      const Answer* answer = find_answer(all, engine);
      return answer == nullptr ? "-" : cell(bandwidth(point, *answer), per_giga);
    }));
  };
  column("algbw", algorithm_bandwidth);
  column("busbw", bus_bandwidth);
}

/// Of what the bandwidth columns speak: the measurement, as nccl-tests does, else the replay.
std::string bandwidth_engine(const std::vector<std::string>& names) {
  return names.empty() ? "" : names.back();
}

bool has_intervals(const ResultSet& result) {
  return std::ranges::any_of(result.points,
                             [](const Point& point) { return point.likely_low.has_value(); });
}

std::vector<Column> columns_of(const ResultSet& result, const TimeUnit& unit) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < result.axes.size(); ++i) {
    if (result.axes[i].path != size_axis) {
      columns.push_back(text_column(last_part(result.axes[i].path), result, [i](const Point& p) {
        return i < p.labels.size() ? p.labels[i].second : std::string("-");
      }));
    }
  }
  if (std::any_of(result.points.begin(), result.points.end(),
                  [](const Point& p) { return p.chosen_by != "given"; })) {
    columns.push_back(text_column("choice", result, [](const Point& p) {
      return fmt::format("{} {} {}", p.algorithm, p.protocol, p.channels);
    }));
  }
  columns.push_back(
      number_column("size", "", result, [](const Point& p) { return core::display(p.size); }));
  const auto time = [&](const char* head, std::optional<Seconds> Point::*value) {
    columns.push_back(number_column(head, unit.name, result, [&, value](const Point& p) {
      return cell(p.*value, unit.per_second);
    }));
  };
  time("light", &Point::speed_of_light);
  time("lower", &Point::lower);
  time("upper", &Point::upper);
  const std::vector<std::string> names = engines(result);
  add_engines(columns, result, unit, names);
  if (has_intervals(result)) {
    time("from", &Point::likely_low);
    time("to", &Point::likely_high);
  }
  if (!names.empty()) {
    add_bandwidths(columns, result, bandwidth_engine(names));
  }
  if (result.measured) {
    columns.push_back(number_column("gap", "%", result, gap_cell));
  }
  columns.push_back(text_column("", result, marks));
  return columns;
}

std::vector<std::size_t> widths_of(const std::vector<Column>& columns) {
  std::vector<std::size_t> widths;
  for (const Column& column : columns) {
    std::size_t width = std::max(width_of(column.head), width_of(column.unit));
    for (const std::string& text : column.cells) {
      width = std::max(width, width_of(text));
    }
    widths.push_back(width);
  }
  return widths;
}

std::size_t total(const std::vector<std::size_t>& widths) {
  std::size_t sum = 0;
  for (const std::size_t width : widths) {
    sum += width + 2;
  }
  return sum;
}

/// Solvers' long names give way to [1], [2], … when the table would be too wide; returns the
/// legend.
std::string shorten(std::vector<Column>& columns, const std::vector<std::string>& names) {
  if (total(widths_of(columns)) <= usual_width) {
    return "";
  }
  std::vector<std::string> legend;
  for (const std::string& name : names) {
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const Column& c) { return c.head == name && !c.left; });
    if (column == columns.end() || name == "replay" || name == "measured") {
      continue;
    }
    const std::string number = fmt::format("[{}]", legend.size() + 1);
    legend.push_back(fmt::format("{} {}", number, name));
    column->head = number;
  }
  return core::join(legend, ", ");
}

std::string row(const std::vector<Column>& columns, const std::vector<std::size_t>& widths,
                const std::function<std::string(const Column&)>& text) {
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string value = text(columns[i]);
    const std::string space(widths[i] - width_of(value), ' ');
    line += "  " + (columns[i].left ? value + space : space + value);
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

std::string legend_of_marks(const ResultSet& result, const TableStyle& style) {
  std::string text;
  for (const Point& point : result.points) {
    const std::string at = point_name(point);
    if (!point.inside_bounds.value_or(true)) {
      text += red(fmt::format("  ! {}: the replay is outside of its bounds", at), style) + "\n";
    }
    for (const Prediction& prediction : point.predictions) {
      if (prediction.refuted) {
        text += red(wrapped(fmt::format("! {}: {}", at, *prediction.refuted), 2), style) + "\n";
      }
    }
    if (point.measured && point.measured->below) {
      text += wrapped(fmt::format("< {}: measured {}", at, *point.measured->below), 2) + "\n";
    }
    if (point.status == PointStatus::failed) {
      text += red(wrapped(fmt::format("x {}: failed: {}", at, core::join(point.notes, "; ")), 2),
                  style) +
              "\n";
    }
  }
  return text;
}

/// What the columns mean.
std::string notes(const ResultSet& result, const std::vector<std::string>& names) {
  std::string text = "light: speed-of-light bound; lower, upper: bounds of this schedule";
  if (!names.empty()) {
    text += fmt::format("; algbw, busbw: of {}", bandwidth_engine(names));
  }
  for (const Point& point : result.points) {
    if (point.chosen_by != "given") {
      text += fmt::format("; choice: algorithm, protocol and channels by {}", point.chosen_by);
      break;
    }
  }
  text +=
      has_intervals(result) ? "; from, to: 90 % interval of a measurement, by the calibration" : "";
  text += result.measured ? "; gap: replay against measured" : "";
  const auto has = [&](workload::Collective collective) {
    return std::any_of(result.points.begin(), result.points.end(), [&](const Point& p) {
      return p.collective == collective && p.reported_share < 1.0;
    });
  };
  text += has(workload::Collective::ping_pong)
              ? "; times of ping_pong are round trips, its bandwidths, measurements and gaps "
                "against them one way"
              : "";
  return text + (has(workload::Collective::stream)
                     ? "; times of stream are of all messages, its bandwidths, measurements and "
                       "gaps against them of one"
                     : "");
}

/// A column of dashes says nothing that its refusals don't.
void drop_unanswered(std::vector<Column>& columns, const std::vector<std::string>& names) {
  std::erase_if(columns, [&](const Column& column) {
    return std::find(names.begin(), names.end(), column.head) != names.end() &&
           std::all_of(column.cells.begin(), column.cells.end(),
                       [](const std::string& cell) { return cell == "-"; });
  });
}

std::string rows(const ResultSet& result, const TableStyle& style) {
  const TimeUnit unit = time_unit(result);
  std::vector<Column> columns = columns_of(result, unit);
  const std::vector<std::string> names = engines(result);
  drop_unanswered(columns, names);
  const std::string legend = shorten(columns, names);
  const auto widths = widths_of(columns);
  std::string text = bold(row(columns, widths, [](const Column& c) { return c.head; }), style) +
                     row(columns, widths, [](const Column& c) { return c.unit; });
  for (std::size_t i = 0; i < result.points.size(); ++i) {
    text += row(columns, widths, [i](const Column& c) { return c.cells[i]; });
  }
  text += "\n";
  text += wrapped(notes(result, names), 0) + "\n";
  text += legend.empty() ? "" : wrapped(legend, 0) + "\n";
  return text + refusals(result) + caveats(result) + legend_of_marks(result, style);
}

std::string verdict(const ResultSet& result, const TableStyle& style) {
  std::string text = bold("Verdict", style) + "\n";
  text += result.interrupted ? "  interrupted: the points marked ? are missing\n" : "";
  if (result.verdict.accepted) {
    return text + (result.verdict.judged ? "  accepted\n" : "  not judged\n");
  }
  text += red("  not accepted", style) + "\n";
  for (const std::string& failure : result.verdict.failures) {
    text += red(wrapped("- " + failure, 2), style) + "\n";
  }
  return text;
}

std::string diagnostics(const ResultSet& result, const TableStyle& style) {
  std::string text;
  for (const core::Diagnostic& diagnostic : result.diagnostics) {
    text += core::to_text(diagnostic) + "\n";
  }
  return text.empty() ? "" : bold("Diagnostics", style) + "\n" + text;
}

}  // namespace

std::string to_table(const ResultSet& result, const TableStyle& style) {
  std::vector<std::string> parts{header_paragraph(result, style), rows(result, style)};
  if (style.gaps) {
    parts.push_back(gap_paragraph(result, style));
  }
  if (style.links) {
    parts.push_back(parts_paragraph(result, style));
    parts.push_back(links_paragraph(result, style));
  }
  parts.push_back(bounds_paragraph(result, style));
  parts.push_back(verdict(result, style));
  parts.push_back(diagnostics(result, style));
  std::erase(parts, "");
  return core::join(parts, "\n");
}

}  // namespace plumbline::report
