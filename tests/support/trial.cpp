// SPDX-License-Identifier: Apache-2.0
#include "tests/support/trial.hpp"

#include "gate/gate.hpp"
#include "tests/support/mis_models.hpp"

namespace plumbline::test {

Trial tried(analytic::Subject& subject, Court& court) {
  gate::GateOptions options;
  options.sample.seed = court.seed;
  options.sample.points = court.points;
  options.sample.truth.known = &court.known;
  options.shrink = 0;  // which case is shown decides nothing
  const gate::Verdict verdict = gate::validate(subject, options, court.catalogue).verdict;
  return {.ships = verdict.decision == gate::Decision::ship,
          .rejected = verdict.decision == gate::Decision::reject,
          .cause = verdict.cause,
          .reason = verdict.reason};
}

Trial tried(const Mutant& mutant, Court& court) {
  const auto subject = opened(mutant);
  return subject == nullptr
             ? Trial{.rejected = true, .cause = "dimension", .reason = "it can't be read"}
             : tried(*subject, court);
}

std::vector<PublishedMistake> published_mistakes() {
  return {
      {"bandwidth_times_2_5", bandwidth_times_2_5, {"everywhere"}},
      {"bidirectional", bidirectional, {"everywhere"}},
      {"single_nic_blind", single_nic_blind, {"gpus_per_nic", "nics_per_node"}},
      {"oversubscribed_everywhere", oversubscribed_everywhere, {"oversubscription"}},
      {"bubble_times_total",
       bubble_times_total,
       {"micro_batches", "ranks", "nodes", "gpus_per_node", "everywhere"}},
      {"unpipelined_tree_crossover", unpipelined_tree_crossover, {"size", "everywhere"}},
      {"hidden_constant", hidden_constant, {"gauge invariance"}},
  };
}

}  // namespace plumbline::test
