// SPDX-License-Identifier: Apache-2.0
#include "core/schema.hpp"

#include <catch2/catch.hpp>

#include "reading_fixture.hpp"

namespace plumbline::core {
namespace {

struct Link {
  Bandwidth bandwidth;

  static const Schema<Link>& schema() {
    static const auto s =
        Schema<Link>("Link").required("bandwidth", &Link::bandwidth, "per direction");
    return s;
  }
};

struct Options {
  std::uint32_t gpus = 0;
  std::uint32_t nodes = 1;
  std::string shape;
  std::vector<Link> links;
  std::optional<Link> uplink;

  static const Schema<Options>& schema() {
    static const auto s =
        Schema<Options>("Node")
            .required("gpus", &Options::gpus, "GPUs in a \"node\"")
            .optional("nodes", &Options::nodes, "how many", "1")
            .choice("shape", &Options::shape, "its form", {"ring", "mesh"}, "ring")
            .optional("links", &Options::links, "its links")
            .optional("uplink", &Options::uplink, "out of it")
            .check([](const Cursor& at, const Options& options) {
              if (options.gpus == 0) {
                at.error("PL-V003", "a node needs a GPU");
              }
            });
    return s;
  }
};

TEST_CASE("One declaration binds the map, with defaults for what is absent") {
  const Text text("gpus: 8\nlinks: [{bandwidth: 450 GB/s}]\nuplink: {bandwidth: 50 GB/s}\n");
  const auto options = read<Options>(text.root());
  CHECK(text.found().empty());
  REQUIRE(options);
  CHECK(options->gpus == 8);
  CHECK(options->nodes == 1);
  CHECK(options->shape == "ring");
  REQUIRE(options->links.size() == 1);
  CHECK(options->links[0].bandwidth == 450_GBps);
  CHECK(options->uplink->bandwidth == 50_GBps);
}

TEST_CASE("Every mistake of a map is reported at once") {
  const Text text("nodse: 2\nshape: rign\nlinks:\n  - {bandwith: 1 GB/s}\n");
  CHECK_FALSE(read<Options>(text.root()));
  // gpus is missing; nodse and bandwith are unknown, and so bandwidth is missing; rign is no shape.
  CHECK(text.found() == Found{"PL-K001 at 1:1", "PL-K002 at 1:1", "PL-N001 at 2:8",
                              "PL-K002 at 4:5", "PL-K001 at 4:6"});
}

TEST_CASE("Something else than a map is reported, and checks run over the whole") {
  const Text list("[1]");
  CHECK_FALSE(read<Options>(list.root()));
  CHECK(list.found() == Found{"PL-K005 at 1:1"});
  const Text zero("gpus: 0");
  static_cast<void>(read<Options>(zero.root()));
  CHECK(zero.found() == Found{"PL-V003 at 1:1"});
}

TEST_CASE("The JSON Schema says the same as the binder") {
  CHECK(
      Link::schema().json_schema() ==
      R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Link","type":"object",)"
      R"("properties":{"bandwidth":{"description":"per direction","anyOf":[{"type":"string"},)"
      R"({"type":"array","items":{"type":"string"},"minItems":1},{"type":"object"}]},)"
      R"("source":{"type":"string"},"note":{"type":"string"},"unverified":{"type":"boolean"}},)"
      R"("required":["bandwidth"],"additionalProperties":false})");
  const std::string schema = Options::schema().json_schema();
  CHECK(schema.find(R"("description":"GPUs in a \"node\"")") != std::string::npos);
  CHECK(schema.find(R"("default":1,)") != std::string::npos);
  CHECK(schema.find(R"({"enum":["ring","mesh"]})") != std::string::npos);
  CHECK(
      schema.find(R"("links":{"description":"its links","type":"array","items":{"title":"Link")") !=
      std::string::npos);
  CHECK(schema.find(R"("uplink":{"description":"out of it","title":"Link","type":"object")") !=
        std::string::npos);
  CHECK(schema.find(R"("required":["gpus"])") != std::string::npos);
}

}  // namespace
}  // namespace plumbline::core
