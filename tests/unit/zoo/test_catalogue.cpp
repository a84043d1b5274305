// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "zoo_test.hpp"

namespace plumbline::zoo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view wire =
    "title: A wire\nkind: network\nbandwidth_per_direction: {value: 10 GB/s, source: here}\n"
    "latency: {value: 1 us, source: there, unverified: true}\n";

constexpr std::string_view pair =
    "system: pair\ntitle: Two hosts\nfabric:\n  builder: fat_tree\n  source: a drawing\n"
    "  nodes: 2\n  nodes_per_leaf: 2\n  host_link: wire\n";

/// Two hosts on one leaf.
void write_pair(const Folder& folder) {
  folder.write("links/wire.yaml", wire);
  folder.write("systems/pair.yaml", pair);
}

Catalogue catalogue(const std::vector<fs::path>& folders) {
  core::Diagnostics diagnostics;
  Catalogue result(folders, diagnostics);
  report(diagnostics);
  return result;
}

TEST_CASE("A system is found by name and brings its links' provenance", "[catalogue]") {
  const Folder folder;
  write_pair(folder);
  const Catalogue zoo = catalogue({folder.path()});
  Text text("system: pair");
  const auto system = zoo.system(text.at("system"), {});
  report(text.diagnostics());
  REQUIRE(system.has_value());
  CHECK(system->name == "pair");
  CHECK(system->title == "Two hosts");
  CHECK(system->constants.empty());
  CHECK(fs::equivalent(system->file, folder.path() / "systems/pair.yaml"));
  CHECK(system->text == pair);
  CHECK(system->fabric->endpoints().size() == 2);
  // Numbers: nodes and nodes_per_leaf of the system, bandwidth and latency of the one link class.
  REQUIRE(system->provenance.size() == 4);
  CHECK(system->provenance[0].path == "fabric.nodes");
  CHECK(system->provenance[0].source == "a drawing");
  CHECK(system->provenance[2].source == "here");
  CHECK(system->provenance[2].verified);
  CHECK(system->provenance[3].source == "there");
  CHECK_FALSE(system->provenance[3].verified);
  // A system that names no constants has the identity.
  core::Diagnostics diagnostics;
  CHECK(zoo.nominal_constants(*system, diagnostics)->name == workload::ConstantSet{}.name);
  report(diagnostics);
}

TEST_CASE("A list of names is an axis", "[catalogue]") {
  const Folder folder;
  write_pair(folder);
  folder.write("systems/trio.yaml",
               "system: trio\nfabric: {builder: fat_tree, nodes: 3, nodes_per_leaf: 3, "
               "host_link: wire}\n");
  const Catalogue zoo = catalogue({folder.path()});
  Text text("system: [pair, trio]");
  CHECK(zoo.system(text.at("system"), {})->name == "pair");
  CHECK(text.axes().points() == 2);
  text.axes().select(1);
  CHECK(zoo.system(text.at("system"), {})->name == "trio");
  report(text.diagnostics());
}

TEST_CASE("A path is a system too, and counts from the folder given", "[catalogue]") {
  const Folder folder;
  write_pair(folder);
  folder.write("mine/own.yaml", pair);
  folder.write("mine/set/about.yaml", "title: a set\n");
  folder.write("mine/own_constants.yaml", "");
  const Catalogue zoo = catalogue({folder.path()});
  Text text("{a: own.yaml, b: ../mine/own.yaml, c: none.yaml, d: ./set, e: ./none}");
  CHECK(zoo.system(text.at("a"), folder.path() / "mine").has_value());
  CHECK(zoo.system(text.at("b"), folder.path() / "mine").has_value());
  const auto set = zoo.measured_set(text.at("d"), folder.path() / "mine");
  report(text.diagnostics());
  REQUIRE(set.has_value());
  CHECK(fs::equivalent(*set, folder.path() / "mine/set"));
  CHECK_FALSE(zoo.system(text.at("c"), folder.path() / "mine").has_value());
  CHECK_FALSE(zoo.measured_set(text.at("e"), folder.path() / "mine").has_value());
  // In the text, `none.yaml` begins at column 39 and `./none` at column 63.
  CHECK(found(text.diagnostics()) == Found{"test.yaml:1:39 PL-I001", "test.yaml:1:63 PL-I001"});
}

