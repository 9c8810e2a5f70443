"""What was seen while a script was dealt: that each operation had its record, and nothing else, before the next one was
known."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.evidence.records import Log
from grader.evidence.snapshot import Snapshot
from grader.scenarios.dealing import Portion

_MOST = 128 << 20  # bytes of a boot's glances
_BEGINNING = (b"# ",)
_IN_THE_PORT = 16  # bytes, which it may not have sent yet


@dataclass
class Dealt:
    """The records that were in the machine's memory each time it asked, and what is strange about them."""

    records: list[bytes] = field(default_factory=list)
    strange: str = ""
    untimely: int = 0  # questions that came too early, or after the script's end
    glances: dict[tuple[int, int], Snapshot] = field(default_factory=dict)  # after so many operations of a scenario
    sent: list[int | None] = field(default_factory=list)  # bytes of the log that were out then, where that was seen
    pages: dict[bytes, bytes] = field(default_factory=dict)  # of all glances: most are the same in several
    size: int = 0  # of the glances, in bytes
    _last: Portion = Portion("")
    _due: tuple[bytes, ...] = _BEGINNING  # what records may begin with now, each once and in this order

    def take(self, records: bytes, portion: Portion, sent: int | None = None) -> None:
        """Notes what the machine had written down when it asked, how much of its log was out, and what it is told."""
        self.records.append(records)
        self.sent.append(sent)
        early = self._last.has_record and not portion.is_title and not self._is_told(records)
        if early and not self.strange:
            self.strange = f"it asked for what comes next before `{self._last.text.strip()}` had a record"
        self._note_others(records)
        self.untimely += early or not portion.text
        self._due = _due(portion, ended=self._comes_to_its_end(records, portion))
        self._last = portion

    def glance(self, after: tuple[int, int], seen: Snapshot) -> None:
        """Keeps what was seen after so many operations of a scenario."""
        self.glances[after] = seen
        self.size += seen.size
        if self.size > _MOST:
            self.strange = f"more memory was mapped than any scenario needs: {self.size >> 20} MiB in all"

    def damage(self, log: Log, cut: bool = False) -> str:
        """What does not fit to the log, in words; empty if its records are those that were seen in time. Of a log that
        was `cut` the last ones are missing."""
        seen = b"".join(self.records)
        said = b"".join(text + b"\n" for text in log.records)
        if not self.strange and not said.startswith(seen) and not (cut and seen.startswith(said)):
            return "the records are not those that it had written when it asked for what comes next"
        self._note_others(said[len(seen):])
        return self.strange or self._late(log)

    def _late(self, log: Log) -> str:
        """A record that it had shown, and did not let out: between two of them time is counted."""
        shown = 0
        for records, sent in zip(self.records, self.sent):
            shown += records.count(b"\n")
            if sent is not None and 0 < shown <= len(log.ends) and log.ends[shown - 1] > sent + _IN_THE_PORT:
                late = log.records[shown - 1][:60].decode("ascii", "backslashreplace")
                return f"it asked for what comes next before `{late}` was out"
        return ""

    def glances_of(self, scenario: int) -> dict[int, Snapshot]:
        """Those in one of the boot's scenarios, by the number of the operation before."""
        return {after: seen for (i, after), seen in self.glances.items() if i == scenario}

    def _is_told(self, records: bytes) -> bool:
        """Whether the last operation that was dealt has its record."""
        return b"\n@%d " % self._last.ends_at[1] in b"\n" + records

    def _note_others(self, records: bytes) -> None:
        """Records that are not due: of what took place before, or was not dealt, or did not come to its end."""
        other = _other(records, self._due)
        if other and not self.strange:
            self.strange = f"it wrote {other[:60].decode('ascii', 'backslashreplace')!r}, which was not due"

    def _comes_to_its_end(self, records: bytes, portion: Portion) -> bool:
        """Whether all of a scenario has been played, where another one follows or none."""
        return (portion.follows == self._last.ends_at and not self._last.is_title
                and (not self._last.has_record or self._is_told(records)))


def _due(portion: Portion, ended: bool) -> tuple[bytes, ...]:
    """What the player may write down until it asks for what comes behind a portion; `ended`: before it a scenario."""
    scenario, operations = portion.ends_at
    if portion.is_title or not portion.text:
        end = (b"< %d" % portion.follows[0],) if ended else ()
        return (*end, b"> %d " % scenario, b". ") if portion.is_title else (*end, b". ")
    return tuple(b"@%d " % number for number in range(portion.follows[1] + 1, operations + 1))


def _other(records: bytes, due: tuple[bytes, ...]) -> bytes:
    """The first record that is none of those; what stops an operation, or the whole script, may be told at any time."""
    left = iter(due)
    for record in records.split(b"\n"):
        if record and not record.startswith((b"!", b"?")) and not any(map(record.startswith, left)):
            return record
    return b""
