/* SPDX-License-Identifier: Apache-2.0 */
/* A library that does one thing wrong: what WRONG says when it is compiled. C99. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "analytic/external/plumbline_solver.h"

enum wrong { right, crash, nan_answer, status, version, no_handshake, prints, unknown_names };

static int solve(const plumbline_host* host, const plumbline_problem* problem,
                 plumbline_answer* answer) {
  double time = host->number(problem, "workload.size") / host->number(problem, "fabric.bandwidth") +
                host->declared(problem, "call") + host->node_of(problem, 1);
  switch (WRONG) {
    case crash:
      abort();
    case nan_answer:
      time = NAN;
      break;
    case status:
      return 5;
    case prints:
      printf("debugging, as one does\n");
      fflush(stdout);
      break;
    case unknown_names:
      host->set_text(answer, "binding",
                     host->word(problem, "nothing") == NULL &&
                             isnan(host->number(problem, "no.such")) &&
                             isnan(host->declared(problem, "nothing")) &&
                             host->node_of(problem, 99) == UINT32_MAX
                         ? host->word(problem, "algorithm")
                         : "something");
      break;
    default:
      break;
  }
  host->set(answer, "lower_s", time);
  return 0;
}

const plumbline_solver* plumbline_solver_entry(void) {
  static const plumbline_solver solver = {
      WRONG == version ? 99 : PLUMBLINE_SOLVER_VERSION, sizeof(plumbline_solver),
      WRONG == no_handshake
          ? NULL
          : "{\"plumbline\": 1, \"name\": \"lib\", \"claim\": \"lower\", \"citation\": \"none\",\n"
            " \"constants\": {\"call\": {\"value\": 1e-6, \"dimension\": \"s\"}}}",
      solve};
  return &solver;
}
