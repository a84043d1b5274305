// SPDX-License-Identifier: Apache-2.0
// Analytic solvers: one entry per file in solvers/. A solver states its claim and refuses what
// breaks its assumptions; it never answers with a number outside its validity.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "analytic/nccl_tables.hpp"
#include "core/cursor.hpp"
#include "core/schema.hpp"
#include "workload/engine.hpp"
#include "workload/nccl_facts.hpp"

namespace plumbline::analytic {

/// What a solver promises about its number. exact: equal to the replay to 1e-9.
enum class Claim : std::uint8_t { lower, upper, exact, estimate };

[[nodiscard]] std::string_view to_text(Claim claim);

/// What a solver may know beside the problem. Nothing in it has to be there.
struct SolverContext {
  std::shared_ptr<const nccl::Tables> nccl;  ///< of the tuner that is asked
  workload::MachineFacts machine;            ///< of the system
};

/// A limit that a solver puts on the problems that it promises something for: a range of one of
/// their numbers, in SI, or one of several words. The axes are those of analytic::Contract::domain.
struct PromiseLimit {
  std::string_view axis;
  double from = 0.0;
  double to = 0.0;
  std::vector<std::string_view> words{};
};

/// What an estimate promises: nineteen answers in twenty are off by at most `within` of the time
/// that the replay takes, inside these limits.
struct Promise {
  double within = 0.0;
  std::vector<PromiseLimit> limits;
};

struct SolverEntry {
  std::string_view name;
  std::string_view summary;   ///< one sentence
  std::string_view citation;  ///< paper, section
  std::string_view validity;  ///< what it holds for; it refuses the rest
  std::string_view formula;   ///< in the symbols of docs/solvers.md
  Claim claim = Claim::estimate;
  bool bound =
      false;  ///< answers in Outcome::bounds; computed for every problem without being asked

  /// Options of a solver that has any; null otherwise.
  const core::SchemaInfo& (*schema)() = nullptr;

  /// `options` is null where none were given. nullptr after a diagnostic, or where options are
  /// needed and none were given.
  std::unique_ptr<workload::Engine> (*make)(const core::Cursor* options) = nullptr;

  /// The same, of a solver that needs more than the problem; `make` gives nullptr then.
  std::unique_ptr<workload::Engine> (*make_in)(const core::Cursor* options,
                                               const SolverContext& context) = nullptr;

  /// Of an estimate that a replay can judge; null otherwise.
  Promise (*promise)() = nullptr;
};

namespace solvers {
/// Every solver, in the order of analytic/CMakeLists.txt.
[[nodiscard]] std::span<const SolverEntry* const> all();
}  // namespace solvers

/// The engine of an entry, by whichever of its two ways; nullptr as in SolverEntry::make.
[[nodiscard]] std::unique_ptr<workload::Engine> make_solver(const SolverEntry& entry,
                                                            const core::Cursor* options,
                                                            const SolverContext& context);

[[nodiscard]] const SolverEntry* find_solver(std::string_view name);

/// What every bound that is valid for the problem says, in registry order; notes say which were
/// not.
struct BoundReport {
  std::vector<workload::Bound> bounds;
  std::vector<std::string> notes;
};

[[nodiscard]] BoundReport all_bounds(const workload::Problem& problem);

}  // namespace plumbline::analytic
