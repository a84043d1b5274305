// SPDX-License-Identifier: Apache-2.0
// A calibrated curve as a picture: times above, relative errors below, over one axis of sizes.
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "core/units.hpp"
#include "core/xml.hpp"
#include "report/calibration.hpp"
#include "report/plot.hpp"

namespace plumbline::report {
namespace {

constexpr double width = 760.0;
constexpr double height = 600.0;
constexpr double left = 78.0;
constexpr double right = width - 20.0;
constexpr double top = 64.0;
constexpr double middle = 390.0;  // bottom of the times
constexpr double below = 420.0;   // top of the errors
constexpr double bottom = height - 52.0;
constexpr double least_error = 0.2;  // shown at least, and at most:
constexpr double most_error = 1.0;

// Colours after Okabe & Ito, which people of any colour vision can tell apart; on dark pages the
// ink turns light.
constexpr std::string_view style =
    "<style>"
    ".page{fill:#fff}.ink{fill:#222}.dim{fill:#666}"
    "text{font-family:sans-serif;font-size:12px}.title{font-size:15px;font-weight:600}"
    ".end{text-anchor:end}.mid{text-anchor:middle}"
    ".grid{stroke:#e2e2e2;stroke-width:1;fill:none}.zero{stroke:#888;stroke-width:1;fill:none}"
    ".frame{stroke:#999;stroke-width:1;fill:none}"
    ".ours{stroke:#0072b2;stroke-width:2;fill:none}.band{fill:#0072b2;fill-opacity:.16}"
    ".null{stroke:#d55e00;stroke-width:1.6;fill:none;stroke-dasharray:6 4}"
    ".tuner{stroke:#aa4499;stroke-width:1.4;fill:none;stroke-dasharray:2 3}"
    ".dot{fill:#222;stroke:#fff;stroke-width:.8}.odd{fill:#d40000;stroke:#fff;stroke-width:.8}"
    ".err{fill:#0072b2;stroke:#fff;stroke-width:.8}"
    "@media(prefers-color-scheme:dark){.page{fill:#16181c}.ink{fill:#e8e8e8}.dim{fill:#a0a0a0}"
    ".grid{stroke:#33363c}.frame{stroke:#70747c}.zero{stroke:#9a9a9a}"
    ".ours{stroke:#56b4e9}.band{fill:#56b4e9}.err{fill:#56b4e9;stroke:#16181c}"
    ".null{stroke:#e69f00}.tuner{stroke:#dd88cc}.dot{fill:#f0f0f0;stroke:#16181c}"
    ".odd{fill:#ff6b6b;stroke:#16181c}}"
    "</style>\n";

class Picture {
 public:
  explicit Picture(const CalibratedCurve& curve)
      : curve_(curve), x_(sizes()), y_(times()), errors_(error_scale()) {}

  std::string draw() {
    svg_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
        "width=\"{0:.0f}\" height=\"{1:.0f}\" role=\"img\">\n",
        width, height);
    svg_ +=
        fmt::format("<title>{}</title>\n", core::xml_escaped(curve_.label)) + std::string(style);
    svg_ +=
        fmt::format("<rect class=\"page\" width=\"{:.0f}\" height=\"{:.0f}\"/>\n", width, height);
    svg_ += svg_text(left, 24.0, "ink title", curve_.label);
    draw_axes();
    draw_times();
    draw_errors();
    draw_legend();
    return svg_ + "</svg>\n";
  }

 private:
  [[nodiscard]] Scale sizes() const {
    double low = HUGE_VAL;
    double high = 0.0;
    for (const CalibratedPoint& point : curve_.points) {
      low = std::min(low, point.size.si());
      high = std::max(high, point.size.si());
    }
    return {low / 1.5, high * 1.5, left, right, true};
  }

  [[nodiscard]] Scale times() const {
    double low = HUGE_VAL;
    double high = 0.0;
    for (const CalibratedPoint& point : curve_.points) {
      low = std::min({low, point.measured.si(), point.predicted.si()});
      high = std::max({high, point.measured.si(), point.predicted.si()});
    }
    return {low / 1.6, high * 1.6, middle, top, true};
  }

  [[nodiscard]] Scale error_scale() const {
    double most = least_error;
    for (const CalibratedPoint& point : curve_.points) {
      most = std::max(most, 1.1 * std::abs(point.predicted / point.measured - 1.0));
      if (point.low > core::Seconds{}) {
        most = std::max(most, 1.1 * (point.predicted / point.low - 1.0));
      }
    }
    most = std::min(most, most_error);
    return {-most, most, bottom, below, false};
  }

  void rule(const Scale& y, double value, std::string_view classes) {
    svg_ += svg_line(x_, y, {{x_.low(), value}, {x_.high(), value}}, classes);
  }

