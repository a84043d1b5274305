// SPDX-License-Identifier: Apache-2.0
// Damaged NCCL topology files: each is refused with a reason or becomes a sound fabric.
#include <cmath>
#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/fuzz/mutate.hpp"
#include "topology/imports/nccl_paths.hpp"
#include "topology/imports/nccl_topology.hpp"
#include "topology/routing.hpp"

namespace plumbline::topology::imports {
namespace {

struct Tally {
  std::size_t refused = 0;
  std::size_t fabrics = 0;
};

void check_links(const Fabric& fabric) {
  for (const Link& link : fabric.links()) {
    if (!std::isfinite(link.capacity.si()) || link.capacity <= core::Bandwidth{} ||
        link.latency < core::Seconds{} || link.from == link.to) {
      FAIL("a link without a rate");
    }
  }
}

/// NCCL's paths and our routes agree on who reaches whom.
void check_routes(const Fabric& fabric) {
  Router router(fabric);
  NcclPaths paths(fabric);
  const DeviceId first = fabric.endpoints().front();
  for (const DeviceId other : fabric.endpoints()) {
    const NcclPath path = paths.between(first, other);
    const bool connected = path.type != PathType::dis;
    if (router.route(first, other).has_value() != connected ||
        (connected && path.bandwidth <= core::Bandwidth{})) {
      FAIL("a path and no route, or a route and no path");
    }
  }
}

void read(const std::string& text, const NcclRates& rates, Tally& tally) {
  core::Diagnostics diagnostics;
  const auto root = core::parse_xml(text, "fuzz.xml", diagnostics);
  const auto imported =
      root ? import_nccl_topology(*root, rates, diagnostics) : std::optional<NcclTopology>();
  if (imported.has_value() == diagnostics.has_errors()) {
    FAIL("a fabric beside an error, or neither");
  }
  if (!imported) {
    ++tally.refused;
    return;
  }
  ++tally.fabrics;
  check_links(imported->fabric);
  check_routes(imported->fabric);
}

TEST_CASE("damaged NCCL topologies are refused or become sound fabrics") {
  core::Diagnostics diagnostics;
  const auto rates =
      load_nccl_rates(std::filesystem::path(PL_SOURCE_DIR) / "zoo/imports/nccl.yaml", diagnostics);
  REQUIRE(rates);
  Tally tally;
  fuzz::fuzz(fuzz::seeds("system", "topologies"),
             [&](const std::string& text) { read(text, *rates, tally); });
  // Neither side is empty, or the damage would be too large or too small to find anything.
  CHECK(tally.refused * 10 > tally.fabrics);
  CHECK(tally.fabrics * 10 > tally.refused);
}

}  // namespace
}  // namespace plumbline::topology::imports
