// SPDX-License-Identifier: Apache-2.0
// What programs of MSCCL files take.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>

#include "core/units.hpp"
#include "des/replay.hpp"
#include "tests/support/msccl_programs.hpp"
#include "tests/support/star.hpp"

namespace {

using namespace plumbline;
using namespace plumbline::core::literals;
using workload::Collective;

double time_of(workload::Workload workload, std::uint32_t hosts,
               const workload::ConstantSet& constants = {}) {
  return des::Replay({})
      .run(test::on_star({.hosts = hosts}, std::move(workload), constants))
      .estimate->si();
}

workload::Workload program(const std::string& text, double bytes) {
  workload::Workload workload = test::collective(Collective::all_reduce, "msccl", bytes);
  workload.program = test::msccl_program(text);
  return workload;
}

TEST_CASE("A ring written as MSCCL takes as long as our ring") {
  std::ifstream stream(std::filesystem::path(PL_SOURCE_DIR) / "tests/fuzz/seeds/msccl_ring.xml",
                       std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  workload::ConstantSet adding;
  adding.reduction_bandwidth = core::Bandwidth::from_si(20e9);  // less than a port's 50 GB/s
  for (const double bytes : {1e3, 1e6, 123456789.0}) {
    for (const workload::ConstantSet& constants : {workload::ConstantSet{}, adding}) {
      const double ours =
          time_of(test::collective(Collective::all_reduce, "ring", bytes), 4, constants);
      CHECK(time_of(program(text, bytes), 4, constants) == Approx(ours).epsilon(1e-9).margin(0.0));
    }
  }
}

TEST_CASE("An all_reduce of all pairs takes two exchanges at once") {
  // 4 hosts, each port 50 GB/s, 500 ns per path: in each of two phases a port carries 3 messages of
  // 1/4 of 4 MB at once, 500 ns + 3 MB / 50 GB/s = 60.5 us.
  CHECK(time_of(program(test::msccl_all_pairs(Collective::all_reduce, 4), 4e6), 4) ==
        Approx(121e-6).epsilon(1e-9).margin(0.0));
}

}  // namespace
