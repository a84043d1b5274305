# SPDX-License-Identifier: Apache-2.0
"""Logs of benchmarks through the program: as a table, as a set, and as what an experiment is measured by."""

from harness import SOURCE, Case, main

LOGS = SOURCE / "tests" / "support" / "logs"


class Logs(Case):
    def test_a_log_is_shown_and_written_as_a_set(self):
        log = str(LOGS / "nccl_new_all_reduce.log")
        out, err = self.expect(0, "measured", log, "-o", "set")
        self.assertIn("5 rows, read by nccl_tests", out)
        self.assertEqual(self.expect(0, "measured", "set", "-q")[0].count("all_reduce"), 5)
        rows = self.json_of("measured", log)[0]["rows"]
        self.assertEqual((rows[0]["size_B"], rows[0]["ranks"]), (1024, 8))
        self.assertAlmostEqual(rows[0]["time_s"], 12.34e-6)

    def test_a_log_with_an_error_is_shown_but_not_written(self):
        done = self.run_it("measured", str(LOGS / "nccl_wrong_ranks.log"), "-o", "set")
        self.assertEqual(done.returncode, 2)
        self.assertIn("8 ranks would agree", done.stderr)
        self.assertFalse((self.folder / "set").exists())

    def test_an_experiment_is_measured_by_a_raw_log(self):
        log = (LOGS / "nccl_new_all_reduce.log").read_text()
        self.file("run.log", log)
        point = self.json_of("predict", self.file(
            "e.yaml", "experiment: x\nsystem: dgx_h100\n"
            "workload: {collective: all_reduce, algorithm: ring, ranks: 8, size: 1 MiB}\n"
            "measured: {set: run.log}\n"))["points"][0]
        self.assertAlmostEqual(point["measured_s"], 31.02e-6)


if __name__ == "__main__":
    main()
