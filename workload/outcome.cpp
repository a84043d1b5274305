// SPDX-License-Identifier: Apache-2.0
#include "workload/outcome.hpp"

#include <numeric>

namespace plumbline::workload {

namespace {

constexpr std::array<std::string_view, term_count> term_names{
    "latency", "serialisation", "contention", "queueing", "compute", "launch", "reduction"};
constexpr std::array<std::string_view, 3> scope_names{"schedule", "speed_of_light", "achievable"};

}  // namespace

std::string_view to_text(Term term) {
  return term_names[static_cast<std::size_t>(term)];
}

std::string_view to_text(Scope scope) {
  return scope_names[static_cast<std::size_t>(scope)];
}

std::string_view to_text(Side side) {
  return side == Side::lower ? "lower" : "upper";
}

core::Seconds Terms::sum() const {
  return std::accumulate(values.begin(), values.end(), core::Seconds{});
}

}  // namespace plumbline::workload
