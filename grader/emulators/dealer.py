"""Dealing a script: its lines reach the machine one by one, each when it is due (kernel/arch/dealer.h).

The player asks by two bytes to a port, at whose other end is a pipe with room for one. It stands still in the second
until the first was read here: by then what the last operation came to has been taken out of its memory, and the
next lines are there. The machine counts no instruction for it, however long it takes.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from grader.building import symbols
from grader.emulators.ram import LOADED_AT, touched
from grader.evidence.dealt import Dealt
from grader.evidence.looks import Glances, Sight
from grader.evidence.snapshot import PAGE, PRESENT, Memory, Snapshot, in_runs
from grader.scenarios.dealing import Portion

_PORT = 0x5E4  # kernel/arch/dealer.cpp; and the table there:
_TABLE = "dealing_table"
_LIST = "kernel_pagedir"  # of page directories (struct pagedir, kernel/mm/paging.h): next, previous, physical
_NEXT, _PHYSICAL = 0, 8
_BLOCKS, _BLOCKS_SIZE = "malloc_blocks", 16 * 2048  # labs/5-malloc/player.cpp: start, size, tag, next
_MOST_DIRECTORIES = 1000  # of a list that may have no end
_ASKED = struct.Struct("<II")  # what is wanted, the size of the records
_RECORDS, _LINES = 4000, 1000  # bytes that there is room for
_NEXT_TITLE = 1
_MOST = 10  # untimely questions: of a player there is one at most, at the script's end


class Script(NamedTuple):
    """What is dealt, and where the machine's memory is looked at meanwhile."""

    portions: list[Portion]
    glances: Glances


class Dealer:
    """Deals to one boot. Pass `arguments` and `descriptor` to the emulator, say when it has `started`, and `answer`
    whenever `questions` is readable. `dealt` is what was seen of it; `sent` says how many bytes of its log are out."""

    def __init__(self, image: Path, script: Script, file: int, ram: mmap.mmap,
                 sent: Callable[[], int | None] = lambda: None) -> None:
        known = symbols.global_table(image)
        self._table, self._directory = (known[name] - known["image_start"] + LOADED_AT
                                        for name in (_TABLE, "initial_directory"))
        self._list = known[_LIST]
        self._blocks = known[_BLOCKS] - known["image_start"] + LOADED_AT if _BLOCKS in known else None
        self._file, self._ram, self._sent = file, ram, sent
        self._portions, self._glances = script.portions, script.glances
        self._next = 0
        self._calls = True  # the next byte does; after it there is one that waited
        self.dealt = Dealt()
        self.memory: Memory | None = None  # as it was when the last `inspect` was asked for
        self.questions, self.descriptor = self._open = list(os.pipe())  # where it is asked, and the emulator's end
        fcntl.fcntl(self.descriptor, fcntl.F_SETPIPE_SZ, 4096)  # the least: with O_DIRECT, a single byte
        self.arguments = ["-add-fd", f"fd={self.descriptor},set=1",
                          "-chardev", "file,id=dealer,path=/dev/fdset/1,append=on",
                          "-device", f"isa-debugcon,iobase={_PORT:#x},chardev=dealer"]

    def started(self) -> None:
        """The emulator has opened its end, as one that never waits; before the machine runs, that is put right."""
        flags = fcntl.fcntl(self.descriptor, fcntl.F_GETFL)
        fcntl.fcntl(self.descriptor, fcntl.F_SETFL, (flags | os.O_DIRECT) & ~os.O_NONBLOCK)
        self._close(self.descriptor)

    def end(self) -> None:
        """The emulator has ended, or did not start."""
        self._close(*self._open)

    def hang_up(self) -> None:
        """Nobody listens any more: the machine no longer waits for it, so that its emulator hears who ends it."""
        self._close(self.questions)

    def _close(self, *descriptors: int) -> None:
        for descriptor in descriptors:
            self._open.remove(descriptor)
            os.close(descriptor)

    def answer(self) -> bool:
        """Answers a question, or takes the byte that waited. False when there won't be another one."""
        if self._calls:
            self._deal()
        self._calls = not self._calls
        return bool(os.read(self.questions, 1)) and self.dealt.untimely < _MOST

    def _deal(self) -> None:
        wanted, size = _ASKED.unpack_from(self._ram, self._table)
        begin = self._table + _ASKED.size
        records = self._ram[begin:begin + min(size, _RECORDS)]
        portion = self._portion(wanted == _NEXT_TITLE)
        self.dealt.take(records, portion, self._sent())
        if portion.is_look:
            self.memory = self._copy()
        if portion.follows in self._glances and not self.dealt.strange:
            self._glance(portion.follows)
        lines = portion.text.encode("ascii")
        os.pwrite(self._file, struct.pack("<I", len(lines)) + lines, begin + _RECORDS)

    def _portion(self, title: bool) -> Portion:
        while title and self._next < len(self._portions) and not self._portions[self._next].is_title:
            self._next += 1
        self._next += 1
        return self._portions[self._next - 1] if self._next <= len(self._portions) else Portion("")

    def _known_blocks(self) -> bytes:
        """The player's table of malloc's blocks, if the kit has that lab."""
        return b"" if self._blocks is None else self._ram[self._blocks:self._blocks + _BLOCKS_SIZE]

    def _copy(self) -> Memory:
        with memoryview(self._ram) as ram:
            return Memory(ram, len(ram), touched(self._file, 0, len(ram)))

    def _glance(self, after: tuple[int, int]) -> None:
        """At what the first page directory leads to: from the machine's start on that is the kernel's."""
        seen = {"CR0": 0, "CR3": self._directory, "CR4": 0}
        with memoryview(self._ram) as ram:
            tables = Snapshot.take(seen, ram)
            frames: Iterable[int] = ()
            if self._glances[after] is Sight.CONTENTS:
                frames = _behind_pages(tables)
                tables = replace(tables, blocks=self._known_blocks())
            elif self._glances[after] is Sight.DIRECTORIES:
                tables = replace(tables, directories=tuple(_directories(tables, ram, self._list)))
                frames = _of_directories(tables, ram)
            held = (Memory(ram, len(ram), _runs(frames), self.dealt.pages) if self._glances[after] is not Sight.TABLES
                    else None)
        self.dealt.glance(after, replace(tables, memory=held))


