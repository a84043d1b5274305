// SPDX-License-Identifier: Apache-2.0
// Closed forms of exchanges, chains and shots: their terms, and what they refuse. Their times are
// those of tests/exact/cases.
#include "tests/support/fluid_reference.hpp"
#include "tests/support/star.hpp"
#include "tests/unit/analytic/solve.hpp"

namespace plumbline::test {
namespace {

using Catch::Matchers::Contains;
using workload::Collective;
using workload::Problem;
using workload::Term;

/// 8 hosts with ports of 50 GB/s, paths of 500 ns; 1 GB, 20 ms at the port.
Problem asked(Collective kind, const char* algorithm, workload::ConstantSet constants = {},
              std::uint32_t ranks = 8) {
  workload::Workload workload = collective(kind, algorithm, 1e9);
  workload.ranks = topology::RankCount(ranks);
  return on_star({}, workload, std::move(constants));
}

TEST_CASE("One shot shares its port: what is not serialisation is contention") {
  const Problem problem = asked(Collective::all_reduce, "one_shot");
  const workload::Terms terms = solve("one_shot", problem).terms;
  CHECK(terms[Term::latency].si() == exactly(500e-9));
  CHECK(terms[Term::serialisation].si() == exactly(20e-3));
  CHECK(terms[Term::contention].si() == exactly(6 * 20e-3));
  CHECK(fluid_reference(problem).makespan == exactly(140.0005e-3));
}

// αB = 25 kB; one shot takes α + 7·S/B, two 2α + 1.75·S/B: equal at S = αB / 5.25 = αB·n/((n − 1)(n
// − 2)) with n = 8.
TEST_CASE("Two shots overtake one where theory says") {
  for (const double factor : {0.99, 1.01}) {
    workload::Workload workload =
        collective(Collective::all_reduce, "one_shot", factor * 25e3 * 8.0 / (7 * 6));
    const double one = estimate("one_shot", on_star({}, workload));
    workload.algorithm = "two_shot";
    CHECK((estimate("two_shot", on_star({}, workload)) < one) == (factor > 1.0));
  }
}

// Halving reduces at 25 GB/s, 7/8 of 40 ms; doubling copies at 50 GB/s.
TEST_CASE("Reduction throughput slows the reducing half only") {
  workload::ConstantSet constants;
  constants.reduction_bandwidth = core::Bandwidth::from_si(25e9);
  const Problem problem = asked(Collective::all_reduce, "halving_doubling", constants);
  CHECK(estimate("rabenseifner", problem) == exactly(3e-6 + 35e-3 + 17.5e-3));
  CHECK(solve("rabenseifner", problem).terms[Term::reduction].si() == exactly(17.5e-3));
  CHECK(fluid_reference(problem).makespan == exactly(52.503e-3));
}

TEST_CASE("Closed forms of exchanges refuse what breaks them") {
  CHECK_THAT(
      refusal("recursive_doubling", asked(Collective::all_reduce, "recursive_doubling", {}, 6)),
      Contains("power of two"));
  CHECK_THAT(refusal("rabenseifner", asked(Collective::all_reduce, "halving_doubling", {}, 5)),
             Contains("power of two"));
  CHECK_THAT(refusal("scatter_allgather_broadcast",
                     asked(Collective::broadcast, "scatter_allgather", {}, 7)),
             Contains("power of two"));
  CHECK_THAT(refusal("one_shot", asked(Collective::all_reduce, "two_shot")), Contains("two_shot"));

  workload::Workload chain = collective(Collective::broadcast, "chain", 1e9);
  chain.chunk = core::Bytes::from_si(1e8);
  chain.slots = 2;
  CHECK_THAT(refusal("pipelined_chain", on_star({}, chain)), Contains("steps overlap"));
  workload::Workload rings = collective(Collective::broadcast, "ring", 1e9);
  rings.channels = 2;
  rings.ring_order = workload::RingOrder::both_directions;
  CHECK_THAT(refusal("pipelined_chain", on_star({}, rings)), Contains("different orders"));
  workload::Workload loops = collective(Collective::all_reduce, "ring", 1e9);
  loops.slots = 4;
  CHECK_THAT(refusal("ring_all_reduce", on_star({}, loops)), Contains("steps overlap"));
}

// 8 ranks: 3 hops down from a root (0 → 4 → 2 → 1). One piece of half the buffer, whose sibling
// shares every port: 3·(0.5 us + 2·10 ms). In 10 pieces 3·(0.5 us + 2 ms) + 9·(0.5 us + 2 ms). An
// all_reduce in 10: 6 hops, and 9·(0.5 us + 4 ms) since four flows share a port.
TEST_CASE("Two trees are estimated by their fill and their busiest port") {
  workload::Workload trees = collective(Collective::broadcast, "double_binary_tree", 1e9);
  CHECK(estimate("double_binary_tree", on_star({}, trees)) == exactly(3 * 20.0005e-3));
  trees.chunk = core::Bytes::from_si(50e6);
  CHECK(estimate("double_binary_tree", on_star({}, trees)) == exactly(12 * 2.0005e-3));
  trees.collective = Collective::all_reduce;
  const Problem all_reduce = on_star({}, trees);
  CHECK(estimate("double_binary_tree", all_reduce) == exactly(6 * 2.0005e-3 + 9 * 4.0005e-3));
  // Every port carries twice the buffer out, 40 ms, and no schedule fills it from the start.
  const double reference = fluid_reference(all_reduce).makespan;
  CHECK(reference > 35e-3);
  CHECK(reference < 1.25 * estimate("double_binary_tree", all_reduce));
  CHECK(reference > 0.75 * estimate("double_binary_tree", all_reduce));
}

}  // namespace
}  // namespace plumbline::test
