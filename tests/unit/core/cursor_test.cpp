// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <catch2/catch.hpp>

#include "reading_fixture.hpp"

namespace plumbline::core {
namespace {

TEST_CASE("Paths are dotted keys and indices") {
  const Text text("a: {b: [x, {c: y}]}\n");
  CHECK(text.root().path().empty());
  CHECK(text.at("a").find("b")->items()[1].find("c")->path() == "a.b.1.c");
  CHECK_FALSE(text.at("a").find("z"));
  CHECK_FALSE(text.at("a").find("b")->find("c"));
  CHECK(text.root().keys() == std::vector<std::string>{"a"});
}

TEST_CASE("The source is the nearest one at or above") {
  const Text text(
      "source: whole file\n"
      "x: 1\n"
      "m: {source: the map, y: 2, n: {z: 3}}\n"
      "u: {unverified: true, y: 2, n: {source: its own, z: 3}}\n");
  CHECK(text.root().source() == "whole file");
  CHECK(text.at("x").source() == "whole file");
  CHECK(text.at("m").find("n")->find("z")->source() == "the map");
  CHECK(text.at("u").find("y")->source() == "whole file");
  CHECK_FALSE(text.at("u").find("y")->verified());
  CHECK(text.at("u").find("n")->find("z")->verified());
  CHECK(text.at("x").verified());
}

TEST_CASE("Unknown keys are errors at the key, but source, note and unverified never are") {
  const Text text("sise: 1\nsource: x\nnote: y\nunverified: true\n");
  text.root().reject_unknown({"size", "ranks"});
  CHECK(text.found() == Found{"PL-K001 at 1:1"});
  CHECK(text.hint() == "did you mean 'size'?");
}

TEST_CASE("A missing key points at its map") {
  const Text text("a:\n  b: 1\n");
  CHECK_FALSE(text.at("a").require("c"));
  CHECK(text.found() == Found{"PL-K002 at 2:3"});
}

TEST_CASE("Points run over the axes with the last one fastest") {
  Axes axes;
  CHECK(axes.points() == 1);
  CHECK(axes.choose("a", {}, {"1", "2"}) == 0);
  CHECK(axes.choose("b", {}, {"x", "y", "z"}) == 0);
  CHECK(axes.points() == 6);
  axes.select(4);  // 4 = 1 * 3 + 1
  CHECK(axes.chosen() == std::vector<std::size_t>{1, 1});
  CHECK(axes.choose("a", {}, {"1", "2"}) == 1);
  CHECK(axes.all().size() == 2);
}

TEST_CASE("The number of points saturates instead of wrapping round") {
  Axes axes;
  const std::vector<std::string> thousand(1000, "1");
  for (int i = 0; i < 7; ++i) {
    static_cast<void>(axes.choose(std::to_string(i), {}, thousand));
  }
  CHECK(axes.points() == std::numeric_limits<std::size_t>::max());
}

}  // namespace
}  // namespace plumbline::core
