#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The include check itself: each rule catches a tree that breaks it, and a right tree passes."""

import tempfile
import unittest
from pathlib import Path

import check_includes

HEAD = check_includes.SPDX + "\n"


class IncludeCheck(unittest.TestCase):
    def violations(self, **files):
        """Checks a tree; keyword a__b_hpp='text' is the file a/b.hpp, its SPDX line added."""
        return self.violations_of({name.replace("__", "/").replace("_hpp", ".hpp").replace(
            "_cpp", ".cpp"): HEAD + text for name, text in files.items()})

    def violations_of(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "tree with spaces"
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return check_includes.check(root)

    def assert_one(self, found, place, *words):
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(place + ": "), found[0])
        for word in words:
            self.assertIn(word, found[0])

    def test_a_right_tree_has_no_violation(self):
        self.assertEqual([], self.violations(
            core__text_hpp="#include <string>\n#include <fmt/format.h>\n",
            core__document_cpp='#include "core/text.hpp"\n#include <yaml-cpp/yaml.h>\n',
            topology__routing_cpp="#include <boost/graph/adjacency_list.hpp>\n",
            des__simgrid_replay_cpp='#include <simgrid/s4u.hpp>\n#include "workload/engine.hpp"\n',
            des__isolation_cpp="#include <sys/wait.h>\n#include <unistd.h>\n",
            report__hdf5_cpp="#include <hdf5.h>\n",
            report__json_cpp="#include <nlohmann/json.hpp>\n",
            app__commands__list_cpp='#include "des/replay.hpp"\n#include "experiments/runner.hpp"\n',
            app__main_cpp="#include <CLI/CLI.hpp>\n",
            calibration__fit_hpp="#include <Eigen/Dense>\n",
            tests__unit__t_cpp='#include "des/replay.hpp"\n#include <boost/any.hpp>\n#include <catch2/catch.hpp>\n'))

    def test_the_two_engines_never_include_each_other(self):
        self.assert_one(self.violations(analytic__solver_cpp='#include <map>\n#include "des/replay.hpp"\n'),
                        "analytic/solver.cpp:3", "analytic may not include")
        self.assert_one(self.violations(des__replay_cpp='#include "analytic/solver.hpp"\n'),
                        "des/replay.cpp:2", "des may not include")

    def test_no_module_includes_one_above_it(self):
        for below, above in [("core", "topology"), ("topology", "workload"), ("workload", "analytic"),
                             ("calibration", "des"), ("zoo", "experiments"), ("report", "analytic"),
                             ("experiments", "app"), ("experiments", "gate"), ("gate", "app")]:
            with self.subTest(below=below, above=above):
                self.assert_one(self.violations_of({f"{below}/x.cpp": f'{HEAD}#include "{above}/y.hpp"\n'}),
                                f"{below}/x.cpp:2", above)

    def test_the_table_allows_nothing_through_a_third_module(self):
        """If a may include b and b may include c, the table must say that a may include c."""
        for module, allowed in check_includes.MODULES.items():
            for other in allowed:
                self.assertNotIn(module, check_includes.MODULES[other])
                self.assertLessEqual(check_includes.MODULES[other], allowed, (module, other))

    def test_each_third_party_is_caught_outside_its_home(self):
        for path, header in [
                ("core/cursor.cpp", "yaml-cpp/yaml.h"), ("zoo/catalogue.cpp", "yaml-cpp/yaml.h"),
                ("workload/verify.cpp", "boost/dynamic_bitset.hpp"), ("topology/routing.hpp", "boost/graph.hpp"),
                ("workload/costs.cpp", "Eigen/Dense"), ("analytic/solver.cpp", "simgrid/s4u.hpp"),
                ("des/replay.hpp", "simgrid/s4u.hpp"), ("des/replay.hpp", "xbt/log.h"),
                ("report/json.cpp", "hdf5.h"), ("app/main.cpp", "hdf5_hl.h"),
                ("analytic/solvers/hockney.cpp", "nlohmann/json.hpp"), ("report/writers.hpp", "nlohmann/json.hpp"),
                ("experiments/runner.cpp", "CLI/CLI.hpp"), ("core/text.cpp", "unistd.h"),
                ("analytic/solver.cpp", "absl/strings/str_cat.h"), ("core/text.cpp", "catch2/catch.hpp")]:
            with self.subTest(path=path, header=header):
                self.assert_one(self.violations_of({path: f"{HEAD}#include <{header}>\n"}), f"{path}:2", header)

    def test_cli11_has_one_file(self):
        found = self.violations(app__arguments_cpp="#include <CLI/CLI.hpp>\n", app__main_cpp="#include <CLI/CLI.hpp>\n")
        self.assert_one(found, "app/main.cpp:2", "app/arguments.cpp")

    def test_relative_includes_are_caught(self):
        self.assert_one(self.violations(core__text_cpp='#include "text.hpp"\n'), "core/text.cpp:2", "from the root")
        self.assert_one(self.violations(des__replay_cpp='#include "../analytic/solver.hpp"\n'),
                        "des/replay.cpp:2", "from the root")

    def test_unusual_spelling_of_an_include_is_seen(self):
        self.assert_one(self.violations(core__text_cpp='  #  include"des/replay.hpp" // why\n'),
                        "core/text.cpp:2", "des/replay.hpp")

    def test_folders_outside_the_table_are_caught(self):
        self.assert_one(self.violations(helpers__misc_cpp="#include <map>\n"), "helpers/misc.cpp:1", "not a module")

    def test_long_files_and_missing_licence_lines_are_caught(self):
        self.assertEqual([], self.violations(core__text_cpp="\n" * 399))  # 400 with the SPDX line
        self.assert_one(self.violations(core__text_cpp="\n" * 400), "core/text.cpp:401", "401 lines")
        self.assert_one(self.violations_of({"core/text.cpp": "\n" + HEAD}), "core/text.cpp:1", "SPDX")
        self.assert_one(self.violations_of({"core/text.cpp": ""}), "core/text.cpp:1", "SPDX")

    def test_built_files_are_not_read(self):
        self.assertEqual([], self.violations_of({"build/release/x/registry.cpp": '#include "nowhere.hpp"\n'}))


if __name__ == "__main__":
    unittest.main()
