// SPDX-License-Identifier: Apache-2.0
#include "report/plot.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "core/xml.hpp"

namespace plumbline::report {
namespace {

std::string path(const Scale& x, const Scale& y, const Vertices& points, char first) {
  std::string text;
  for (const auto& [at, value] : points) {
    text += fmt::format("{}{:.1f} {:.1f}", text.empty() ? first : 'L', x.at(at), y.at(value));
  }
  return text;
}

}  // namespace

Scale::Scale(double low, double high, double from_pixel, double to_pixel, bool logarithmic)
    : low_(low), high_(high), from_(from_pixel), to_(to_pixel), logarithmic_(logarithmic) {}

double Scale::at(double value) const {
  const double inside = std::clamp(value, low_, high_);
  const double share = logarithmic_ ? std::log(inside / low_) / std::log(high_ / low_)
                                    : (inside - low_) / (high_ - low_);
  return from_ + share * (to_ - from_);
}

std::vector<double> powers(double low, double high, double base, std::size_t most) {
  const auto first = static_cast<int>(std::ceil(std::log(low) / std::log(base) - 1e-9));
  const auto last = static_cast<int>(std::floor(std::log(high) / std::log(base) + 1e-9));
  const int step = std::max(1, (last - first) / static_cast<int>(most) + 1);
  std::vector<double> result;
  for (int exponent = first; exponent <= last; ++exponent) {
    if (exponent % step == 0) {
      result.push_back(std::pow(base, exponent));
    }
  }
  return result;
}

std::vector<double> round_steps(double low, double high) {
  const double rough = (high - low) / 5.0;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double lead = rough / power;
  const double step = power * (lead < 1.5 ? 1.0 : lead < 3.5 ? 2.0 : lead < 7.5 ? 5.0 : 10.0);
  std::vector<double> result;
  for (double k = std::ceil(low / step); k <= std::floor(high / step); k += 1.0) {
    result.push_back(k * step);
  }
  return result;
}

std::string svg_text(double x, double y, std::string_view classes, std::string_view text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\">{}</text>\n", x, y, classes,
                     core::xml_escaped(text));
}

std::string svg_line(const Scale& x, const Scale& y, const Vertices& points,
                     std::string_view classes) {
  return fmt::format("<path class=\"{}\" d=\"{}\"/>\n", classes, path(x, y, points, 'M'));
}

std::string svg_band(const Scale& x, const Scale& y, const Vertices& upper, const Vertices& lower,
                     std::string_view classes) {
  const Vertices back(lower.rbegin(), lower.rend());
  return fmt::format("<path class=\"{}\" d=\"{}{}Z\"/>\n", classes, path(x, y, upper, 'M'),
                     path(x, y, back, 'L'));
}

std::string svg_dots(const Scale& x, const Scale& y, const Vertices& points,
                     std::string_view classes) {
  std::string text;
  for (const auto& [at, value] : points) {
    text += fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.2\"/>\n", classes,
                        x.at(at), y.at(value));
  }
  return text;
}

}  // namespace plumbline::report
