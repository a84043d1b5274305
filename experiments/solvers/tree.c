/* SPDX-License-Identifier: Apache-2.0 */
/* A solver as a shared object, in C99: a broadcast along a binomial tree takes ceil(log2 n) steps of
 * the whole buffer.
 *
 *   cc -std=c99 -shared -fPIC -I ../.. -o tree.so tree.c -lm
 */
#include <math.h>

#include "analytic/external/plumbline_solver.h"

static int solve(const plumbline_host* host, const plumbline_problem* problem,
                 plumbline_answer* answer) {
  const double ranks = host->number(problem, "workload.ranks");
  const double size = host->number(problem, "workload.size");
  const double latency = host->number(problem, "fabric.latency");
  const double bandwidth = host->number(problem, "fabric.bandwidth");
  const double launch = host->number(problem, "constants.launch");
  const double time = launch + ceil(log2(ranks)) * (latency + size / bandwidth);
  if (isnan(time)) {
    host->set_text(answer, "not_applicable", "ranks or paths differ");
  } else {
    host->set(answer, "estimate_s", time);
  }
  return 0;
}

const plumbline_solver* plumbline_solver_entry(void) {
  static const plumbline_solver solver = {
      PLUMBLINE_SOLVER_VERSION, sizeof(plumbline_solver),
      "{\"plumbline\": 1, \"name\": \"tree_c\", \"claim\": \"exact\", \"citation\": \"none: an example\","
      " \"domain\": {\"collective\": [\"broadcast\"], \"algorithm\": [\"binomial\"]}}",
      solve};
  return &solver;
}
