#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the C++ files to the house's plan: which module may include which, where each third party
lives, how long a file may be.

    check_includes.py [ROOT]     prints every violation as file:line: …; exit status 1 if there is one
"""

import re
import sys
from fnmatch import fnmatch
from pathlib import Path

# What a module may include besides itself. analytic and des are each other's cross-check, so
# neither may reach the other, nor any file that does.
MODULES = {
    "core": set(),
    "topology": {"core"},
    "workload": {"core", "topology"},
    "analytic": {"core", "topology", "workload"},
    "des": {"core", "topology", "workload"},
    "calibration": {"core", "topology", "workload"},
    "zoo": {"core", "topology", "workload"},
    "report": {"core", "topology", "workload"},
}
MODULES["experiments"] = set(MODULES)
MODULES["gate"] = set(MODULES)
MODULES["app"] = set(MODULES)

FREE = {"tests", "bench", "tools"}  # may include any module

# Third party: the headers it is known by, and the only files that may include them. A pattern's *
# crosses folders; .cpp alone where a header would make every includer pay for (and see) it.
HOMES = {
    "fmt": (r"fmt/", ["*"]),
    "yaml-cpp": (r"yaml-cpp/", ["core/document.cpp"]),
    "pugixml": (r"pugixml", ["core/xml.cpp"]),
    "Boost": (r"boost/", ["topology/*.cpp"]),
    "Eigen": (r"Eigen/", ["analytic/*", "calibration/*"]),
    "SimGrid": (r"simgrid/|xbt/|xbt\.h|smpi/", ["des/*.cpp"]),
    "HDF5": (r"hdf5|H5", ["report/hdf5*.hpp", "report/hdf5*.cpp"]),
    "nlohmann": (r"nlohmann/", ["report/*.cpp", "app/*.cpp", "analytic/external/*.cpp"]),
    "CLI11": (r"CLI/", ["app/*"]),
    "Linux": (r"linux/", ["analytic/external/restrict.cpp"]),
    "POSIX": (r"(sys/)?[a-z]+\.h$", ["des/*.cpp", "app/*.cpp", "analytic/external/*.cpp"]),
}
SINGLE_FILE = {"CLI11"}  # homes that are one file, whichever it is

STANDARD_HEADER = re.compile(r"[a-z_0-9]+$")
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
SPDX = "// SPDX-License-Identifier: Apache-2.0"
LONGEST_FILE = 400
NOT_OURS = {"build", "results", "CMakeFiles"}


def cpp_files(root):
    """Every C++ file below `root`, as sorted paths relative to it; built and hidden folders aside."""
    found = []
    for path in root.rglob("*.[ch]pp"):
        parts = path.relative_to(root).parts
        if not any(part.startswith(".") or part in NOT_OURS for part in parts):
            found.append(path.relative_to(root))
    return sorted(found)


def includes(text):
    """(line number, '<' or '"', header) of each #include."""
    for number, line in enumerate(text.splitlines(), start=1):
        if match := INCLUDE.match(line):
            yield number, match[1], match[2]


def third_party(header):
    """The name in HOMES of a header that is neither ours nor the standard library's; None if unknown."""
    return next((name for name, (known, _) in HOMES.items() if re.match(known, header)), None)


def wrong_module(module, header):
    """Why `module` may not include our `header`; None if it may."""
    target = header.partition("/")[0]
    if target not in MODULES:
        return f'"{header}" does not start with a module: write the path from the root'
    if module in FREE or target == module or target in MODULES[module]:
        return None
    allowed = ", ".join(sorted(MODULES[module])) or "no other module"
    return f'{module} may not include "{header}": it may include {allowed}'


def wrong_home(path, header):
    """Why the file at `path` may not include the third-party `header`; None if it may."""
    party = third_party(header)
    if party is None:
        return f"<{header}> has no home: add it to HOMES in tests/architecture/check_includes.py"
    homes = HOMES[party][1]
    if any(fnmatch(path.as_posix(), home) for home in homes):
        return None
    return f"<{header}>: {party} may be included only in {', '.join(homes)}"


def check_file(root, path):
    """Yields (line, message) for each violation, and notes nothing elsewhere."""
    text = (root / path).read_text(encoding="utf-8")
    module = path.parts[0]
    if not text.startswith(SPDX + "\n"):
        yield 1, f"the first line must be {SPDX}"
    if (length := len(text.splitlines())) > LONGEST_FILE:
        yield length, f"{length} lines; a file has at most {LONGEST_FILE}"
    if module not in MODULES and module not in FREE:
        yield 1, f"'{module}' is not a module: add it to MODULES in check_includes.py"
        return
    for line, quote, header in includes(text):
        if quote == '"':
            problem = None if module in FREE else wrong_module(module, header)
        elif module in FREE or STANDARD_HEADER.match(header):
            problem = None
        else:
            problem = wrong_home(path, header)
        if problem:
            yield line, problem


def shared_single_files(root, paths):
    """Yields (path, line, message) where a third party that has one file as its home is in several."""
    first = {}
    for path in paths:
        if path.parts[0] in FREE:
            continue
        for line, quote, header in includes((root / path).read_text(encoding="utf-8")):
            party = third_party(header) if quote == "<" else None
            if party in SINGLE_FILE and first.setdefault(party, path) != path:
                yield path, line, f"{party} is already included in {first[party]}: one file is its home"


def check(root):
    """All violations below `root`, as `file:line: message`."""
    paths = cpp_files(root)
    found = [(path, line, what) for path in paths for line, what in check_file(root, path)]
    found += shared_single_files(root, paths)
    return [f"{path}:{line}: {what}" for path, line, what in sorted(found)]


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()
    if not cpp_files(root):
        print(f"check_includes: no C++ file below {root}")
        return 1
    violations = check(root)
    print(*violations, sep="\n", end="\n" if violations else "")
    print(f"{len(cpp_files(root))} files, {len(violations)} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
