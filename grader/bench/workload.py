"""What is played to a malloc: requests drawn from a generator, or read of a recorded program.

The same file goes to the guest and to the host's programs: bench/malloc_workload.h has its form.
"""

from __future__ import annotations

import lzma
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader.errors import GraderError

ALLOCATE, RESIZE, RELEASE = range(3)
ENDINGS = (".rep", ".trace", ".trace.xz")
COUNTED = 100_000  # requests of a generated workload, or a few more

Request = tuple[int, int, int]  # kind, the block's id, size


@dataclass
class Workload:
    """Requests that bring a heap into some state, and those that are counted then."""

    before: list[Request] = field(default_factory=list)
    counted: list[Request] = field(default_factory=list)

    @property
    def packed(self) -> bytes:
        """The workload's file."""
        requests = self.before + self.counted
        blocks = 1 + max(block for _, block, _ in requests)
        return (struct.pack("<3I", blocks, len(self.before), len(self.counted))
                + b"".join(struct.pack("<3I", *request) for request in requests))

    @property
    def peak_payload(self) -> int:
        """The most bytes that are live at a time."""
        sizes: dict[int, int] = {}
        now = peak = 0
        for _, block, size in self.before + self.counted:
            now += size - sizes.get(block, 0)
            sizes[block] = size
            peak = max(peak, now)
        return peak


class Numbers:
    """Marsaglia's xorshift32."""

    def __init__(self) -> None:
        self.state = 2463534242

    def next(self) -> int:
        """The next number, of 32 bits."""
        x = self.state
        x ^= x << 13 & 0xffffffff
        x ^= x >> 17
        self.state = x ^ x << 5 & 0xffffffff
        return self.state

    def between(self, low: int, high: int) -> int:
        """One of the numbers from `low` to `high`."""
        return low + self.next() % (high - low + 1)


class Heap:
    """The blocks that live while requests are drawn."""

    def __init__(self) -> None:
        self.live: list[int] = []
        self._unused: list[int] = []
        self._ids = 0

    def allocate(self, size: int) -> Request:
        """A block more, with an id that has become free if there is one."""
        if not self._unused:
            self._unused.append(self._ids)
            self._ids += 1
        self.live.append(self._unused.pop())
        return ALLOCATE, self.live[-1], size

    def release(self, index: int) -> Request:
        """One less: the last one takes its place among the live."""
        block, self.live[index] = self.live[index], self.live[-1]
        self.live.pop()
        self._unused.append(block)
        return RELEASE, block, 0


def _mix(blocks: int, size: Callable[[Numbers], int]) -> Workload:
    """Fills up to so many blocks, then runs of 1 to 64 allocations or releases of random blocks, three
    runs in four towards that number."""
    numbers, heap, work = Numbers(), Heap(), Workload()
    while len(heap.live) < blocks:
        work.before.append(heap.allocate(size(numbers)))
    while len(work.counted) < COUNTED:
        grow = (numbers.next() % 4 != 0) == (len(heap.live) < blocks)
        for _ in range(numbers.between(1, 64)):
            if grow:
                work.counted.append(heap.allocate(size(numbers)))
            elif heap.live:
                work.counted.append(heap.release(numbers.next() % len(heap.live)))
    return work


def _kernel_size(numbers: Numbers) -> int:
    percent = numbers.next() % 100
    return numbers.between(*next(sizes for below, sizes in (
        (70, (8, 128)), (90, (129, 512)), (98, (513, 2048)), (100, (2049, 8192))) if percent < below))


def _lifo() -> Workload:
    numbers, heap, work = Numbers(), Heap(), Workload()
    while len(work.counted) < COUNTED:
        grow = numbers.next() % 2
        for _ in range(numbers.between(1, 64)):
            if grow and len(heap.live) < 128:
                work.counted.append(heap.allocate(numbers.between(16, 256)))
            elif not grow and heap.live:
                work.counted.append(heap.release(-1))
    return work


def _grow() -> Workload:
    """200 blocks grow in small steps, in turns, to 8 KiB each; then all go."""
    blocks, full = 200, 8192
    numbers, work, sizes = Numbers(), Workload(), [0] * blocks
    while min(sizes) < full:
        block = numbers.next() % blocks
        if sizes[block] < full:
            kind = RESIZE if sizes[block] else ALLOCATE
            sizes[block] = min(full, sizes[block] + numbers.between(16, 64))
            work.counted.append((kind, block, sizes[block]))
    work.counted += [(RELEASE, block, 0) for block in range(blocks)]
    return work


# Each with random numbers of its own: the same workload each time.
GENERATORS: dict[str, Callable[[], Workload]] = {
    "kernel mix": lambda: _mix(20_000, _kernel_size),
    "1 to 2048 bytes": lambda: _mix(5_000, lambda numbers: numbers.between(1, 2048)),
    "one size": lambda: _mix(10_000, lambda numbers: numbers.between(64, 64)),
    "last in, first out": _lifo,
    "growing blocks": _grow,
    "20 small blocks": lambda: _mix(20, lambda numbers: numbers.between(1, 256)),
}


def recorded(paths: tuple[Path, ...]) -> Iterator[tuple[str, Workload]]:
    """The traces in files and folders, by name. Raises GraderError."""
    for path in (file for path in paths for file in _files(path)):
        content = lzma.open(path) if path.suffix == ".xz" else path.open("rb")
        with content as lines:
            yield path.name.partition(".")[0], _trace(lines.read().decode("ascii", "replace"), path)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise GraderError(f"TRACES={path}: there is no such file or folder")
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    found = [file for file in files if file.name.endswith(ENDINGS)]
    if not found:
        raise GraderError(f"TRACES={path}: no file there ends in {', '.join(ENDINGS)}")
    return found


def _trace(text: str, path: Path) -> Workload:
    """A CS:APP trace (a ID SIZE, r ID SIZE, f ID), or one of tools/trace (malloc, realloc, free)."""
    kinds = {"a": ALLOCATE, "m": ALLOCATE, "r": RESIZE, "f": RELEASE}
    lines = [line.split() for line in text.splitlines()]
    try:
        work = Workload(counted=[(kinds[verb[0]], int(block), int(size[0]) if size else 0)
                                 for verb, block, *size in (words for words in lines if len(words) > 1)
                                 if verb[0] in kinds])
    except ValueError as error:
        raise GraderError(f"{path}: this is no trace ({error})") from None
    if not work.counted:
        raise GraderError(f"{path}: there are no requests in this trace")
    return work
