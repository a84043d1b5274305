# SPDX-License-Identifier: Apache-2.0
"""Verbs that look something up, and how mistakes on the command line end."""

import json
import re
import xml.etree.ElementTree

from harness import FABRIC, RING, SOURCE, Case, main

KINDS = {"systems": "system", "links": "link", "constants": "constants",
         "tuners": "tuner", "measurements": "measurement", "readers": "reader", "solvers": "solver", "bounds": "bound",
         "collectives": "collective", "builders": "builder", "diagnostics": "diagnostic"}


class Usage(Case):
    def test_an_unknown_verb_is_refused(self):
        self.assertIn("fly", self.refused("fly"))

    def test_no_verb_is_refused(self):
        self.refused()

    def test_an_unknown_option_is_refused(self):
        for verb in (["run", "x.yaml"], ["predict", "x.yaml"], ["replay", "x.yaml"], ["list"],
                     ["check", "x.yaml"], ["draw", "dgx_h100"], ["schema", "result"],
                     ["explain", "PL-U002"], ["describe", "system", "dgx_h100"]):
            with self.subTest(verb=verb[0]):
                self.assertIn("--wings", self.refused(*verb, "--wings"))

    def test_an_option_value_that_makes_no_sense_is_refused(self):
        experiment = self.file("e.yaml", RING)
        for option in (["--jobs", "0"], ["--jobs", "many"], ["--color", "blue"],
                       ["--progress", "loud"], ["--set", "no-equals-sign"], ["--set", "=5"]):
            with self.subTest(option=option):
                self.refused("run", experiment, *option)

    def test_a_missing_argument_is_refused(self):
        for verb in ("run", "predict", "replay", "check", "draw", "schema", "explain", "describe"):
            with self.subTest(verb=verb):
                self.refused(verb)

    def test_help_and_version_are_results(self):
        out, err = self.expect(0, "--help")
        for verb in ("run", "predict", "replay", "check", "list", "describe", "explain", "schema",
                     "draw"):
            self.assertRegex(out, rf"\n  {verb} ")
            self.expect(0, verb, "--help")
        self.assertIn("Exit codes", out)
        self.assertEqual(err, "")
        version, _ = self.expect(0, "--version")
        self.assertRegex(version, r"^plumbline \d+\.\d+\.\d+\n$")


class Lists(Case):
    def test_every_kind_lists_in_singular_and_plural(self):
        for plural, singular in KINDS.items():
            with self.subTest(kind=plural):
                out, err = self.expect(0, "list", plural)
                self.assertEqual(err, "")
                self.assertNotEqual(out, "")
                self.assertEqual(self.expect(0, "list", singular)[0], out)

    def test_json_lists_are_arrays_of_name_and_summary(self):
        for plural in KINDS:
            with self.subTest(kind=plural):
                items = self.json_of("list", plural)
                names = [item["name"] for item in items]
                for item in items:
                    self.assertEqual(set(item), {"name", "summary"})
                    self.assertNotEqual(item["summary"], "", item["name"])
                self.assertEqual(len(set(names)), len(names))
                text, _ = self.expect(0, "list", plural)
                self.assertEqual([line.split()[0] for line in text.splitlines()], names)

    def test_the_kinds_themselves_are_listed(self):
        self.assertEqual([item["name"] for item in self.json_of("list")], list(KINDS))

    def test_the_zoo_is_what_is_listed(self):
        for kind, pattern in (("systems", "*.yaml"), ("links", "*.yaml"), ("constants", "*.yaml"), ("tuners", "*.yaml"),
                              ("measurements", "*")):
            with self.subTest(kind=kind):
                files = {path.stem for path in (SOURCE / "zoo" / kind).glob(pattern)}
                self.assertEqual({item["name"] for item in self.json_of("list", kind)}, files)

    def test_an_unknown_kind_is_refused_with_a_suggestion(self):
        self.assertIn("systems", self.refused("list", "sistems"))


