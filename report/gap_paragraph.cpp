// SPDX-License-Identifier: Apache-2.0
// The paragraph that explains the gaps, regime by regime.
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "core/units.hpp"
#include "report/gap.hpp"
#include "report/table_parts.hpp"

namespace plumbline::report {
namespace {

using core::Seconds;

constexpr double same = 1e-9;  ///< relative: floating-point dust
constexpr std::array<std::string_view, 3> regimes{"small", "middle", "large"};
constexpr std::array<std::string_view, 3> regime_titles{
    "small (below 64 KiB)", "middle (64 KiB to 16 MiB)", "large (above 16 MiB)"};

/// One engine's gap at one point.
struct Sample {
  const Point* point;
  const Gap* gap;
};

/// One engine against another within a regime.
using Group = std::vector<Sample>;

const std::string& engine(const Group& group) {
  return group.front().gap->of;
}

const std::string& reference(const Group& group) {
  return group.front().gap->against;
}

/// The groups of one regime, in order of first appearance.
std::vector<Group> groups_of(const ResultSet& result, std::string_view regime) {
  std::vector<Group> groups;
  for (const Point& point : result.points) {
    if (regime_of(point.size) != regime) {
      continue;
    }
    for (const Gap& gap : point.gaps) {
      if (!std::isfinite(gap.relative)) {
        continue;
      }
      const auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& samples) {
        return engine(samples) == gap.of && reference(samples) == gap.against;
      });
      if (group == groups.end()) {
        groups.push_back({{&point, &gap}});
      } else {
        group->push_back({&point, &gap});
      }
    }
  }
  return groups;
}

double median(const Group& samples) {
  std::vector<double> values;
  for (const Sample& sample : samples) {
    values.push_back(sample.gap->relative);
  }
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2.0;
}

const Sample& worst(const Group& samples) {
  return *std::max_element(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) {
    return std::abs(a.gap->relative) < std::abs(b.gap->relative);
  });
}

bool equal(const Group& samples) {
  return std::abs(worst(samples).gap->relative) <= same;
}

/// By how much the sizes grow over the regime.
double growth(const Group& samples) {
  const auto [first, last] = std::minmax_element(
      samples.begin(), samples.end(),
      [](const Sample& a, const Sample& b) { return a.point->size < b.point->size; });
  return last->point->size / first->point->size;
}

/// What the measurement has and the engine lacks. Where it hardly grows while the size does, it is
/// a cost per call, whatever the bytes.
std::string missing(const Group& samples) {
  constexpr double hardly = 1.5;
  constexpr double much = 4.0;
  std::vector<Seconds> times;
  for (const auto& [point, gap] : samples) {
    // relative = (time − measured) / measured
    times.push_back(-gap->relative * point->measured->time);
  }
  const auto [least, most] = std::minmax_element(times.begin(), times.end());
  if (*least <= Seconds{}) {
    return "";
  }
  const std::string range = core::display(*least) == core::display(*most)
                                ? core::display(*least)
                                : core::display(*least) + " to " + core::display(*most);
  const bool per_call = *most <= hardly * *least && growth(samples) >= much;
  return fmt::format(
      "; it lacks {}{}", range,
      per_call ? " whatever the size: a cost per call that these constants do not hold" : "");
}

/// The sentence after the semicolon of the worst point's own explanation.
std::string reason(const Sample& sample) {
  const std::size_t split = sample.gap->explanation.find("; ");
  return split == std::string::npos ? "" : sample.gap->explanation.substr(split);
}

std::string line(const Group& samples) {
  std::string text = fmt::format("{} against {}: median {}", engine(samples), reference(samples),
                                 signed_percent(median(samples)));
  if (samples.size() > 1) {
    text += fmt::format(", worst {} at {}", signed_percent(worst(samples).gap->relative),
                        point_name(*worst(samples).point));
  }
  return text + reason(worst(samples)) + (reference(samples) == "measured" ? missing(samples) : "");
}

/// Solvers that equal the replay throughout the regime: whatever is said of it holds for them.
std::vector<std::string> as_the_replay(const std::vector<Group>& groups) {
  std::vector<std::string> names;
  for (const Group& samples : groups) {
    if (reference(samples) == "replay" && equal(samples)) {
      names.push_back(engine(samples));
    }
  }
  return names;
}

std::string lines(const std::vector<Group>& groups) {
  const std::vector<std::string> twins = as_the_replay(groups);
  std::string text;
  if (!twins.empty()) {
    text += "  " +
            wrapped(fmt::format("{} equal{} the replay to 1e-9", core::join(twins, ", "),
                                twins.size() == 1 ? "s" : ""),
                    4) +
            "\n";
  }
  for (const Group& samples : groups) {
    if (std::find(twins.begin(), twins.end(), engine(samples)) == twins.end()) {
      text += "  " + wrapped(line(samples), 4) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string gap_paragraph(const ResultSet& result, const TableStyle& style) {
  std::string text;
  for (std::size_t i = 0; i < regimes.size(); ++i) {
    const std::vector<Group> groups = groups_of(result, regimes[i]);
    if (!groups.empty()) {
      text += fmt::format("  {}\n", regime_titles[i]) + lines(groups);
    }
  }
  return text.empty() ? "" : bold("Gaps", style) + "\n" + text;
}

}  // namespace plumbline::report
