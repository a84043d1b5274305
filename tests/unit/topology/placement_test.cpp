// SPDX-License-Identifier: Apache-2.0
#include "topology/placement.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <rapidcheck/catch.h>
#include <set>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "from_yaml.hpp"

namespace plumbline::topology {
namespace {

using test::Found;
using test::Text;

Fabric hosts(std::uint32_t count) {
  return test::fabric(
      fmt::format("{{builder: fat_tree, nodes: {0}, nodes_per_leaf: {0}, host_link: net}}", count));
}

/// Reads `placement:` of the text, the rank count standing at `ranks:`.
std::optional<Placement> read(const Text& text, const Fabric& fabric,
                              std::optional<std::uint32_t> ranks = {}) {
  return read_placement(text.root().find("placement"), fabric,
                        ranks ? std::optional(RankCount(*ranks)) : std::nullopt,
                        text.root().find("ranks").value_or(text.root()));
}

/// Position of each rank's device among the endpoints (hosts' names are host0, host1, …).
std::vector<std::string> names(const Placement& placement, const Fabric& fabric) {
  std::vector<std::string> result;
  for (const DeviceId device : placement.device_of) {
    result.push_back(fabric.device(device).name);
  }
  return result;
}

Found refused(const std::string& yaml, std::optional<std::uint32_t> ranks = {}) {
  const Text text(yaml);
  const Fabric fabric = hosts(8);
  CHECK_FALSE(read(text, fabric, ranks));
  return text.found();
}

TEST_CASE("packed puts rank r on endpoint r, and is what absence means") {
  const Fabric fabric = hosts(4);
  for (const char* yaml : {"placement: packed", "other: 1"}) {
    const Text text(yaml);
    const auto placement = read(text, fabric, 3);
    REQUIRE(placement);
    CHECK(names(*placement, fabric) == Found{"host0", "host1", "host2"});
    CHECK(placement->description == "packed");
    CHECK(placement->ranks() == RankCount(3));
  }
  const Text text("placement: packed");
  CHECK(read(text, fabric)->device_of.size() == 4);  // no rank count: every endpoint
}

TEST_CASE("strided walks the endpoints in steps, then from the next start") {
  const Fabric fabric = hosts(7);
  const Text text("placement: {strided: {stride: 3}}");
  const auto placement = read(text, fabric);
  REQUIRE(placement);
  // 0 3 6, then 1 4, then 2 5.
  CHECK(names(*placement, fabric) ==
        Found{"host0", "host3", "host6", "host1", "host4", "host2", "host5"});
  CHECK(placement->description == "strided {stride: 3}");
  CHECK(names(*read(text, fabric, 4), fabric) == Found{"host0", "host3", "host6", "host1"});
}

TEST_CASE("random is Fisher-Yates over SplitMix64") {
  // SplitMix64 from seed 0 begins 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f (the
  // published test vector). Modulo 4, 3 and 2 these are 3, 0 and 1:
  //   0xe220a8397b1dcdaf ends in …f = 15, 15 mod 4 = 3;
  //   modulo 3 a number is its base-16 digit sum: 6+14+7+8+9+14+6+10+10+1+11+9+6+5+15+4 = 135 → 0;
  //   0x06c45d188009454f is odd → 1.
  // From [0 1 2 3]: swap positions 3 and 3, then 2 and 0 → [2 1 0 3], then 1 and 1.
  const Fabric fabric = hosts(4);
  const Text text("placement: {random: {seed: 0}}");
  const auto placement = read(text, fabric);
  REQUIRE(placement);
  CHECK(names(*placement, fabric) == Found{"host2", "host1", "host0", "host3"});
  CHECK(placement->description == "random {seed: 0}");
}

TEST_CASE("a list names the device of each rank") {
  const Fabric fabric = hosts(4);
  const Text text("placement: [host3, host0]");
  const auto placement = read(text, fabric);
  REQUIRE(placement);
  CHECK(names(*placement, fabric) == Found{"host3", "host0"});
  CHECK(placement->description == "explicit");
}

/// Two machines of two GPUs.
Fabric machines() {
  return test::fabric(
      "{builder: fat_tree, nodes: 2, nodes_per_leaf: 2, host_link: net, node: {builder: "
      "nvswitch_node, gpus: 2, link: nvlink, links_per_gpu: 1, pcie: {sockets: 1, "
      "switches_per_socket: 1, gpus_per_switch: 2, nics_per_switch: 1, link: pcie}}}");
}

TEST_CASE("hosts places ranks machine by machine, in the order listed") {
  const Fabric fabric = machines();
  const Text text("placement: {hosts: [node1, node0]}");
  const auto placement = read(text, fabric);
  REQUIRE(placement);
  CHECK(names(*placement, fabric) == Found{"node1/gpu0", "node1/gpu1", "node0/gpu0", "node0/gpu1"});
  CHECK(placement->description == "hosts [node1, node0]");
  const Text one("placement: {hosts: [node1]}");
  CHECK(names(*read(one, fabric, 2), fabric) == Found{"node1/gpu0", "node1/gpu1"});
  // A machine that is one host goes by that name too.
  const Text hosts_text("placement: {hosts: [host3, node1]}");
  CHECK(names(*read(hosts_text, hosts(4)), hosts(4)) == Found{"host3", "host1"});
}

TEST_CASE("machines that are not there, stand twice or hold other numbers of ranks") {
  CHECK(refused("placement: {hosts: [host0, host9]}") == Found{"PL-T037 1:28"});
  CHECK(refused("placement: {hosts: [host0, node0]}") == Found{"PL-T032 1:28"});
  CHECK(refused("placement: {hosts: [host0, host1]}", 3) == Found{"PL-T036 1:20"});
  CHECK(refused("placement: {hosts: host0}") == Found{"PL-K004 1:20"});
}

/// A file of this text, removed in the end.
class WrittenFile {
 public:
  explicit WrittenFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / fmt::format("placement_{}.txt", getpid())) {
    std::ofstream(path_) << text;
  }

