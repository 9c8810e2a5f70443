"""What was seen while a script was dealt: that no operation was known before the one before had its record."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.evidence.records import Log
from grader.evidence.snapshot import Snapshot
from grader.scenarios.dealing import Portion

_MOST = 384 << 20  # bytes of a boot's glances


@dataclass
class Dealt:
    """The records that were in the machine's memory each time it asked, and what is strange about them."""

    records: list[bytes] = field(default_factory=list)
    strange: str = ""
    untimely: int = 0  # questions that came too early, or after the script's end
    glances: dict[tuple[int, int], Snapshot] = field(default_factory=dict)  # after so many operations of a scenario
    _last: Portion = Portion("")
    _size: int = 0  # of what was seen, in bytes

    def take(self, records: bytes, portion: Portion) -> None:
        """Notes what the machine had written down when it asked, and what it is told."""
        self.records.append(records)
        early = self._last.has_record and not records
        if early and not self.strange:
            self.strange = (f"it asked for what comes next before `{self._last.text.strip()}` had a record")
        self.untimely += early or not portion.text
        self._last = portion

    def glance(self, after: tuple[int, int], seen: Snapshot) -> None:
        """Keeps what was seen after so many operations of a scenario."""
        self.glances[after] = seen
        self._size += seen.size
        if self._size > _MOST:
            self.strange = f"more memory was mapped than any scenario needs: {self._size >> 20} MiB in all"

    def damage(self, log: Log, cut: bool = False) -> str:
        """What does not fit to the log, in words; empty if its records are those that were seen in time. Of a log that
        was `cut` the last ones are missing."""
        seen = b"".join(self.records)
        said = b"".join(text + b"\n" for text in log.records)
        if not self.strange and not said.startswith(seen) and not (cut and seen.startswith(said)):
            return "the records are not those that it had written when it asked for what comes next"
        return self.strange

    def glances_of(self, scenario: int) -> dict[int, Snapshot]:
        """Those in one of the boot's scenarios, by the number of the operation before."""
        return {after: seen for (i, after), seen in self.glances.items() if i == scenario}
