// SPDX-License-Identifier: Apache-2.0
// The constants of NCCL's protocols and the tables of its tuner are two files of one source.
#include <catch2/catch.hpp>

#include "core/document.hpp"
#include "tests/unit/analytic/nccl_tables.hpp"
#include "workload/constants.hpp"

namespace plumbline::test {
namespace {

using workload::PathClass;
using workload::Protocol;

TEST_CASE(
    "Steps of NCCL's protocols are the tuner's steps of a ring, and the launch its least base") {
  core::Diagnostics diagnostics;
  const core::Document document =
      core::Document::load(PL_SOURCE_DIR "/zoo/constants/nccl_protocols.yaml", diagnostics);
  const core::Reading reading{.document = &document, .diagnostics = &diagnostics};
  const auto constants = workload::read_constants(core::Cursor(reading));
  REQUIRE(constants);
  const auto step = [&](Protocol protocol, PathClass path) {
    return constants->steps[static_cast<std::size_t>(protocol)][static_cast<std::size_t>(path)];
  };
  const analytic::nccl::AlgorithmTimes& ring = tables().times.at(analytic::nccl::Algorithm::ring);
  // LL: 4 bytes of flag with 4 of data. LL128: 8 with 120.
  for (const auto& [protocol, wire] :
       {std::pair{Protocol::ll, 2.0}, {Protocol::ll128, 128.0 / 120.0}, {Protocol::simple, 1.0}}) {
    for (const auto& [path, times] : {std::pair{PathClass::nvlink, &ring.nvlink},
                                      {PathClass::pcie, &ring.pcie},
                                      {PathClass::net, &ring.net}}) {
      CHECK(step(protocol, path).step_latency == times->of(protocol));
      CHECK(step(protocol, path).wire_ratio == Approx(wire));
    }
    CHECK(constants->launch <= *ring.base.of(protocol));
  }
  CHECK(constants->launch == *ring.base.ll);
}

}  // namespace
}  // namespace plumbline::test
