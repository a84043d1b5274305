# SPDX-License-Identifier: Apache-2.0
"""What `plumbline validate` says, and how it ends."""

import json
import os
import shutil
import signal
import subprocess
import xml.etree.ElementTree

from harness import BINARY, SOURCE, Case, main

MISBEHAVE = str(SOURCE / "tests" / "support" / "solvers" / "misbehave.py")

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

RING_OF_FOUR = """experiment: bench
fabric:
  builder: nvswitch_node
  gpus: 4
  links_per_gpu: 1
  link: {kind: nvlink, bandwidth_per_direction: 50 GB/s, latency: 250 ns}
workload: {collective: all_reduce, algorithm: ring, size: [1 MB, 2 MB, 4 MB]}
measured: ./bench
"""


class Validate(Case):
    def card(self, code, *arguments):
        return json.loads(self.expect(code, "validate", "--json", "--points", "64", *arguments)[0])

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

    def test_the_recipe_for_ci_works_as_written(self):
        text = (SOURCE / "docs" / "validate.md").read_text().split("## In CI")[1]
        line = text.split("```sh\n")[1].split("\n")[0]
        self.assertEqual(text.count(line), 3)  # that of GitHub and that of GitLab are no others
        os.symlink(BINARY, self.folder / "plumbline")
        self.file("my_solver.py", RING.replace("STEPS", "(n - 1)"))
        self.card(0, "my_solver.py", "-o", "out")
        os.rename(self.folder / "out/scorecard.json", self.folder / "my_solver.json")

        def ran():
            done = subprocess.run(line, shell=True, cwd=self.folder, capture_output=True, text=True,
                                  env=os.environ | {"PATH": f"{self.folder}:{os.environ['PATH']}"})
            suite = xml.etree.ElementTree.parse(self.folder / "gate.xml").getroot()
            self.assertEqual(suite.tag, "testsuite")
            cases = suite.findall("testcase")
            self.assertEqual(int(suite.get("tests")), len(cases))
            self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))
            float(suite.get("time"))
            for case in cases:
                self.assertEqual(case.get("classname"), "ring")
            return done, {case.get("name"): [failure.get("message") for failure in case] for case in cases}
        done, cases = ran()
        self.assertEqual((done.returncode, cases["verdict"], cases["baseline"]), (0, [], []), done)
        self.file("my_solver.py", RING.replace("STEPS", "(n - 1)").replace("exact", "lower").replace(
            "estimate_s", "lower_s").replace("time =", "time = 0.9 *"))
        done, cases = ran()
        self.assertEqual((done.returncode, cases["verdict"]), (1, []), done)
        self.assertRegex(cases["baseline"][0], "the mean error was .* and is 10 %")

    def test_measured_sets_are_told_and_decide_nothing(self):
        # Four GPUs with one 50 GB/s port each, 250 ns a link: a ring of S bytes takes
        # 6 (2 * 250 ns + S / 4 / 50 GB/s) = 3 us + S / 33.333 GB/s. Measured at 1 MB and 4 MB is
        # 5/4 and 5/3 of it: errors of -20 % and -40 %. Two straight lines go through two points.
        # The row of 8 ranks is of no point, and a solver of single messages has none of the rest.
        times = {1000000: 33e-6 * 5 / 4, 4000000: 123e-6 * 5 / 3}
        (self.folder / "bench").mkdir()
        self.file("bench/about.yaml", "title: made up\nsystem: four\nsoftware: none\nmethod: a formula\n"
                  "source: a formula\nlicence: CC0\nsize_convention: bytes\n")
        self.file("bench/data.csv", "collective,algorithm,protocol,nodes,ranks,size_B,time_s,"
                  "time_low_s,time_high_s,repeats\n" +
                  "".join(f"all_reduce,,,1,4,{size},{time},,,1\n" for size, time in times.items()) +
                  "all_reduce,,,1,8,1000000,1,,,1\n")
        self.file("bench.yaml", RING_OF_FOUR)
        solver = self.file("ring.py", RING.replace("STEPS", "(n - 1)"))
        card = self.card(0, solver, "--seed", "1", "--measured", "bench.yaml")
        self.assertEqual(card["verdict"]["decision"], "SHIP")
        measured, = card["measured"]
        self.assertEqual((measured["points"], measured["answered"]), (2, 2))
        self.assertAlmostEqual(measured["mean_error"], 0.3, delta=1e-6)
        self.assertAlmostEqual(measured["worst_error"], -0.4, delta=1e-6)
        self.assertIn("4 MB", measured["worst"])
        self.assertAlmostEqual(measured["null_error"], 0.0, delta=1e-9)
        measured, = self.card(0, "hockney", "--seed", "1", "--measured", "bench.yaml")["measured"]
        self.assertEqual(measured["answered"], 0)
        self.assertIsNone(measured["mean_error"])
        self.assertNotEqual(measured["why_not"], "")
        said = self.expect(2, "validate", solver, "--measured",
                           self.file("no.yaml", RING_OF_FOUR.split("measured")[0]))[1]
        self.assertIn("PL-M051", said)

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
        _, said = self.expect(2, "validate", "mine.py")
        self.assertIn("there is no file 'mine.py'", said)
        _, said = self.expect(2, "validate", "nccl_tuner")
        self.assertIn("calibrate", said)

    def test_a_domain_that_there_is_not_is_named(self):
        solver = self.file("ring.py", RING.replace("STEPS", "n").replace('"nodes"', '"noodles"'))
        self.assertIn("noodles", self.expect(3, "validate", solver)[1])

    def test_a_scorecard_is_valid_by_its_own_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads(self.expect(0, "schema", "scorecard")[0])
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        ring = RING.replace("STEPS", "(n - 1)")
        cards = {
            "SHIP": self.card(0, "hockney", "--seed", "1"),
            # Half as much again where many take part: what is left is a box.
            "SHIP WITH DOMAIN": self.card(0, self.file("part.py", ring.replace(
                "    print(json.dumps({\"id\"",
                "    time *= 1.5 if n > 7 else 1\n"
                "    print(json.dumps({\"id\"")), "--seed", "1"),
            "REJECT": self.card(1, self.file("wrong.py", RING.replace("STEPS", "n")), "--seed", "1")}
        for decision, card in cards.items():
            with self.subTest(decision=decision):
                self.assertEqual(card["verdict"]["decision"], decision)
                errors = [error.message for error in validator.iter_errors(card)]
                self.assertEqual(errors, [], "who adds to app/scorecard_json.cpp adds to "
                                             "app/scorecard_schema.cpp as well, in one change")
        self.assert_closed(schema)
        card["coverage"] = "most"
        self.assertFalse(validator.is_valid(card))

    def test_a_solver_that_breaks_something_is_rejected_for_that(self):
        # What it does at each question, and what the reason of the verdict says of it.
        for how, named in {
                "crash": "it crashed with signal 11 (SIGSEGV)",
                "raise": "RuntimeError: no such ring",
                "garbage": "is not one JSON object: two seconds",
                "nan": "NaN",
                "memory": "MemoryError",
                "endless": "longer than 1048576 bytes",
                "plumbline": "it runs plumbline itself",
                "refuses": "not on Saturdays"}.items():
            with self.subTest(how=how):
                card = self.card(1, "--", "python3", MISBEHAVE, how, f"at:{BINARY}")
                self.assertEqual(card["verdict"]["decision"], "REJECT")
                self.assertIn(named, card["verdict"]["reason"])

    def test_the_simplest_case_that_crashes_it_is_found(self):
        solver = self.file("ring.py", RING.replace("STEPS", "(n - 1)").replace(
            "    time =", "    if n > 3: sys.exit(3)\n    time ="))
        card = self.card(1, solver)
        self.assertIn("it ended with exit code 3", card["verdict"]["reason"])
        self.assertEqual(card["counterexample"]["ranks"], 4)
        out, said = self.expect(1, "validate", solver, "--points", "64")
        self.assertIn("The simplest case that breaks it\n  all_reduce by ring, 1 MB, 4 ranks\n", out)
        self.assertIn("-o DIR", said)

    def test_a_solver_that_reaches_out_is_held_back_and_named(self):
        held = self.card(1, "--", "python3", MISBEHAVE, "read", "at:/")["containment"]
        ours = str(SOURCE / "README.md")
        for how, place, named in (("open", 2, f"Permission denied: '{ours}'"),
                                  ("connect", 0, "Permission denied")):
            with self.subTest(how=how):
                if "the kernel" in held[place]:
                    self.skipTest(held[place])
                card = self.card(1, "--", "python3", MISBEHAVE, how, f"at:{ours}")
                self.assertIn(named, card["verdict"]["reason"])

    def test_what_a_solver_may_read_beside_its_own_goes_with_its_counterexample(self):
        os.mkdir(self.folder / "tables")
        self.file("tables/steps", "0")
        os.mkdir(self.folder / "own")
        solver = self.file("own/ring.py", RING.replace("STEPS", "(n - int(open('../tables/steps').read()))"))
        if "the kernel" in " ".join(self.card(1, solver)["containment"]):
            self.skipTest("no Landlock")
        self.assertIn("Permission denied: '../tables/steps'", self.card(1, solver)["verdict"]["reason"])
        card = self.card(1, solver, "--reads", "tables", "-o", "out", "--seed", "1")
        self.assertEqual(card["verdict"]["cause"], "everywhere")
        point, = self.json_of("run", "out/counterexample.yaml", code=1)["points"]
        self.assertTrue(point["predictions"][0]["valid"])

    def test_a_solver_in_the_home_folder_does_not_open_it(self):
        self.file("table", "1")
        solver = self.file("ring.py", RING.replace("STEPS", "(n - int(open('table').read()))"))
        home = {"env": os.environ | {"HOME": str(self.folder)}}
        if "the kernel" in " ".join(self.card(0, solver)["containment"]):
            self.skipTest("no Landlock")
        out, _ = self.expect(1, "validate", solver, "--points", "64", **home)
        self.assertIn("Permission denied: 'table'", out)
        self.expect(0, "validate", solver, "--points", "64", "--reads", "table", **home)

    def assert_closed(self, schema):
        """Every object refuses keys that it does not name, so that none is left out of the schema."""
        if isinstance(schema, list):
            for item in schema:
                self.assert_closed(item)
        elif isinstance(schema, dict):
            if "object" in schema.get("type", ()):
                self.assertIs(schema.get("additionalProperties"), False, schema)
                self.assertLessEqual(set(schema["required"]), set(schema["properties"]))
            for item in schema.values():
                self.assert_closed(item)

    def watch(self, solver):
        """The program at it, and what it says up to its next pause."""
        process = self.start("validate", solver, "--watch", "--points", "32", "--seed", "1")

        def next_verdict():
            said = ""
            while not said.endswith(" repeats it\n"):
                line = process.stdout.readline()
                self.assertNotEqual(line, "", process.poll())
                said += line
            return said
        return process, next_verdict

    def assert_ends_at_interrupt(self, process):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, said)

    def test_a_watched_solver_is_judged_again_when_it_is_edited(self):
        solver = self.file("ring.py", RING.replace("STEPS", "n"))
        process, next_verdict = self.watch(solver)
        self.assertTrue(next_verdict().startswith("REJECT  ring"))
        self.file("ring.py", RING.replace("STEPS", "(n -"))  # half an edit: no verdict, no end
        while "SyntaxError" not in process.stderr.readline():
            self.assertIsNone(process.poll())
        self.file("ring.py", RING.replace("STEPS", "(n - 1)"))
        self.assertIn("SHIP  ring", next_verdict())
        self.assertEqual([process.stdout.readline() for _ in range(3)],
                         ["\n", "Changed\n", "  verdict: REJECT -> SHIP\n"])
        self.assert_ends_at_interrupt(process)

    def test_a_watched_library_is_loaded_anew(self):
        def compile(steps):
            source = (SOURCE / "experiments" / "solvers" / "tree.c").read_text()
            self.assertIn("ceil(log2(ranks))", source)
            self.file("tree.c", source.replace("ceil(log2(ranks))", steps))
            subprocess.run(["cc", "-shared", "-fPIC", "-I", SOURCE, "-o", "tree.so", "tree.c", "-lm"],
                           check=True, cwd=self.folder)
        if shutil.which("cc") is None:
            self.skipTest("no cc")
        compile("ranks")
        process, next_verdict = self.watch("tree.so")
        rejected = next_verdict()
        compile("ceil(log2(ranks))")
        self.assertTrue(rejected.startswith("REJECT"))
        self.assertIn("SHIP", next_verdict())
        self.assert_ends_at_interrupt(process)

    def test_what_is_built_in_can_not_be_watched(self):
        self.assertIn("PL-D003", self.refused("validate", "hockney", "--watch"))


if __name__ == "__main__":
    main()
