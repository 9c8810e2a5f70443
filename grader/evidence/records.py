"""Records: what the kernel wrote on the serial line, in the format of docs/records.md, version 1.

`read` turns a log into runs, one for each scenario. It never guesses: a line that is not a record
whose check word is right is output, whoever wrote it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from grader.evidence import memory
from grader.evidence.memory import Memory
from grader.evidence.snapshot import Snapshot

VERSION = 1

# What a record may be. A submission writes lines of its own: whatever is larger is none of the player's.
LONGEST = 4096  # bytes of a line
MOST_ARGUMENTS = 16
MOST_CALLS = 256  # in a backtrace
ADDRESS, NUMBER = 1 << 32, 1 << 64  # below which the machine's are
MOST_OUTPUT = 50_000  # lines that are kept of what else was printed: the last ones

_UNPRINTABLE = re.compile(rb"[^\x20-\x7e]")  # the player writes none, but its texts may have been overwritten
_FIELD = re.compile(r'(?<!\w)(\w+)=(?:"([^"]*)"|(\S+))')  # begins where a word does: else every letter would
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
_RECORD_LIKE = re.compile(rb"[@!<>?#.][ 0-9]")


@dataclass(frozen=True)
class Record:
    """One operation that came to an end: `@NUMBER TEXT -> RESULTS`.

    `verb` and `arguments` are what the player called, names replaced; `results` are the numbers
    that came of it (empty for `ok`). Instead it may have `panicked`; or the player `refused` to play
    it, as it made no sense, for the reason given. `snapshot` is what was seen of the machine when it
    stopped for it (an operation `inspect`), if it was looked at; `memory` what the kernel wrote down of it.
    """

    number: int
    verb: str
    arguments: tuple[int, ...]
    results: dict[str, int]
    panicked: bool = False
    refused: str = ""
    snapshot: Snapshot | None = None
    memory: Memory | None = None
    line: str = ""  # as it stands in the log,
    position: int = 0  # so many bytes from its beginning
    check_before: int = 0  # the CRC over the records before it

    @property
    def text(self) -> str:
        """The operation as it was played."""
        if self.line:
            return self.line[1:].partition(" -> ")[0].partition(" ")[2]
        return " ".join([self.verb, *(spelled(value) for value in self.arguments)])

    @property
    def outcome(self) -> str:
        """What came of it, in words."""
        if self.refused:
            return f"refused: {self.refused}"
        if self.panicked:
            return "panic"
        if self.line:
            return memory.taken_from(self.line.partition(" -> ")[2])[0]
        return " ".join(f"{name}={spelled(value)}" for name, value in self.results.items()) or "ok"

    @property
    def cost(self) -> int | None:
        """The instructions it took, where the scenario asked for them."""
        return self.results.get("cost")


@dataclass(frozen=True)
class Stop:
    """What ended an operation before it could return: `!NUMBER KIND ...`.

    kind: panic, todo, hang or exception. `trace` are return addresses, innermost first; `registers`
    has what else was said (vector, error, address, eax ...).
    """

    number: int
    kind: str
    message: str
    eip: int
    trace: tuple[int, ...]
    during: str
    registers: dict[str, int] = field(default_factory=dict)
    memory: Memory | None = None  # beside the address
    line: str = field(default="", compare=False)  # as it stands in the log

    @property
    def cost(self) -> int | None:
        """The instructions up to a panic, where the scenario asked for them."""
        return self.registers.get("cost")


@dataclass
class Run:
    """One scenario as it was played. Without `finished` the log ends in the middle of it."""

    index: int
    title: str
    records: list[Record] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    suspicious: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)  # output after its end, where no student's code runs
    finished: bool = False
    glances: dict[int, Snapshot] = field(default_factory=dict)  # at the memory, by the number of the operation before

    def stop_at(self, number: int) -> Stop | None:
        """What stopped the operation of that number."""
        return next((stop for stop in self.stops if stop.number == number), None)


@dataclass
class Log:
    """A boot's whole serial output."""

    runs: list[Run] = field(default_factory=list)
    started: bool = False  # the player said what format it writes
    complete: bool = False  # the player said that it had played everything
    error: str = ""  # the player could not play the script: what it said
    output: list[str] = field(default_factory=list)  # outside any scenario
    records: list[bytes] = field(default_factory=list)  # all of them, without their check words,
    ends: list[int] = field(default_factory=list)  # and so many bytes from the log's beginning


def spelled(value: int) -> str:
    """A number as the kernel spells it in an operation: large ones as addresses."""
    return str(value) if value < 0x1000000 else f"0x{value:x}"


def read(log: bytes, key: int = 0) -> Log:
    """Reads a log that was written with that key. Any bytes are a log; the worst is an empty one."""
    reader = Reader(key)
    for line in log.split(b"\n"):
        reader.take(line.removesuffix(b"\r"))
        reader.position += len(line) + 1
    return reader.log


def attach(log: Log, snapshots: Sequence[Snapshot]) -> str:
    """Gives the operations `inspect` what was seen while the log was as long as where they stand in it.

    Returns what does not fit, in words; empty if each has its own: then the kernel stopped where the
    scenarios say, and nowhere else.
    """
    seen = {snapshot.log_size: snapshot for snapshot in snapshots}
    told = 0
    for run in log.runs:
        for i, record in enumerate(run.records):
            if record.verb == "inspect":
                told += 1
                # One byte more where the record had to begin a new line.
                found = seen.pop(record.position, None) or seen.pop(record.position - 1, None)
                run.records[i] = replace(record, snapshot=found)
    missing = sum(record.verb == "inspect" and not record.snapshot
                  for run in log.runs for record in run.records)
    if not missing and told == len(snapshots):
        return ""
    return (f"the machine stood still {len(snapshots)} times to be looked at, and the records tell "
            f"of {told}" + (f", {missing} of them at other times" if missing else ""))


