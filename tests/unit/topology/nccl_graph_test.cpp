// SPDX-License-Identifier: Apache-2.0
#include "topology/imports/nccl_graph.hpp"

#include "nccl_import.hpp"

namespace plumbline::topology::imports {
namespace {

using test::Found;

constexpr auto head =
    "<graphs version='1'>\n<graph id='0' pattern='4' crossnic='0' nchannels='2' speedintra='20' "
    "speedinter='12.5' latencyinter='1.5' typeintra='NVL' typeinter='PIX' samechannels='1'>\n";

struct Read {
  std::optional<std::vector<NcclGraph>> graphs;
  Found found;
};

Read read(const std::string& text) {
  core::Diagnostics diagnostics;
  const auto root = core::parse_xml(text, "graph.xml", diagnostics);
  REQUIRE(root);
  auto graphs = read_nccl_graphs(*root, diagnostics);
  return {std::move(graphs), test::places(diagnostics)};
}

Read channels(const std::string& first, const std::string& second) {
  return read(head + ("<channel>" + first + "</channel>\n<channel>") + second +
              "</channel></graph></graphs>");
}

TEST_CASE("channels of a graph file", "[nccl]") {
  const Read two =
      channels("<net dev='0'/><gpu dev='0'/><gpu dev='1'/><gpu dev='2'/><net dev='1'/>",
               "<gpu dev='2'/><gpu dev='0'/><gpu dev='1'/>");
  CHECK(two.found.empty());
  REQUIRE(two.graphs);
  REQUIRE(two.graphs->size() == 1);
  const NcclGraph& ring = two.graphs->front();
  CHECK(ring.pattern == 4);
  CHECK(ring.same_channels);
  CHECK(ring.speed_intra.si() == Approx(20e9));
  CHECK(ring.speed_inter.si() == Approx(12.5e9));
  CHECK(ring.latency_inter.si() == Approx(1.5e-6));
  CHECK(ring.type_intra == PathType::nvl);
  CHECK(ring.type_inter == PathType::pix);
  REQUIRE(ring.channels.size() == 2);
  CHECK(ring.channels[0].gpus == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(ring.channels[0].net_in == 0U);
  CHECK(ring.channels[0].net_out == 1U);
  CHECK(ring.channels[1].gpus == std::vector<std::uint32_t>{2, 0, 1});
  CHECK_FALSE(ring.channels[1].net_in);
}

TEST_CASE("impossible channels are refused at their line", "[nccl]") {
  const std::string pair = "<gpu dev='0'/><gpu dev='1'/>";
  CHECK(channels(pair, pair).found.empty());
  CHECK(channels(pair, "<gpu dev='0'/>").found == Found{"PL-T087 4:1"});
  CHECK(channels(pair + "<gpu dev='0'/>", pair).found == Found{"PL-T087 3:1"});
  CHECK(channels(pair, "<gpu dev='0'/><gpu/>").found.front() == "PL-T082 4:24");
  // Two are announced and one is there.
  CHECK(read(head + ("<channel>" + pair) + "</channel></graph></graphs>").found ==
        Found{"PL-T082 2:1"});
  CHECK(read("<graphs><graph id='0' pattern='4' speedintra='x' speedinter='-1' typeintra='NVLINK' "
             "typeinter='PIX'/></graphs>")
            .found == Found(3, "PL-T082 1:9"));
  CHECK(read("<system/>").found == Found{"PL-T086 1:1"});
  CHECK(read("<graphs/>").found == Found{"PL-T082 1:1"});
}

}  // namespace
}  // namespace plumbline::topology::imports
