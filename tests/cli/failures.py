# SPDX-License-Identifier: Apache-2.0
"""Signals, limits, dead children and full disks: what was done is kept, and the exit code says so."""

import json
import os
import signal

from harness import LONG, LONG_POINT, RING, Case, main


class Interruption(Case):
    def interrupted(self, send, code):
        """Interrupts a sweep in its second point of three, and checks what is left."""
        process = self.start("replay", self.file("e.yaml", LONG), "-o", "out")
        child = self.long_child(process)
        send(process)
        out, err = process.communicate(timeout=30)
        self.assertEqual(process.returncode, code, err)
        self.assertFalse(os.path.exists(f"/proc/{child}"), "the replay outlives its parent")
        self.assertIn("interrupted", err)
        result = json.loads((self.folder / "out" / "result.json").read_text())
        self.assertTrue(result["interrupted"])
        self.assertEqual([p["status"] for p in result["points"]], ["done", "missing", "missing"])
        self.assertIsNotNone(result["points"][0]["simulated_s"])
        self.assertEqual((self.folder / "out" / "table.txt").read_text(), out)
        self.assertIn("missing", out)

    def test_ctrl_c_keeps_the_finished_points_and_exits_130(self):
        self.interrupted(lambda p: os.killpg(p.pid, signal.SIGINT), 130)

    def test_sigterm_keeps_the_finished_points_and_exits_143(self):
        self.interrupted(lambda p: p.terminate(), 143)


class OnePoint(Case):
    """One point fails; the others finish, and the exit code is 3."""

    def others_finished(self, result, failed):
        for i, point in enumerate(result["points"]):
            with self.subTest(point=i + 1):
                self.assertEqual(point["status"], "failed" if i + 1 in failed else "done")
                self.assertEqual(point["simulated_s"] is None, i + 1 in failed)

    def failure_of(self, result, number, *words):
        point = result["points"][number - 1]
        errors = [d["message"] for d in result["diagnostics"] if d["severity"] == "error"]
        self.assertTrue(any(f"point {number} failed" in message for message in errors), errors)
        for word in words:
            self.assertIn(word, " ".join(point["notes"]))

    def test_a_killed_replay_fails_its_point(self):
        process = self.start("replay", self.file("e.yaml", LONG), "--json")
        os.kill(self.long_child(process), signal.SIGKILL)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 3, err)
        result = json.loads(out)
        self.others_finished(result, {LONG_POINT})
        self.failure_of(result, LONG_POINT, "signal 9")
        self.assertRegex(err, rf"e\.yaml:7:11: error\[PL-R001\]: point {LONG_POINT} failed")
        self.assertFalse(result["interrupted"])

    def test_a_replay_over_its_time_limit_fails_its_point(self):
        result = self.json_of("replay", self.file("e.yaml", LONG + "replay: {time_limit: 1.5 s}\n"),
                              code=3)
        self.others_finished(result, {LONG_POINT})
        self.failure_of(result, LONG_POINT, "time", "1.5 s")

    def test_a_replay_over_its_memory_limit_fails_its_point(self):
        # A limit of one byte leaves no room for anything; the second point has the usual one.
        result = self.json_of("run", self.file("e.yaml", RING + "replay: {memory_limit: [1 B, 4 GiB]}\n"),
                              code=3)
        by_limit = [p["axes"]["replay.memory_limit"] for p in result["points"]]
        self.assertEqual(sorted(set(by_limit)), ["1 B", "4 GiB"])
        failed = {i + 1 for i, limit in enumerate(by_limit) if limit == "1 B"}
        self.others_finished(result, failed)
        self.failure_of(result, min(failed), "memory", "1 B")


class Writing(Case):
    def test_a_full_stdout_is_exit_4_and_files_are_written_all_the_same(self):
        experiment = self.file("e.yaml", RING)
        for arguments in (("run", experiment, "-o", "out"), ("list", "links"), ("schema", "result"),
                          ("run", experiment, "--dry-run"), ("check", experiment),
                          ("draw", "dgx_h100"), ("explain", "PL-U002")):
            with self.subTest(verb=arguments[0]), open("/dev/full", "w") as full:
                _, err = self.expect(4, *arguments, stdout=full)
                self.assertIn("No space left on device", err)
        self.assertEqual(json.loads((self.folder / "out" / "result.json").read_text())["experiment"],
                         "ring")

    def test_a_folder_that_cannot_be_is_exit_4_and_the_table_is_printed(self):
        experiment = self.file("e.yaml", RING)
        table, _ = self.expect(0, "run", experiment)
        for place in ("e.yaml/out", "e.yaml", "/dev/full", "/dev/full/out"):
            with self.subTest(place=place):
                out, err = self.expect(4, "run", experiment, "-o", place)
                self.assertEqual(out, table)
                self.assertIn(place, err)

    def test_a_full_disk_is_exit_4_and_the_table_is_printed(self):
        experiment = self.file("e.yaml", RING)
        table, _ = self.expect(0, "run", experiment)
        for name in ("result.json", "result.csv", "table.txt", "result.h5"):
            with self.subTest(file=name):
                folder = self.folder / name.replace(".", "_")
                folder.mkdir()
                if name == "result.h5":  # written beside and moved into place, where a folder is in the way
                    (folder / name).mkdir()
                else:
                    (folder / name).symlink_to("/dev/full")
                out, err = self.expect(4, "run", experiment, "-o", str(folder))
                self.assertEqual(out, table)
                self.assertIn(name, err)


if __name__ == "__main__":
    main()
