// SPDX-License-Identifier: Apache-2.0
// A solver as a shared object, in C++: one message is a latency and its bytes, and a constant of
// its own, declared so that it is sent along in the units of the question.
//
//   c++ -shared -fPIC -I ../.. -o alpha_beta.so alpha_beta.cpp
#include <cmath>

#include "analytic/external/plumbline_solver.h"

namespace {

int solve(const plumbline_host* host, const plumbline_problem* problem, plumbline_answer* answer) {
  const double latency = host->number(problem, "fabric.latency");
  const double transfer =
      host->number(problem, "workload.size") / host->number(problem, "fabric.transfer_rate");
  const double call = host->declared(problem, "call");
  if (std::isnan(latency + transfer)) {
    host->set_text(answer, "not_applicable", "paths differ");
    return 0;
  }
  host->set(answer, "estimate_s", call + latency + transfer);
  host->set_term(answer, "launch", call);
  host->set_term(answer, "latency", latency);
  host->set_term(answer, "serialisation", transfer);
  return 0;
}

constexpr auto handshake = R"({
  "plumbline": 1, "name": "alpha_beta_cpp", "claim": "estimate", "within": {"p95": 0.5},
  "citation": "Hockney 1994, doi:10.1016/S0167-8191(06)80021-9",
  "domain": {"collective": ["send_recv"], "channels": [1, 1]},
  "constants": {"call": {"value": 1e-7, "dimension": "s"}}})";

constexpr plumbline_solver solver{PLUMBLINE_SOLVER_VERSION, sizeof(plumbline_solver), handshake,
                                  solve};

}  // namespace

extern "C" const plumbline_solver* plumbline_solver_entry() {
  return &solver;
}
