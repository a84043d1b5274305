// SPDX-License-Identifier: Apache-2.0
// What a library runs: the fastest, or what its own tables say.
#include <cmath>

#include <catch2/catch.hpp>

#include "calibration/simulated_response.hpp"
#include "tests/unit/calibration/tiny_engine.hpp"

namespace plumbline::calibration {
namespace {

using namespace core::literals;
using workload::Protocol;

TEST_CASE("A library that goes by its own tables runs what they say, however slow", "[simulated]") {
  const TinyEngine engine(one_chain);
  // It reckons Simple to be faster at either size; at a third it has no say.
  SimulatedResponse response(
      engine, engine, {family(Protocol::ll, 1_MiB), family(Protocol::simple, 1_MiB)},
      {{.size = 1_KiB, .families = {0, 1}, .reckoned = {2e-6, 1e-6}},
       {.size = 64_MiB, .families = {0, 1}, .reckoned = {2.0, 1.0}},
       {.size = 1_KiB, .families = {0, 1}}},
      declared({ring_on_star(Protocol::ll, 1_MiB), ring_on_star(Protocol::simple, 1_MiB)}),
      round_prior());
  const std::vector<double> theta{std::log(5e-6), std::log(2e-6), std::log(1e-6),
                                  std::log(2.0),  std::log(4e-6), std::log(1.0)};
  CHECK(response.has_choice());
  response.refine(theta);
  CHECK(response.taken(0, theta) == 0);
  const SimulatedResponse::Beliefs before = response.beliefs();
  const std::vector<double> fastest = evaluated(response, theta);
  response.choose_by(Choosing::reckoning);
  response.refine(theta);
  CHECK(response.taken(0, theta) == 1);
  CHECK(response.taken(1, theta) == 1);
  CHECK(response.taken(2, theta) == 0);
  // Simple 5 + 2 + 24 us, and 1.5 KiB over the rate that gives 64 MiB 1006.6330 us.
  CHECK(evaluated(response, theta)[0] == Approx(31.01536e-6).epsilon(1e-6));
  response.believe(before);
  response.choose_by(Choosing::fastest);
  CHECK(evaluated(response, theta) == fastest);
}

}  // namespace
}  // namespace plumbline::calibration
