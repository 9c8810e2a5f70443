#!/usr/bin/python3
"""Measures malloc: one table of utilisation and instructions an operation.

usage: bench.py DIRECTORY [TRACES...]

DIRECTORY holds the programs bench and bench-nothing (i386, as the kernel); each of TRACES is a trace or
a directory of them: CS:APP's .rep, or those of tools/trace (.trace, also compressed with xz).

util     peak payload / peak size of the pages taken from kvmalloc
instr    instructions an operation, counted exactly by callgrind: everything executed in the loop
         that replays the operations, kvmalloc and kvfree excepted
harness  how much of it is the loop itself: the same with an allocator that does nothing
pages    calls of kvmalloc and kvfree in a thousand operations

kvmalloc returns the lowest free addresses here. A block that grows where it lies owes that to them: where
neighbouring pages are rarer, realloc-bal.rep costs twice the memory.
"""

import lzma
import re
import subprocess
import sys
import tempfile
from pathlib import Path

GENERATED = ["mix", "uni2k", "fixed64", "lifo", "grow"]
# Counting starts anew at replay(), and is switched at each of these: off by the inner two.
SWITCHES = ["replay", "kvmalloc(unsigned int)", "kvfree(void*, unsigned int)"]


def run(program, workload):
    """One run under callgrind: (instructions, the numbers the program prints)."""
    with tempfile.NamedTemporaryFile() as counts:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts.name}", "--zero-before=replay",
             *(f"--toggle-collect={name}" for name in SWITCHES), program, workload],
            capture_output=True, text=True)
        total = re.search(r"^(?:totals|summary): (\d+)", Path(counts.name).read_text(), re.MULTILINE)
    if done.returncode or not total:
        sys.exit(f"{program} {workload}: {done.stdout}{done.stderr}")
    return int(total[1]), [int(word) for word in done.stdout.split()]


def measure(directory, name, workload):
    instructions, (n, payload, pages, calls) = run(directory / "bench", workload)
    harness, _ = run(directory / "bench-nothing", workload)
    row = (100 * payload / (pages * 4096), instructions / n, harness / n, 1000 * calls / n)
    print(f"{name:24} {n:7} {payload:10} {row[0]:6.1f} {row[1]:7.1f} {row[2]:8.1f} {row[3]:7.1f}", flush=True)
    return row


def traces(paths):
    for path in map(Path, paths):
        found = sorted(path.iterdir()) if path.is_dir() else [path]
        yield from (f for f in found if f.name.endswith((".rep", ".trace", ".trace.xz")))


def main():
    directory = Path(sys.argv[1])
    print(f"{'workload':24} {'ops':>7} {'payload':>10} {'util %':>6} {'instr':>7} {'harness':>8} {'pages':>7}")
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for trace in traces(sys.argv[2:]):
            plain = trace
            if trace.suffix == ".xz":
                plain = Path(scratch) / trace.stem
                plain.write_bytes(lzma.decompress(trace.read_bytes()))
            rows.append(measure(directory, trace.name, str(plain)))
    if rows:
        mean = [sum(column) / len(rows) for column in zip(*rows)]
        print(f"{'mean of the traces':42} {mean[0]:6.1f} {mean[1]:7.1f} {mean[2]:8.1f} {mean[3]:7.1f}")
    for name in GENERATED:
        measure(directory, name, name)


if __name__ == "__main__":
    main()
