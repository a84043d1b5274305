// SPDX-License-Identifier: Apache-2.0
#include "report/series.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <variant>

#include "core/text.hpp"
#include "core/units.hpp"

namespace plumbline::report {
namespace {

template <class Parse>
bool parse_all(Coordinate& axis, std::string_view unit, Parse parse) {
  std::vector<double> numbers;
  for (const std::string& text : axis.texts) {
    const std::optional<double> number = parse(text);
    if (!number) {
      return false;
    }
    numbers.push_back(*number);
  }
  axis.unit = unit;
  axis.numbers = std::move(numbers);
  return true;
}

/// The SI value of a `core::parse_…` function's result.
template <class Quantity>
auto si_of(core::Parsed<Quantity> (*parse)(std::string_view)) {
  return [parse](std::string_view text) -> std::optional<double> {
    const core::Parsed<Quantity> parsed = parse(text);
    const Quantity* value = std::get_if<Quantity>(&parsed);
    return value == nullptr ? std::nullopt : std::optional(value->si());
  };
}

std::optional<double> share_of(std::string_view text) {
  const core::Parsed<core::Fraction> parsed = core::parse_fraction(text);
  const auto* value = std::get_if<core::Fraction>(&parsed);
  return value == nullptr ? std::nullopt : std::optional(value->value);
}

std::optional<core::Bandwidth> finite(core::Bandwidth value) {
  return std::isfinite(value.si()) && value > core::Bandwidth{} ? std::optional(value)
                                                                : std::nullopt;
}

}  // namespace

std::string Coordinate::column() const {
  if (unit.empty() || unit == "1") {
    return path;
  }
  return path + (unit == "B/s" ? "_Bps" : "_" + unit);
}

Coordinate coordinate(const AxisInfo& axis) {
  Coordinate result{.path = axis.path, .unit = {}, .texts = axis.values, .numbers = {}};
  if (result.texts.empty()) {
    return result;
  }
  // The first unit that fits all values names the axis; a text with a unit fits one kind only.
  const bool numeric = parse_all(result, "B", si_of(&core::parse_bytes)) ||
                       parse_all(result, "s", si_of(&core::parse_seconds)) ||
                       parse_all(result, "B/s", si_of(&core::parse_bandwidth)) ||
                       parse_all(result, "1", share_of) ||
                       parse_all(result, "1", core::parse_number);
  if (!numeric) {
    result.unit.clear();
  }
  return result;
}

std::vector<Answer> answers(const Point& point) {
  const double share = point.reported_share;
  std::vector<Answer> result;
  for (const Prediction& prediction : point.predictions) {
    if (prediction.valid && prediction.estimate) {
      result.push_back({prediction.solver, *prediction.estimate, prediction.terms, share});
    }
  }
  if (point.replay && point.replay->estimate) {
    result.push_back({"replay", *point.replay->estimate, point.replay->terms, share});
  }
  if (point.measured) {
    result.push_back({"measured", point.measured->time, std::nullopt, 1.0});
  }
  return result;
}

std::vector<std::string> engines(const ResultSet& result) {
  std::vector<std::string> names;
  bool replayed = false;
  bool measured = false;
  for (const Point& point : result.points) {
    for (const Prediction& prediction : point.predictions) {
      if (std::find(names.begin(), names.end(), prediction.solver) == names.end()) {
        names.push_back(prediction.solver);
      }
    }
    replayed = replayed || point.replay.has_value();
    measured = measured || point.measured.has_value();
  }
  if (replayed) {
    names.emplace_back("replay");
  }
  if (measured) {
    names.emplace_back("measured");
  }
  return names;
}

const Gap* find_gap(const Point& point, std::string_view of, std::string_view against) {
  const auto found = std::find_if(point.gaps.begin(), point.gaps.end(), [&](const Gap& gap) {
    return gap.of == of && gap.against == against;
  });
  return found == point.gaps.end() ? nullptr : &*found;
}

std::optional<core::Bandwidth> algorithm_bandwidth(const Point& point, const Answer& answer) {
  return finite(point.size / answer.reported());
}

std::optional<core::Bandwidth> bus_bandwidth(const Point& point, const Answer& answer) {
  const auto bandwidth = algorithm_bandwidth(point, answer);
  if (!bandwidth || point.ranks == 0) {
    return std::nullopt;
  }
  return finite(*bandwidth *
                workload::bus_factor(point.collective, workload::RankCount(point.ranks)));
}

std::string_view to_text(PointStatus status) {
  switch (status) {
    case PointStatus::done:
      return "done";
    case PointStatus::failed:
      return "failed";
    case PointStatus::missing:
      return "missing";
  }
  return "missing";
}

std::string label_text(const Point& point) {
  std::vector<std::string> parts;
  for (const auto& [path, value] : point.labels) {
    parts.push_back(fmt::format("{} = {}", path, value));
  }
  return core::join(parts, ", ");
}

}  // namespace plumbline::report
