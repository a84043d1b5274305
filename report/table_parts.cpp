// SPDX-License-Identifier: Apache-2.0
#include "report/table_parts.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "core/text.hpp"
#include "core/units.hpp"
#include "report/gap.hpp"
#include "report/series.hpp"

namespace plumbline::report {
namespace {

using core::Seconds;

constexpr std::size_t text_width = 118;

/// The bounds that set `value` at their points, by name.
struct Binding {
  std::size_t points = 0;
  const workload::Bound* of_largest = nullptr;
  core::Bytes size;
};

std::string binding_line(const ResultSet& result, std::string_view title, workload::Scope scope,
                         workload::Side side) {
  std::map<std::string, Binding> by_name;
  for (const Point& point : result.points) {
    if (const workload::Bound* bound = tightest(point.bounds, scope, side)) {
      Binding& binding = by_name[bound->name];
      ++binding.points;
      if (binding.of_largest == nullptr || point.size >= binding.size) {
        binding.of_largest = bound;
        binding.size = point.size;
      }
    }
  }
  std::vector<std::string> parts;
  for (const auto& [name, binding] : by_name) {
    const std::string& by = binding.of_largest->binding;
    parts.push_back(fmt::format("{} at {} of {} points{}", name, binding.points,
                                result.points.size(), by.empty() ? "" : ", set by " + by));
  }
  return parts.empty()
             ? ""
             : wrapped(fmt::format("{:<16}{}", title, core::join(parts, "; ")), 16) + "\n";
}

/// The value that all points share, or how many there are.
std::string common(const ResultSet& result, std::string_view plural,
                   const std::function<std::string(const Point&)>& value) {
  std::set<std::string> values;
  for (const Point& point : result.points) {
    values.insert(value(point));
  }
  if (values.size() == 1) {
    return *values.begin();
  }
  return values.empty() ? "-" : fmt::format("{} {}", values.size(), plural);
}

std::string workload_line(const ResultSet& result) {
  const auto of = [&](std::string_view plural, auto value) {
    return common(result, plural, value);
  };
  const std::string nodes =
      common(result, "counts of", [](const Point& p) { return fmt::format("{}", p.nodes); });
  return fmt::format(
      "{}, {}, protocol {}, {} ranks, {} node{}",
      of("collectives",
         [](const Point& p) { return std::string(workload::to_text(p.collective)); }),
      of("algorithms", [](const Point& p) { return p.algorithm; }),
      of("protocols", [](const Point& p) { return p.protocol; }),
      of("counts of", [](const Point& p) { return fmt::format("{}", p.ranks); }), nodes,
      nodes == "1" ? "" : "s");
}

std::string measured_line(const ResultSet& result) {
  const MeasuredInfo& info = *result.measured;
  const bool by_library = info.algorithm == "library default";
  return fmt::format("{}{}{} ({})", info.set, info.title.empty() ? "" : ": ", info.title,
                     by_library ? "library default: the library chose the algorithm"
                                : "algorithm " + info.algorithm);
}

/// `WHY`, or `WHY (8 points); OTHER (16 points)`, in order of appearance.
std::string reasons(const std::vector<std::pair<std::string, std::size_t>>& counted) {
  constexpr std::size_t shown = 3;
  if (counted.size() == 1) {
    return counted.front().first;
  }
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, counted.size()); ++i) {
    const auto& [why, points] = counted[i];
    text +=
        fmt::format("{}{} ({} point{})", i == 0 ? "" : "; ", why, points, points == 1 ? "" : "s");
  }
  return counted.size() > shown ? text + "; and others" : text;
}

}  // namespace

std::string bold(const std::string& text, const TableStyle& style) {
  return style.color ? "\x1b[1m" + text + "\x1b[0m" : text;
}

std::string red(const std::string& text, const TableStyle& style) {
  return style.color ? "\x1b[31m" + text + "\x1b[0m" : text;
}

std::string signed_percent(double relative) {
  constexpr double dust = 1e-9;  // of floating point: no gap
  return std::abs(relative) <= dust ? "0 %" : fmt::format("{:+.3g} %", 100.0 * relative);
}

std::string point_name(const Point& point) {
  std::vector<std::string> values;
  for (const auto& [path, value] : point.labels) {
    values.push_back(value);
  }
  return values.empty() ? core::display(point.size) : core::join(values, ", ");
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // not a continuation byte
  }));
}

std::string wrapped(std::string_view text, std::size_t indent) {
  std::string result;
  std::string line = "  ";
  while (!text.empty()) {
    // A run of spaces belongs to the word after it, so that padding inside a line survives.
    const std::size_t start = text.find_first_not_of(' ');
    const std::size_t end = std::min(text.find(' ', std::min(start, text.size())), text.size());
    const std::string_view word = text.substr(0, end);
    const bool started = line.find_first_not_of(' ') != std::string::npos;
    if (started && start != std::string_view::npos &&
        width_of(line) + width_of(word) > text_width) {
      result += line + "\n";
      line = std::string(indent + 2, ' ') + std::string(word.substr(start));
    } else {
      line += word;
    }
    text.remove_prefix(end);
  }
  return result + line;
}

