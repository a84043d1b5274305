// SPDX-License-Identifier: Apache-2.0
// Axes and marks of a small chart, as SVG text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plumbline::report {

/// A scale from data to pixels, linear or logarithmic.
class Scale {
 public:
  Scale(double low, double high, double from_pixel, double to_pixel, bool logarithmic);

  [[nodiscard]] double at(double value) const;

  [[nodiscard]] double low() const { return low_; }

  [[nodiscard]] double high() const { return high_; }

 private:
  double low_;
  double high_;
  double from_;
  double to_;
  bool logarithmic_;
};

using Vertices = std::vector<std::pair<double, double>>;  ///< in data coordinates

/// Powers of `base` from `low` to `high`, thinned to at most `most`.
[[nodiscard]] std::vector<double> powers(double low, double high, double base, std::size_t most);

/// Round numbers from `low` to `high`, zero among them, five or so.
[[nodiscard]] std::vector<double> round_steps(double low, double high);

[[nodiscard]] std::string svg_text(double x, double y, std::string_view classes,
                                   std::string_view text);
[[nodiscard]] std::string svg_line(const Scale& x, const Scale& y, const Vertices& points,
                                   std::string_view classes);
/// Between two lines over the same abscissas.
[[nodiscard]] std::string svg_band(const Scale& x, const Scale& y, const Vertices& upper,
                                   const Vertices& lower, std::string_view classes);
[[nodiscard]] std::string svg_dots(const Scale& x, const Scale& y, const Vertices& points,
                                   std::string_view classes);

}  // namespace plumbline::report
