// SPDX-License-Identifier: Apache-2.0
// Physical quantities with compile-time dimensions over bytes, seconds and FLOP; SI doubles inside.
#pragma once

#include <compare>
#include <concepts>
#include <limits>

namespace plumbline::core {

/// Exponents of bytes, seconds and floating-point operations.
template <int BytesExponent, int SecondsExponent, int FlopExponent = 0>
struct Dim {
  static constexpr int bytes = BytesExponent;
  static constexpr int seconds = SecondsExponent;
  static constexpr int flop = FlopExponent;
};

/// A number with a dimension. Never built from a bare double by accident: use a literal, `from_si`
/// (edges of the program only) or the text parser of core/units.hpp.
template <class D>
class Quantity {
 public:
  using dimension = D;

  constexpr Quantity() = default;

  [[nodiscard]] static constexpr Quantity from_si(double value) {
    Quantity q;
    q.value_ = value;
    return q;
  }

  [[nodiscard]] static constexpr Quantity infinity() {
    return from_si(std::numeric_limits<double>::infinity());
  }

  [[nodiscard]] constexpr double si() const { return value_; }

  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }

  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }

  constexpr Quantity& operator*=(double factor) {
    value_ *= factor;
    return *this;
  }

  friend constexpr auto operator<=>(Quantity, Quantity) = default;

  friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }

  friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }

  friend constexpr Quantity operator-(Quantity a) { return from_si(-a.value_); }

  friend constexpr Quantity operator*(Quantity a, double factor) { return a *= factor; }

  friend constexpr Quantity operator*(double factor, Quantity a) { return a *= factor; }

  friend constexpr Quantity operator/(Quantity a, double divisor) {
    return from_si(a.value_ / divisor);
  }

 private:
  double value_ = 0.0;
};

namespace detail {
template <class D>
constexpr auto make(double value) {
  if constexpr (D::bytes == 0 && D::seconds == 0 && D::flop == 0) {
    return value;  // a ratio of like quantities is a plain number
  } else {
    return Quantity<D>::from_si(value);
  }
}
}  // namespace detail

template <class A, class B>
[[nodiscard]] constexpr auto operator*(Quantity<A> a, Quantity<B> b) {
  using D = Dim<A::bytes + B::bytes, A::seconds + B::seconds, A::flop + B::flop>;
  return detail::make<D>(a.si() * b.si());
}

template <class A, class B>
[[nodiscard]] constexpr auto operator/(Quantity<A> a, Quantity<B> b) {
  using D = Dim<A::bytes - B::bytes, A::seconds - B::seconds, A::flop - B::flop>;
  return detail::make<D>(a.si() / b.si());
}

using Bytes = Quantity<Dim<1, 0>>;
using Seconds = Quantity<Dim<0, 1>>;
using Bandwidth = Quantity<Dim<1, -1>>;
using Flop = Quantity<Dim<0, 0, 1>>;
using FlopRate = Quantity<Dim<0, -1, 1>>;

/// A dimensionless share written as a percentage in text: `5 %` is 0.05.
struct Fraction {
  double value = 0.0;
  friend constexpr auto operator<=>(Fraction, Fraction) = default;
};

inline namespace literals {
// NOLINTBEGIN(google-runtime-int,bugprone-macro-parentheses): the signatures of literal operators
// are fixed by the language, and a type can't stand in parentheses
// Scaled in long double, so that 3_ns is the double nearest to 3e-9, as the text parser has it.
#define PLUMBLINE_LITERAL(suffix, Type, scale)                                            \
  consteval Type operator""_##suffix(long double value) {                                 \
    return Type::from_si(static_cast<double>(static_cast<long double>(value) * (scale))); \
  }                                                                                       \
  consteval Type operator""_##suffix(unsigned long long value) {                          \
    return Type::from_si(static_cast<double>(static_cast<long double>(value) * (scale))); \
  }
PLUMBLINE_LITERAL(B, Bytes, 1.0L)
PLUMBLINE_LITERAL(KiB, Bytes, 1024.0L)
PLUMBLINE_LITERAL(MiB, Bytes, 1024.0L * 1024.0L)
PLUMBLINE_LITERAL(GiB, Bytes, 1024.0L * 1024.0L * 1024.0L)
PLUMBLINE_LITERAL(kB, Bytes, 1e3L)
PLUMBLINE_LITERAL(MB, Bytes, 1e6L)
PLUMBLINE_LITERAL(GB, Bytes, 1e9L)
PLUMBLINE_LITERAL(GBps, Bandwidth, 1e9L)
PLUMBLINE_LITERAL(s, Seconds, 1.0L)
PLUMBLINE_LITERAL(ms, Seconds, 1e-3L)
PLUMBLINE_LITERAL(us, Seconds, 1e-6L)
PLUMBLINE_LITERAL(ns, Seconds, 1e-9L)
#undef PLUMBLINE_LITERAL
// NOLINTEND(google-runtime-int,bugprone-macro-parentheses)
}  // namespace literals

}  // namespace plumbline::core
