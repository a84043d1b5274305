// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "core/schema.hpp"
#include "reading_fixture.hpp"

namespace plumbline::core {
namespace {

template <class T>
Found refused(const std::string& value) {
  const Text text("x: " + value + "\n", false);
  CHECK_FALSE(read<T>(text.at("x")));
  return text.found();
}

template <class T>
T accepted(const std::string& value) {
  const Text text("x: " + value + "\n", false);
  const auto result = read<T>(text.at("x"));
  CAPTURE(text.found());
  REQUIRE(result);
  return *result;
}

TEST_CASE("Each type reads its own text") {
  CHECK(accepted<Bytes>("64 KiB") == 64_KiB);
  CHECK(accepted<Bandwidth>("'450 GB/s'") == 450_GBps);
  CHECK(accepted<Seconds>("1.2 us") == 1.2_us);
  CHECK(accepted<Flop>("2 FLOP").si() == 2.0);
  CHECK(accepted<FlopRate>("2 kFLOP/s").si() == 2000.0);
  CHECK(accepted<Fraction>("5 %").value == 0.05);
  CHECK(accepted<double>("-1.5e3") == -1500.0);
  CHECK(accepted<std::uint32_t>("4294967295") == 4294967295U);
  CHECK(accepted<std::uint64_t>("18446744073709551615") == 18446744073709551615U);
  CHECK(accepted<bool>("true"));
  CHECK_FALSE(accepted<bool>("false"));
  CHECK(accepted<std::string>("some words") == "some words");
  CHECK(accepted<std::string>("''").empty());
  CHECK(accepted<std::vector<Bytes>>("[1 B, 2 B]") == std::vector<Bytes>{1_B, 2_B});
  CHECK(accepted<std::optional<std::uint32_t>>("7") == 7U);
}

TEST_CASE("A wrong unit is reported at the unit, inside of quotes too") {
  CHECK(refused<Bandwidth>("450 TBs") == Found{"PL-U002 at 1:8"});
  CHECK(refused<Bandwidth>("'450 TBs'") == Found{"PL-U002 at 1:9"});
  CHECK(refused<Bandwidth>("450") == Found{"PL-U001 at 1:7"});
  CHECK(refused<Seconds>("-1 us") == Found{"PL-U005 at 1:4"});
}

TEST_CASE("Counts, numbers and truth values are read strictly") {
  CHECK(refused<std::uint32_t>("010") == Found{"PL-V002 at 1:4"});
  CHECK(refused<std::uint32_t>("1e3") == Found{"PL-V002 at 1:4"});
  CHECK(refused<std::uint32_t>("8.5") == Found{"PL-V002 at 1:4"});
  CHECK(refused<std::uint32_t>("eight") == Found{"PL-V002 at 1:4"});
  CHECK(refused<std::uint32_t>("-1") == Found{"PL-V003 at 1:4"});
  CHECK(refused<std::uint32_t>("4294967296") == Found{"PL-V003 at 1:4"});
  CHECK(refused<std::uint64_t>("18446744073709551616") == Found{"PL-V003 at 1:4"});
  CHECK(refused<double>("5 %") == Found{"PL-V001 at 1:5"});
  CHECK(refused<double>("nan") == Found{"PL-V001 at 1:4"});
  CHECK(refused<bool>("yes") == Found{"PL-V006 at 1:4"});
  const Text text("x: 010");
  CHECK_FALSE(read<std::uint64_t>(text.at("x")));
  CHECK(text.hint() == "write '10', without leading zeros");
  const Text percent("x: 92 %");  // a hint of 92 would be another number
  CHECK_FALSE(read<double>(percent.at("x")));
  CHECK(percent.hint() == "write '0.92'");
}

TEST_CASE("A value that is missing or has the wrong shape is reported") {
  CHECK(refused<Bytes>("") == Found{"PL-K006 at 1:1"});
  CHECK(refused<std::string>("~") == Found{"PL-K006 at 1:4"});
  CHECK(refused<Bytes>("[1 B]") == Found{"PL-K003 at 1:4"});
  CHECK(refused<Bytes>("{a: 1}") == Found{"PL-K003 at 1:4"});
  CHECK(refused<Bytes>("{from: 1 B, to: 2 B, factor: 2}") == Found{"PL-K003 at 1:4"});
  CHECK(refused<std::vector<Bytes>>("1 B") == Found{"PL-K004 at 1:4"});
  CHECK(refused<std::vector<Bytes>>("[1 B, 2, 3 X]") ==
        Found{"PL-U001 at 1:11", "PL-U002 at 1:15"});
}

TEST_CASE("A name is checked against those allowed") {
  const Text text("x: rnig\ny: tree\n");
  CHECK_FALSE(read_choice(text.at("x"), {"ring", "tree"}, "algorithm"));
  CHECK(read_choice(text.at("y"), {"ring", "tree"}, "algorithm") == "tree");
  CHECK(text.found() == Found{"PL-N001 at 1:4"});
  CHECK(text.diagnostics.all()[0].message == "there is no algorithm 'rnig'");
  CHECK(text.hint() == "did you mean 'ring'?");
}

TEST_CASE("A value may come with its source, and every number read is recorded") {
  const Text text(
      "source: data sheet\n"
      "a: 450 GB/s\n"
      "b: {value: 8, source: a paper, unverified: true, note: page 3}\n"
      "c: words\n");
  CHECK(read<Bandwidth>(text.at("a")) == 450_GBps);
  CHECK(read<std::uint32_t>(text.at("b")) == 8U);
  CHECK(read<std::string>(text.at("c")) == "words");
  CHECK(text.found().empty());
  REQUIRE(text.provenance.size() == 2);
  const ProvenanceEntry& a = text.provenance[0];
  CHECK(a.path == "a");
  CHECK(a.text == "450 GB/s");
  CHECK(a.source == "data sheet");
  CHECK(a.verified);
  CHECK(a.where == SourceSpan{"t.yaml", 2, 4});
  const ProvenanceEntry& b = text.provenance[1];
  CHECK(b.path == "b");
  CHECK(b.text == "8");
  CHECK(b.source == "a paper");
  CHECK_FALSE(b.verified);
  CHECK(b.where == SourceSpan{"t.yaml", 3, 12});
}

TEST_CASE("A misspelled key beside a value is an error") {
  CHECK(refused<Bytes>("{value: 1, sorce: x}") == Found{"PL-U001 at 1:13", "PL-K001 at 1:15"});
  const Text text("x: {value: 1 B, sorce: x}");
  static_cast<void>(read<Bytes>(text.at("x")));
  CHECK(text.found() == Found{"PL-K001 at 1:17"});
}

}  // namespace
}  // namespace plumbline::core
