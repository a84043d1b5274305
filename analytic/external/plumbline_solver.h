/* SPDX-License-Identifier: Apache-2.0
 *
 * A solver of your own as a shared object, in C or anything that can pretend to be C (C99, C++):
 *
 *   cc -std=c99 -shared -fPIC -o mine.so mine.c        predict: [{external: {library: mine.so}}]
 *
 * Define plumbline_solver_entry(). It is called once, solve() for every problem, in a process of
 * its own: crash, hang and leak as you must. docs/external_solvers.md lists names and their units;
 * numbers come in the units of the question, and answers go back in the same ones.
 */
#ifndef PLUMBLINE_SOLVER_H
#define PLUMBLINE_SOLVER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PLUMBLINE_SOLVER_VERSION 1

typedef struct plumbline_problem plumbline_problem; /* opaque; lives until solve() returns */
typedef struct plumbline_answer plumbline_answer;   /* opaque; the same */

/* What plumbline does for a solver. Later versions append functions: look at `size` first. */
typedef struct plumbline_host {
  uint32_t version;
  uint32_t size; /* bytes of this struct */

  /* "workload.ranks", "fabric.bandwidth", …; NaN where it has no one value, or no such name. */
  double (*number)(const plumbline_problem* problem, const char* name);
  /* A constant that the handshake declares, in the units of the question; NaN: not declared. */
  double (*declared)(const plumbline_problem* problem, const char* name);
  /* "collective", "algorithm", "protocol", "routing", "placement"; NULL: no such name. */
  const char* (*word)(const plumbline_problem* problem, const char* name);
  /* Machine of a rank, from 0; UINT32_MAX: no such rank. */
  uint32_t (*node_of)(const plumbline_problem* problem, uint32_t rank);
  /* All of it as the JSON that processes get, with the operations if the handshake wants them. */
  const char* (*json)(const plumbline_problem* problem);

  /* "lower_s", "estimate_s", "upper_s"; for busbw "estimate_Bps" and so on. */
  void (*set)(plumbline_answer* answer, const char* field, double value);
  void (*set_term)(plumbline_answer* answer, const char* term, double seconds);
  /* "binding", "choice", "not_applicable"; the text is copied. */
  void (*set_text)(plumbline_answer* answer, const char* field, const char* text);
} plumbline_host;

/* What a solver does for plumbline. */
typedef struct plumbline_solver {
  uint32_t version; /* PLUMBLINE_SOLVER_VERSION */
  uint32_t size;    /* sizeof(plumbline_solver) */

  /* The contract: one JSON object, as processes write it. */
  const char* handshake;
  /* 0: answered, or said that it is not applicable. Anything else is a failure. */
  int (*solve)(const plumbline_host* host, const plumbline_problem* problem,
               plumbline_answer* answer);
} plumbline_solver;

/* Yours; what it returns lives as long as the library. */
const plumbline_solver* plumbline_solver_entry(void);

#ifdef __cplusplus
}
#endif

#endif
