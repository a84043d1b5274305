// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/series.hpp"
#include "report/writers.hpp"

namespace plumbline::report {
namespace {

using Row = std::vector<std::string>;

/// RFC 4180 section 2: quoted where it holds a comma, a quote or a line break.
std::string field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c;
    quoted += c == '"' ? "\"" : "";
  }
  return quoted + '"';
}

void append(std::string& text, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    text += (i == 0 ? "" : ",") + field(row[i]);
  }
  text += "\r\n";
}

/// The shortest text that parses back to the same double; nothing where there is no finite number.
std::string number(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "";
}

template <class Quantity>
std::string number(const std::optional<Quantity>& value) {
  return value ? number(value->si()) : "";
}

std::string relative(const Point& point, std::string_view of, std::string_view against) {
  const Gap* gap = find_gap(point, of, against);
  return gap == nullptr ? "" : number(gap->relative);
}

Row header(const std::vector<Coordinate>& axes) {
  Row row{"point"};
  for (const Coordinate& axis : axes) {
    row.push_back(axis.column());
  }
  for (const std::string_view name :
       {"collective",    "algorithm", "protocol",      "channels",       "chosen_by",
        "ranks",         "nodes",     "size_B",        "placement",      "routing",
        "constants",     "status",    "lower_s",       "upper_s",        "speed_of_light_s",
        "inside_bounds", "engine",    "time_s",        "time_low_s",     "time_high_s",
        "algbw_Bps",     "busbw_Bps", "gap_to_replay", "gap_to_measured"}) {
    row.emplace_back(name);
  }
  for (std::size_t i = 0; i < workload::term_count; ++i) {
    row.push_back(fmt::format("{}_s", workload::to_text(static_cast<workload::Term>(i))));
  }
  return row;
}

std::string axis_value(const Coordinate& axis, const std::string& text) {
  for (std::size_t i = 0; i < axis.numbers.size(); ++i) {
    if (axis.texts[i] == text) {
      return number(axis.numbers[i]);
    }
  }
  return text;
}

Row of_point(const Point& point, std::size_t index, const std::vector<Coordinate>& axes) {
  Row row{fmt::format("{}", index)};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    row.push_back(i < point.labels.size() ? axis_value(axes[i], point.labels[i].second) : "");
  }
  const std::string inside = point.inside_bounds ? (*point.inside_bounds ? "true" : "false") : "";
  row.emplace_back(workload::to_text(point.collective));
  row.push_back(point.algorithm);
  row.push_back(point.protocol);
  row.push_back(fmt::format("{}", point.channels));
  row.push_back(point.chosen_by);
  row.push_back(fmt::format("{}", point.ranks));
  row.push_back(fmt::format("{}", point.nodes));
  row.push_back(number(point.size.si()));
  row.push_back(point.placement);
  row.push_back(point.routing);
  row.push_back(point.constants);
  row.emplace_back(to_text(point.status));
  row.push_back(number(point.lower));
  row.push_back(number(point.upper));
  row.push_back(number(point.speed_of_light));
  row.push_back(inside);
  return row;
}

void append_answer(Row& row, const Point& point, const Answer& answer) {
  const bool measured = answer.engine == "measured";
  row.push_back(answer.engine);
  row.push_back(number(answer.time.si()));
  row.push_back(measured ? number(point.measured->low) : "");
  row.push_back(measured ? number(point.measured->high) : "");
  row.push_back(number(algorithm_bandwidth(point, answer)));
  row.push_back(number(bus_bandwidth(point, answer)));
  row.push_back(relative(point, answer.engine, "replay"));
  row.push_back(relative(point, answer.engine, "measured"));
  for (std::size_t i = 0; i < workload::term_count; ++i) {
    row.push_back(answer.terms ? number(answer.terms->values[i].si()) : "");
  }
}

}  // namespace

std::string to_csv(const ResultSet& result) {
  std::vector<Coordinate> axes;
  for (const AxisInfo& axis : result.axes) {
    axes.push_back(coordinate(axis));
  }
  const Row names = header(axes);
  std::string text;
  append(text, names);
  for (std::size_t i = 0; i < result.points.size(); ++i) {
    const Point& point = result.points[i];
    const Row start = of_point(point, i, axes);
    const std::vector<Answer> all = answers(point);
    for (const Answer& answer : all) {
      Row row = start;
      append_answer(row, point, answer);
      append(text, row);
    }
    if (all.empty()) {  // a point that failed is a row too, or it would vanish from a plot unseen
      Row row = start;
      row.resize(names.size());
      append(text, row);
    }
  }
  return text;
}

}  // namespace plumbline::report