def printable(line: bytes) -> str:
    """A line for people's eyes: no control characters, and so no terminal escapes."""
    if line.isascii() and len(line) <= 500 and (text := line.decode("ascii")).isprintable():
        return text
    return "".join(chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in line[:500])


class Reader:
    """The state of reading: the check word so far, and the scenario under way. `take` has it read a line."""

    def __init__(self, key: int) -> None:
        self.log = Log()
        self.key = key
        self.check = self.before = 0  # the CRC now, and before the line
        self.position = 0  # of the line, in the log
        self.run: Run | None = None

    def take(self, line: bytes) -> None:
        """Reads a line, without its end."""
        if not line:
            return
        text, check, kind = line[:-6], line[-6:], line[:1]
        if (len(line) > LONGEST or not self._verify(text, check, kind)
                or not self._understood(kind.decode("latin-1"), _UNPRINTABLE.sub(b"?", text).decode("ascii"))):
            self._stray(line)

    def _understood(self, kind: str, text: str) -> bool:
        try:
            return self._record(kind, text)
        except ValueError:
            return False

    def _verify(self, text: bytes, check: bytes, kind: bytes) -> bool:
        start = self.before = self.check
        if kind == b"#":
            start = 0
        elif kind == b">":
            index = text[2:].split(b" ", 1)[0]
            known = re.fullmatch(rb"[0-9]{1,9}", index)  # any other is no record's
            start = self.key + (int(index) if known else 0) & 0xFFFFFFFF
        elif kind == b".":
            start = self.key
        value = zlib.crc32(text, start)
        if check != b" ~%04x" % ((value ^ value >> 16) & 0xFFFF):
            return False
        self.check = value
        self.log.records.append(text)
        self.log.ends.append(self.position + len(text))
        return True

    def _record(self, kind: str, text: str) -> bool:
        if kind == "#":
            self.log.started = text.startswith(f"# marionette-records {VERSION} ")
        elif kind == ">":
            index, _, title = text[2:].partition(" ")
            run = Run(_number(index, ADDRESS), title)
            if self.run and run.index <= self.run.index:
                return False  # and a scenario once
            self.run = run
            self.log.runs.append(self.run)
        elif kind == ".":
            self.log.complete = True
        elif kind == "?":
            self.log.error = _fields(text).get("message", text)
        elif self.run is None:
            return False
        elif kind == "@":
            record = _operation(text, self.position, self.before)
            if self.run.records and record.number <= self.run.records[-1].number:
                return False  # an operation takes place once
            self.run.records.append(record)
        elif kind == "!":
            self.run.stops.append(_stop(text))
        elif kind == "<":
            self.run.finished = True
        else:
            return False
        return True

    def _stray(self, line: bytes) -> None:
        _keep(self.run.output if self.run else self.log.output, line)
        if self.run and self.run.finished:
            _keep(self.run.late, line)
        if self.run and _RECORD_LIKE.match(line):
            _keep(self.run.suspicious, line)


def _keep(lines: list[str], line: bytes) -> None:
    """Adds a line to the last ones."""
    lines.append(printable(line))
    if len(lines) > 2 * MOST_OUTPUT:
        del lines[:MOST_OUTPUT]


def _operation(text: str, position: int, check_before: int) -> Record:
    call, _, outcome = text[1:].partition(" -> ")
    number, verb, *arguments = call.split()
    refused, results, seen = "", {}, None
    if outcome.startswith("refused "):
        refused = _fields(outcome).get("message", "no reason given")
    else:
        outcome, seen = memory.taken_from(outcome)
        pairs = [pair.split("=", 1) for pair in outcome.split() if "=" in pair]
        results = {name: _number(value, NUMBER) for name, value in pairs}
    if len(arguments) > MOST_ARGUMENTS:
        raise ValueError(f"{len(arguments)} arguments")
    numbers = tuple([_number(argument, NUMBER) for argument in arguments])
    return Record(_number(number, ADDRESS), verb, numbers, results, outcome == "panic",
                  refused, None, seen, text, position, check_before)


def _number(word: str, end: int) -> int:
    """A number below `end`, and not below 0. Raises ValueError."""
    value = int(word, 0)
    if not 0 <= value < end:
        raise ValueError(f"{value} is no number of the machine's")
    return value


def _fields(text: str) -> dict[str, str]:
    return {
        match[1]: _ESCAPE.sub(lambda m: chr(int(m[1], 16)), match[2])
        if match[2] is not None else match[3]
        for match in _FIELD.finditer(text)
    }


def _stop(text: str) -> Stop:
    number, kind = text[1:].split(" ", 2)[:2]
    fields = _fields(text)
    seen = memory.parse(fields.pop("memory")) if "memory" in fields else None
    trace = tuple(_number(address, ADDRESS) for address in fields.pop("trace", "").split(",")[:MOST_CALLS] if address)
    message, during = fields.pop("message", ""), fields.pop("during", "")
    eip = _number(fields.pop("eip", "0"), ADDRESS)
    return Stop(_number(number, ADDRESS), kind, printable(message.encode("latin-1", "replace")), eip, trace,
                during, {name: _number(value, NUMBER) for name, value in fields.items()}, seen, text)