std::string header_paragraph(const ResultSet& result, const TableStyle& style) {
  std::string text = bold(result.experiment, style) + "\n";
  const auto line = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      text += wrapped(fmt::format("{:<11}{}", name, value), 11) + "\n";
    }
  };
  line("question", result.question);
  line("system", result.system);
  line("workload", workload_line(result));
  line("placement", common(result, "placements", [](const Point& p) { return p.placement; }));
  const auto routing = [](const Point& p) { return p.routing == "d_mod_k" ? "" : p.routing; };
  line("routing", common(result, "routings", routing));
  line("constants", common(result, "sets", [](const Point& p) { return p.constants; }));
  line("verified", common(result, "verdicts", [](const Point& p) { return p.verified; }));
  if (result.measured) {
    line("measured", measured_line(result));
  }
  return text;
}

std::string refusals(const ResultSet& result) {
  std::string text;
  for (const std::string& name : engines(result)) {
    std::size_t refused = 0;
    std::vector<std::pair<std::string, std::size_t>> counted;
    for (const Point& point : result.points) {
      for (const Prediction& prediction : point.predictions) {
        if (prediction.solver == name && !prediction.valid) {
          const std::string why = core::join(prediction.notes, "; ");
          const auto known = std::find_if(counted.begin(), counted.end(),
                                          [&](const auto& entry) { return entry.first == why; });
          ++(known == counted.end() ? counted.emplace_back(why, 0) : *known).second;
          ++refused;
        }
      }
    }
    if (refused > 0) {
      const std::string why = reasons(counted);
      text += wrapped(fmt::format("{} refused {} of {} points{}", name, refused,
                                  result.points.size(), why.empty() ? "" : ": " + why),
                      2) +
              "\n";
    }
  }
  return text;
}

std::string caveats(const ResultSet& result) {
  std::map<std::string, std::size_t> points;
  for (const Point& point : result.points) {
    if (point.status != PointStatus::failed) {  // whose notes are in the legend of marks
      for (const std::string& note : point.notes) {
        ++points[note];
      }
    }
  }
  std::string text;
  for (const auto& [note, count] : points) {
    text +=
        wrapped(fmt::format("{} ({} of {} points)", note, count, result.points.size()), 2) + "\n";
  }
  return text;
}

std::string bounds_paragraph(const ResultSet& result, const TableStyle& style) {
  using workload::Scope;
  using workload::Side;
  const std::string text =
      binding_line(result, "speed of light", Scope::speed_of_light, Side::lower) +
      binding_line(result, "lower", Scope::schedule, Side::lower) +
      binding_line(result, "upper", Scope::schedule, Side::upper);
  return text.empty() ? "" : bold("Bounds", style) + "\n" + text;
}

namespace {

/// The point whose replay takes longest among those whose replay has what `wanted` asks for.
template <class Wanted>
const Point* longest_replay(const ResultSet& result, Wanted wanted) {
  const Point* longest = nullptr;
  for (const Point& point : result.points) {
    const bool fits = point.replay && point.replay->replay && wanted(*point.replay->replay);
    if (fits && (longest == nullptr || point.replay->estimate > longest->replay->estimate)) {
      longest = &point;
    }
  }
  return longest;
}

}  // namespace

std::string parts_paragraph(const ResultSet& result, const TableStyle& style) {
  const Point* const longest = longest_replay(
      result, [](const workload::ReplayDetails& details) { return !details.parts.empty(); });
  if (longest == nullptr) {
    return "";
  }
  std::string text = bold(fmt::format("Parts at {}", point_name(*longest)), style) + "\n";
  for (const workload::PartTimes& part : longest->replay->replay->parts) {
    text += fmt::format("  {}: {} to {}\n", part.name, core::display(part.start),
                        core::display(part.end));
  }
  return text;
}

std::string links_paragraph(const ResultSet& result, const TableStyle& style) {
  const Point* const longest = longest_replay(result, [](const workload::ReplayDetails& details) {
    return !details.hottest_links.empty();
  });
  if (longest == nullptr) {
    return "";
  }
  std::vector<std::string> parts;
  for (const workload::LinkLoad& load : longest->replay->replay->hottest_links) {
    parts.push_back(fmt::format("{} {:.1f} %", load.link, 100.0 * load.utilisation));
  }
  return bold(fmt::format("Hottest links at {}", point_name(*longest)), style) + "\n" +
         wrapped(core::join(parts, ", "), 0) + "\n";
}

}  // namespace plumbline::report
