// SPDX-License-Identifier: Apache-2.0
// The grid of a sweep: one dimension per axis, `engine` for what answers, `term` for where the time
// goes, `reference` for what a gap is against. Missing is NaN.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "report/hdf5_writer.hpp"
#include "report/series.hpp"
#include "report/writers.hpp"

namespace plumbline::report {
namespace {

using Names = std::vector<std::string>;
using core::Seconds;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

const Names& references() {
  static const Names names{"replay", "measured"};
  return names;
}

template <class Quantity>
double number(const std::optional<Quantity>& value) {
  return value ? value->si() : missing;
}

/// The grid's variables, all over the same axes.
class Grid {
 public:
  Grid(Hdf5Writer& writer, const ResultSet& result);

  void write();

 private:
  using PerPoint = std::function<double(const Point&)>;
  using PerAnswer = std::function<double(const Point&, const Answer&)>;

  void add_axes();
  [[nodiscard]] Names over(const Names& more) const;
  void per_point(const std::string& name, About about, const PerPoint& value);
  void per_point_text(const std::string& name, std::string_view long_name,
                      const std::function<std::string(const Point&)>& value);
  void per_engine(const std::string& name, About about, const PerAnswer& value);
  void add_gaps();
  void add_terms();
  void add_flags();
  void add_conditions();

  /// Calls visit(point, its answer or null, slot) for every point and engine, row-major.
  void each_engine(
      const std::function<void(const Point&, const Answer*, std::size_t)>& visit) const;

