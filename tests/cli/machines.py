# SPDX-License-Identifier: Apache-2.0
"""Every machine of the zoo answers a small question from end to end, and every measured set has one."""

import csv
import re
import xml.etree.ElementTree

from harness import SHARED, SOURCE, Case, main

SYSTEMS = sorted(path.stem for path in (SOURCE / "zoo" / "systems").glob("*.yaml"))
LARGE = ["perlmutter_2groups"]  # a ring over its 1024 GPUs would take half a minute

# The machine of each measured set; of flows on several hosts, all of them.
MACHINES = {
    "abci2_a100_all_reduce": ["abci2_a100_8"],
    "abci2_v100_all_reduce": ["abci2_v100_4"],
    "aic_a100_all_reduce": ["dgx_a100"],
    "aic_b200_all_reduce": ["dgx_b200"],
    "aic_h100_all_reduce": ["dgx_h100"],
    "aic_l40s_all_reduce": ["l40s_8gpu"],
    "aic_rtx_pro_6000_all_reduce": ["gigabyte_g493_zb0"],
    "alps_gh200_all_reduce": ["alps_gh200_4"],
    "check_abci2_a100_all_reduce_8nodes": ["abci2_a100_8"],
    "check_aic_h100_all_gather": ["dgx_h100"],
    "check_polaris_all_gather_8nodes": ["polaris_8"],
    "ib_write_bw_hdr": ["azure_hdr_pair"],
    "mn5_h100_ring_tree": ["mn5_h100_8"],
    "nvbandwidth_rtx5090": ["rtx5090_4gpu"],
    "polaris_a100_all_reduce": ["polaris_8"],
    "rtx6kpro_pcie_flows": ["asus_esc8000a_e13p", "wrx90_2switch", "wrx90_3switch", "wrx90_16gpu",
                            "wrx90_2vs", "asrock_genoad24_16gpu"],
    "snellius_pingpong_a100": ["snellius_a100_2"],
    "snellius_pingpong_h100": ["snellius_h100_2"],
    "wayne_h100_forced": ["dgx_h100"],
    "xxrjun_h100_all_reduce_1node": ["dgx_h100"],
}


class Machines(Case):
    def sizes(self, system):
        """(endpoints, machines) as the caption of the picture counts them."""
        self.expect(0, "draw", system, "-o", "picture.svg")
        caption = (self.folder / "picture.svg").read_text()
        found = re.search(r">(\d+) (?:GPUs|hosts) in (\d+) machine", caption)
        self.assertIsNotNone(found, system)
        return int(found[1]), int(found[2])

    def test_every_machine_has_a_picture_that_parses(self):
        for system in SYSTEMS:
            self.expect(0, "draw", system, "-o", "picture.svg")
            root = xml.etree.ElementTree.parse(self.folder / "picture.svg").getroot()
            self.assertTrue(root.tag.endswith("svg"), system)

    def check_ring(self, systems, ranks=""):
        self.file("ring.yaml", "experiment: ring\nsystem: [" + ", ".join(systems) + "]\n"
                  "workload: {collective: all_reduce, algorithm: ring, size: 1 MiB" + ranks + "}\n"
                  "predict: [uncontended]\naccept: {bounds: never_violated}\n")
        result = self.json_of("run", "ring.yaml")
        self.assertEqual(len(result["points"]), len(systems))
        for point in result["points"]:
            self.assertGreater(point["lower_s"], 0, point["axes"])
            self.assertTrue(point["inside_bounds"], point["axes"])

    def test_a_ring_runs_on_every_machine_within_its_bounds(self):
        self.check_ring([system for system in SYSTEMS if system not in LARGE])
        self.check_ring(LARGE, ", ranks: 64")

    def test_every_measured_set_has_a_machine_that_holds_its_ranks(self):
        folder = SHARED / "measurements"
        if not folder.is_dir():
            self.skipTest("no measured sets here")
        sets = sorted(path.parent.name for path in folder.glob("*/data.csv"))
        self.assertEqual(sets, sorted(MACHINES))
        for name in sets:
            with open(folder / name / "data.csv", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            for system in MACHINES[name]:
                ranks, nodes = self.sizes(system)
                self.assertGreaterEqual(ranks, max(int(row["ranks"]) for row in rows), name)
                self.assertGreaterEqual(nodes, max(int(row["nodes"]) for row in rows), name)


if __name__ == "__main__":
    main()
