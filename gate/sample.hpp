// SPDX-License-Identifier: Apache-2.0
// The problems that a solver is asked, what it answered, and what is true.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analytic/contract.hpp"
#include "gate/case.hpp"
#include "gate/domain.hpp"
#include "gate/truth.hpp"

namespace plumbline::gate {

struct Sample {
  Case at;
  workload::Problem problem;
  analytic::Answer answer;
  core::Seconds asked_for;                      ///< wall time of the answer
  Truth truth;                                  ///< found only where the solver answers
  std::map<std::string, Truth> by_algorithm{};  ///< of a choice: what each candidate takes
  bool drawn = false;  ///< by the sequence; corners, switches and finds lie where they were put
};

struct SampleOptions {
  std::size_t points = 256;  ///< to be answered
  std::uint64_t seed = 0;
  TruthOptions truth;
};

struct Samples {
  std::vector<Sample> all;
  std::size_t asked = 0;
  std::size_t answered = 0;        ///< failures included
  std::vector<std::string> words;  ///< why it did not answer, each reason once

  [[nodiscard]] double coverage() const {
    return asked == 0 ? 0.0 : static_cast<double>(answered) / static_cast<double>(asked);
  }
};

/// A problem of more operations would cost its replay minutes: it is not drawn.
inline constexpr std::uint64_t most_operations = 20'000;

/// The problem of a case; without channels, pieces and slots where its algorithm knows none of
/// them, and `at` says so then. Nullopt where a generator refuses it, or it is too large.
[[nodiscard]] std::optional<workload::Problem> try_problem(Case& at,
                                                           const zoo::Catalogue& catalogue);

/// Asks the solver, and takes the time of it.
[[nodiscard]] Sample asked(const Case& at, const workload::Problem& problem,
                           analytic::Subject& subject);

/// Truths of every algorithm of the domain at each case, in place; `truth` is that of the fastest.
void find_choices(std::vector<Sample>& samples, const Domain& domain,
                  const zoo::Catalogue& catalogue, const TruthOptions& options);

/// Truths of all of them, in place; of a choice those of every candidate of the domain.
void find_truths(std::vector<Sample>& samples, const Domain& domain,
                 const analytic::Contract& contract, const zoo::Catalogue& catalogue,
                 const TruthOptions& options);

/// What the contract leaves open of the works is found out: those that the solver answers anywhere.
void find_works(Domain& domain, analytic::Subject& subject, const zoo::Catalogue& catalogue);

/// What parts of a domain let through.
using Within = std::function<bool(const Case&)>;

/// Corners and the sizes where the solver's own answers turn first, then the sequence of the seed,
/// until enough are answered or four times as many are asked.
[[nodiscard]] Samples sample(const Domain& domain, analytic::Subject& subject,
                             const SampleOptions& options, const zoo::Catalogue& catalogue);

/// Drawn from a part of the domain by another sequence of the same seed: points that nothing has
/// been chosen by. Until enough are answered or sixteen times as many are asked.
[[nodiscard]] Samples fresh_sample(const Domain& domain, const Within& within,
                                   analytic::Subject& subject, const SampleOptions& options,
                                   const zoo::Catalogue& catalogue);

}  // namespace plumbline::gate
