"""What a lab's boots may use together, where they make no end of it or take long."""

from __future__ import annotations

from dataclasses import dataclass

from grader.emulators import machine
from grader.judging.judge import Ending

# Boots of a lab that may make no end of it, or one that is not the player's: the first that uses up its processor time has
# 20 s of it, the others three; most are ended after some instructions without a word (grader/emulators/silence.py). Who
# wrote into the kernel by mistake has two or three in the tests that show it.
WITHOUT_END = 10
# Of processor time, for all boots of a lab: each of its scenarios may take a boot's 20 s, and make an end of it.
LAB_SECONDS = 120
# Bytes of memory that were seen in all of them, and are kept until it is judged; right solutions take 136 MiB at most,
# also those that fill each block with garbage, no two alike.
LAB_SEEN = 288 << 20
# Somebody else had to make it.
_NO_END = (Ending.CPU_TIME, Ending.STANDS_STILL, Ending.WORDLESS, Ending.EVENTS, Ending.QUESTIONS,
           Ending.NOWHERE)


@dataclass
class Allowance:
    """How many more boots without a right end a lab may have, and how many seconds of processor time and bytes of memory
    seen for all. Then there are no more of any kind."""

    boots: int = WITHOUT_END
    seconds: float = LAB_SECONDS
    seen: int = LAB_SEEN

    @property
    def is_spent(self) -> bool:
        """Whether nothing more is booted."""
        return min(self.boots, self.seconds, self.seen) <= 0

    @property
    def decided(self) -> bool:
        """Whether anything ended for the time it took."""
        return self.boots < WITHOUT_END or self.is_spent

    def charge(self, boot: machine.Boot, cut_short: bool) -> None:
        """Counts a boot, which somebody may have `cut_short`."""
        self.boots -= cut_short or boot.ending in _NO_END
        self.seconds -= boot.seconds
        self.seen -= sum(snapshot.size for snapshot in boot.snapshots) + (boot.dealt.size if boot.dealt else 0)