TEST_CASE("An unknown name is reported where it stands, with the nearest one", "[catalogue]") {
  const Folder folder;
  write_pair(folder);
  const Catalogue zoo = catalogue({folder.path()});
  Text text("system: piar");
  CHECK_FALSE(zoo.system(text.at("system"), {}).has_value());
  CHECK(found(text.diagnostics()) == Found{"test.yaml:1:9 PL-N001"});
  CHECK(text.diagnostics().all()[0].hint.find("'pair'") != std::string::npos);

  Text others("{a: nominal, b: some_set}");
  CHECK_FALSE(zoo.constants(others.at("a"), {}).has_value());
  CHECK_FALSE(zoo.measured_set(others.at("b"), {}).has_value());
  CHECK(found(others.diagnostics()) == Found{"test.yaml:1:5 PL-N001", "test.yaml:1:17 PL-N001"});
}

TEST_CASE("Later folders add to earlier ones and override them", "[catalogue]") {
  const Folder first;
  const Folder second;
  write_pair(first);
  first.write("systems/other.yaml", "title: Only here\n");
  second.write("links/wire.yaml",
               "kind: network\nbandwidth_per_direction: 20 GB/s\nlatency: 1 us\n");
  second.write("systems/pair.yaml", "title: The second pair\n");
  second.write("systems/readme.txt", "no system");
  const Catalogue zoo = catalogue({first.path(), second.path()});
  CHECK(zoo.links().at("wire").bandwidth_per_direction.si() == 20e9);
  const std::vector<Item> systems = zoo.list(Kind::systems);
  REQUIRE(systems.size() == 2);  // sorted by name
  CHECK(systems[0].name == "other");
  CHECK(systems[0].summary == "Only here");
  CHECK(systems[1].name == "pair");
  CHECK(systems[1].summary == "The second pair");
  CHECK(zoo.find(Kind::systems, "pair")->path == second.path() / "systems/pair.yaml");
  CHECK(zoo.find(Kind::systems, "other")->path == first.path() / "systems/other.yaml");
  CHECK_FALSE(zoo.find(Kind::systems, "none").has_value());
  CHECK_FALSE(zoo.find(Kind::systems, "").has_value());
  CHECK_FALSE(zoo.find(Kind::systems, "../systems/pair").has_value());
  CHECK(zoo.list(Kind::measurements).empty());
}

TEST_CASE("Measured sets are folders, dots in their names included", "[catalogue]") {
  const Folder folder;
  folder.write("measurements/nccl_2.29/about.yaml", "title: A set\n");
  folder.write("measurements/not_a_set/data.csv", "");
  const Catalogue zoo = catalogue({folder.path()});
  REQUIRE(zoo.list(Kind::measurements).size() == 1);
  CHECK(zoo.list(Kind::measurements)[0].name == "nccl_2.29");
  Text text("set: nccl_2.29");
  CHECK(zoo.measured_set(text.at("set"), {}) == folder.path() / "measurements/nccl_2.29");
  report(text.diagnostics());
}

TEST_CASE("Mistakes in the catalogue's files are reported there, all at once", "[catalogue]") {
  const Folder folder;
  folder.write("links/bad.yaml", "kind: network\nbandwidth_per_direction: 10\nlatency: 1 us\n");
  folder.write("links/list.yaml", "[1, 2]\n");
  folder.write("links/wire.yaml", "link_class: wrie\n" + std::string(wire));
  core::Diagnostics diagnostics;
  const Catalogue zoo({folder.path(), folder.path() / "nowhere"}, diagnostics);
  CHECK(zoo.links().empty());
  // bad.yaml: `10` at 2:26 lacks its unit, at 2:28. wire.yaml calls itself something else.
  CHECK(found(diagnostics) == Found{"bad.yaml:2:28 PL-U001", "list.yaml:1:1 PL-K005",
                                    "wire.yaml:1:1 PL-N003", "nowhere:0:0 PL-I005"});
}

