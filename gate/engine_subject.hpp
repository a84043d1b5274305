// SPDX-License-Identifier: Apache-2.0
// An engine of this program under a contract: how built-in solvers pass the gate.
#pragma once

#include <memory>
#include <string_view>

#include "analytic/contract.hpp"
#include "workload/engine.hpp"

namespace plumbline::gate {

/// Asks `engine`; another gauge is put to it as a problem whose times and bytes are multiplied.
class EngineSubject : public analytic::Subject {
 public:
  EngineSubject(analytic::Contract contract, std::shared_ptr<const workload::Engine> engine)
      : contract_(std::move(contract)), engine_(std::move(engine)) {}

  [[nodiscard]] const analytic::Contract& contract() const override { return contract_; }

  [[nodiscard]] analytic::Answer ask(const workload::Problem& problem,
                                     const analytic::Gauge& gauge) override;

 private:
  analytic::Contract contract_;
  std::shared_ptr<const workload::Engine> engine_;
};

/// A solver or bound of the registry. InputError where there is none of this name, where it needs
/// options, and where it predicts what no replay of a schedule can judge.
[[nodiscard]] std::unique_ptr<analytic::Subject> built_in(std::string_view name);

/// The names that built_in() takes.
[[nodiscard]] std::vector<std::string> built_in_names();

}  // namespace plumbline::gate
