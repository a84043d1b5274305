// SPDX-License-Identifier: Apache-2.0
#include "topology/link_class.hpp"

#include <catch2/catch.hpp>

#include "from_yaml.hpp"

namespace plumbline::topology {
namespace {

using test::Found;
using test::Text;

std::optional<LinkClass> read(const Text& text) {
  return read_link_class(text.root(), "by_file");
}

Found refused(const std::string& yaml) {
  const Text text(yaml);
  CHECK_FALSE(read(text));
  return text.found();
}

TEST_CASE("a figure per direction is taken as it stands") {
  const Text text("{kind: nvlink, bandwidth_per_direction: 25 GB/s, latency: 250 ns}");
  const auto link = read(text);
  REQUIRE(link);
  CHECK(link->name == "by_file");
  CHECK(link->kind == LinkKind::nvlink);
  CHECK(link->bandwidth_per_direction.si() == 25e9);
  CHECK(link->latency.si() == Approx(250e-9).epsilon(1e-15));
  CHECK(link->sharing == Sharing::full_duplex);
}

TEST_CASE("a bidirectional total is halved") {
  // 900 GB/s in both directions together are 450 GB/s in each.
  const Text text(
      "{link_class: nvlink4_bundle, kind: nvlink, bandwidth_bidirectional_total: 900 GB/s, "
      "latency: 0 s, sharing: unshared}");
  const auto link = read(text);
  REQUIRE(link);
  CHECK(link->name == "nvlink4_bundle");
  CHECK(link->bandwidth_per_direction.si() == 450e9);
  CHECK(link->sharing == Sharing::unshared);
}

TEST_CASE("a link must state exactly one figure above zero") {
  CHECK(refused("{kind: pcie, latency: 1 us}") == Found{"PL-T001 1:1"});
  CHECK(refused("kind: pcie\nlatency: 1 us\nbandwidth_per_direction: 1 GB/s\n"
                "bandwidth_bidirectional_total: 2 GB/s\n") == Found{"PL-T002 1:1"});
  CHECK(refused("kind: pcie\nlatency: 1 us\nbandwidth_per_direction: 0 GB/s\n") ==
        Found{"PL-T003 3:26"});
  CHECK(refused("kind: pcie\nlatency: 1 us\nbandwidth_bidirectional_total: 0 GB/s\n") ==
        Found{"PL-T003 3:32"});
}

TEST_CASE("a bandwidth without its direction is told what to state") {
  const Text text("{kind: pcie, latency: 1 us, bandwidth: 64 GB/s}");
  CHECK_FALSE(read(text));
  bool said = false;
  for (const core::Diagnostic& diagnostic : text.diagnostics().all()) {
    said = said || diagnostic.message.find("state the direction") != std::string::npos;
    CHECK_FALSE(diagnostic.hint.empty());
  }
  CHECK(said);
}

TEST_CASE("kinds and ways of sharing are names") {
  CHECK(refused("kind: nvlnk\nlatency: 1 us\nbandwidth_per_direction: 1 GB/s\n") ==
        Found{"PL-N001 1:7"});
  CHECK(refused("kind: pcie\nlatency: 1 us\nbandwidth_per_direction: 1 GB/s\nsharing: both\n") ==
        Found{"PL-N001 4:10"});
  for (const LinkKind kind : {LinkKind::nvlink, LinkKind::pcie, LinkKind::cpu, LinkKind::network}) {
    CHECK(link_kind(to_text(kind)) == kind);
  }
  for (const Sharing sharing : {Sharing::full_duplex, Sharing::half_duplex, Sharing::unshared}) {
    CHECK(sharing_kind(to_text(sharing)) == sharing);
  }
  CHECK_FALSE(link_kind("NVLink"));
  CHECK_FALSE(sharing_kind(""));
}

TEST_CASE("a reference is a name of the catalogue or a class in place") {
  const Text text(
      "named: pcie\n"
      "sourced: {value: net, source: a data sheet}\n"
      "uplink: {kind: network, bandwidth_per_direction: 200 GB/s, latency: 0 s}\n"
      "wrong: pcei\n");
  const LinkCatalogue catalogue = test::links();
  const auto at = [&](const char* key) {
    return read_link_reference(*text.root().find(key), catalogue);
  };
  CHECK(at("named")->name == "pcie");
  CHECK(at("sourced")->name == "net");
  // Unnamed, the class in place goes by its key.
  CHECK(at("uplink")->name == "uplink");
  CHECK(at("uplink")->bandwidth_per_direction.si() == 200e9);
  CHECK_FALSE(at("wrong"));
  CHECK(text.found() == Found{"PL-N001 4:8"});
  CHECK(text.diagnostics().all().front().hint.find("pcie") != std::string::npos);
}

TEST_CASE("the schema documents every key of a link class") {
  for (const core::FieldInfo& field : link_class_schema().fields()) {
    INFO(field.key);
    CHECK_FALSE(field.doc.empty());
  }
}

}  // namespace
}  // namespace plumbline::topology