TEST_CASE("Mistakes in a system file are reported there", "[catalogue]") {
  const Folder folder;
  write_pair(folder);
  folder.write("systems/bad.yaml",
               "system: bad\ntitel: Two hosts\nconstants: nominl\nfabric:\n  builder: fat_tree\n"
               "  nodes: two\n  nodes_per_leaf: 2\n  host_link: wier\n");
  folder.write("constants/nominal.yaml", "title: The identity\n");
  folder.write("systems/empty.yaml", "# nothing\n");
  folder.write("systems/bare.yaml", "title: Neither name nor fabric\n");
  const Catalogue zoo = catalogue({folder.path()});
  Text text("{a: bad, b: empty, c: bare}");
  CHECK_FALSE(zoo.system(text.at("a"), {}).has_value());
  // An unknown key at 2:1, an unknown name at 3:12, a word for a number at 6:10. The link class is
  // looked up only where all else could be read.
  CHECK(found(text.diagnostics()) ==
        Found{"bad.yaml:2:1 PL-K001", "bad.yaml:3:12 PL-N001", "bad.yaml:6:10 PL-V002"});
  Text others("{a: bad, b: empty, c: bare}");
  CHECK_FALSE(zoo.system(others.at("b"), {}).has_value());
  CHECK_FALSE(zoo.system(others.at("c"), {}).has_value());
  CHECK(found(others.diagnostics()) ==
        Found{"bare.yaml:1:1 PL-K002", "bare.yaml:1:1 PL-K002", "empty.yaml:1:1 PL-Y007"});
}

TEST_CASE("A system made of itself is an error, not a hang", "[catalogue]") {
  const Folder folder;
  folder.write("links/wire.yaml", wire);
  const auto tree = [](const std::string& name, const std::string& node) {
    return "system: " + name + "\nfabric:\n  builder: fat_tree\n  node: " + node +
           "\n  nodes: 2\n  nodes_per_leaf: 2\n  host_link: wire\n";
  };
  folder.write("systems/a.yaml", tree("a", "b"));
  folder.write("systems/b.yaml", tree("b", "a"));
  const Catalogue zoo = catalogue({folder.path()});
  Text text("system: a");
  CHECK_FALSE(zoo.system(text.at("system"), {}).has_value());
  // a names b, and b, on its line 4, names a again.
  CHECK(found(text.diagnostics()) == Found{"b.yaml:4:9 PL-N002"});
}

TEST_CASE("A fabric of named nodes carries their provenance", "[catalogue]") {
  const Folder folder;
  folder.write("links/wire.yaml", wire);
  folder.write("systems/box.yaml",
               "system: box\nfabric:\n  builder: pcie_tree\n  source: the box\n  sockets: 1\n"
               "  switches_per_socket: 1\n  gpus_per_switch: 2\n  nics_per_switch: 1\n"
               "  link: wire\n");
  folder.write("systems/boxes.yaml",
               "system: boxes\nfabric:\n  builder: fat_tree\n  source: the room\n  node: box\n"
               "  nodes: 3\n  nodes_per_leaf: 3\n  host_link: wire\n");
  const Catalogue zoo = catalogue({folder.path()});
  Text text("system: boxes");
  const auto system = zoo.system(text.at("system"), {});
  report(text.diagnostics());
  REQUIRE(system.has_value());
  CHECK(system->fabric->nodes() == 3);
  CHECK(system->fabric->endpoints().size() == 6);
  // 4 numbers of the box, 2 of the room, 2 of the link class that both use: each once.
  CHECK(system->provenance.size() == 8);
}

TEST_CASE("A fabric in place is read with the catalogue's links and nodes", "[catalogue]") {
  const Folder folder;
  write_pair(folder);
  const Catalogue zoo = catalogue({folder.path()});
  Text text("fabric: {builder: fat_tree, nodes: [4, 8], nodes_per_leaf: 8, host_link: wire}");
  const auto system = zoo.inline_system(text.at("fabric"), {});
  report(text.diagnostics());
  REQUIRE(system.has_value());
  CHECK(system->file.empty());
  CHECK(system->fabric->endpoints().size() == 4);
  CHECK(text.axes().points() == 2);
  Text bad("fabric: {builder: fat_treee}");
  CHECK_FALSE(zoo.inline_system(bad.at("fabric"), {}).has_value());
  CHECK(found(bad.diagnostics()) == Found{"test.yaml:1:19 PL-N001"});
}

}  // namespace
}  // namespace plumbline::zoo
