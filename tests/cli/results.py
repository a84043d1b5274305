# SPDX-License-Identifier: Apache-2.0
"""What `run`, `predict` and `replay` answer, and that they answer the same again."""

import csv
import io
import json

from harness import FABRIC, RING, SHARED, SOURCE, Case, main, without_run

QUICKSTART = str(SOURCE / "experiments" / "quickstart.yaml")


class Streams(Case):
    def test_stdout_has_the_table_and_stderr_the_rest(self):
        experiment = self.file("e.yaml", RING)
        table, err = self.expect(0, "run", experiment)
        self.assertIn("ring", table)
        self.assertEqual(err, "")
        again, progress = self.expect(0, "run", experiment, "--progress", "plain")
        self.assertEqual(again, table)
        self.assertEqual(progress, "1 of 2 points\n2 of 2 points\n")
        self.assertEqual(self.expect(0, "run", experiment, "--progress", "plain", "--quiet")[1], "")

    def test_colour_comes_only_when_asked_for(self):
        experiment = self.file("e.yaml", RING)
        self.assertNotIn("\x1b", self.expect(0, "run", experiment)[0])
        self.assertIn("\x1b[", self.expect(0, "run", experiment, "--color", "always")[0])

    def test_warnings_go_to_stderr_with_their_place_and_do_not_fail(self):
        # The set has no row of 3 B.
        experiment = self.file("e.yaml", "experiment: x\nsystem: dgx_h100\n"
                               "workload: {collective: all_reduce, algorithm: ring, size: 3 B}\n"
                               "measured: {set: h100_8gpu_all_reduce}\n")
        out, err = self.expect(0, "run", experiment)
        self.assertRegex(err, r"e\.yaml:4:11: warning\[PL-M020\]")
        self.assertIn("3 B", out)
        self.assertIsNone(self.json_of("run", experiment)["points"][0]["measured_s"])


    def test_a_timeline_without_a_folder_and_two_formats_at_once_are_refused(self):
        experiment = self.file("e.yaml", RING)
        self.assertIn("requires --output", self.expect(2, "run", experiment, "--timeline")[1])
        self.assertIn("excludes", self.expect(2, "run", experiment, "--csv", "--json")[1])

    def test_reasons_of_refusal_are_counted(self):
        # Two points, each refused for a reason of its own.
        experiment = self.file("e.yaml", "experiment: x\nsystem: dgx_h100\n"
                               "workload: {collective: all_reduce, size: 1 MiB,\n"
                               "           algorithm: [ring, binary_tree]}\npredict: [binomial]\n")
        table = " ".join(self.expect(0, "run", experiment)[0].split())
        self.assertIn("not of all_reduce by ring (1 point)", table)
        self.assertIn("not of all_reduce by binary_tree (1 point)", table)


