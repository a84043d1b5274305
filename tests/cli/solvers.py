# SPDX-License-Identifier: Apache-2.0
"""Solvers that people bring: the examples of docs/external_solvers.md as a new user would try them, and
what `run` says of one that breaks or claims too much."""

import platform
import shutil
import subprocess
import textwrap

from harness import BINARY, FABRIC, SOURCE, Case, main

SOLVERS = SOURCE / "experiments" / "solvers"
HEAD = "experiment: own\n" + FABRIC


def workload(collective, algorithm, size="[1 kB, 1 MB]"):
    return f"workload: {{collective: {collective}, algorithm: {algorithm}, size: {size}}}\n"


class Solvers(Case):
    def predictions(self, text, solver, code=0):
        result = self.json_of("run", self.file("e.yaml", text), code=code)
        return [next(p for p in point["predictions"] if p["solver"] == solver) | {"point": point}
                for point in result["points"]]

    def compile(self, compiler, source, *flags):
        if shutil.which(compiler) is None:
            self.skipTest(f"no {compiler}")
        library = self.folder / (source + ".so")
        subprocess.run([compiler, "-shared", "-fPIC", "-Wall", "-Werror", "-I", SOURCE, *flags, "-o",
                        library, SOLVERS / source, "-lm"], check=True)
        return library.name

    def assert_exact(self, predictions):
        for prediction in predictions:
            self.assertTrue(prediction["valid"], prediction["notes"])
            self.assertIsNone(prediction["refuted"])
            self.assertAlmostEqual(prediction["estimate_s"] / prediction["point"]["simulated_s"], 1, 9)

    def test_python_shell_and_formula_are_columns_of_a_run(self):
        out, _ = self.expect(0, "run", str(SOURCE / "experiments" / "own_solvers.yaml"), "--json")
        for name in ("ring_py", "bandwidth_sh", "ring_formula"):
            self.assertIn(f'"{name}"', out)
        self.assertNotIn('"valid": false', out)
        self.assertNotIn("claims to be", out)

    def test_a_python_solver_is_exact(self):
        shutil.copy(SOLVERS / "ring.py", self.folder)
        self.assert_exact(self.predictions(
            HEAD + workload("all_reduce", "ring") + "predict: [{external: {command: [python3, ring.py]}}]\n",
            "ring"))

    def test_a_library_in_c99_is_exact(self):
        name = self.compile("cc", "tree.c", "-std=c99", "-pedantic-errors")
        self.assert_exact(self.predictions(
            HEAD + workload("broadcast", "binomial") +
            f"predict: [{{external: {{library: {name}, name: tree}}}}]\n", "tree"))

    def test_a_library_in_cpp_adds_the_constant_that_it_declares(self):
        name = self.compile("c++", "alpha_beta.cpp", "-std=c++17")
        for prediction in self.predictions(
                HEAD + workload("send_recv", "send_recv") +
                f"predict: [{{external: {{file: {name}, name: ab}}}}]\n", "ab"):
            # Its own 100 ns on top of the replay's time.
            self.assertAlmostEqual(prediction["estimate_s"] * 1e9,
                                   prediction["point"]["simulated_s"] * 1e9 + 100, 3)

    def test_the_tutorial_works_as_written(self):
        text = (SOURCE / "docs" / "external_solvers.md").read_text()
        python = textwrap.dedent(text.split("```python\n")[1].split("```")[0])
        yaml = textwrap.dedent(text.split("```yaml\n")[1].split("```")[0])
        formula = textwrap.dedent(text.split("```yaml\n")[2].split("```")[0])
        self.file("mine.py", python)
        head = HEAD + workload("all_reduce", "ring")
        says = [p["estimate_s"] for p in self.predictions(head + yaml, "mine")]
        self.assertEqual(says, [1e3 / 50e9, 1e6 / 50e9])  # one buffer through one port
        self.assert_exact(self.predictions(
            head + "predict:\n" + textwrap.indent("- " + textwrap.indent(formula, "  ").lstrip(), "  "),
            "formula"))

    def test_outside_of_its_domain_a_solver_says_nothing(self):
        shutil.copy(SOLVERS / "ring.py", self.folder)
        for prediction in self.predictions(
                HEAD + workload("all_gather", "ring") + "predict: [{external: {file: ring.py}}]\n", "ring"):
            self.assertFalse(prediction["valid"])
            self.assertIn("collective all_gather is outside of its domain", prediction["notes"][0])

    def test_a_claim_that_the_replay_refutes_is_an_answer_of_no(self):
        text = HEAD + workload("all_reduce", "ring") + \
            "predict: [{external: {name: twice, formula: {time: 2*n*(alpha + S/B), claim: lower}}}]\n"
        for prediction in self.predictions(text, "twice", code=1):
            self.assertIn("above the replay, and claims to be its lower bound", prediction["refuted"])
        out, _ = self.expect(1, "run", self.file("e.yaml", text))
        self.assertIn("! 1 kB: twice", out)

    def test_a_solver_that_breaks_fails_its_point_in_one_sentence(self):
        script = str(SOURCE / "tests" / "support" / "solvers" / "misbehave.py")
        out, err = self.expect(3, "run", self.file(
            "e.yaml", HEAD + workload("all_reduce", "ring", "1 kB") +
            f"predict: [{{external: {{command: [python3, '{script}', garbage]}}}}]\n"))
        self.assertIn("its answer is not one JSON object: two seconds", err)

    def test_plumbline_below_a_solver_refuses_and_is_named(self):
        script = str(SOURCE / "tests" / "support" / "solvers" / "misbehave.py")
        ways = ["plumbline"]  # the others hide it, and are found out where the kernel grants namespaces
        if any(subprocess.run(["unshare", flags, "true"], capture_output=True).returncode == 0
               for flags in ("-Urnpi", "-p")):
            ways.append("plumbline_in_secret")
            if platform.machine() == "x86_64":
                ways.append("plumbline_copied")
        for how in ways:
            with self.subTest(how=how):
                _, err = self.expect(3, "run", self.file(
                    "e.yaml", HEAD + workload("all_reduce", "ring", "1 kB") +
                    f"predict: [{{external: {{command: [python3, '{script}', {how}, 'at:{BINARY}']}}}}]\n"))
                self.assertIn("it runs plumbline itself", err)


if __name__ == "__main__":
    main()
