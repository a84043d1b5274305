// SPDX-License-Identifier: Apache-2.0
// An engine made of two functions: what a solver without options or state needs.
#pragma once

#include <memory>
#include <string_view>

#include "workload/engine.hpp"

namespace plumbline::analytic {

/// `name` must outlive the engine (a literal).
[[nodiscard]] std::unique_ptr<workload::Engine> function_engine(
    std::string_view name, workload::Validity (*accepts)(const workload::Problem&),
    workload::Outcome (*run)(const workload::Problem&));

}  // namespace plumbline::analytic
