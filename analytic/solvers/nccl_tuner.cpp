// SPDX-License-Identifier: Apache-2.0
// Estimate: what NCCL's own tuner expects of the algorithm and protocol that it would take.
//
//   T = min over (algorithm, protocol) of  l(algorithm, protocol) + S / b(algorithm, protocol)
//
// | symbol | meaning |
// |---|---|
// | S | size of the workload, as nccl-tests counts |
// | l | base latency plus steps times the latency of a step, of the tuner's table |
// | b | bandwidth of the channels, capped by generation, times what the algorithm moves |
//
// Citation: NVIDIA/nccl, src/graph/tuning.cc, version 2.30.7; the numbers are in zoo/tuners/.
// Assumptions: the GPUs' generation is known from the system (`gpu: {arch}`), and the channels are
// those the system states (`nccl:`) or those derived from its fabric (see nccl_graph.hpp). What the
// workload states (ring, tree, nvls, pat; ll, ll128, simple) is priced and nothing else; `none`
// leaves the protocol to the tuner. It knows nothing of placement inside a machine, of contention
// or of the constants.
// Bound: none.
// Known to fail: between the sizes where latency and bandwidth reign (NVLS from 4 to 64 MiB is 15
// to 30 % too fast on H100), and on two GPUs.
#include <algorithm>
#include <fmt/format.h>

#include "analytic/nccl_choice.hpp"
#include "analytic/solver.hpp"

namespace plumbline::analytic::solvers {
namespace {

using nccl::Candidate;

class NcclTuner final : public workload::Engine {
 public:
  explicit NcclTuner(SolverContext context) : context_(std::move(context)) {}

  [[nodiscard]] std::string_view name() const override { return "nccl_tuner"; }

  [[nodiscard]] workload::Validity accepts(const workload::Problem& problem) const override {
    const nccl::Ranking ranking = rank(problem);
    return ranking.candidates.empty() ? workload::Validity::no(ranking.why_not)
                                      : workload::Validity::yes();
  }

  [[nodiscard]] workload::Outcome run(const workload::Problem& problem) const override {
    const Candidate best = rank(problem).candidates.front();
    workload::Outcome outcome;
    outcome.terms[workload::Term::latency] = best.latency;
    outcome.terms[workload::Term::serialisation] = best.serialisation;
    outcome.estimate = outcome.terms.sum();
    outcome.binding = nccl::to_text(best);
    outcome.notes.push_back(outcome.binding);
    return outcome;
  }

 private:
  /// What may run, fastest first: all that fits what the workload states.
  [[nodiscard]] nccl::Ranking rank(const workload::Problem& problem) const {
    if (context_.nccl == nullptr) {
      return {.candidates = {},
              .why_not = "there are no tables of the tuner",
              .ring_orders = {},
              .tree_orders = {}};
    }
    return nccl::rank(*context_.nccl, context_.machine, problem.fabric(), problem.placement(),
                      problem.workload());
  }

  SolverContext context_;
};

std::unique_ptr<workload::Engine> make_in(const core::Cursor* options,
                                          const SolverContext& context) {
  if (options != nullptr) {
    options->error("PL-S012", "nccl_tuner has no options", "write its name alone");
    return nullptr;
  }
  return std::make_unique<NcclTuner>(context);
}

}  // namespace

extern const SolverEntry nccl_tuner{
    .name = "nccl_tuner",
    .summary = "What NCCL's own tuner expects of the algorithm and protocol that it would take",
    .citation = "NVIDIA/nccl, src/graph/tuning.cc, version 2.30.7",
    .validity =
        "all_reduce, all_gather, reduce_scatter, broadcast and reduce on GPUs whose "
        "generation the system states",
    .formula = "min over (algorithm, protocol) of latency + S/bandwidth",
    .claim = Claim::estimate,
    .bound = false,
    .schema = nullptr,
    .make = [](const core::Cursor*) -> std::unique_ptr<workload::Engine> {
      return std::make_unique<NcclTuner>(SolverContext{});
    },
    .make_in = make_in};

}  // namespace plumbline::analytic::solvers
