// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "reading_fixture.hpp"

namespace plumbline::core {
namespace {

template <class T>
std::vector<std::string> values_of(const std::string& value) {
  const Text text("x: " + value + "\n");
  const auto first = read<T>(text.at("x"));
  CAPTURE(text.found());
  REQUIRE(first);
  REQUIRE(text.axes.all().size() == 1);
  return text.axes.all()[0].values;
}

template <class T>
Found refused(const std::string& value) {
  const Text text("x: " + value + "\n");
  CHECK_FALSE(read<T>(text.at("x")));
  CHECK(text.axes.all().empty());
  return text.found();
}

using Values = std::vector<std::string>;

TEST_CASE("A list where a scalar belongs is an axis, read at the chosen point") {
  Text text("w: {size: [1 KiB, 2 KiB], ranks: [2, 4, 8]}\n");
  const auto bind = [&] {
    const Bytes size = read<Bytes>(*text.at("w").find("size")).value();
    return std::pair(size, read<std::uint32_t>(*text.at("w").find("ranks")).value());
  };
  CHECK(bind() == std::pair(1_KiB, 2U));
  CHECK(text.axes.points() == 6);
  CHECK(text.axes.all()[0].path == "w.size");
  CHECK(text.axes.all()[0].where == SourceSpan{"t.yaml", 1, 11});
  text.axes.select(5);
  CHECK(bind() == std::pair(2_KiB, 8U));
  CHECK(text.axes.all().size() == 2);
  CHECK(text.provenance.back().text == "8");
  CHECK(text.found().empty());
}

TEST_CASE("Names and truth values sweep too") {
  CHECK(values_of<bool>("[true, false]") == Values{"true", "false"});
  CHECK(values_of<std::string>("[a, b]") == Values{"a", "b"});
  const Text text("x: [ring, tee]\n");
  CHECK_FALSE(read_choice(text.at("x"), {"ring", "tree"}, "algorithm"));
  CHECK(text.found() == Found{"PL-N001 at 1:11"});
}

TEST_CASE("A factor multiplies up to and including the end") {
  CHECK(values_of<Bytes>("{from: 1 KiB, to: 8 KiB, factor: 2}") ==
        Values{"1 KiB", "2 KiB", "4 KiB", "8 KiB"});
  CHECK(values_of<std::uint32_t>("{from: 1, to: 10, factor: 2}") == Values{"1", "2", "4", "8"});
  // Rounded to whole counts, 1.2 and 1.44 are 1 once.
  CHECK(values_of<std::uint32_t>("{from: 1, to: 2, factor: 1.2}") == Values{"1", "2"});
  CHECK(values_of<Bytes>("{from: 1 KiB, to: 8 GiB, factor: 2}").size() == 24);
}

TEST_CASE("A step adds, and reaches the end in spite of rounding") {
  // 0.1 * 3 is above 0.3 by one ulp.
  CHECK(values_of<double>("{from: 0, to: 0.3, step: 0.1}") == Values{"0", "0.1", "0.2", "0.3"});
  CHECK(values_of<Seconds>("{from: 1 us, to: 3 us, step: 1 us}") == Values{"1 us", "2 us", "3 us"});
  CHECK(values_of<std::uint32_t>("{from: 2, to: 7, step: 2}") == Values{"2", "4", "6"});
}

TEST_CASE("A count spaces geometrically above zero and evenly from zero") {
  CHECK(values_of<std::uint32_t>("{from: 1, to: 100, count: 3}") == Values{"1", "10", "100"});
  CHECK(values_of<Fraction>("{from: 0 %, to: 10 %, count: 3}") == Values{"0 %", "5 %", "10 %"});
}

TEST_CASE("The range of one value is that value") {
  CHECK(values_of<Bytes>("{from: 1 KiB, to: 1 KiB, factor: 2}") == Values{"1 KiB"});
  CHECK(values_of<Bytes>("{from: 1 KiB, to: 1 KiB, count: 3}") == Values{"1 KiB"});
}

TEST_CASE("Every mistake in a list is reported at its item") {
  CHECK(refused<Bytes>("[]") == Found{"PL-K010 at 1:4"});
  CHECK(refused<Bytes>("[1 KiB, [2 KiB]]") == Found{"PL-K003 at 1:12"});
  CHECK(refused<Bytes>("[1, 2 X, 3 B]") == Found{"PL-U001 at 1:6", "PL-U002 at 1:10"});
  CHECK(refused<Bytes>("[1 B, ~]") == Found{"PL-K006 at 1:10"});
}

TEST_CASE("Impossible ranges are reported at the key that makes them so") {
  CHECK(refused<Bytes>("{from: 2 B, to: 1 B, factor: 2}") == Found{"PL-V004 at 1:11"});
  CHECK(refused<Bytes>("{from: 1 B, to: 2 B, factor: 1}") == Found{"PL-V004 at 1:33"});
  CHECK(refused<Bytes>("{from: 1 B, to: 2 B, factor: [2]}") == Found{"PL-V004 at 1:33"});
  CHECK(refused<Bytes>("{from: 0 B, to: 2 B, factor: 2}") == Found{"PL-V004 at 1:11"});
  CHECK(refused<Bytes>("{from: 1 B, to: 2 B, step: 0 B}") == Found{"PL-V004 at 1:31"});
  CHECK(refused<Bytes>("{from: 1 B, to: 2 B, step: 1}") == Found{"PL-U001 at 1:32"});
  CHECK(refused<Bytes>("{from: 1 B, to: 2 B, count: 1}") == Found{"PL-V004 at 1:32"});
  CHECK(refused<Bytes>("{from: 1 B, to: 2 B}") == Found{"PL-K011 at 1:4"});
  CHECK(refused<Bytes>("{from: 1 B, to: 2 B, step: 1 B, count: 2}") == Found{"PL-K011 at 1:43"});
  CHECK(refused<Bytes>("{from: 1 B, factor: 2}") == Found{"PL-K002 at 1:4"});
  CHECK(refused<Bytes>("{from: 1, to: 2 X, factor: 2}") ==
        Found{"PL-U001 at 1:12", "PL-U002 at 1:20"});
  CHECK(refused<bool>("{from: true, to: false, step: 1}") == Found{"PL-K003 at 1:4"});
}

TEST_CASE("A misspelled key in a range is an error") {
  const Text text("x: {from: 1 B, to: 2 B, factor: 2, fctor: 3}\n");
  static_cast<void>(read<Bytes>(text.at("x")));
  CHECK(text.found() == Found{"PL-K001 at 1:36"});
}

TEST_CASE("More than 100,000 values are refused before they are made") {
  CHECK(refused<Bytes>("{from: 1 B, to: 1 GB, step: 1 B}") == Found{"PL-V005 at 1:4"});
  CHECK(refused<Bytes>("{from: 1 B, to: 1 GB, count: 18446744073709551615}") ==
        Found{"PL-V005 at 1:4"});
  CHECK(refused<double>("{from: 1, to: 2, factor: 1.0000000000000003}") == Found{"PL-V005 at 1:4"});
  CHECK(refused<double>("{from: 1, to: 2, step: 1e-300}") == Found{"PL-V005 at 1:4"});
}

}  // namespace
}  // namespace plumbline::core