  void draw_axes() {
    for (const double size : powers(x_.low(), x_.high(), 4.0, 12)) {
      svg_ += svg_line(x_, y_, {{size, y_.low()}, {size, y_.high()}}, "grid");
      svg_ += svg_line(x_, errors_, {{size, errors_.low()}, {size, errors_.high()}}, "grid");
      svg_ += svg_text(x_.at(size), bottom + 18.0, "ink mid",
                       core::display(core::Bytes::from_si(size)));
    }
    for (const double time : powers(y_.low(), y_.high(), 10.0, 8)) {
      rule(y_, time, "grid");
      svg_ += svg_text(left - 8.0, y_.at(time) + 4.0, "ink end",
                       core::display(core::Seconds::from_si(time)));
    }
    for (const double error : round_steps(errors_.low(), errors_.high())) {
      rule(errors_, error, std::abs(error) < 1e-12 ? "zero" : "grid");
      svg_ += svg_text(left - 8.0, errors_.at(error) + 4.0, "ink end",
                       std::abs(error) < 1e-12 ? "0 %" : fmt::format("{:+.0f} %", 100.0 * error));
    }
    for (const auto& [from, to] : {std::pair(top, middle), std::pair(below, bottom)}) {
      svg_ += fmt::format(
          "<rect class=\"frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
          left, from, right - left, to - from);
    }
    svg_ += svg_text((left + right) / 2.0, bottom + 40.0, "dim mid", "size");
    svg_ += svg_text(left + 6.0, below + 16.0, "dim", "predicted over measured");
  }

  /// A line through the points that have a value.
  template <class Value>
  void line(std::string_view classes, Value value) {
    Vertices vertices;
    for (const CalibratedPoint& point : curve_.points) {
      if (const std::optional<core::Seconds> time = value(point)) {
        vertices.emplace_back(point.size.si(), time->si());
      }
    }
    if (!vertices.empty()) {
      svg_ += svg_line(x_, y_, vertices, classes);
    }
  }

  void draw_times() {
    Vertices low;
    Vertices high;
    Vertices dots;
    Vertices odd;
    for (const CalibratedPoint& point : curve_.points) {
      if (std::isfinite(point.high.si())) {
        low.emplace_back(point.size.si(), point.low.si());
        high.emplace_back(point.size.si(), point.high.si());
      }
      (point.beats_light() ? odd : dots).emplace_back(point.size.si(), point.measured.si());
    }
    if (!low.empty()) {
      svg_ += svg_band(x_, y_, high, low, "band");
    }
    line("tuner", [](const CalibratedPoint& point) { return point.tuner; });
    line("null", [&](const CalibratedPoint& point) { return rival(point); });
    line("ours", [](const CalibratedPoint& point) { return std::optional(point.predicted); });
    svg_ += svg_dots(x_, y_, dots, "dot") + svg_dots(x_, y_, odd, "odd");
  }

  void draw_errors() {
    Vertices low;
    Vertices high;
    Vertices dots;
    for (const CalibratedPoint& point : curve_.points) {
      const double size = point.size.si();
      if (std::isfinite(point.high.si())) {
        low.emplace_back(size, point.predicted / point.high - 1.0);
        high.emplace_back(
            size, point.low > core::Seconds{} ? point.predicted / point.low - 1.0 : errors_.high());
      }
      dots.emplace_back(size, point.predicted / point.measured - 1.0);
    }
    if (!low.empty()) {
      svg_ += svg_band(x_, errors_, high, low, "band");
    }
    svg_ += svg_line(x_, errors_, dots, "ours") + svg_dots(x_, errors_, dots, "err");
  }

  /// What a model must beat: of a scored curve the transferred null, else the fitted one.
  [[nodiscard]] std::optional<core::Seconds> rival(const CalibratedPoint& point) const {
    return curve_.fitted ? point.fitted_null : point.transferred_null;
  }

  void draw_legend() {
    double x = left;
    const auto entry = [&](std::string_view mark, std::string_view classes,
                           const std::string& name) {
      svg_ +=
          mark == "dot" ? fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"44\" r=\"3.2\"/>\n",
                                      classes, x + 11.0)
          : mark == "band" ? fmt::format(
                                 "<rect class=\"{}\" x=\"{:.1f}\" y=\"38\" width=\"22\" "
                                 "height=\"12\"/>\n",
                                 classes, x)
                           : fmt::format("<path class=\"{}\" d=\"M{:.1f} 44h22\"/>\n", classes, x);
      svg_ += svg_text(x + 28.0, 48.0, "ink", name);
      x += 46.0 + 6.6 * static_cast<double>(name.size());
    };
    entry("dot", "dot", "measured");
    entry("line", "ours", curve_.fitted ? "fitted" : "predicted");
    entry("band", "band", "90 %");
    entry("line", "null", curve_.fitted ? "null model, own" : "null model, transferred");
    entry("line", "tuner", "nccl_tuner");
  }

  const CalibratedCurve& curve_;
  Scale x_;
  Scale y_;
  Scale errors_;
  std::string svg_;
};

}  // namespace

std::string to_svg(const CalibratedCurve& curve) {
  return curve.points.empty() ? std::string() : Picture(curve).draw();
}

}  // namespace plumbline::report
