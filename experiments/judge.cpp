// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "core/units.hpp"
#include "experiments/accept.hpp"

namespace plumbline::experiments {
namespace {

using core::Seconds;
using report::Point;
using report::ResultSet;

/// `1 GiB` and `1024 MiB` are the same place on an axis.
bool same_value(const std::string& a, const std::string& b) {
  if (a == b) {
    return true;
  }
  const auto x = core::parse_bytes(a);
  const auto y = core::parse_bytes(b);
  const auto* left = std::get_if<core::Bytes>(&x);
  const auto* right = std::get_if<core::Bytes>(&y);
  return left != nullptr && right != nullptr && *left == *right;
}

const std::string* label(const Point& point, const std::string& axis) {
  for (const auto& [path, value] : point.labels) {
    if (path == axis) {
      return &value;
    }
  }
  return nullptr;
}

bool matches(const Point& point, const Where& where) {
  return std::all_of(where.begin(), where.end(), [&](const auto& condition) {
    const std::string* value = label(point, condition.first);
    return value != nullptr && same_value(*value, condition.second);
  });
}

std::optional<Seconds> time_of(const Point& point, const std::string& column) {
  if (column == "replay") {
    return point.replay ? point.replay->estimate : std::nullopt;
  }
  for (const report::Prediction& prediction : point.predictions) {
    if (prediction.solver == column && prediction.valid) {
      return prediction.estimate;
    }
  }
  return std::nullopt;
}

/// The smallest value that at least `share` of the values don't exceed. Precondition: not empty.
double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(share * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

std::string place(const core::SourceSpan& at) {
  return fmt::format("{}:{}:{}", at.file, at.line, at.column);
}

class Judge {
 public:
  explicit Judge(const ResultSet& result) : result_(result) {}

  /// Asked for or not: no answer stands without these.
  void always() {
    for (const Point& point : result_.points) {
      if (point.status == report::PointStatus::failed) {
        fail(fmt::format("{}: failed", name(point)));
      }
      if (!point.inside_bounds.value_or(true)) {
        fail(fmt::format("{}: the replay lies outside its certified bounds", name(point)));
      }
    }
  }

  void bounds_tested() {
    if (std::none_of(result_.points.begin(), result_.points.end(),
                     [](const Point& point) { return point.inside_bounds.has_value(); })) {
      fail("bounds: no point has both a replay and bounds");
    }
  }

  void gap(const GapLimit& limit) {
    std::vector<double> gaps;
    for (const Point& point : result_.points) {
      for (const report::Gap& gap : point.gaps) {
        const bool wanted = limit.of.empty() ? gap.of != "replay" : gap.of == limit.of;
        if (wanted && gap.against == limit.against) {
          gaps.push_back(std::abs(gap.relative));
        }
      }
    }
    const std::string pair = fmt::format(
        "gap of {} against {}", limit.of.empty() ? "every solver" : limit.of, limit.against);
    if (gaps.empty()) {
      fail(fmt::format("{}: {}: no point has both", place(limit.at), pair));
      return;
    }
    limited(limit, pair, "median", quantile(gaps, 0.5), limit.median);
    limited(limit, pair, "p95", quantile(gaps, 0.95), limit.p95);
    limited(limit, pair, "max", quantile(gaps, 1.0), limit.max);
  }

  void expectation(const Expectation& expected) {
    std::size_t tested = 0;
    for (const Point& point : result_.points) {
      const std::optional<Seconds> time = time_of(point, expected.of);
      if (!matches(point, expected.where) || !time) {
        continue;
      }
      ++tested;
      const double off = *time / expected.time - 1.0;
      if (std::abs(off) > expected.within.value) {
        fail(fmt::format("{}: {}: {} takes {}, expected {} within {} (off by {:+.3g} %)",
                         place(expected.at), name(point), expected.of, core::display(*time),
                         core::display(expected.time), core::format(expected.within), 100 * off));
      }
    }
    if (tested == 0) {
      fail(fmt::format("{}: no point has a time of {} here", place(expected.at), expected.of));
    }
  }

  void ratio(const RatioLimit& limit) {
    std::size_t tested = 0;
    for (const Point& top : result_.points) {
      for (const Point& bottom : result_.points) {
        if (!matches(top, limit.of) || !matches(bottom, limit.over) ||
            !alike_elsewhere(top, bottom, limit)) {
          continue;
        }
        const std::optional<Seconds> a = time_of(top, "replay");
        const std::optional<Seconds> b = time_of(bottom, "replay");
        if (a && b) {
          ++tested;
          check_ratio(limit, *a / *b, name(top) + " over " + name(bottom));
        }
      }
    }
    if (tested == 0) {
      fail(fmt::format("{}: no two points have these axis values and a replay", place(limit.at)));
    }
  }

  [[nodiscard]] report::Verdict verdict() && { return std::move(verdict_); }

 private:
  void fail(std::string why) {
    verdict_.accepted = false;
    verdict_.failures.push_back(std::move(why));
  }

  void limited(const GapLimit& limit, const std::string& pair, std::string_view what, double value,
               const std::optional<core::Fraction>& most) {
    if (most && !(value <= most->value)) {  // a gap that is no number is too large
      fail(fmt::format("{}: {}: {} is {:.3g} %, more than {}", place(limit.at), pair, what,
                       100 * value, core::format(*most)));
    }
  }

  void check_ratio(const RatioLimit& limit, double ratio, const std::string& points) {
    if (limit.at_least && !(ratio >= *limit.at_least)) {
      fail(fmt::format("{}: {}: the replays' ratio is {:.4g}, less than {}", place(limit.at),
                       points, ratio, *limit.at_least));
    }
    if (limit.at_most && !(ratio <= *limit.at_most)) {
      fail(fmt::format("{}: {}: the replays' ratio is {:.4g}, more than {}", place(limit.at),
                       points, ratio, *limit.at_most));
    }
  }

  /// The two points differ only on the axes that the ratio names.
  static bool alike_elsewhere(const Point& a, const Point& b, const RatioLimit& limit) {
    return std::all_of(a.labels.begin(), a.labels.end(), [&](const auto& axis) {
      const std::string* other = label(b, axis.first);
      return limit.of.contains(axis.first) || limit.over.contains(axis.first) ||
             (other != nullptr && *other == axis.second);
    });
  }

  static std::string name(const Point& point) {
    std::string text;
    for (const auto& [axis, value] : point.labels) {
      text +=
          fmt::format("{}{} {}", text.empty() ? "" : ", ", axis.substr(axis.rfind('.') + 1), value);
    }
    return text.empty() ? "the point" : text;
  }

  const ResultSet& result_;
  report::Verdict verdict_{.accepted = true, .judged = true, .failures = {}};
};

}  // namespace

report::Verdict judge(const Acceptance& accept, const ResultSet& result) {
  Judge judge(result);
  judge.always();
  if (accept.bounds) {
    judge.bounds_tested();
  }
  for (const GapLimit& limit : accept.gaps) {
    judge.gap(limit);
  }
  for (const Expectation& expected : accept.expect) {
    judge.expectation(expected);
  }
  for (const RatioLimit& limit : accept.ratios) {
    judge.ratio(limit);
  }
  return std::move(judge).verdict();
}

}  // namespace plumbline::experiments
