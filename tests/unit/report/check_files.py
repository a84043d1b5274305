# SPDX-License-Identifier: Apache-2.0
"""check_files.py schema|csv|hdf5|xarray FOLDER: reads what write_example wrote, as users would.

Exit 77: a package that the check needs is not installed, said in one line.
"""

import copy
import csv
import importlib
import json
import math
import pathlib
import sys


def package(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"skipped: no Python package {name}")
        sys.exit(77)


def close(value, expected):
    assert math.isclose(value, expected, rel_tol=1e-12), (value, expected)


def objects_of(schema):
    """Every place in a schema that describes an object."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for value in schema.values():
            yield from objects_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects_of(value)


def broken(result):
    """Results that the schema must refuse, each with what is wrong."""
    for what, change in {
        "unknown key": lambda r: r.update(extra=1),
        "missing key": lambda r: r["points"][0].pop("gaps"),
        "unknown key of a point": lambda r: r["points"][0].update(bus=1),
        "unknown scope": lambda r: r["points"][0]["bounds"][0].update(scope="any"),
        "unknown term": lambda r: r["points"][0]["replay"]["terms"].update(magic=1.0),
        "text for a time": lambda r: r["points"][0].update(simulated_s="1 us"),
        "negative time": lambda r: r["points"][0].update(lower_s=-1.0),
        "other version": lambda r: r.update(schema="plumbline.result/2"),
    }.items():
        changed = copy.deepcopy(result)
        change(changed)
        yield what, changed


def check_schema(folder):
    jsonschema = package("jsonschema")
    schema = json.loads((folder / "schema.json").read_text())
    validator = jsonschema.Draft202012Validator
    validator.check_schema(schema)
    validate = validator(schema).validate
    result = json.loads((folder / "result.json").read_text())
    for name in ("result", "scalar", "empty"):
        validate(json.loads((folder / f"{name}.json").read_text()))
    for place in objects_of(schema):
        assert "additionalProperties" in place, f"open object: {sorted(place['properties'])}"
    for what, changed in broken(result):
        try:
            validate(changed)
        except jsonschema.ValidationError:
            continue
        raise AssertionError(f"accepted: {what}")


def check_csv(folder):
    with open(folder / "result.csv", newline="") as file:
        text = file.read()
    # RFC 4180: every record ends with CRLF, and no line break stands elsewhere here.
    assert text.count("\n") == text.count("\r\n") and text.endswith("\r\n")
    rows = list(csv.DictReader(text.splitlines(True), strict=True))
    # ring: hockney, replay and measured at 3 sizes; tree: hockney at 3, replay at 2 of them.
    assert len(rows) == 3 * 3 + 3 + 2, len(rows)
    row = next(r for r in rows if r["point"] == "4" and r["engine"] == "hockney")
    assert row["workload.algorithm"] == "tree" and float(row["workload.size_B"]) == 2**20
    serialisation = 2**20 / 100e9
    close(float(row["time_s"]), 10e-6 + serialisation)
    close(float(row["gap_to_replay"]), -serialisation / (10e-6 + 2 * serialisation))
    assert row["gap_to_measured"] == "" and row["inside_bounds"] == "true"
    assert all(set(r) == set(rows[0]) for r in rows)


def texts(values):
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]


def check_hdf5(folder):
    h5py = package("h5py")
    with h5py.File(folder / "result.h5", "r") as file:
        assert texts(file["algorithm"][:]) == ["ring", "tree"]
        assert list(file["size"][:]) == [2**10, 2**20, 2**30]
        assert file["size"].attrs["units"] == "B" and file["size"].attrs["CLASS"] == b"DIMENSION_SCALE"
        gap = file["gap"]
        assert [d[0].name for d in gap.dims] == ["/algorithm", "/size", "/engine", "/reference"]
        engines = texts(file["engine"][:])
        assert engines == ["hockney", "picky", "replay", "measured"]
        # tree, 1 MiB, hockney against the replay: it misses the contention, which equals the
        # serialisation of 2^20 B at 100 GB/s, of a time of 10 us and twice that.
        serialisation = 2**20 / 100e9
        close(gap[1, 1, 0, 0], -serialisation / (10e-6 + 2 * serialisation))
        # ring, 1 MiB, replay against measured: 8 us missing.
        close(gap[0, 1, 2, 1], -8e-6 / (18e-6 + serialisation))
        assert math.isnan(gap[1, 1, 2, 1]), "tree was not measured"
        times = file["completion_time"]
        assert times.attrs["units"] == "s" and times.attrs["long_name"]
        close(times[0, 0, 2], 10e-6 + 2**10 / 100e9)
        assert math.isnan(times[1, 2, 2]), "the last point failed"
        assert math.isnan(times[0, 0, 1]), "picky refused"
        contention = texts(file["term"][:]).index("contention")
        close(file["term_time"][1, 1, 2, contention], serialisation)
        # busbw of all_reduce on 8 ranks: 2·7/8 of algbw.
        close(file["busbw"][0, 1, 2], 1.75 * file["algbw"][0, 1, 2])
        inside = file["inside_bounds"]
        assert inside.dtype == "uint8" and list(inside.attrs["flag_values"]) == [0, 1, 2]
        assert inside[:].tolist() == [[1, 1, 1], [1, 1, 2]]
        assert file["status"][:].tolist() == [[0, 0, 0], [0, 0, 1]]
        close(file["speed_of_light"][0, 1], serialisation)
        assert texts(file["inputs/text"][:]) == ["experiment: example\n"]
        assert texts(file["diagnostics/code"][:]) == ["PL-X001"] and file["diagnostics/line"][0] == 4
        assert file.attrs["Conventions"] == "PLUMBLINE-1.0" and file.attrs["date"] == "2026-01-01"
        assert file["result/json"][()].decode() == (folder / "result.json").read_text()
    with h5py.File(folder / "scalar.h5", "r") as file:
        assert file["lower"].shape == () and file["completion_time"].shape == (4,)


def check_xarray(folder):
    xarray = package("xarray")
    engine = next((e for e in ("netcdf4", "h5netcdf") if e in xarray.backends.list_engines()), None)
    if engine is None:
        print("skipped: xarray has neither netCDF4 nor h5netcdf to read HDF5 with")
        sys.exit(77)
    data = xarray.open_dataset(folder / "result.h5", engine=engine)
    gap = data.gap.sel(algorithm="tree", size=2**20, engine="hockney", reference="replay")
    serialisation = 2**20 / 100e9
    close(float(gap), -serialisation / (10e-6 + 2 * serialisation))
    assert list(data.data_vars)[0] == "completion_time", "the order of creation survives"
    assert data.lower.dims == ("algorithm", "size") and data.lower.attrs["units"] == "s"
    data.to_dataframe()
    xarray.open_dataset(folder / "scalar.h5", engine=engine)


checks = {"schema": check_schema, "csv": check_csv, "hdf5": check_hdf5, "xarray": check_xarray}
checks[sys.argv[1]](pathlib.Path(sys.argv[2]))