class Json(Case):
    def test_it_is_one_document_and_valid_by_its_own_schema(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        validator = jsonschema.Draft202012Validator(json.loads(self.expect(0, "schema", "result")[0]))
        failing = self.file("e.yaml", RING + "replay: {memory_limit: 1 B}\n")
        for code, arguments in ((0, ("run", QUICKSTART)), (0, ("predict", QUICKSTART)),
                                (0, ("replay", QUICKSTART)), (3, ("run", failing))):
            with self.subTest(arguments=arguments):
                result = self.json_of(*arguments, code=code)
                validator.validate(result)
                self.assertTrue(result["points"])
        result["points"][0]["lower_s"] = "soon"
        self.assertFalse(validator.is_valid(result))

    def test_every_column_is_there_and_verbs_leave_out_theirs(self):
        full = self.json_of("run", QUICKSTART)["points"]
        predicted = self.json_of("predict", QUICKSTART)["points"]
        replayed = self.json_of("replay", QUICKSTART)["points"]
        self.assertEqual(len(full), 21)  # 512 B to 512 MiB by factors of 2
        for point, only_predicted, only_replayed in zip(full, predicted, replayed):
            self.assertTrue(point["inside_bounds"])
            self.assertEqual([p["solver"] for p in point["predictions"]],
                             ["ring_all_reduce", "uncontended"])
            self.assertIsNone(only_predicted["simulated_s"])
            self.assertEqual(only_predicted["predictions"], point["predictions"])
            self.assertEqual(only_predicted["bounds"], point["bounds"])
            self.assertEqual(only_replayed["predictions"], [])
            self.assertEqual(only_replayed["simulated_s"], point["simulated_s"])

    def test_a_known_time_comes_out(self):
        # 2(n-1)(alpha + S/(nB)), n = 4, alpha = 2 * 250 ns, B = 50 GB/s, S = 1 MB: 6 (0.5 us + 5 us).
        result = self.json_of("run", self.file("e.yaml", RING))
        self.assertAlmostEqual(result["points"][1]["simulated_s"], 33e-6, delta=33e-15)
        self.assertAlmostEqual(result["points"][1]["lower_s"], 33e-6, delta=33e-15)

    def test_csv_has_a_row_per_point_and_engine(self):
        rows = list(csv.DictReader(io.StringIO(
            self.expect(0, "run", self.file("e.yaml", RING), "--csv")[0])))
        # lower and upper bounds may have rows of their own; these three engines always have
        for engine in ("replay", "ring_all_reduce", "uncontended"):
            self.assertEqual(sum(engine in row.values() for row in rows), 2, rows)


class Choices(Case):
    def points(self, algorithm, protocol):
        return self.json_of("predict", self.file(
            "e.yaml", "experiment: x\nsystem: dgx_h100\npredict: [nccl_tuner]\nworkload:\n"
            f"  {{collective: all_reduce, algorithm: {algorithm}, protocol: {protocol},\n"
            "   size: {from: 512 B, to: 512 MiB, factor: 2}}\n"))["points"]

    def test_auto_takes_what_the_tuner_prices_lowest_at_every_size(self):
        best = {}
        for point in self.points("[ring, double_binary_tree, nvls]", "[ll, ll128, simple]"):
            tuner = point["predictions"][0]
            if tuner["valid"]:
                offer = (tuner["estimate_s"], point["choice"]["algorithm"], point["choice"]["protocol"])
                size = point["axes"]["size_B"]
                best[size] = min(best.get(size, offer), offer)
        chosen = self.points("auto", "auto")
        self.assertEqual(len(chosen), 21)
        for point in chosen:
            choice = point["choice"]
            self.assertEqual((choice["algorithm"], choice["protocol"]), best[point["axes"]["size_B"]][1:])
            self.assertEqual(choice["by"], "nccl_tuner")
            self.assertEqual(point["axes"]["algorithm"], choice["algorithm"])
        self.assertEqual({point["choice"]["algorithm"] for point in chosen}, {"ring", "nvls"})

    def test_the_table_has_a_column_of_choices_and_csv_says_who_chose(self):
        experiment = self.file("e.yaml", "experiment: x\nsystem: dgx_h100\nworkload: {collective: all_reduce, "
                               "algorithm: auto, size: [1 KiB, 64 MiB]}\n")
        self.assertRegex(self.expect(0, "run", experiment)[0], r"\n  choice +size .*\n.*\n  ring ll 12 +1 KiB")
        rows = list(csv.DictReader(io.StringIO(self.expect(0, "run", experiment, "--csv")[0])))
        self.assertEqual({(row["protocol"], row["channels"], row["chosen_by"]) for row in rows if
                          row["point"] == "0"}, {("ll", "12", "nccl_tuner")})


class Overrides(Case):
    def test_a_value_is_replaced_and_a_list_becomes_an_axis(self):
        experiment = self.file("e.yaml", RING)
        result = self.json_of("run", experiment, "--set", "workload.size=1 MB",
                              "--set", "workload.channels=[1, 2]")
        self.assertEqual([axis["path"] for axis in result["axes"]], ["workload.channels"])
        self.assertEqual([p["axes"]["size_B"] for p in result["points"]], [10**6, 10**6])

    def test_a_mistake_is_placed_in_the_argument(self):
        experiment = self.file("e.yaml", RING)
        # `workload.size=1 ` is 16 bytes, `workload.` is 9
        self.assertRegex(self.refused("run", experiment, "--set", "workload.size=1 MBps"),
                         r"--set:1:17: error\[PL-U002\]")
        self.assertRegex(self.refused("run", experiment, "--set", "workload.colour=red"),
                         r"--set:1:10: error\[PL-K001\]")

    def test_all_mistakes_are_shown_at_once(self):
        err = self.refused("run", self.file("e.yaml", RING), "--set", "workload.size=7",
                           "--set", "predict=[hockny]", "--set", "workload.algorithm=rin")
        for hint in ("PL-U001", "hockney", "ring"):
            self.assertIn(hint, err)


class DryRun(Case):
    def test_it_counts_operations_and_replays_nothing(self):
        experiment = self.file("e.yaml", RING)
        plan = self.json_of("run", experiment, "--dry-run")
        # a ring all-reduce of 4 ranks: 2 * 3 steps of 4 transfers
        self.assertEqual([p["operations"] for p in plan["points"]], [24, 24])
        for point in plan["points"]:
            self.assertGreater(point["expected_replay_s"], 0)
            self.assertGreater(point["expected_memory_B"], 0)
        out, err = self.expect(0, "run", experiment, "--dry-run", "-o", "out")
        self.assertIn("2 points", out)
        self.assertEqual(err, "")
        self.assertFalse((self.folder / "out").exists())

    def test_mistakes_are_found(self):
        self.refused("run", self.file("e.yaml", RING), "--dry-run", "--set", "workload.size=7")


class Repetition(Case):
    def test_the_same_inputs_give_the_same_bytes_but_for_run(self):
        arguments = ("run", QUICKSTART, "--json")
        first, second = (self.expect(0, *arguments)[0] for _ in range(2))
        self.assertEqual(without_run(first), without_run(second))
        self.assertEqual(set(json.loads(first)["run"]),
                         {"command_line", "date", "host", "plumbline", "replay_wall_s", "simgrid",
                          "wall_s"})

    def test_two_jobs_give_the_bytes_of_one(self):
        one, two = (self.expect(0, "run", QUICKSTART, "--json", "--jobs", jobs)[0]
                    for jobs in ("1", "2"))
        self.assertEqual(without_run(one), without_run(two))

    def test_tables_and_csv_repeat_too(self):
        for folder in ("a", "b"):
            self.expect(0, "run", QUICKSTART, "-o", folder, "-j", "2" if folder == "b" else "1")
        for name in ("result.csv", "table.txt"):
            self.assertEqual((self.folder / "a" / name).read_bytes(),
                             (self.folder / "b" / name).read_bytes())


class Verdicts(Case):
    def test_an_answer_of_no_is_exit_1_with_its_reason(self):
        # alone each takes 1 MB / 50 GB/s + 0.5 us; together they share the receiver's port
        experiment = self.file("e.yaml", "experiment: x\n" + FABRIC +
                               "workload: {collective: incast, size: 1 MB}\npredict: [uncontended]\n"
                               "accept: {gap: {of: uncontended, against: replay, max: 10 %}}\n")
        out, _ = self.expect(1, "run", experiment)
        self.assertIn("gap of uncontended against replay", out)
        result = self.json_of("run", experiment, code=1)
        self.assertFalse(result["verdict"]["accepted"])
        self.assertEqual(len(result["verdict"]["failures"]), 1)


    def test_predict_and_replay_say_that_they_do_not_judge(self):
        for verb in ("predict", "replay"):
            with self.subTest(verb=verb):
                out, err = self.expect(0, verb, QUICKSTART)
                self.assertRegex(err, r"quickstart\.yaml:\d+:\d+: warning\[PL-R004\]")


class Measured(Case):
    def shared_sets(self):
        folder = SHARED / "measurements"
        if not folder.is_dir():
            self.skipTest(f"no measured sets in {folder}")
        return folder

    def test_a_measurement_below_the_ring_bound_is_flagged_and_accepted(self):
        measured = self.shared_sets() / "xxrjun_h100_all_reduce_1node"
        if not measured.is_dir():
            self.skipTest("the measured set xxrjun_h100_all_reduce_1node is not there")
        # 8 GiB in 31.2 ms is 481 GB/s of bus bandwidth, over the 18 * 25 GB/s of a GPU's NVLinks, which
        # only switches that add can give
        experiment = self.file("e.yaml", "experiment: x\nfabric: {builder: nvswitch_node, gpus: 8, "
                               "links_per_gpu: 18, link: nvlink4}\n"
                               "workload: {collective: all_reduce, algorithm: ring, ranks: 8, "
                               f"size: 8 GiB}}\nmeasured: {{set: {measured}}}\n")
        point = self.json_of("run", experiment)["points"][0]
        self.assertAlmostEqual(point["measured_s"], 0.03122205)
        self.assertLess(point["measured_s"], point["speed_of_light_s"])
        self.assertIn("in-network reduction", point["measured_below"])
        self.assertTrue(point["inside_bounds"])

    def test_a_measurement_above_every_bound_is_not_flagged(self):
        for point in self.json_of("run", QUICKSTART)["points"]:
            self.assertIsNotNone(point["measured_s"])
            if point["measured_s"] >= point["speed_of_light_s"]:
                self.assertIsNone(point["measured_below"])

    def test_every_shared_set_loads(self):
        for folder in sorted(self.shared_sets().iterdir()):
            if not folder.is_dir():
                continue
            with self.subTest(set=folder.name):
                result = self.json_of("predict", QUICKSTART, "--set", f"measured.set={folder}")
                self.assertEqual(result["measured"]["set"], folder.name)
                self.assertNotEqual(result["measured"]["title"], "")

    def test_a_set_that_names_its_algorithm_is_not_called_a_library_choice(self):
        (self.folder / "own").mkdir()
        self.file("own/data.csv", "collective,algorithm,protocol,nodes,ranks,size_B,time_s,"
                  "time_low_s,time_high_s,repeats\nall_reduce,ring,,1,8,1048576,2e-05,,,20\n")
        self.file("own/about.yaml", "title: ours\nsystem: {nodes: [1], gpus_per_node: 8, gpu: X, "
                  "intra_node: nvswitch}\nsoftware: x\nmethod: x\nlicence: x\nsource: "
                  "{repository: x, commit: x, path: x}\nsize_convention: bytes of one rank\n")
        table, _ = self.expect(0, "run", QUICKSTART, "--set", f"measured.set={self.folder}/own",
                               "--set", "workload.size=1 MiB")
        self.assertIn("own: ours (algorithm ring)", table)

    def test_a_set_that_is_not_there_is_refused(self):
        self.assertRegex(self.refused("predict", QUICKSTART, "--set", "measured.set=./nowhere"),
                         r"--set:1:14: error\[PL-")


class Hdf5(Case):
    def test_gaps_can_be_read_back(self):
        try:
            import h5py
        except ImportError:
            self.skipTest("python3-h5py is not installed")
        self.expect(0, "run", QUICKSTART, "-o", "out")
        points = json.loads((self.folder / "out" / "result.json").read_text())["points"]
        with h5py.File(self.folder / "out" / "result.h5") as file:
            gap = file["gap"]
            names = [dimension[0].name.lstrip("/") for dimension in gap.dims]
            self.assertEqual(set(names), {"size", "engine", "reference"})
            engines = [name.decode() for name in file["engine"][()]]
            references = [name.decode() for name in file["reference"][()]]
            for i, point in enumerate(points):
                self.assertEqual(file["size"][i], point["axes"]["size_B"])
                for told in point["gaps"]:
                    at = {"size": i, "engine": engines.index(told["of"]),
                          "reference": references.index(told["against"])}
                    self.assertEqual(gap[tuple(at[name] for name in names)], told["relative"])
            self.assertGreater(sum(len(point["gaps"]) for point in points), 21)


if __name__ == "__main__":
    main()
