// SPDX-License-Identifier: Apache-2.0
#include "calibration/distributions.hpp"

#include <cmath>
#include <initializer_list>
#include <numbers>

namespace plumbline::calibration {
namespace {

/// The continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8), evaluated
/// from the front (Lentz 1976).
double beta_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  constexpr int terms = 10'000;
  const auto away_from_zero = [](double value) { return std::abs(value) < tiny ? tiny : value; };
  double c = 1.0;
  double d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
  double result = d;
  for (int m = 1; m <= terms; ++m) {
    const double two = 2.0 * m;
    double factor = 1.0;
    for (const double term : {m * (b - m) * x / ((a + two - 1.0) * (a + two)),
                              -(a + m) * (a + b + m) * x / ((a + two) * (a + two + 1.0))}) {
      d = 1.0 / away_from_zero(1.0 + term * d);
      c = away_from_zero(1.0 + term / c);
      factor = c * d;
      result *= factor;
    }
    if (std::abs(factor - 1.0) < 1e-15) {
      break;
    }
  }
  return result;
}

/// I_x(a, b); `rest` is 1 - x, given apart because x may be within rounding of 1.
double regularised_beta(double a, double b, double x, double rest) {
  if (x <= 0.0 || rest <= 0.0) {
    return x <= 0.0 ? 0.0 : 1.0;
  }
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log(rest));
  return x < (a + 1.0) / (a + b + 2.0) ? front * beta_fraction(a, b, x) / a
                                       : 1.0 - front * beta_fraction(b, a, rest) / b;
}

/// The value at which a rising function reaches `probability`, by halving.
template <typename Function>
double invert(double probability, Function rising) {
  double low = -1.0;
  double high = 1.0;
  while (rising(low) > probability) {
    low *= 2.0;
  }
  while (rising(high) < probability) {
    high *= 2.0;
  }
  for (int i = 0; i < 100 && high - low > 1e-13 * (1.0 + std::abs(low)); ++i) {
    const double middle = 0.5 * (low + high);
    (rising(middle) < probability ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

double normal_probability(double value) {
  return 0.5 * std::erfc(-value / std::numbers::sqrt2);
}

double normal_quantile(double probability) {
  return invert(probability, normal_probability);
}

double student_probability(double value, double degrees) {
  const double whole = degrees + value * value;
  const double tails = regularised_beta(0.5 * degrees, 0.5, degrees / whole, value * value / whole);
  return value < 0.0 ? 0.5 * tails : 1.0 - 0.5 * tails;
}

double student_quantile(double probability, double degrees) {
  // A parameter that no point sees has any number of degrees, and the fraction needs as many terms.
  if (degrees > 1e8) {
    return normal_quantile(probability);
  }
  return invert(probability,
                [degrees](double value) { return student_probability(value, degrees); });
}

}  // namespace plumbline::calibration