class Descriptions(Case):
    def test_everything_listed_is_described_under_its_name(self):
        for plural, singular in KINDS.items():
            items = self.json_of("list", plural)
            if plural == "diagnostics":
                items = items[:2]
            for item in items:
                with self.subTest(kind=singular, name=item["name"]):
                    out, err = self.expect(0, "describe", singular, item["name"])
                    self.assertEqual(err, "")
                    self.assertIn(item["name"], out)
                    self.assertGreater(len(out.splitlines()), 1)

    def test_a_collective_is_described_by_what_computes_it(self):
        for words in (["collective", "all_reduce"], ["all_reduce"]):
            out, _ = self.expect(0, "describe", *words)
            self.assertIn("\n  ring  ", out)
            self.assertNotIn("pairwise", out)  # it computes all_to_all

    def test_a_name_alone_is_described_as_all_that_it_is(self):
        out, _ = self.expect(0, "describe", "binomial")  # a solver and an algorithm
        self.assertIn("claim", out)
        self.assertIn("computes", out)
        self.assertIn("did you mean 'dgx_h100'?", self.refused("describe", "dgx_h10"))

    def test_what_is_of_another_kind_is_pointed_to(self):
        self.assertIn("plumbline describe system dgx_h100",
                      self.refused("describe", "builder", "dgx_h100"))

    def test_a_system_is_described_with_sources(self):
        out, _ = self.expect(0, "describe", "system", "dgx_h100")
        self.assertIn("nvlink4.latency = 250 ns", out)  # every link class has a latency: whose?
        self.assertIn("numbers and their sources", out)
        self.assertIn("nvlink4", out)

    def test_unknown_names_are_refused_with_a_suggestion(self):
        for kind, wrong, right in (("system", "dgx_h10", "dgx_h100"), ("link", "nvlnk4", "nvlink4"),
                                   ("solver", "hockny", "hockney"), ("bound", "link_lod", "link_load"),
                                   ("collective", "rin", "ring"), ("builder", "fat_tre", "fat_tree"),
                                   ("diagnostic", "PL-U02", "PL-U002")):
            with self.subTest(kind=kind):
                self.assertIn(right, self.refused("describe", kind, wrong))

    def test_every_diagnostic_code_is_explained(self):
        codes = [item["name"] for item in self.json_of("list", "diagnostics")]
        self.assertGreater(len(codes), 50)
        for code in codes[::7]:  # one process each
            out, _ = self.expect(0, "explain", code)
            self.assertTrue(out.startswith(code + ": "), out)
        self.refused("explain", "PL-X999")

    def test_a_code_is_known_in_small_letters_too(self):
        self.assertEqual(self.expect(0, "explain", "pl-u002"), self.expect(0, "explain", "PL-U002"))

    def test_codes_in_the_sources_are_explained(self):
        known = {item["name"] for item in self.json_of("list", "diagnostics")}
        for module in ("core", "topology", "workload", "analytic", "calibration", "zoo",
                       "experiments", "app"):
            for source in (SOURCE / module).rglob("*.cpp"):
                used = set(re.findall(r'"(PL-[A-Z]\d{3})"', source.read_text()))
                self.assertEqual(used - known, set(), str(source))


class Routes(Case):
    RAILS = "h100_superpod_32"

    def route(self, *arguments):
        return self.expect(0, "explain", "route", *arguments, "--system", self.RAILS)[0]

    def test_a_route_within_a_machine(self):
        out = self.route("node0/gpu0", "node0/gpu5")
        self.assertIn("node0/gpu0 to node0/gpu5: NVLink, d_mod_k", out)
        self.assertIn("node0/gpu0→node0/nvswitch", out)
        self.assertIn("nvlink4 x18, 450 GB/s", out)

    def test_a_route_over_the_network_says_how_it_chose(self):
        # To rail 7 of node 1: the spines are equally far, and the number is 7 + 1.
        out = self.route("node0/gpu0", "node1/gpu7")
        self.assertIn("over the network", out)
        self.assertRegex(out, r"equal links, d_mod_k: destination 8 mod \d+ = ")
        self.assertIn("bottleneck", out)
        self.assertIn("shortest: the first",
                      self.route("node0/gpu0", "node1/gpu7", "--routing", "shortest"))
        self.assertIn("of the bytes", self.route("node0/gpu0", "node1/gpu7", "--routing",
                                                 "adaptive"))
        ecmp = {self.route("node0/gpu0", "node1/gpu7", "--routing", "ecmp", "--flow", str(flow))
                for flow in range(8)}
        self.assertGreater(len(ecmp), 1)

    def test_pxn_leaves_by_the_other_gpu(self):
        # Rail 7 of both nodes is one leaf: no spine.
        out = self.route("node0/gpu0", "node1/gpu7", "--pxn")
        self.assertIn("from another GPU (PXN)", out)
        self.assertNotIn("spine", out)

    def test_mistakes_are_refused(self):
        refused = lambda *words: self.refused("explain", "route", *words)
        self.assertIn("node0/gpu0", refused("node0/gpu00", "node0/gpu1", "--system", self.RAILS))
        self.assertIn("ecmp", refused("node0/gpu0", "node0/gpu1", "--system", self.RAILS,
                                      "--routing", "ecpm"))
        self.assertIn("--system", refused("node0/gpu0", "node0/gpu1"))
        refused("node0/gpu0", "--system", self.RAILS)


class Schemas(Case):
    def test_every_schema_is_json_schema(self):
        for what in ("experiment", "system", "link", "constants", "tuner", "result"):
            with self.subTest(what=what):
                out, err = self.expect(0, "schema", what)
                schema = json.loads(out)
                self.assertEqual(err, "")
                self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
                try:
                    import jsonschema
                except ImportError:
                    continue
                jsonschema.Draft202012Validator.check_schema(schema)

    def test_every_system_is_valid_by_the_schema(self):
        try:
            import jsonschema
            import yaml
        except ImportError:
            self.skipTest("python3-jsonschema or python3-yaml is not installed")
        validator = jsonschema.Draft202012Validator(json.loads(self.expect(0, "schema", "system")[0]))
        systems = sorted((SOURCE / "zoo" / "systems").glob("*.yaml"))
        self.assertNotEqual(systems, [])
        for file in systems:
            with self.subTest(system=file.stem):
                validator.validate(yaml.safe_load(file.read_text()))
        self.assertFalse(validator.is_valid({"system": "x", "fabric": {"builder": "star", "gpu": 2}}))

    def test_an_unknown_schema_is_refused(self):
        self.assertIn("result", self.refused("schema", "resutl"))


