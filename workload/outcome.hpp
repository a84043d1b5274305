// SPDX-License-Identifier: Apache-2.0
// What an engine answers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/quantity.hpp"
#include "workload/schedule.hpp"

namespace plumbline::workload {

/// The one vocabulary of where time goes.
enum class Term : std::uint8_t {
  latency,        ///< link latencies and protocol steps
  serialisation,  ///< bytes over the uncontended rate
  contention,     ///< sharing links with others
  queueing,       ///< waiting for a device that serves one at a time
  compute,
  launch,
  reduction  ///< bytes slowed further by a GPU's reduction throughput
};

inline constexpr std::size_t term_count = 7;

[[nodiscard]] std::string_view to_text(Term term);

struct Terms {
  std::array<core::Seconds, term_count> values{};

  core::Seconds& operator[](Term term) { return values[static_cast<std::size_t>(term)]; }

  const core::Seconds& operator[](Term term) const {
    return values[static_cast<std::size_t>(term)];
  }

  [[nodiscard]] core::Seconds sum() const;
};

/// schedule: certifies the replay of this schedule. speed_of_light: any algorithm, nominal links,
/// no software. achievable: what a constructive schedule costs.
enum class Scope : std::uint8_t { schedule, speed_of_light, achievable };

enum class Side : std::uint8_t { lower, upper };

[[nodiscard]] std::string_view to_text(Scope scope);
[[nodiscard]] std::string_view to_text(Side side);

struct Bound {
  std::string name;
  Scope scope = Scope::schedule;
  Side side = Side::lower;
  core::Seconds value;
  std::string binding;  ///< the resource, cut or path that sets it, for people
};

/// When one operation waited, moved data and ended.
struct OperationTimes {
  core::Seconds start;       ///< predecessors done
  core::Seconds data_start;  ///< latency paid
  core::Seconds end;
};

struct LinkLoad {
  std::string link;
  core::Bytes bytes;
  double utilisation = 0.0;  ///< bytes / (capacity × makespan)
};

/// When one of several workloads that ran at once did something.
struct PartTimes {
  std::string name;
  core::Seconds start;  ///< its own start offset
  core::Seconds end;    ///< when the last of its operations ended
};

/// What only a replay knows.
struct ReplayDetails {
  std::uint64_t operations = 0;           ///< of the schedule
  std::uint64_t replayed_operations = 0;  ///< fewer when folded
  bool folded = false;
  std::vector<LinkLoad> hottest_links;   ///< five, busiest first
  std::vector<PartTimes> parts;          ///< of a workload of several
  std::vector<OpId> chain;               ///< last-finishing chain, first operation first
  std::vector<OperationTimes> timeline;  ///< per operation of the Dag, when asked for
  core::Seconds wall;
};

struct Outcome {
  std::optional<core::Seconds> estimate;
  Terms terms;  ///< sum to the estimate
  std::vector<Bound> bounds;
  std::string binding;
  std::vector<std::string> notes;
  std::optional<ReplayDetails> replay;
};

}  // namespace plumbline::workload
