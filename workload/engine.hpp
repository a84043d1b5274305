// SPDX-License-Identifier: Apache-2.0
// The one interface that the analytic solvers and the replay both implement.
#pragma once

#include <string>
#include <string_view>

#include "workload/outcome.hpp"
#include "workload/problem.hpp"

namespace plumbline::workload {

/// Whether an engine's assumptions hold, and in one sentence why not.
struct Validity {
  bool valid = true;
  std::string why_not;

  [[nodiscard]] static Validity yes() { return {}; }

  [[nodiscard]] static Validity no(std::string why) { return {false, std::move(why)}; }
};

/// Pure: the same problem gives the same outcome.
class Engine {
 public:
  virtual ~Engine() = default;
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual Validity accepts(const Problem& problem) const = 0;

  /// Precondition: accepts(problem). ModelError where the engine fails all the same.
  [[nodiscard]] virtual Outcome run(const Problem& problem) const = 0;
};

}  // namespace plumbline::workload