def _behind_pages(tables: Snapshot) -> Iterator[int]:
    """The frames of the kernel's pages that lie behind the image's 4 MiB."""
    image = min((index for index in tables.tables if index), default=0)
    different = {id(table): table for index, table in tables.tables.items() if index > image}.values()
    return (entry & -PAGE for table in different for entry in table if entry & PRESENT)


def _directories(tables: Snapshot, ram: memoryview, pagedir: int) -> Iterator[int]:
    """Where the page directories lie that are in the list which begins at a virtual address."""
    for _ in range(_MOST_DIRECTORIES):
        physical, following = (_word(tables, ram, pagedir + offset) for offset in (_PHYSICAL, _NEXT))
        if physical is None:
            return
        yield physical
        if not following:
            return
        pagedir = following


def _of_directories(tables: Snapshot, ram: memoryview) -> Iterator[int]:
    """The frames of these directories and of all page tables that they lead to."""
    for directory in {physical & -PAGE for physical in tables.directories}:
        yield directory
        if directory + PAGE <= len(ram):
            yield from (entry & -PAGE for entry in memoryview(bytes(ram[directory:directory + PAGE])).cast("I")
                        if entry & PRESENT)


def _word(tables: Snapshot, ram: memoryview, address: int) -> int | None:
    """The 32 bits at a virtual address; None if there is no memory."""
    page = tables.page(address & 0xFFFFFFFF)
    place = page[0] + address % PAGE if page else len(ram)
    return int.from_bytes(ram[place:place + 4], "little") if place + 4 <= len(ram) else None


def _runs(frames: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Frames, as where each stretch of them begins and ends, in order."""
    return ((run.physical, run.physical + run.pages * PAGE)
            for run in in_runs((frame, frame, 0) for frame in sorted(set(frames))))
