// SPDX-License-Identifier: Apache-2.0
// Imported platform files have the routes that SimGrid itself finds in them.
#include <array>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>

#include <catch2/catch.hpp>
#include <simgrid/s4u.hpp>

#include "core/xml.hpp"
#include "des/isolation.hpp"
#include "scenario.hpp"
#include "topology/imports/simgrid_platform.hpp"
#include "topology/routing.hpp"
#include "topology/simgrid_export.hpp"

namespace plumbline::des {
namespace {

using namespace core::literals;
using test::Scenario;

std::string link_text(std::string_view name, double bandwidth, double latency) {
  return fmt::format(" {} {:.12g} {:.12g}", name, bandwidth, latency);
}

/// `a b: link bandwidth latency …` for each pair of hosts, as SimGrid says. In a child: an engine
/// lives as long as its process.
std::vector<std::string> routes_of_simgrid(const std::filesystem::path& file,
                                           const std::vector<std::string>& hosts) {
  IsolatedRun child(
      [&] {
        std::array<char, 5> name{"test"};
        std::array<char*, 2> arguments{name.data(), nullptr};
        int count = 1;
        simgrid::s4u::Engine engine(&count, arguments.data());
        engine.load_platform(file.string());
        engine.seal_platform();  // finds the routes that the file does not write out
        std::string text;
        for (const std::string& from : hosts) {
          for (const std::string& to : hosts) {
            if (from == to) {
              continue;
            }
            std::vector<simgrid::s4u::Link*> links;
            double latency = 0.0;
            engine.host_by_name(from)->route_to(engine.host_by_name(to), links, &latency);
            text += from + " " + to + ":";
            for (const simgrid::s4u::Link* link : links) {
              text += link_text(link->get_name(), link->get_bandwidth(), link->get_latency());
            }
            text += "\n";
          }
        }
        std::vector<std::byte> answer(text.size());
        std::memcpy(answer.data(), text.data(), text.size());
        return answer;
      },
      {});
  const std::vector<std::byte> answer = child.finish();
  std::string text(answer.size(), ' ');
  std::memcpy(text.data(), answer.data(), answer.size());
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  }
  return lines;
}

topology::Fabric imported(const std::filesystem::path& file) {
  core::Diagnostics diagnostics;
  const auto root = core::load_xml(file, diagnostics);
  REQUIRE(root);
  auto fabric = topology::imports::import_simgrid_platform(*root, diagnostics);
  core::throw_if_errors(diagnostics);
  return std::move(*fabric);
}

std::vector<std::string> names(const topology::Fabric& fabric) {
  std::vector<std::string> result;
  for (const topology::DeviceId host : fabric.endpoints()) {
    result.push_back(fabric.device(host).name);
  }
  return result;
}

/// The same of a fabric, without the joints between links.
std::vector<std::string> routes_of(const topology::Fabric& fabric) {
  topology::Router router(fabric);
  std::vector<std::string> lines;
  for (const topology::DeviceId from : fabric.endpoints()) {
    for (const topology::DeviceId to : fabric.endpoints()) {
      if (from == to) {
        continue;
      }
      std::string line = fabric.device(from).name + " " + fabric.device(to).name + ":";
      topology::DeviceId at = from;
      const topology::Route route = router.route(from, to).value();
      for (const topology::LinkId id : route.links) {
        const topology::Link& link = fabric.link(id);
        CHECK(link.from == at);
        at = link.to;
        if (const std::string& name = fabric.link_classes()[link.link_class]; name != "joint") {
          line += link_text(name, link.capacity.si(), link.latency.si());
        }
      }
      CHECK(at == to);
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

TEST_CASE("a platform file has the routes that SimGrid finds in it, link by link") {
  const std::string file = GENERATE("written", "sites", "floyd", "dijkstra");
  const std::filesystem::path path = std::filesystem::path(PL_SOURCE_DIR) /
                                     fmt::format("tests/conformance/files/simgrid_{}.xml", file);
  const topology::Fabric fabric = imported(path);
  CHECK(routes_of(fabric) == routes_of_simgrid(path, names(fabric)));
}

TEST_CASE("what a fabric can't take over from a platform file is an error at its line") {
  core::Diagnostics diagnostics;
  const auto root = core::parse_xml(
      R"(<platform version="4.1">
<zone id="z" routing="Full">
<host id="a" speed="1Gf"/>
<host id="b" speed="1Gf"/>
<link id="fast" bandwidth="10" latency="1us"/>
<link id="wifi" bandwidth="1GBps" sharing_policy="WIFI"/>
<link id="split" bandwidth="1GBps" sharing_policy="SPLITDUPLEX"/>
<route src="a" dst="b"><link_ctn id="split"/></route>
<route src="a" dst="nobody"><link_ctn id="split" direction="UP"/></route>
<bypassRoute src="a" dst="b"/>
<cluster id="c" radical="0-3" topology="TORUS"/>
<zone id="v" routing="Vivaldi"/>
</zone>
</platform>)",
      "p.xml", diagnostics);
  REQUIRE(root);
  CHECK_FALSE(topology::imports::import_simgrid_platform(*root, diagnostics));
  std::vector<std::string> found;
  for (const core::Diagnostic& diagnostic : diagnostics.sorted()) {
    if (diagnostic.severity == core::Severity::error) {
      found.push_back(fmt::format("{} {}", diagnostic.code, diagnostic.where.line));
    }
  }
  // No unit; a policy and routings that are not ours; a split link without its direction; nobody.
  CHECK(found == std::vector<std::string>{"PL-T082 5", "PL-T090 6", "PL-T091 8", "PL-T091 9",
                                          "PL-T090 10", "PL-T090 11", "PL-T090 12"});
}

TEST_CASE("an exported fabric comes back with the latency and rate of every pair") {
  // Three hosts at one switch, cables of every way of sharing.
  Scenario scenario = Scenario::bare(3);
  const topology::DeviceId hub = scenario.add_switch("hub");
  scenario.cable(scenario.host(0), hub, 25_GBps, 250_ns);
  scenario.cable(scenario.host(1), hub, 13_GBps, 700_ns, topology::Sharing::half_duplex);
  scenario.cable(scenario.host(2), hub, 10_GBps, 1_us, topology::Sharing::unshared);
  scenario.transfer(0, 2, 1_MB);
  const workload::Problem problem = scenario.problem();
  const topology::Fabric& fabric = problem.fabric();
  const auto file = std::filesystem::temp_directory_path() / "plumbline_platform_import.xml";
  std::ofstream(file) << topology::to_simgrid(fabric);
  const topology::Fabric back = imported(file);
  std::filesystem::remove(file);
  REQUIRE(names(back) == names(fabric));
  const auto figures = [](const topology::Fabric& of, std::size_t from, std::size_t to) {
    core::Seconds latency;
    core::Bandwidth rate = core::Bandwidth::from_si(1e30);
    topology::Router router(of);
    const topology::Route route = router.route(of.endpoints()[from], of.endpoints()[to]).value();
    for (const topology::LinkId link : route.links) {
      latency += of.link(link).latency;
      rate = std::min(rate, of.link(link).capacity);
    }
    return std::pair(latency / 1_ns, rate / 1_GBps);
  };
  for (std::size_t from = 0; from < 3; ++from) {
    for (std::size_t to = 0; to < 3; ++to) {
      if (from != to) {
        const auto [latency, rate] = figures(fabric, from, to);
        const auto [latency_back, rate_back] = figures(back, from, to);
        CHECK(latency_back == Approx(latency).epsilon(1e-12));
        CHECK(rate_back == Approx(rate).epsilon(1e-12));
      }
    }
  }
}

}  // namespace
}  // namespace plumbline::des