  WrittenFile(const WrittenFile&) = delete;
  WrittenFile& operator=(const WrittenFile&) = delete;

  ~WrittenFile() { std::filesystem::remove(path_); }

  /// A placement by this file, relative to its folder.
  [[nodiscard]] std::optional<Placement> placed(const Fabric& fabric, Text& text,
                                                std::optional<RankCount> ranks = {}) const {
    return read_placement(text.root().find("placement"), fabric, ranks, text.root(),
                          path_.parent_path());
  }

  [[nodiscard]] std::string yaml() const {
    return fmt::format("placement: {{file: {}}}", path_.filename().string());
  }

 private:
  std::filesystem::path path_;
};

TEST_CASE("a file names the device of each rank, a line each, with comments") {
  const Fabric fabric = hosts(4);
  const WrittenFile file("# nearest first\r\nhost2\n\n  host0 # the root\nhost3");
  Text text(file.yaml());
  const auto placement = file.placed(fabric, text, RankCount(3));
  REQUIRE(placement);
  CHECK(names(*placement, fabric) == Found{"host2", "host0", "host3"});
  CHECK(placement->description.starts_with("file placement_"));
  CHECK_FALSE(file.placed(fabric, text, RankCount(2)));
  CHECK(text.found() == Found{"PL-T036 1:19"});
}

TEST_CASE("mistakes in a placement's file are reported at its lines") {
  const WrittenFile file("host0\n# two\n  hst1\nleaf0\nhost0\n");
  Text text(file.yaml());
  CHECK_FALSE(file.placed(hosts(4), text));
  CHECK(text.found() == Found{"PL-T031 3:3", "PL-T033 4:1", "PL-T032 5:1"});
  for (const core::Diagnostic& diagnostic : text.diagnostics().all()) {
    CHECK(diagnostic.where.file.find("placement_") != std::string::npos);
  }
  CHECK(refused("placement: {file: no/such/file.txt}") == Found{"PL-I001 1:1"});
}

TEST_CASE("no placement puts two ranks on one device") {
  rc::prop("injective, of the right length, on endpoints", [] {
    const auto endpoints = *rc::gen::inRange<std::uint32_t>(2, 60);
    const auto ranks = *rc::gen::inRange<std::uint32_t>(1, endpoints + 1);
    const auto stride = *rc::gen::inRange<std::uint32_t>(1, endpoints);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const Fabric fabric = hosts(endpoints);
    for (const std::string& form :
         {std::string("packed"), fmt::format("{{strided: {{stride: {}}}}}", stride),
          fmt::format("{{random: {{seed: {}}}}}", seed)}) {
      const Text text("placement: " + form);
      const auto placement = read(text, fabric, ranks);
      RC_ASSERT(placement.has_value());
      const std::set<DeviceId> used(placement->device_of.begin(), placement->device_of.end());
      RC_ASSERT(used.size() == ranks);
      for (const DeviceId device : used) {
        RC_ASSERT(fabric.device(device).kind == DeviceKind::host);
      }
    }
  });
}

TEST_CASE("mistakes in a placement are reported at their place") {
  CHECK(refused("ranks: 9", 9) == Found{"PL-T030 1:8"});
  CHECK(refused("ranks: 0", 0) == Found{"PL-T030 1:8"});
  CHECK(refused("placement: [host0, hst1]") == Found{"PL-T031 1:20"});
  CHECK(refused("placement: [host0, host0]") == Found{"PL-T032 1:20"});
  CHECK(refused("placement: [leaf0]") == Found{"PL-T033 1:13"});
  CHECK(refused("placement: spread") == Found{"PL-T034 1:12"});
  CHECK(refused("placement: random") == Found{"PL-T034 1:12"});
  CHECK(refused("placement: {shuffled: {seed: 1}}") == Found{"PL-T034 1:13"});
  CHECK(refused("placement: {random: {seed: 1}, strided: {stride: 2}}") == Found{"PL-T034 1:12"});
  CHECK(refused("placement: {random: {}}") == Found{"PL-K002 1:21"});
  CHECK(refused("placement: {strided: {stride: 0}}") == Found{"PL-T035 1:31"});
  CHECK(refused("placement: {strided: {stride: 8}}") == Found{"PL-T035 1:31"});
  CHECK(refused("placement: [host0, host1, host2]", 2) == Found{"PL-T036 1:12"});
}

/// Reads the placement at every point of the sweep that it is: label and devices.
std::vector<std::pair<std::string, Found>> swept(const std::string& yaml, const Fabric& fabric) {
  core::Axes axes;
  core::Diagnostics diagnostics;
  const core::Document document = core::Document::parse(yaml, "test.yaml", diagnostics);
  const core::Reading reading{
      .document = &document, .diagnostics = &diagnostics, .axes = &axes, .provenance = nullptr};
  const core::Cursor root(reading);
  std::vector<std::pair<std::string, Found>> result;
  for (std::size_t i = 0; i == 0 || i < axes.points(); ++i) {
    axes.select(i);
    const auto placement = read_placement(root.find("placement"), fabric, RankCount(2), root);
    REQUIRE(placement);
    REQUIRE(axes.all().size() == 1);
    result.emplace_back(axes.all()[0].values[i], names(*placement, fabric));
  }
  CHECK(axes.all()[0].path == "placement");
  return result;
}

TEST_CASE("a list of placements is a sweep over them, of whatever kinds") {
  const Fabric fabric = hosts(6);
  const auto points = swept(
      "placement: [packed, {strided: 3}, {strided: {stride: 2}}, {random: {seed: 1}}, {random: 1}, "
      "[host5, host1], {hosts: [host4, host0]}]",
      fabric);
  REQUIRE(points.size() == 7);
  CHECK(points[0] == std::pair{std::string("packed"), Found{"host0", "host1"}});
  CHECK(points[1] == std::pair{std::string("strided 3"), Found{"host0", "host3"}});
  CHECK(points[2] == std::pair{std::string("strided 2"), Found{"host0", "host2"}});
  CHECK(points[3].first == "random 1");
  CHECK(points[4] == std::pair{std::string("random 1 (2)"), points[3].second});
  CHECK(points[5] == std::pair{std::string("host5 host1"), Found{"host5", "host1"}});
  CHECK(points[6] == std::pair{std::string("hosts host4 host0"), Found{"host4", "host0"}});
}

TEST_CASE("mistakes in a sweep over placements") {
  const Fabric fabric = hosts(6);
  const auto found = [&](const std::string& list) {
    core::Axes axes;
    core::Diagnostics diagnostics;
    const core::Document document =
        core::Document::parse("placement: " + list, "test.yaml", diagnostics);
    const core::Reading reading{
        .document = &document, .diagnostics = &diagnostics, .axes = &axes, .provenance = nullptr};
    const core::Cursor root(reading);
    CHECK_FALSE(read_placement(root.find("placement"), fabric, RankCount(2), root));
    REQUIRE(diagnostics.all().size() == 1);
    const core::Diagnostic& first = diagnostics.all().front();
    return fmt::format("{} {}:{}", first.code, first.where.line, first.where.column);
  };
  CHECK(found("[{strided: 9}, packed]") == "PL-T035 1:23");
  CHECK(found("[spread, packed]") == "PL-T034 1:13");
  CHECK(found("[{random: {seed: [1, 2]}}, packed]") == "PL-K003 1:29");  // no sweep in a sweep
  // Where nothing may be swept there is one placement.
  CHECK(refused("placement: [packed, {strided: {stride: 2}}]") == Found{"PL-K003 1:12"});
}

}  // namespace
}  // namespace plumbline::topology
