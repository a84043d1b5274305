// SPDX-License-Identifier: Apache-2.0
// Rails that nothing joins and GPUs without PCIe to their neighbours' adapters: another rail is
// reached by NVLink and PXN, or not at all.
#include <catch2/catch.hpp>

#include "core/diagnostic.hpp"
#include "tests/emergent/replayed.hpp"
#include "tests/unit/topology/from_yaml.hpp"

namespace plumbline::test {
namespace {

using topology::Fabric;

/// Everybody in machine a sends 1 GB to b, across the rails or along them.
workload::Problem crossing(bool across, bool pxn) {
  const auto fabric =
      std::make_shared<const Fabric>(topology::test::fabric(topology::test::two_rails));
  const auto named = [&](const char* name) { return *fabric->find(name); };
  const Pairs pairs{{named("a0"), named(across ? "b1" : "b0")},
                    {named("a1"), named(across ? "b0" : "b1")}};
  return flows(fabric, pairs, core::Bytes::from_si(1e9), {.pxn = pxn});
}

TEST_CASE("along the rails both send at once, with or without PXN") {
  // 2 us + 4 us + 4 us + 2 us + 1 GB / 50 GB/s
  CHECK(replayed(crossing(false, false)) == Approx(20.012e-3).epsilon(1e-9));
  CHECK(replayed(crossing(false, true)) == Approx(20.012e-3).epsilon(1e-9));
}

TEST_CASE(
    "across the rails PXN is a way, as slow as NVLink here; without it the message names it") {
  // 1 us more, and 1 GB / 25 GB/s each way of the cable between the two.
  CHECK(replayed(crossing(true, true)) == Approx(40.013e-3).epsilon(1e-9));
  CHECK_THROWS_AS(crossing(true, false), core::ModelError);
  CHECK_THROWS_WITH(crossing(true, false),
                    Catch::Contains("no path from a0 to b1") && Catch::Contains("pxn: true"));
}

}  // namespace
}  // namespace plumbline::test
