// SPDX-License-Identifier: Apache-2.0
// Exported platform files, read by SimGrid itself.
#include <cstring>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <simgrid/s4u.hpp>

#include "des/isolation.hpp"
#include "des/replay.hpp"
#include "scenario.hpp"
#include "topology/simgrid_export.hpp"

namespace plumbline::des {
namespace {

using namespace core::literals;
using test::Scenario;

/// What SimGrid, given the file alone, takes for `bytes` from one host to another. In a child: an
/// engine lives as long as its process.
core::Seconds with_simgrid(const std::filesystem::path& file, const std::string& from,
                           const std::string& to, std::uint64_t bytes) {
  IsolatedRun child(
      [&] {
        std::array<char, 5> name{"test"};
        std::array<char*, 2> arguments{name.data(), nullptr};
        int count = 1;
        simgrid::s4u::Engine engine(&count, arguments.data());
        engine.load_platform(file.string());
        const auto flow = simgrid::s4u::Comm::sendto_async(engine.host_by_name(from),
                                                           engine.host_by_name(to), bytes);
        engine.run();
        const double end = simgrid::s4u::Engine::get_clock();
        std::vector<std::byte> answer(sizeof end);
        std::memcpy(answer.data(), &end, sizeof end);
        return answer;
      },
      {});
  const std::vector<std::byte> answer = child.finish();
  double end = 0.0;
  REQUIRE(answer.size() == sizeof end);
  std::memcpy(&end, answer.data(), sizeof end);
  return core::Seconds::from_si(end);
}

TEST_CASE("SimGrid reads an exported platform and a transfer alone takes L + S/B") {
  // host0 and host1 at a switch, 25 GB/s and 250 ns each, host2 at 10 GB/s and 1 us.
  Scenario scenario = Scenario::bare(3);
  const topology::DeviceId hub = scenario.add_switch("hub \"<&>");
  scenario.cable(scenario.host(0), hub, 25_GBps, 250_ns);
  scenario.cable(scenario.host(1), hub, 25_GBps, 250_ns, topology::Sharing::half_duplex);
  scenario.cable(scenario.host(2), hub, 10_GBps, 1_us, topology::Sharing::unshared);
  scenario.transfer(0, 2, 1_MB);
  const workload::Problem problem = scenario.problem();
  const auto file = std::filesystem::temp_directory_path() / "plumbline_platform_export.xml";
  std::ofstream(file) << topology::to_simgrid(problem.fabric());
  // 500 ns + 1 MB / 25 GB/s = 40.5 us; 1.25 us + 1 MB / 10 GB/s = 101.25 us.
  CHECK(with_simgrid(file, "host0", "host1", 1'000'000) / 1_us == Approx(40.5).epsilon(1e-9));
  CHECK(with_simgrid(file, "host1", "host0", 1'000'000) / 1_us == Approx(40.5).epsilon(1e-9));
  const core::Seconds far = with_simgrid(file, "host0", "host2", 1'000'000);
  CHECK(far / 1_us == Approx(101.25).epsilon(1e-9));
  CHECK(far / Replay({}).run(problem).estimate.value() == Approx(1.0).epsilon(1e-9));
  std::filesystem::remove(file);
}

TEST_CASE("a machine too large for a list of routes is not exported") {
  Scenario scenario = Scenario::star(257, 10_GBps, 1_us);
  scenario.transfer(0, 1, 1_MB);
  CHECK_THROWS_AS(topology::to_simgrid(scenario.problem().fabric()), core::ModelError);
}

}  // namespace
}  // namespace plumbline::des
