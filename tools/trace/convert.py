#!/usr/bin/python3
"""Makes a trace of memory allocation out of a recording, or of a CS:APP malloc-lab trace.

usage: convert.py INPUT OUTPUT [--skip N] [--operations N] [--peak BYTES] [--process PID]

INPUT is what record.so wrote, or a .rep file. OUTPUT is the trace, compressed if its name ends in .xz.

The format of a trace: text, a line an operation, in the order they happened.

    # a comment
    malloc ID SIZE      a block of SIZE bytes, from here on called ID
    realloc ID SIZE     block ID changes to SIZE bytes; SIZE is not 0
    free ID             block ID goes, and its number with it

ID is a number from 0 up, the lowest that no live block has, so there are never more than at the peak.
Every operation is a valid one: only live blocks change or go, and at the end all are free. A block
aligned to more than malloc promises is a plain malloc. The comments at the top tell the origin, the
number of operations, and the most bytes and blocks that were live at a time.

A cut: the first N operations are skipped; blocks from that time are unknown, so what is freed of them is
left out, and what is reallocated is a malloc. It ends before the operation that would exceed
--operations or --peak, the frees at the end counted in.
"""

import argparse
import heapq
import lzma
import struct
from collections import Counter
from pathlib import Path

RECORD = struct.Struct("<IIQQQ")


def read_recording(data, process):
    """Yields (verb, old block, new block, size) of one process: of the busiest, if none is named."""
    records = [record for record in RECORD.iter_unpack(data[: len(data) // RECORD.size * RECORD.size])]
    process = process or Counter(record[0] for record in records).most_common(1)[0][0]
    for pid, kind, old, new, size in records:
        if pid != process:
            continue
        if chr(kind) == "s":
            yield "start", None, None, 0
        elif chr(kind) == "r" and size == 0:
            yield "free", old, None, 0
        else:
            yield {"m": "malloc", "r": "realloc", "f": "free"}[chr(kind)], old, new, size


def read_rep(text):
    verbs = {"a": "malloc", "r": "realloc", "f": "free"}
    for line in text.splitlines()[4:]:
        verb, block, *size = line.split()
        yield verbs[verb], block, block, int(size[0]) if size else 0


class Trace:
    """The operations so far, on numbered blocks; refuses what would exceed the limits."""

    def __init__(self, operations, peak):
        self.lines, self.blocks, self.unused = [], {}, []
        self.limits = operations, peak
        self.now = self.peak = self.most_blocks = 0

    def fits(self, new_blocks, new_bytes):
        operations, peak = self.limits
        return len(self.lines) + 1 + len(self.blocks) + new_blocks <= operations and self.now + new_bytes <= peak

    def allocate(self, block, size):
        if block in self.blocks:  # its free was not seen
            self.release(block)
        if not self.fits(1, size):
            return False
        number = heapq.heappop(self.unused) if self.unused else len(self.blocks)
        self.blocks[block] = number, size
        self.lines.append(f"malloc {number} {size}")
        self.count(size)
        return True

    def resize(self, old, new, size):
        if old not in self.blocks:
            return self.allocate(new, size)
        number, old_size = self.blocks[old]
        if not self.fits(0, size - old_size):
            return False
        del self.blocks[old]
        self.blocks[new] = number, size
        self.lines.append(f"realloc {number} {size}")
        self.count(size - old_size)
        return True

    def release(self, block):
        if block in self.blocks:
            number, size = self.blocks.pop(block)
            heapq.heappush(self.unused, number)
            self.lines.append(f"free {number}")
            self.now -= size
        return True

    def count(self, new_bytes):
        self.now += new_bytes
        self.peak = max(self.peak, self.now)
        self.most_blocks = max(self.most_blocks, len(self.blocks))


def convert(events, skip, operations, peak):
    trace = Trace(operations, peak)
    for index, (verb, old, new, size) in enumerate(events):
        if verb == "start":  # a new program in the same process: nothing of the old one is left
            trace = Trace(operations, peak)
        elif index >= skip:
            done = (trace.allocate(new, size) if verb == "malloc" else
                    trace.resize(old, new, size) if verb == "realloc" else trace.release(old))
            if not done:
                break
    for block in list(trace.blocks):
        trace.release(block)
    return trace


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("input", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--operations", type=int, default=1 << 62)
    parser.add_argument("--peak", type=int, default=1 << 62)
    parser.add_argument("--process", type=int)
    parser.add_argument("--origin", default="", help="for the comment at the top")
    options = parser.parse_args()
    data = options.input.read_bytes()
    events = read_rep(data.decode()) if options.input.suffix == ".rep" else read_recording(data, options.process)
    trace = convert(events, options.skip, options.operations, options.peak)
    top = f"# {options.origin or options.input.name}\n# {len(trace.lines)} operations, peak {trace.peak} bytes in " \
          f"{trace.most_blocks} blocks or fewer\n"
    text = (top + "\n".join(trace.lines) + "\n").encode()
    if options.output.suffix == ".xz":
        text = lzma.compress(text, preset=9 | lzma.PRESET_EXTREME)
    options.output.write_bytes(text)
    print(f"  TRACE {options.output}: {len(trace.lines)} operations, peak {trace.peak} bytes, {len(text)} bytes stored")


if __name__ == "__main__":
    main()
