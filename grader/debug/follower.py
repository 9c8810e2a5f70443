"""Follows what is played at the prompt: reads the kernel's records, draws the lab's memory, judges each answer.

The kernel's part is in kernel/player/monitor.cpp: with the boot option `followed` it writes a record of each
operation, as in a scenario, and `= judge on` or `= maps` where somebody typed that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grader.building import symbols
from grader.course import labs
from grader.debug import drawn
from grader.errors import GraderError, Unplayable
from grader.evidence import memory
from grader.evidence.records import Reader, Record
from grader.judging.judge import UNREADABLE, judge_typed
from grader.reporting import explain

OPTION = "followed=1"

_CALLED = (b"panic: ", b"todo: ")  # of these the address is where a call returns to
_STOPPED = re.compile(rb"^  at (0x[0-9a-f]+), called from ([0-9a-fx,]*)\r?$")
_STACK = re.compile(rb" top=(0x[0-9a-f]+) next=(0x[0-9a-f]+)$")  # the words on top of it, a line further on
_MEANT = (b"# marionette-records ", b"> ", b"@", b"= ")  # what a line for us begins with
_UNKNOWN = "What is played here can't be judged any more"


class Follower:
    """Reads what the kernel says, line by line; `shown` is what a person gets to see of a line."""

    def __init__(self, image: Path, kernel_base: int) -> None:
        self.image = image
        self.kernel_base = kernel_base
        self.judging = self.called = False
        self.stopped: tuple[int, list[int]] | None = None  # the address and the trace of a stop whose stack comes next
        self.boot()

    def boot(self) -> None:
        """The kernel begins, or begins again: nothing was played."""
        self.reader = Reader(0)
        self.lab = self.oracle = self.picture = None
        self.lost = "nothing was played yet"  # why the oracle does not know what there is; "" while it does

    def holds(self, begun: bytes) -> bool:
        """Whether the beginning of a line is not to be shown before the line is whole."""
        return any(begun.startswith(word) for word in _MEANT)

    def shown(self, line: bytes) -> bytes:
        """A whole line, with its end, as it is shown."""
        text = line.rstrip(b"\r\n")
        if self.stopped:
            return self._with_stack(text, line)
        if text.startswith(b"= "):
            return _lines(self._asked(text[2:].decode("ascii", "replace")))
        if self.holds(text):
            return self._record(text, line)
        if found := _STOPPED.match(text):
            eip, trace = int(found[1], 16), [int(address, 16) for address in found[2].split(b",") if address]
            if self.called:
                return line + self._places(eip, trace)
            self.stopped = eip, trace
            return line
        self.called = text.startswith(_CALLED)
        return self._with_memory(text) or line

    def _places(self, eip: int, trace: list[int], stack: Sequence[int] = ()) -> bytes:
        """Where that was, and what called it, a line each."""
        places = symbols.backtrace(self.image, eip, trace, stack, called=self.called)
        return _lines([f"  {'in' if i == 0 else 'by'} {place}" for i, place in enumerate(places)])

    def _with_stack(self, text: bytes, line: bytes) -> bytes:
        """The line behind a stop's addresses: where no frame was set up yet, the caller is among the words that it
        has."""
        (eip, trace), self.stopped = self.stopped, None
        if found := _STACK.search(text):
            return (self._with_memory(text) or line) + self._places(eip, trace, [int(word, 16) for word in found.groups()])
        return self._places(eip, trace) + self.shown(line)

    @staticmethod
    def _with_memory(text: bytes) -> bytes:
        """What a stop is told with, the memory beside an address as a dump; b"" where there is none, or it is none."""
        try:
            told, found = memory.taken_from(text.decode("ascii"))
        except ValueError:
            return b""
        return _lines([told, *_indented(found)]) if found and text.startswith(b"  address=") else b""

    def _record(self, text: bytes, line: bytes) -> bytes:
        """What is shown of a record; a line that is none was printed by the student's code."""
        if text.startswith(b"#"):
            self.boot()
        read = len(self.reader.log.records)
        self.reader.take(text)
        if len(self.reader.log.records) == read:
            return line
        if text.startswith(b"> "):
            self._begin()
        if not text.startswith(b"@"):
            return b""
        records = self.reader.log.runs[-1].records if self.reader.log.runs else []
        if not records or records[-1].text not in text.decode("ascii", "replace"):  # no player of ours wrote it
            return line
        record = records[-1]
        said, judged = [] if record.panicked else [record.outcome], self._follow(record)
        told = any(row.startswith("broken: ") for row in judged)  # and the memory with it
        return _lines([*said, *([] if told else _indented(record.memory)), *judged])

    def _begin(self) -> None:
        """Operations of another lab are those that come next."""
        played = any(run.records for run in self.reader.log.runs)
        try:
            self.lab = labs.find(self.reader.log.runs[-1].title)
            self.oracle = self.lab.new_oracle(self.kernel_base)
        except (OSError, AttributeError, GraderError):  # or there is no such lab: no player of ours wrote it
            self.oracle, self.picture, self.lost = None, None, "this lab has no oracle"
            return
        self.picture = self.lab.new_picture(self.oracle)
        self.lost = (f"operations of another lab were played before; `make run LAB={self.lab.slug}` begins with it"
                     if played else "")

    def _follow(self, record: Record) -> list[str]:
        """Takes an operation into account; what is to be said of it."""
        if self.lost:
            return []
        try:
            finding = judge_typed(record, self.reader.log.runs[-1], self.oracle)
            if finding:
                self.lost = "after an answer that broke the contract; `restart` begins anew"
            elif self.picture and not record.panicked:
                self.picture.take(record)
        except Unplayable as error:
            finding, self.lost = None, f"{error.why}; `restart` begins anew"
        except UNREADABLE:
            finding, self.lost = None, f"the lab's tests do not play {record.text!r} here; `restart` begins anew"
        if record.verb in ("quiet", "inspect"):
            self.lost = f"`{record.verb}` leaves nothing to follow; `restart` begins anew"
        if not self.judging:
            return []
        if finding:
            return [f"broken: {finding.rule}", *"\n".join(explain.story(finding)).splitlines(), self._cannot()]
        return [self._cannot()] if self.lost else []

    def _asked(self, command: str) -> list[str]:
        """What comes of `judge on`, `judge off` and `maps`."""
        if command == "maps":
            return self._maps()
        self.judging = command == "judge on"
        if not self.judging:
            return ["Answers are not judged."]
        return [self._cannot()] if self.lost else ["From here on each answer is judged by the contract."]

    def _cannot(self) -> str:
        return f"{_UNKNOWN}: {self.lost}."

    def _maps(self) -> list[str]:
        if self.oracle is None:
            return []
        text = drawn.memory(self.picture.panels()) if self.picture else self._by_the_oracle()
        head = "By what was answered so far" + (", as far as it could be followed" if self.lost else "")
        return [f"{head}:", "", *text.splitlines(), ""] if text else ["Of the lab's own nothing was made yet."]


    def _by_the_oracle(self) -> str:
        """Of a lab that has no pictures for the page."""
        records = self.reader.log.runs[-1].records
        return self.oracle.picture(records[-1]) if records else ""


def _indented(found: memory.Memory | None) -> list[str]:
    return [f"  {row}" for row in memory.dump(found).splitlines()]


def _lines(lines: list[str]) -> bytes:
    return b"".join(line.encode("ascii", "replace") + b"\n" for line in lines)
