// SPDX-License-Identifier: Apache-2.0
#include "core/units.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

namespace plumbline::core {
namespace {

// Every finite double that is not negative: all bit patterns below that of infinity.
rc::Gen<double> any_amount() {
  constexpr auto infinity = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::infinity());
  return rc::gen::map(rc::gen::inRange<std::uint64_t>(0, infinity),
                      [](std::uint64_t bits) { return std::bit_cast<double>(bits); });
}

// What people write: a few digits and a power of ten or two.
rc::Gen<double> usual_amount() {
  return rc::gen::apply(
      [](int digits, int exponent, int shift) {
        return std::ldexp(digits * std::pow(10.0, exponent), shift);
      },
      rc::gen::inRange(0, 100'000), rc::gen::inRange(-15, 16),
      rc::gen::elementOf(std::vector<int>{0, 0, 10, 20, 30}));
}

template <class Q>
void check_inverse(const std::string& name, Parsed<Q> (*parse)(std::string_view)) {
  for (const auto& amounts : {any_amount(), usual_amount()}) {
    rc::prop(name, [&] {
      const Q value = Q::from_si(*amounts);
      const Parsed<Q> back = parse(format(value));
      RC_ASSERT(back.index() == 0U);
      RC_ASSERT(std::get<0>(back).si() == value.si());
    });
  }
}

std::string hint(const Parsed<Bandwidth>& parsed) {
  return std::get<UnitError>(parsed).hint;
}

std::string code(const Parsed<Bandwidth>& parsed) {
  return std::string(std::get<UnitError>(parsed).code);
}

TEST_CASE("format() is the exact inverse of parsing for every quantity") {
  check_inverse<Bytes>("bytes", parse_bytes);
  check_inverse<Seconds>("seconds", parse_seconds);
  check_inverse<Bandwidth>("bandwidth", parse_bandwidth);
  check_inverse<Flop>("flop", parse_flop);
  check_inverse<FlopRate>("flop rate", parse_flop_rate);
  rc::prop("fraction", [] {
    const Fraction value{*any_amount()};
    const Parsed<Fraction> back = parse_fraction(format(value));
    RC_ASSERT(back.index() == 0U);
    RC_ASSERT(std::get<0>(back) == value);
  });
}

TEST_CASE("No text makes the parsers throw, and every refusal says why and where") {
  rc::prop("any text", [](const std::string& text) {
    const Parsed<Bandwidth> parsed = parse_bandwidth(text);
    if (parsed.index() == 1) {
      RC_ASSERT(!std::get<1>(parsed).message.empty());
      RC_ASSERT(std::get<1>(parsed).offset <= text.size());
    }
  });
}

TEST_CASE("Decimal prefixes are powers of 1000, binary ones of 1024, and b is a bit") {
  const auto bytes = [](std::string_view text) { return std::get<Bytes>(parse_bytes(text)).si(); };
  CHECK(bytes("1 B") == 1.0);
  CHECK(bytes("1 kB") == 1e3);
  CHECK(bytes("1 MB") == 1e6);
  CHECK(bytes("1PB") == 1e15);
  CHECK(bytes("64 KiB") == 65536.0);
  CHECK(bytes("1.5  MiB") == 1.5 * 1048576.0);
  CHECK(bytes("1 TiB") == std::ldexp(1.0, 40));
  CHECK(bytes("8 b") == 1.0);
  CHECK(bytes("8 Kib") == 1024.0);
  CHECK(bytes("2e3 B") == 2000.0);

  const auto rate = [](std::string_view text) {
    return std::get<Bandwidth>(parse_bandwidth(text)).si();
  };
  CHECK(rate("450 GB/s") == 450e9);
  CHECK(rate("400 Gb/s") == 50e9);  // 400 / 8
  CHECK(rate("3.35 TB/s") == 3.35e12);
  CHECK(rate("1 GiB/s") == 1073741824.0);
}

TEST_CASE("The parsed double is the one nearest to the decimal text") {
  const auto seconds = [](std::string_view text) {
    return std::get<Seconds>(parse_seconds(text)).si();
  };
  CHECK(seconds("3 ns") == 3e-9);  // 3 * 1e-9 is another double
  CHECK(seconds("1.2 us") == 1.2e-6);
  CHECK(seconds("5 ms") == 5e-3);
  CHECK(seconds("7 ps") == 7e-12);
  CHECK(seconds("0 s") == 0.0);
  CHECK(Seconds::from_si(seconds("3 ns")) == 3_ns);
  CHECK(std::get<Fraction>(parse_fraction("5 %")).value == 0.05);
  CHECK(std::get<FlopRate>(parse_flop_rate("989 TFLOP/s")).si() == 989e12);
  CHECK(std::get<Flop>(parse_flop("2 GFLOP")).si() == 2e9);
}

TEST_CASE("A wrong unit is refused with the right spelling") {
  CHECK(hint(parse_bandwidth("450 GBps")) == "write '450 GB/s'");
  CHECK(hint(parse_bandwidth("450 GBs")) == "write '450 GB/s'");
  CHECK(hint(parse_bandwidth("450GB/sec")) == "write '450 GB/s'");
  CHECK(hint(parse_bandwidth("400 Gbps")) == "write '400 Gb/s'");
  CHECK(hint(parse_bandwidth("400 Gbit/s")) == "write '400 Gb/s'");
  CHECK(hint(parse_bandwidth("400 gb/s")) == "write '400 Gb/s' or '400 GB/s'");
  CHECK(hint(parse_bandwidth("8 G")) == "write '8 GB/s' or '8 GiB/s'");
  CHECK(hint(parse_bandwidth("8 K")) == "write '8 kB/s' or '8 KiB/s'");
  CHECK(hint(parse_bandwidth("450 GB")) == "write '450 GB/s'");
  CHECK(hint(parse_bandwidth("450 parsecs")) == "write e.g. '450 GB/s' or '400 Gb/s'");
  CHECK(hint(parse_bandwidth("450")) == "write e.g. '450 GB/s' or '400 Gb/s'");

  const auto bytes = [](std::string_view t) { return std::get<1>(parse_bytes(t)).hint; };
  CHECK(bytes("8 KB") == "write '8 kB' or '8 KiB'");
  CHECK(bytes("8 MBytes") == "write '8 MB'");
  CHECK(bytes("8 GB/s") == "write '8 GB'");
  const auto seconds = [](std::string_view t) { return std::get<1>(parse_seconds(t)).hint; };
  CHECK(seconds("5 \u00b5s") == "write '5 us'");  // the micro sign
  CHECK(seconds("5 \u03bcs") == "write '5 us'");  // the Greek letter
  CHECK(seconds("5 msec") == "write '5 ms'");
  CHECK(std::get<1>(parse_flop_rate("8 TFLOPS")).hint == "write '8 TFLOP/s'");
  CHECK(std::get<1>(parse_fraction("0.05")).hint == "write '5 %' or '0.05 %'");
}

TEST_CASE("Each mistake in a quantity has its own code and place") {
  CHECK(code(parse_bandwidth("450")) == "PL-U001");
  CHECK(code(parse_bandwidth("450 TBs")) == "PL-U002");
  CHECK(code(parse_bandwidth("450 GB")) == "PL-U003");
  CHECK(code(parse_bandwidth("450 us")) == "PL-U003");
  for (const char* text : {"", "GB/s", "010 GB/s", "+5 GB/s", ".5 GB/s", "1,5 GB/s", "1_000 GB/s",
                           " 5 GB/s", "- 5 GB/s", "~"}) {
    CAPTURE(text);
    CHECK(code(parse_bandwidth(text)) == "PL-U004");
  }
  CHECK(code(parse_bandwidth("-5 GB/s")) == "PL-U005");
  CHECK(code(parse_bandwidth("-0 GB/s")) == "PL-U005");
  for (const char* text : {"nan", "NaN GB/s", "inf GB/s", "-inf GB/s", ".inf", "1e400 GB/s",
                           "1e-400 GB/s", "1e99999999999 GB/s"}) {
    CAPTURE(text);
    CHECK(code(parse_bandwidth(text)) == "PL-U006");
  }
  CHECK(std::get<1>(parse_bandwidth("450 TBs")).offset == 4);
  CHECK(std::get<1>(parse_bandwidth("450TBs")).offset == 3);
}

TEST_CASE("format() writes what a person would") {
  CHECK(format(450_GBps) == "450 GB/s");
  CHECK(format(64_KiB) == "64 KiB");
  CHECK(format(1_MB) == "1 MB");
  CHECK(format(1.2_us) == "1.2 us");
  CHECK(format(Bytes{}) == "0 B");
  CHECK(format(Fraction{0.05}) == "5 %");
  CHECK(format(FlopRate::from_si(989e12)) == "989 TFLOP/s");
}

TEST_CASE("display() rounds to four digits with a fitting prefix") {
  CHECK(display(Seconds::from_si(1.23456e-6)) == "1.235 us");
  CHECK(display(Seconds::from_si(9.99996e-4)) == "1 ms");
  CHECK(display(Seconds::from_si(12345.0)) == "12345 s");
  CHECK(display(Seconds::from_si(1e-15)) == "0.001 ps");
  CHECK(display(Seconds{}) == "0 s");
  CHECK(display(Seconds::infinity()) == "inf s");
  CHECK(display(8_GiB) == "8 GiB");
  CHECK(display(8_GB) == "8 GB");
  CHECK(display(1536_B) == "1.5 KiB");
  CHECK(display(450_GBps) == "450 GB/s");
}

}  // namespace
}  // namespace plumbline::core
