# SPDX-License-Identifier: Apache-2.0
"""A solver in Python, of the standard library alone: the ring all-reduce, exactly.

2(n-1) steps, each the latency and one n-th of the buffer: Patarasuk and Yuan 2009,
doi:10.1016/j.jpdc.2008.09.002.  predict: [{external: {command: [python3, solvers/ring.py]}}]
"""

import json
import sys

CONTRACT = {
    "plumbline": 1,             # version of the protocol
    "name": "ring_py",
    "claim": "exact",           # or lower, upper, estimate
    "citation": "Patarasuk and Yuan 2009, doi:10.1016/j.jpdc.2008.09.002",
    "domain": {"collective": ["all_reduce"], "algorithm": ["ring"], "ranks": [2, 1024],
               "oversubscription": [1, 1]},
}


def solve(problem):
    work, fabric = problem["workload"], problem["fabric"]
    if fabric["bandwidth"] is None or fabric["latency"] is None:
        return {"not_applicable": "ranks or paths differ"}
    steps = 2 * (work["ranks"] - 1)
    latency = steps * fabric["latency"]
    serialisation = steps * work["size"] / work["ranks"] / fabric["bandwidth"]
    launch = problem["constants"]["launch"]
    return {"estimate_s": launch + latency + serialisation,
            "terms": {"launch": launch, "latency": latency, "serialisation": serialisation},
            "binding": "every hop of the ring"}


print(json.dumps(CONTRACT), flush=True)
for line in sys.stdin:  # one problem a line, one answer a line
    problem = json.loads(line)
    print(json.dumps({"id": problem["id"], **solve(problem)}), flush=True)
