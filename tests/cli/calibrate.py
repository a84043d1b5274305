# SPDX-License-Identifier: Apache-2.0
"""Calibration from outside: made-up measurements of a machine whose constants are known."""

import signal
import time

from harness import FABRIC, Case, main

# Truth, on FABRIC: four GPUs behind one switch, two links of 250 ns between any two, 50 GB/s. A ring of
# n ranks takes 2(n-1) steps of S/n bytes: launch + 2(n-1) (step + 500 ns + S/n ratio / 50 GB/s).
LAUNCH, STEP, RATIO = 9e-6, 2e-6, 1.4
LL = ("constants: {launch: 6 us, protocols: {ll: {nvlink: {step_latency: 4 us, wire_ratio: 1}}}}\n")
PRIOR = ("constants: {launch: 6 us, protocols: {simple: {nvlink: {step_latency: 4 us, wire_ratio: 1}}}}\n")
SIZES = [2 ** k for k in range(10, 27, 2)]


def truth(ranks, size):
    return LAUNCH + 2 * (ranks - 1) * (STEP + 500e-9 + size / ranks * RATIO / 50e9)


class Calibrate(Case):
    def measured(self, name, ranks, role=""):
        folder = self.folder / name
        folder.mkdir()
        rows = [f"all_reduce,,,1,{n},{size},{truth(n, size):.9g},,,1" for n in ranks for size in SIZES]
        (folder / "data.csv").write_text(
            "collective,algorithm,protocol,nodes,ranks,size_B,time_s,time_low_s,time_high_s,repeats\n" +
            "\n".join(rows) + "\n")
        (folder / "about.yaml").write_text(
            f"title: made up\nsystem: four\nsoftware: none\nmethod: a formula\nsource: a formula\n"
            f"licence: CC0\nsize_convention: bytes\n" + (f"role: {role}\n" if role else ""))
        return folder

    def experiment(self, name, ranks, role="", prior=PRIOR, extra=""):
        self.measured(name, ranks, role)
        return self.file(f"{name}.yaml",
                         f"experiment: {name}\n{FABRIC}{prior}"
                         f"workload: {{collective: all_reduce, algorithm: ring, protocol: simple, ranks: {ranks}, "
                         f"size: {{from: 1 KiB, to: 64 MiB, factor: 4}}}}\nmeasured: {self.folder / name}\n{extra}")

    def test_the_constants_behind_the_measurements_are_found(self):
        fit = self.experiment("fit", [2, 4])
        check = self.experiment("check", [3], role="check")
        found = self.json_of("calibrate", fit, "--score", check, "-o", "c.yaml", "--plots", "plots")
        values = {c["name"]: c for c in found["constants"]}
        for name, true in {"launch": LAUNCH, "protocols.simple.nvlink.step_latency": STEP,
                           "protocols.simple.nvlink.wire_ratio": RATIO}.items():
            self.assertAlmostEqual(values[name]["value"] / true, 1, delta=1e-3, msg=name)
            self.assertLessEqual(values[name]["low"], values[name]["value"])
            self.assertFalse(values[name]["dropped"])
        curves = {c["curve"].split(",")[0] + c["use"]: c for c in found["curves"]}
        self.assertEqual(len(found["curves"]), 3)
        self.assertLess(curves["checkscored"]["mean_error"]["ours"], 1e-3)
        self.assertEqual(len(list((self.folder / "plots").glob("*.svg"))), 3)
        self.assertEqual([s["points"] for s in found["fitted_on"]], [2 * len(SIZES)])

    def test_calibrating_twice_writes_the_same_bytes_and_run_reads_them(self):
        fit = self.experiment("fit", [2, 4])
        for name in ("one", "two"):
            (self.folder / name).mkdir()
            self.expect(0, "calibrate", fit, "-o", f"{name}/c.yaml", "-q")
        self.assertEqual(*((self.folder / name / "c.yaml").read_bytes() for name in ("one", "two")))
        self.assertNotIn(str(self.folder), (self.folder / "one" / "c.yaml").read_text())
        self.expect(0, "run", fit, "--set", f"constants={self.folder}/one/c.yaml")
        point = self.json_of("run", fit, "--set", f"constants={self.folder}/one/c.yaml")["points"][0]
        self.assertLessEqual(point["likely_low_s"], point["simulated_s"])
        self.assertGreaterEqual(point["likely_high_s"], point["simulated_s"])

    def test_constants_of_another_machine_are_warned_of(self):
        fit = self.experiment("fit", [2, 4])
        self.expect(0, "calibrate", fit, "-o", "c.yaml", "-q", "--no-suggestions")
        other = self.file("other.yaml", "experiment: other\nsystem: dgx_h100\nworkload: {collective: all_reduce, "
                          f"algorithm: ring, ranks: 2, size: 1 KiB}}\nconstants: {self.folder}/c.yaml\n")
        _, err = self.expect(0, "run", other)
        self.assertIn("other.yaml:4:12: warning[PL-W022]", err)

    def test_a_set_kept_for_checking_is_refused(self):
        err = self.refused("calibrate", self.experiment("kept", [2, 4], role="check"))
        self.assertIn("kept.yaml:5:11: error[PL-M050]", err)

    def test_an_experiment_without_measurements_is_refused(self):
        plain = self.file("plain.yaml", f"experiment: plain\n{FABRIC}workload: {{collective: all_reduce, "
                          "algorithm: ring, size: 1 kB}\n")
        self.assertIn("error[PL-M051]", self.refused("calibrate", plain))

    def test_sizes_that_nobody_measured_are_an_answer_that_can_not_be_given(self):
        fit = self.experiment("fit", [2, 4])
        _, err = self.expect(3, "calibrate", fit, "--set", "workload.size=3 B")
        self.assertIn("no point of the experiments has one measured row", err)

    def test_one_curve_has_no_prediction_intervals(self):
        found = self.json_of("calibrate", self.experiment("fit", [4]), "--no-suggestions")
        self.assertIsNone(found["curves"][0]["coverage"])
        self.assertIsNone(found["curves"][0]["points"][0]["interval_high_s"])
        self.assertTrue(any("one curve alone" in note for note in found["notes"]))

    def test_parameters_beyond_the_asked_number_are_dropped(self):
        fit = self.experiment("fit", [2, 4], prior=LL)
        found = self.json_of("calibrate", fit, "--set", "workload.protocol=ll", "--max-parameters", "2", "--no-suggestions")
        self.assertEqual(found["free_parameters"], 2)
        dropped = [c["name"] for c in found["constants"] if c["dropped"]]
        self.assertEqual(dropped, ["protocols.ll.nvlink.wire_ratio"])

    def test_what_is_always_there_is_never_dropped_and_that_is_said(self):
        fit = self.experiment("fit", [2, 4])
        found = self.json_of("calibrate", fit, "--max-parameters", "2", "--no-suggestions")
        self.assertEqual(found["free_parameters"], 3)  # launch, a step, and what share of a link is payload
        self.assertTrue(any("more than the 2 asked for" in note for note in found["notes"]))

    def test_keep_all_drops_nothing(self):
        fit = self.experiment("fit", [2, 4], prior=LL)
        found = self.json_of("calibrate", fit, "--set", "workload.protocol=ll", "--max-parameters", "2", "--keep-all",
                             "--no-suggestions")
        self.assertEqual(found["free_parameters"], 3)
        self.assertEqual(found["decisions"], [])

    def test_an_interrupted_calibration_writes_nothing(self):
        process = self.start("calibrate", self.experiment("fit", [2, 4]), "-o", "c.yaml", "--bootstrap", "100000")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        if process.returncode != 0:  # it may have been faster
            self.assertEqual(process.returncode, 130)
            self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["fit", "fit.yaml"])

    def test_a_constants_file_that_can_not_be_written_is_said(self):
        _, err = self.expect(4, "calibrate", self.experiment("fit", [2, 4]), "-o", "no/such/c.yaml", "-q",
                             "--no-suggestions")
        self.assertIn("no/such/c.yaml", err)


if __name__ == "__main__":
    main()
