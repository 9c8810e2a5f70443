#!/usr/bin/python3 -I
"""Runs buddy_bench on every workload and size, and prints one table.

usage: buddy_bench.py BUDDY_BENCH

Instructions are counted exactly, by callgrind; nanoseconds depend on the host and on what else it
does. Both include the harness: its own instructions stand in a column of their own.
"""

import os
import re
import subprocess
import sys
import tempfile

WORKLOADS = ["geo50", "geo70", "geo90", "zero90", "uni70", "failing"]
UNITS = [16_384, 262_144, 1_048_576]


def run(command):
    environment = os.environ | {"BENCH_ONE_ROUND": "1"} if "valgrind" in command else None
    done = subprocess.run(command, env=environment, text=True, capture_output=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr}")
    return done


def instructions(bench, out, *arguments):
    """How many instructions one operation takes."""
    done = run(["valgrind", "--tool=callgrind", "--toggle-collect=timed_operations",
                f"--callgrind-out-file={out}", bench, *arguments])
    collected = int(re.search(r"Collected : (\d+)", done.stderr)[1])
    return collected / int(done.stdout.split()[0])


def main():
    bench = sys.argv[1]
    print(f"{'workload':10}{'units':>10}{'instr/op':>10}{'harness':>10}{'ns/op':>8}{'B/unit':>8}")
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, "callgrind.out")
        for workload in WORKLOADS:
            for units in map(str, UNITS):
                _, ns, state = run([bench, workload, units]).stdout.split()
                counted = instructions(bench, out, workload, units)
                harness = instructions(bench, out, workload, units, "nothing")
                print(f"{workload:10}{units:>10}{counted:10.1f}{harness:10.1f}{ns:>8}{state:>8}",
                      flush=True)


main()
