// SPDX-License-Identifier: Apache-2.0
#include "workload/workload.hpp"

#include <catch2/catch.hpp>

#include "workload/constants.hpp"
#include "workload/outcome.hpp"

namespace plumbline::workload {
namespace {

TEST_CASE("Names of collectives and protocols lead back to them") {
  for (int i = 0; i <= static_cast<int>(Collective::pipeline); ++i) {
    const auto each = static_cast<Collective>(i);
    CHECK(collective(to_text(each)) == each);
  }
  for (std::size_t i = 0; i < protocol_count; ++i) {
    const auto each = static_cast<Protocol>(i);
    CHECK(protocol(to_text(each)) == each);
  }
  CHECK_FALSE(collective("allreduce"));
  CHECK_FALSE(protocol("LL"));
  CHECK(to_text(PipelineSchedule::one_f_one_b) == "1f1b");
  CHECK(to_text(PathClass::net) == "net");
}

// PERFORMANCE.md of nccl-tests, 8 ranks: 2·7/8 for all_reduce, 7/8 for the collectives of which a
// rank keeps its own eighth, 1 for what crosses each port once.
TEST_CASE("Bus factors are those of nccl-tests") {
  const RankCount eight(8);
  CHECK(bus_factor(Collective::all_reduce, eight) == 1.75);
  CHECK(bus_factor(Collective::all_gather, eight) == 0.875);
  CHECK(bus_factor(Collective::reduce_scatter, eight) == 0.875);
  CHECK(bus_factor(Collective::all_to_all, eight) == 0.875);
  CHECK(bus_factor(Collective::all_to_allv, eight) == 0.875);
  CHECK(bus_factor(Collective::gather, eight) == 0.875);
  CHECK(bus_factor(Collective::scatter, eight) == 0.875);
  CHECK(bus_factor(Collective::broadcast, eight) == 1.0);
  CHECK(bus_factor(Collective::reduce, eight) == 1.0);
  CHECK(bus_factor(Collective::send_recv, eight) == 1.0);
}

TEST_CASE("A benchmark reports half of a round trip, one message of a stream, all of the rest") {
  Workload workload;
  workload.messages = 8;
  const auto share = [&](Collective collective) {
    workload.collective = collective;
    return reported_share(workload);
  };
  CHECK(share(Collective::ping_pong) == 0.5);
  CHECK(share(Collective::stream) == 0.125);
  CHECK(share(Collective::send_recv) == 1.0);
  CHECK(share(Collective::all_reduce) == 1.0);
}

TEST_CASE("Terms add up") {
  Terms terms;
  terms[Term::latency] = core::Seconds::from_si(0.25);
  terms[Term::reduction] = core::Seconds::from_si(0.5);
  CHECK(terms.sum() == core::Seconds::from_si(0.75));
  CHECK(to_text(Term::serialisation) == "serialisation");
  CHECK(to_text(Term::reduction) == "reduction");
  CHECK(to_text(Scope::speed_of_light) == "speed_of_light");
  CHECK(to_text(Side::upper) == "upper");
}

}  // namespace
}  // namespace plumbline::workload
