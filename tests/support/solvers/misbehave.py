# SPDX-License-Identifier: Apache-2.0
"""A solver that does one thing wrong, named by its first argument; further ones are that thing's own."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

how = sys.argv[1]
HANDSHAKE = {"plumbline": 1, "name": how, "claim": "exact", "citation": "none: a test",
             "domain": {"collective": ["all_reduce"], "algorithm": ["ring"], "nodes": [1, 1]},
             "constants": {"overhead": {"value": 2.0, "dimension": "s"}}}


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def seconds(problem):
    """Right, but for a declared constant on top."""
    fabric, work = problem["fabric"], problem["workload"]
    steps = 2 * (work["ranks"] - 1)
    return (steps * (fabric["latency"] + work["size"] / work["ranks"] / fabric["bandwidth"])
            + problem["declared"]["overhead"])


def undying():
    """A process that leaves its group, lets go of all that was open, and holds a lock for ever."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            lock = open(sys.argv[2])
            fcntl.flock(lock, fcntl.LOCK_EX)
            for number in (0, 1, 2):
                os.close(number)
            time.sleep(600)
        os._exit(0)
    os.wait()
    while True:  # until it has the lock
        with open(sys.argv[2]) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return
        time.sleep(0.01)


def chatter():
    """Bytes that standard error took before it refused more. Not sys.stderr: unbuffered, that drops the
    rest of a write cut short and says nothing."""
    written = 0
    try:
        while written < 32 << 20:
            written += os.write(2, b"x" * 65536)
    except OSError:
        pass
    return written


def network():
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[2])), timeout=2).close()
        return "reached"
    except OSError:
        return "not reached"


def reached(deed):
    """What came of it; a path in an argument stands after `at:`, so that the command names no file."""
    try:
        return deed(sys.argv[2].removeprefix("at:"))
    except OSError as error:
        return type(error).__name__


def write(path):
    with open(path, "w") as file:
        return str(file.write("x"))


def temporary(_):
    with tempfile.TemporaryFile("w+") as file:
        return str(file.write("x"))


def longest_path(dag):
    """Each operation alone: its latency, and its bytes at the tightest of what it crosses."""
    ends = []
    for op in dag["operations"]:
        path = dag["paths"][op["path"]]
        rate = min([dag["resources"][r]["capacity"] / weight for r, weight in path["uses"]]
                   + ([path["cap"]] if path["cap"] is not None else []))
        start = max([ends[before] for before in op["after"]], default=0)
        ends.append(start + path["latency"] + op["size"] * path["wire_ratio"] / rate)
    return max(ends)


def answer(problem):
    if how == "dag":
        return json.dumps({"id": problem["id"], "estimate_s": longest_path(problem["dag"])})
    right = {"id": problem["id"], "estimate_s": seconds(problem)}
    if how == "hang":
        time.sleep(600)
    elif how == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == "raise":
        raise RuntimeError("no such ring")
    elif how == "garbage":
        return "two seconds"
    elif how == "nan":
        return json.dumps(right | {"estimate_s": float("nan")})
    elif how == "wrong_id":
        return json.dumps(right | {"id": problem["id"] + 7})
    elif how == "twice":
        return json.dumps(right) + "\n" + json.dumps(right)
    elif how == "huge":
        return "x" * (2 << 20)
    elif how == "endless":
        while True:
            sys.stdout.write("x" * 65536)
    elif how == "unknown_key":
        return json.dumps(right | {"estimate": 1.0})
    elif how == "empty":
        return json.dumps({"id": problem["id"]})
    elif how == "text":
        return json.dumps(right | {"estimate_s": "1.0"})
    elif how == "deep":
        return '{"id": ' + "[" * 100000 + "]" * 100000 + "}"
    elif how == "memory":
        bytearray(8 << 30)
    elif how == "chatty":
        return json.dumps(right | {"binding": f"{chatter()} bytes"})
    elif how == "deaf":
        os.close(1)
        time.sleep(600)
    elif how == "undying":
        undying()
    elif how == "network":
        return json.dumps(right | {"binding": network()})
    elif how == "open":
        open(sys.argv[2].removeprefix("at:")).read()
    elif how == "connect":
        socket.create_connection(("127.0.0.1", 80), timeout=2)
    elif how == "sleep":
        time.sleep(0.4)
    elif how == "read":
        return json.dumps(right | {"binding": reached(lambda path: open(path).read())})
    elif how == "list":
        return json.dumps(right | {"binding": reached(lambda path: " ".join(os.listdir(path)))})
    elif how == "write":
        return json.dumps(right | {"binding": reached(write)})
    elif how == "temporary":
        return json.dumps(right | {"binding": reached(temporary)})
    elif how == "signal":
        return json.dumps(right | {"binding": reached(lambda pid: str(os.kill(int(pid), 0)))})
    elif how == "plumbline":
        ran = subprocess.run([reached(str), "--version"], capture_output=True)
        return json.dumps(right | {"binding": f"exit code {ran.returncode}"})
    elif how == "plumbline_in_secret":
        ran = subprocess.run([reached(str), "--version"], capture_output=True, env={})
        return json.dumps(right | {"estimate_s": 1.0 if ran.returncode == 0 else 2.0})
    elif how == "plumbline_copied":  # and run by the loader, as a program of another name
        copy = shutil.copy(reached(str), os.environ["TMPDIR"])
        ran = subprocess.run(["/lib64/ld-linux-x86-64.so.2", copy, "--version"], env={}, capture_output=True)
        return json.dumps(right | {"estimate_s": 1.0 if ran.returncode == 0 else 2.0})
    elif how == "environment":
        return json.dumps(right | {"binding": " ".join(sorted(os.environ))})
    elif how == "refuses":
        return json.dumps({"id": problem["id"], "not_applicable": "not on Saturdays"})
    return json.dumps(right)


if how == "dag":
    HANDSHAKE["wants"] = ["dag"]
if how == "slow_handshake":
    time.sleep(600)
elif how == "no_name":
    del HANDSHAKE["name"]
elif how == "new_version":
    HANDSHAKE["plumbline"] = 2
elif how == "bad_claim":
    HANDSHAKE["claim"] = "exactly"
elif how == "bad_domain":
    HANDSHAKE["domain"] = {"rank": [2, 8]}
elif how == "no_handshake":
    sys.exit(3)
say("hello" if how == "greets" else json.dumps(HANDSHAKE))
for line in sys.stdin:
    say(answer(json.loads(line)))
