// SPDX-License-Identifier: Apache-2.0
#include "gate/box.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <set>

#include "core/units.hpp"

namespace plumbline::gate {
namespace {

constexpr std::size_t most_limits = 3;
constexpr std::size_t most_cuts = 16;  ///< tried on one side of one number
constexpr double unlimited = std::numeric_limits<double>::infinity();

struct Point {
  const Case* at;
  bool kept;
};

std::vector<Limit> cuts_on(const AxisInfo& axis, const std::vector<Point>& points) {
  std::set<double> distinct;
  for (const Point& point : points) {
    distinct.insert(axis.get(*point.at));
  }
  const std::vector<double> values(distinct.begin(), distinct.end());
  std::vector<Limit> cuts;
  const std::size_t step = std::max<std::size_t>(1, values.size() / most_cuts);
  for (std::size_t i = 0; i + 1 < values.size(); i += step) {
    cuts.push_back({std::string(axis.name), {values.front(), values[i]}, {}});
    cuts.push_back({std::string(axis.name), {values[i + 1], values.back()}, {}});
  }
  return cuts;
}

std::vector<Limit> all_cuts(const std::vector<Point>& points) {
  std::vector<Limit> cuts;
  for (const AxisInfo& axis : numbers()) {
    const std::vector<Limit> more = cuts_on(axis, points);
    cuts.insert(cuts.end(), more.begin(), more.end());
  }
  for (const std::string_view name : words()) {
    std::set<std::string> distinct;
    for (const Point& point : points) {
      distinct.insert(word(*point.at, name));
    }
    for (const std::string& value : distinct) {
      if (distinct.size() > 1) {
        cuts.push_back({std::string(name), {}, value});
      }
    }
  }
  return cuts;
}

struct Kept {
  std::size_t good = 0;
  std::size_t bad = 0;
};

Kept inside(const Limit& limit, const std::vector<Point>& points) {
  Kept kept;
  for (const Point& point : points) {
    if (limit.lets_through(*point.at)) {
      (point.kept ? kept.good : kept.bad) += 1;
    }
  }
  return kept;
}

/// Two ways on: the cut with most points on which the claim stands, and the one that separates good
/// from bad best.
struct BestCuts {
  std::optional<Limit> standing;
  std::optional<Limit> separating;
};

BestCuts best_cuts(const std::vector<Point>& points, const Stands& stands) {
  const Kept all = inside({"size", {-unlimited, unlimited}, {}}, points);
  BestCuts best;
  std::size_t most = 0;
  double best_worth = 0.0;
  for (const Limit& cut : all_cuts(points)) {
    const Kept kept = inside(cut, points);
    const std::size_t count = kept.good + kept.bad;
    const double worth =
        static_cast<double>(kept.good) / std::max(1.0, static_cast<double>(all.good)) -
        static_cast<double>(kept.bad) / std::max(1.0, static_cast<double>(all.bad));
    if (stands(kept.bad, count)) {
      if (count > most) {
        most = count;
        best.standing = cut;
      }
    } else if (worth > best_worth) {
      best_worth = worth;
      best.separating = cut;
    }
  }
  return best;
}

std::vector<Point> within(const Limit& limit, const std::vector<Point>& points) {
  std::vector<Point> left;
  std::ranges::copy_if(points, std::back_inserter(left),
                       [&](const Point& point) { return limit.lets_through(*point.at); });
  return left;
}

/// A limit of the same axis, found inside of this one, is the narrower of the two.
void put_first(const Limit& limit, std::vector<Limit>& limits) {
  const auto same = std::ranges::find(limits, limit.axis, &Limit::axis);
  if (same == limits.end()) {
    limits.insert(limits.begin(), limit);
  } else {
    std::rotate(limits.begin(), same, same + 1);
  }
}

/// Of the cuts on either way the box with most points.
std::optional<Box> best_box(const std::vector<Point>& points, const Stands& stands,
                            std::size_t limits) {
  const BestCuts cuts = best_cuts(points, stands);
  std::optional<Box> best;
  if (cuts.standing) {
    best = Box{.limits = {*cuts.standing}, .points = within(*cuts.standing, points).size()};
  }
  if (cuts.separating && limits > 1) {
    std::optional<Box> smaller = best_box(within(*cuts.separating, points), stands, limits - 1);
    if (smaller && (!best || smaller->points > best->points)) {
      put_first(*cuts.separating, smaller->limits);
      best = std::move(smaller);
    }
  }
  return best;
}

}  // namespace

bool Limit::lets_through(const Case& at) const {
  if (!word.empty()) {
    return gate::word(at, axis) == word;
  }
  const double value = find_number(axis)->get(at);
  return value >= range.from && value <= range.to;
}

bool Box::lets_through(const Case& at) const {
  return std::ranges::all_of(limits, [&](const Limit& limit) { return limit.lets_through(at); });
}

std::string to_text(const Limit& limit) {
  if (!limit.word.empty()) {
    return fmt::format("{} = {}", limit.axis, limit.word);
  }
  const AxisInfo& axis = *find_number(limit.axis);
  const std::string from = value_text(axis, limit.range.from);
  const std::string to = value_text(axis, limit.range.to);
  return limit.range.from == limit.range.to ? fmt::format("{} = {}", axis.says, from)
                                            : fmt::format("{} {} to {}", axis.says, from, to);
}

std::optional<Box> largest_box(const std::vector<Sample>& samples,
                               const std::vector<Judgement>& judgements, const Stands& stands) {
  // Corners share the middle of all axes but one: good ones would make a large part of any thin
  // slice through it.
  std::vector<Point> points;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (judgements[i].known && (samples[i].drawn || !judgements[i].kept)) {
      points.push_back({&samples[i].at, judgements[i].kept});
    }
  }
  std::optional<Box> box = best_box(points, stands, most_limits);
  if (box) {
    box->share = static_cast<double>(box->points) / static_cast<double>(points.size());
  }
  return box;
}

std::string to_yaml(const Box& box) {
  std::string text = "domain:\n";
  for (const Limit& limit : box.limits) {
    if (!limit.word.empty()) {
      text += fmt::format("  {}: [{}]\n", limit.axis, limit.word);
      continue;
    }
    const AxisInfo& axis = *find_number(limit.axis);
    const auto written = [&](double value) {
      switch (axis.scale) {
        case Scale::bytes:
          return core::format(core::Bytes::from_si(value));
        case Scale::seconds:
          return core::format(core::Seconds::from_si(value));
        case Scale::bandwidth:
          return core::format(core::Bandwidth::from_si(value));
        case Scale::count:
        case Scale::ratio:
          break;
      }
      return fmt::format("{}", value);
    };
    text += fmt::format("  {}: {{from: {}, to: {}}}\n", limit.axis, written(limit.range.from),
                        written(limit.range.to));
  }
  return text;
}

}  // namespace plumbline::gate
