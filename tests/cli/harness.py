# SPDX-License-Identifier: Apache-2.0
"""Drives the real program. Environment: PLUMBLINE (the binary), PLUMBLINE_SOURCE (the checkout),
PLUMBLINE_SHARED (optional: a folder that holds measurements/; by default `shared` beside the checkout)."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = os.environ.get("PLUMBLINE", "build/release/plumbline")
SOURCE = pathlib.Path(os.environ.get("PLUMBLINE_SOURCE", "."))
SHARED = pathlib.Path(os.environ.get("PLUMBLINE_SHARED", SOURCE.parent / "shared"))

# Four GPUs, one 50 GB/s port each, 250 ns a link.
FABRIC = ("fabric: {builder: nvswitch_node, gpus: 4, links_per_gpu: 1, "
          "link: {kind: nvlink, bandwidth_per_direction: 50 GB/s, latency: 250 ns}}\n")
RING = ("experiment: ring\n" + FABRIC +
        "workload: {collective: all_reduce, algorithm: ring, size: [1 kB, 1 MB]}\n"
        "predict: [ring_all_reduce, uncontended]\n")

# Point 2 keeps 160 * 159 transfers in flight: SimGrid shares them out for many seconds, and the tests
# below end it long before. The others take milliseconds.
LONG_POINT = 2
LONG = """experiment: long
fabric:
  builder: fat_tree
  nodes: 160
  nodes_per_leaf: 160
  host_link: {kind: network, bandwidth_per_direction: 50 GB/s, latency: 1 us}
workload: {collective: all_to_all, algorithm: direct, ranks: [4, 160, 8], size: 1 MB}
"""


class Case(unittest.TestCase):
    """A folder of its own per test, and the program run inside it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="plumbline cli "))
        self.addCleanup(shutil.rmtree, self.folder, True)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def run_it(self, *arguments, stdout=subprocess.PIPE, timeout=120, env=None):
        return subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, stdout=stdout,
                              stderr=subprocess.PIPE, text=True, cwd=self.folder, timeout=timeout, env=env)

    def expect(self, code, *arguments, **options):
        """Runs it, and returns (stdout, stderr) if the exit code is the wanted one."""
        done = self.run_it(*arguments, **options)
        self.assertEqual(done.returncode, code,
                         f"{arguments}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        return done.stdout, done.stderr

    def json_of(self, *arguments, code=0):
        out, _ = self.expect(code, *arguments, "--json")
        return json.loads(out)

    def refused(self, *arguments):
        """Exit 2 with nothing on stdout; returns stderr."""
        out, err = self.expect(2, *arguments)
        self.assertEqual(out, "")
        self.assertNotEqual(err, "")
        return err

    def start(self, *arguments):
        process = subprocess.Popen([BINARY, *arguments], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   cwd=self.folder, start_new_session=True)
        self.addCleanup(process.wait)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def long_child(self, process, at_least=1.0):
        """The replay child that has been at work for a second: the long point's, since the others and
        the self-test take milliseconds."""
        first_seen, deadline = {}, time.monotonic() + 100
        while time.monotonic() < deadline:
            self.assertIsNone(process.poll(), "it ended before its long point was met")
            found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True)
            now = time.monotonic()
            for child in map(int, found.stdout.split()):
                if now - first_seen.setdefault(child, now) >= at_least:
                    return child
            time.sleep(0.05)
        self.fail("no replay ran for a second")


def without_run(result_text):
    """The bytes before and after the `run` object, which is the last member."""
    head, found, tail = result_text.rpartition('"run": {')
    assert found and tail.count("}") == 2, "run is not the last object"
    return head


def main():
    if sys.argv[1:] == ["--list"]:
        loaded = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
        for suite in loaded:
            for test in suite:
                print(test.id().removeprefix("__main__."))
    else:
        unittest.main()
