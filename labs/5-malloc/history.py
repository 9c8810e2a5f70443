"""What the generated scenarios of lab 5 are written with."""

from __future__ import annotations

from grader.scenarios.scenario import operations

# The small sizes there are, each up to 7 bytes less: an allocator has few size classes for them, so
# that a wrong one is come upon surely, or never.
KINDS = tuple(16 * n for n in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128))


class History:
    """A random history of blocks.

    A name stands for whatever block there is after its last operation, or for null: which requests
    failed the generator does not know, nor need it.
    """

    def __init__(self, stream):
        self.stream = stream
        self.lines = ["boot", "frames", "junk 300"]  # a fresh page is not clean
        self.live = []
        self.made = 0

    def size(self, most, small=8):
        """Small more often than large: as many of each power of two from `small` as of the next."""
        powers = small.bit_length() - 1, most.bit_length() - 1
        size = self.stream.below(1 << self.stream.between(*powers)) + 1
        return size if size > KINDS[-1] else self.of_kind(min(k for k in KINDS if k >= size))

    def of_kind(self, kind):
        """A size of that kind."""
        return kind - self.stream.below(8)

    def pairs(self, verb="malloc"):
        """Two blocks of every kind, one of them as large as can be, in a random order."""
        for size in self.stream.shuffled([*KINDS, *map(self.of_kind, KINDS)]):
            self.malloc(size, verb)

    def malloc(self, size, verb="malloc"):
        """A block; returns its name."""
        name = f"b{self.made}"
        self.made += 1
        self.live.append(name)
        self.lines.append(f"{name} = {verb} {size}")
        return name

    def realloc(self, size, name=None):
        """That block gets another size, or a random one."""
        name = name or self.stream.choice(self.live)
        self.lines.append(f"{name} = realloc {name} {size}")

    def free(self, name=None):
        """That block goes, or a random one."""
        name = name or self.stream.choice(self.live)
        self.live.remove(name)
        self.lines.append(f"free {name}")

    def side_by_side(self, size, verb="malloc"):
        """Six blocks of a size; four of them go, and five others come. Returns the six."""
        row = [self.malloc(size, verb) for _ in range(6)]
        self.change_places(row, size, verb)
        return row

    def change_places(self, row, size, verb="malloc"):
        """Of six neighbours of that size some go, and others come: who joins free blocks is tried.

        Of the first three the second goes first and the third last, so each of them has to know
        where the one before it begins by then. Another goes meanwhile: so it is not the newest of
        the free blocks that gets joined with a neighbour.
        """
        for i in (1, 4, 0, 2):
            self.free(row[i])
        for _ in range(5):
            self.malloc(size, verb)

    def churn(self, length, most, keep, reallocs=0, small=8):
        """`length` operations that hold about `keep` blocks; `reallocs` of eight are realloc."""
        for _ in range(length):
            if self.live and self.stream.below(8) < reallocs:
                self.realloc(self.size(most, small))
            elif self.live and self.stream.below(2 * keep) < len(self.live):
                self.free()
            else:
                self.malloc(self.size(most, small))

    def drain(self):
        """All blocks go."""
        while self.live:
            self.free()
        self.lines.append("kvpages")

    def operations(self):
        return operations("\n".join(self.lines))