  Hdf5Writer& writer_;
  const ResultSet& result_;
  Names engines_;
  Names axes_;
};

/// Names that other variables of the file have.
bool is_reserved(const std::string& name) {
  static const Names reserved{
      "engine",      "reference",     "term",        "completion_time", "lower",
      "upper",       "algbw",         "busbw",       "speed_of_light",  "gap",
      "term_time",   "inside_bounds", "status",      "measured_low",    "measured_high",
      "point_size",  "point_ranks",   "point_nodes", "point_algorithm", "point_protocol",
      "point_notes", "inputs",        "diagnostics", "result"};
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

/// `workload.size` is `size`, unless that name is taken; `/` would make groups of it.
std::string dimension_name(const std::string& path, const Names& taken) {
  const auto free = [&](const std::string& name) {
    return !name.empty() && !is_reserved(name) &&
           std::find(taken.begin(), taken.end(), name) == taken.end();
  };
  std::string full = path;
  std::replace(full.begin(), full.end(), '/', '_');
  const std::string last = full.substr(full.rfind('.') + 1);
  if (free(last)) {
    return last;
  }
  while (!free(full)) {
    full += "_axis";
  }
  return full;
}

Grid::Grid(Hdf5Writer& writer, const ResultSet& result)
    : writer_(writer), result_(result), engines_(engines(result)) {
  const std::size_t expected =
      std::accumulate(result.axes.begin(), result.axes.end(), std::size_t{1},
                      [](std::size_t n, const AxisInfo& axis) { return n * axis.values.size(); });
  if (expected != result.points.size()) {
    throw core::InternalError(
        fmt::format("{} points for a grid of {}", result.points.size(), expected));
  }
}

void Grid::add_axes() {
  for (const AxisInfo& info : result_.axes) {
    const Coordinate axis = coordinate(info);
    const std::string name = dimension_name(axis.path, axes_);
    if (axis.is_numeric()) {
      writer_.dimension(name, axis.numbers, {axis.unit, axis.path});
    } else {
      writer_.dimension(name, axis.texts, {"", axis.path});
    }
    axes_.push_back(name);
  }
  Names terms;
  for (std::size_t i = 0; i < workload::term_count; ++i) {
    terms.emplace_back(workload::to_text(static_cast<workload::Term>(i)));
  }
  writer_.dimension("engine", engines_, {"", "solver, replay or measurement"});
  writer_.dimension("reference", references(), {"", "what a gap is relative to"});
  writer_.dimension("term", terms, {"", "where time goes"});
}

Names Grid::over(const Names& more) const {
  Names names = axes_;
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

void Grid::per_point(const std::string& name, About about, const PerPoint& value) {
  std::vector<double> values(result_.points.size());
  std::transform(result_.points.begin(), result_.points.end(), values.begin(), value);
  writer_.variable(name, axes_, values, about);
}

void Grid::per_point_text(const std::string& name, std::string_view long_name,
                          const std::function<std::string(const Point&)>& value) {
  Names values(result_.points.size());
  std::transform(result_.points.begin(), result_.points.end(), values.begin(), value);
  writer_.variable(name, axes_, values, {"", long_name});
}

void Grid::each_engine(
    const std::function<void(const Point&, const Answer*, std::size_t)>& visit) const {
  std::size_t slot = 0;
  for (const Point& point : result_.points) {
    const std::vector<Answer> all = answers(point);
    for (const std::string& engine : engines_) {
      const auto found = std::find_if(
          all.begin(), all.end(), [&](const Answer& answer) { return answer.engine == engine; });
      visit(point, found == all.end() ? nullptr : &*found, slot++);
    }
  }
}

void Grid::per_engine(const std::string& name, About about, const PerAnswer& value) {
  std::vector<double> values(result_.points.size() * engines_.size(), missing);
  each_engine([&](const Point& point, const Answer* answer, std::size_t slot) {
    if (answer != nullptr) {
      values[slot] = value(point, *answer);
    }
  });
  writer_.variable(name, over({"engine"}), values, about);
}

void Grid::add_gaps() {
  const std::size_t width = references().size();
  std::vector<double> values(result_.points.size() * engines_.size() * width, missing);
  each_engine([&](const Point& point, const Answer* answer, std::size_t slot) {
    for (std::size_t i = 0; answer != nullptr && i < width; ++i) {
      if (const Gap* gap = find_gap(point, answer->engine, references()[i])) {
        values[slot * width + i] = gap->relative;
      }
    }
  });
  writer_.variable("gap", over({"engine", "reference"}), values,
                   {"1", "signed difference over the reference"});
}

void Grid::add_terms() {
  const std::size_t width = workload::term_count;
  std::vector<double> values(result_.points.size() * engines_.size() * width, missing);
  each_engine([&](const Point&, const Answer* answer, std::size_t slot) {
    for (std::size_t i = 0; answer != nullptr && answer->terms && i < width; ++i) {
      values[slot * width + i] = answer->terms->values[i].si();
    }
  });
  writer_.variable("term_time", over({"engine", "term"}), values, {"s", "time by term"});
}

void Grid::add_flags() {
  std::vector<std::uint8_t> inside;
  std::vector<std::uint8_t> status;
  for (const Point& point : result_.points) {
    constexpr std::uint8_t not_checked = 2;
    inside.push_back(point.inside_bounds ? static_cast<std::uint8_t>(*point.inside_bounds)
                                         : not_checked);
    status.push_back(static_cast<std::uint8_t>(point.status));
  }
  writer_.flags("inside_bounds", axes_, inside, "outside inside not_checked",
                "replay within lower and upper");
  writer_.flags("status", axes_, status, "done failed missing", "how far the point got");
}

/// What each point was, where no axis says it.
void Grid::add_conditions() {
  per_point("point_size", {"B", "size of the workload"},
            [](const Point& p) { return p.size.si(); });
  per_point("point_ranks", {"1", "ranks"},
            [](const Point& p) { return static_cast<double>(p.ranks); });
  per_point("point_nodes", {"1", "machines"},
            [](const Point& p) { return static_cast<double>(p.nodes); });
  per_point_text("point_algorithm", "algorithm, as chosen",
                 [](const Point& p) { return p.algorithm; });
  per_point_text("point_protocol", "protocol, as chosen",
                 [](const Point& p) { return p.protocol; });
  per_point_text("point_notes", "notes",
                 [](const Point& p) { return fmt::format("{}", fmt::join(p.notes, "\n")); });
}

void Grid::write() {
  add_axes();
  per_engine("completion_time", {"s", "time of the whole schedule; as reported, of measurements"},
             [](const Point&, const Answer& answer) { return answer.time.si(); });
  per_point("lower", {"s", "best lower bound of the schedule"},
            [](const Point& p) { return number(p.lower); });
  per_point("upper", {"s", "best upper bound of the schedule"},
            [](const Point& p) { return number(p.upper); });
  per_point("speed_of_light", {"s", "lower bound of any algorithm, nominal links, no software"},
            [](const Point& p) { return number(p.speed_of_light); });
  add_gaps();
  per_engine("algbw", {"B/s", "size over time"}, [](const Point& point, const Answer& answer) {
    return number(algorithm_bandwidth(point, answer));
  });
  per_engine("busbw", {"B/s", "algbw times the factor of nccl-tests"},
             [](const Point& point, const Answer& answer) {
               return number(bus_bandwidth(point, answer));
             });
  add_flags();
  per_point("measured_low", {"s", "lower end of the measurement's range"},
            [](const Point& p) { return p.measured ? number(p.measured->low) : missing; });
  per_point("measured_high", {"s", "upper end of the measurement's range"},
            [](const Point& p) { return p.measured ? number(p.measured->high) : missing; });
  add_terms();
  add_conditions();
}

void add_attributes(Hdf5Writer& writer, const ResultSet& result) {
  std::map<std::string, std::string> texts = result.run;  // ours win where the names are the same
  texts["Conventions"] = "PLUMBLINE-1.0";
  texts["title"] = result.experiment;
  texts["question"] = result.question;
  texts["system"] = result.system;
  if (result.measured) {
    texts["measured_set"] = result.measured->set;
    texts["measured_title"] = result.measured->title;
    texts["references"] = result.measured->source;
    texts["measured_licence"] = result.measured->licence;
    texts["measured_algorithm"] = result.measured->algorithm;
  }
  texts["failures"] = fmt::format("{}", fmt::join(result.verdict.failures, "\n"));
  for (const auto& [name, value] : texts) {
    writer.attribute(name, value);
  }
  writer.attribute("accepted", result.verdict.accepted);
  writer.attribute("interrupted", result.interrupted);
}

void add_inputs(Hdf5Writer& writer, const ResultSet& result) {
  Names names;
  Names texts;
  for (const InputText& input : result.inputs) {
    names.push_back(input.name);
    texts.push_back(input.text);
  }
  writer.group("inputs");
  writer.list("inputs/name", names);
  writer.list("inputs/text", texts);
}

void add_diagnostics(Hdf5Writer& writer, const ResultSet& result) {
  const auto texts = [&](const char* name, auto value) {
    Names values;
    for (const core::Diagnostic& diagnostic : result.diagnostics) {
      values.emplace_back(value(diagnostic));
    }
    writer.list(fmt::format("diagnostics/{}", name), values);
  };
  const auto numbers = [&](const char* name, int core::SourceSpan::*value) {
    std::vector<std::int64_t> values;
    for (const core::Diagnostic& diagnostic : result.diagnostics) {
      values.push_back(diagnostic.where.*value);
    }
    writer.list(fmt::format("diagnostics/{}", name), values);
  };
  writer.group("diagnostics");
  texts("code", [](const core::Diagnostic& d) { return d.code; });
  texts("severity", [](const core::Diagnostic& d) { return core::to_text(d.severity); });
  texts("file", [](const core::Diagnostic& d) { return d.where.file; });
  numbers("line", &core::SourceSpan::line);
  numbers("column", &core::SourceSpan::column);
  texts("message", [](const core::Diagnostic& d) { return d.message; });
  texts("hint", [](const core::Diagnostic& d) { return d.hint; });
}

}  // namespace

void write_hdf5(const ResultSet& result, const std::filesystem::path& file) {
  Hdf5Writer writer;
  add_attributes(writer, result);
  Grid(writer, result).write();
  add_inputs(writer, result);
  add_diagnostics(writer, result);
  // What the grid has no room for (bounds by name, links, explanations, sources of numbers) is
  // here.
  writer.group("result");
  writer.text("result/json", to_json(result));
  writer.save(file);
}

}  // namespace plumbline::report
