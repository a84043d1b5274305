# SPDX-License-Identifier: Apache-2.0
"""What `plumbline validate` says, and how it ends."""

import json
import xml.etree.ElementTree

from harness import Case, main

# A ring of one machine, in as many steps a phase as STEPS says.
RING = """import json, sys
print(json.dumps({"plumbline": 1, "name": "ring", "claim": "exact", "citation": "a test", "domain": {
    "collective": ["all_reduce"], "algorithm": ["ring"], "nodes": [1, 1]}}), flush=True)
for line in sys.stdin:
    problem = json.loads(line)
    n, fabric = problem["workload"]["ranks"], problem["fabric"]
    time = 2 * STEPS * (fabric["latency"] + problem["workload"]["size"] / n / fabric["bandwidth"])
    print(json.dumps({"id": problem["id"], "estimate_s": time}), flush=True)
"""


class Validate(Case):
    def card(self, code, *arguments):
        return json.loads(self.expect(code, "validate", *arguments, "--json", "--points", "64")[0])

    def test_a_seed_repeats_a_verdict(self):
        first = self.card(0, "hockney", "--seed", "5")
        second = self.card(0, "hockney", "--seed", "5")
        self.assertEqual(first["verdict"]["decision"], "SHIP")
        self.assertEqual(first["seed"], 5)
        del first["run"], second["run"]
        self.assertEqual(first, second)

    def test_a_right_solver_of_a_user_ships(self):
        card = self.card(0, self.file("ring.py", RING.replace("STEPS", "(n - 1)")), "--seed", "1")
        self.assertEqual(card["verdict"]["decision"], "SHIP")
        self.assertEqual(card["coverage"], 1.0)

    def test_a_wrong_solver_is_rejected_with_a_case_that_can_be_run(self):
        solver = self.file("ring.py", RING.replace("STEPS", "n"))
        card = self.card(1, solver, "-o", "out", "--junit", "gate.xml", "--seed", "1")
        self.assertEqual(card["verdict"]["decision"], "REJECT")
        ranks = card["counterexample"]["ranks"]
        self.assertLessEqual(ranks, 4)
        # 1: an exact claim is not kept
        points = json.loads(self.expect(1, "run", "out/counterexample.yaml", "--json")[0])["points"]
        told = points[0]["predictions"][0]["estimate_s"] / points[0]["simulated_s"]
        self.assertAlmostEqual(told, ranks / (ranks - 1), delta=1e-6)  # n steps for n - 1
        suite = xml.etree.ElementTree.parse(self.folder / "gate.xml").getroot()
        self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))
        self.assertEqual(suite.find("testcase[@name='verdict']/failure").get("message"),
                         card["verdict"]["reason"])

    def test_a_solver_that_got_worse_fails_its_baseline(self):
        solver = self.file("ring.py", RING.replace("STEPS", "(n - 1)"))
        self.card(0, solver, "-o", "before", "--seed", "1")
        self.card(0, solver, "--baseline", "before/scorecard.json", "--seed", "2")
        self.file("ring.py", RING.replace("STEPS", "(n - 0.999)"))
        _, said = self.expect(1, "validate", solver, "--baseline", "before/scorecard.json",
                              "--points", "64", "--seed", "1")
        self.assertIn("worse than the baseline: the verdict was SHIP", said)

    def test_a_scorecard_of_another_solver_is_no_baseline(self):
        self.card(0, "hockney", "-o", "out", "--seed", "1")
        _, said = self.expect(2, "validate", "incast", "--baseline", "out/scorecard.json",
                              "--points", "64")
        self.assertIn("PL-D002", said)
        _, said = self.expect(2, "validate", "incast", "--baseline", self.file("x.json", "[]"),
                              "--points", "64")
        self.assertIn("this is no scorecard", said)

    def test_what_is_no_solver_is_the_users_mistake(self):
        _, said = self.expect(2, "validate", "hokney")
        self.assertIn("did you mean 'hockney'?", said)
        _, said = self.expect(2, "validate", "nccl_tuner")
        self.assertIn("calibrate", said)

    def test_a_domain_that_there_is_not_is_named(self):
        solver = self.file("ring.py", RING.replace("STEPS", "n").replace('"nodes"', '"noodles"'))
        self.assertIn("noodles", self.expect(3, "validate", solver)[1])


if __name__ == "__main__":
    main()