class Pictures(Case):
    def test_every_system_is_drawn_as_dot_and_svg(self):
        for name in ("dgx_h100", "hosts_2x16"):
            with self.subTest(system=name):
                dot, _ = self.expect(0, "draw", name)
                self.assertRegex(dot, r"^(strict )?(di)?graph ")
                svg, _ = self.expect(0, "draw", name, "--format", "svg")
                self.assertTrue(xml.etree.ElementTree.fromstring(svg).tag.endswith("svg"))
                self.assertEqual(self.expect(0, "draw", name, "-o", "x.svg")[0], "")
                self.assertEqual((self.folder / "x.svg").read_text(), svg)

    def test_a_picture_of_a_users_file_and_of_nothing(self):
        self.file("mine.yaml", "system: mine\ntitle: Mine\n" + FABRIC)
        self.assertIn("gpu3", self.expect(0, "draw", "./mine.yaml")[0])
        self.assertIn("dgx_h100", self.refused("draw", "dgx_h10"))
        self.refused("draw", "dgx_h100", "-o", "x.png")
        self.expect(0, "draw", "dgx_h100", "-o", "x.xml")
        platform = xml.etree.ElementTree.parse(self.folder / "x.xml").getroot()
        self.assertEqual(len(platform.findall("zone/route")), 8 * 7)  # every pair of 8 GPUs
        self.expect(4, "draw", "dgx_h100", "-o", "no/such/folder/x.svg")

    def test_an_experiment_s_machine_is_drawn_and_full_pictures_have_a_limit(self):
        name = self.file("e.yaml", RING)
        self.assertIn("gpu0", self.expect(0, "draw", name)[0])
        self.assertEqual(self.expect(0, "draw", name, "--full")[0].count("⋯"), 0)
        # 3,999 hosts and their leaf fit, one more does not.
        star = ("system: star\nfabric: {builder: fat_tree, nodes_per_leaf: 4000, nodes: %d, source: x, host_link: "
                "{kind: network, bandwidth_per_direction: 1 GB/s, latency: 1 us}}\n")
        self.file("star.yaml", star % 4000)
        self.assertIn("PL-G005", self.refused("draw", "./star.yaml", "--full"))
        self.assertIn("3997 more", self.expect(0, "draw", "./star.yaml")[0])
        self.file("less.yaml", star % 3999)
        self.assertIn("host3998", self.expect(0, "draw", "./less.yaml", "--full")[0])

    def test_an_imported_machine_is_drawn_and_its_paths_explained(self):
        seed = str(SOURCE / "tests/fuzz/seeds/hybrid.xml")
        self.assertIn("nic0", self.expect(0, "draw", seed)[0])
        out, _ = self.expect(0, "explain", "paths", seed)
        # gpu0 in the table of types: itself, NVLink to 1 and 2, sockets to 3, one switch to the NIC.
        self.assertEqual(out.splitlines()[2].split(), ["gpu0", "X", "NVL", "NVL", "SYS", "PIX"])
        self.assertIn("PHB", self.expect(0, "explain", "paths", "dgx_h100")[0])
        self.refused("explain", "paths", "dgx_h10")
        self.refused("explain")
        broken = self.file("broken.xml", "<system>\n<cpu></system>")
        self.assertIn("broken.xml:2:", self.refused("draw", broken))


class Checks(Case):
    def test_a_good_file_passes(self):
        out, err = self.expect(0, "check", self.file("e.yaml", RING))
        self.assertIn("2 points", out)
        self.assertEqual(err, "")

    def test_every_mistake_of_every_file_is_shown_with_its_place(self):
        good = self.file("good.yaml", RING)
        bad = self.file("bad.yaml", "experiment: x\nsystm: y\n" + FABRIC +
                        "workload: {collective: all_reduce, algorithm: ring, size: 1 GBps}\n")
        worse = self.file("worse.yaml", "[")
        out, err = self.expect(2, "check", bad, good, worse)
        self.assertIn("good.yaml: good", out)
        self.assertNotIn("bad.yaml", out)
        self.assertRegex(err, r"bad\.yaml:2:1: error\[PL-K001\]")
        # the unit's column: `workload: {collective: all_reduce, algorithm: ring, size: 1 ` is 60 bytes
        self.assertRegex(err, r"bad\.yaml:4:61: error\[PL-U002\]")
        self.assertRegex(err, r"worse\.yaml:\d+:\d+: error\[PL-Y001\]")

    def test_what_is_not_a_file_is_refused(self):
        for what in ("missing.yaml", str(self.folder)):
            with self.subTest(what=what):
                self.assertRegex(self.refused("check", what), r":1:1: error\[PL-")
                self.refused("run", what)


if __name__ == "__main__":
    main()
