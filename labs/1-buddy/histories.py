"""Lab 1's random histories of requests and frees."""

from __future__ import annotations

from grader.scenarios.scenario import operations


class History:
    """A random history of requests and frees, with fillings-up and drains in between.

    Requests are those of `verb`: `ask`, or `alloc`, which also looks at *start after a refusal.
    The names of live runs are kept; what became of a request the generator does not know, nor need
    it: a run of no units is freed without effect.
    """

    def __init__(self, stream, units, verb="ask"):
        self.stream = stream
        self.units = units
        self.verb = verb
        self.lines = [f"init {units}"]
        self.live = []
        self.made = 0

    def begin(self):
        """All units come free; then there are not quite as many to be had.

        Before that three are: the first is joined with the third, far from the second, and cut off
        again. The fourth request finds none.
        """
        self.lines += [f"free {unit} 1" for unit in (32, 0, 33)]
        self.lines += [f"{self.verb} 1 1"] * 4
        self.lines.append(f"free 0 {self.units}")
        self.alloc(1, 1)
        self.alloc(self.units, self.units)

    def alloc(self, low, high):
        """A request, named."""
        name = f"r{self.made}"
        self.made += 1
        self.live.append(name)
        self.lines.append(f"{name} = {self.verb} {low} {high}")

    def free(self):
        """The whole of a random live run comes back."""
        name = self.live.pop(self.stream.below(len(self.live)))
        self.lines.append(f"free {name}")

    def churn(self, length, request, keep):
        """`length` operations that hold about `keep` runs."""
        for _ in range(length):
            if self.live and self.stream.below(2 * keep) < len(self.live):
                self.free()
            else:
                self.alloc(*request())

    def drain(self):
        """Everything comes back: after it the units are one block again."""
        while self.live:
            self.free()
        self.lines.append(f"all = alloc {self.units} {self.units}")
        self.lines.append("free all")

    def operations(self):
        return operations("\n".join(self.lines))


def block_history(stream, index):
    """Powers of two, exactly."""
    history = History(stream, 64 << index)
    history.begin()
    for _ in range(2):
        history.churn(87, lambda: (1 << stream.below(4 + index),) * 2, 6 + 6 * index)
        history.drain()
    return history.operations()


def wrong_frees(stream, units):
    """Behind the last unit, within a free block, and of a portion that is free at its end only."""
    count = stream.between(3, 12)
    kept = stream.between(2, count - 1)
    return [f"free {units} 1", f"free {stream.between(1, 31)} 1",
            f"a = alloc {count} {count}", f"free a+{kept} {count - kept}",
            f"free a+1 {kept}", f"free a {kept}"]


def any_history(stream, index):
    """Any request, any portion given back, some of it twice.

    The number of units is odd: whatever an allocator rounds it up to, there is none behind the last.
    """
    history = History(stream, (32 << index) + 2 * stream.below(16 << index) + 1, "alloc")
    units = history.units
    history.begin()
    history.lines += wrong_frees(stream, units)

    def request():
        low = stream.between(0, 12)
        return low, low + stream.below(20)

    for _ in range(2):
        history.churn(44, request, 8)
        for _ in range(4):
            if history.live:
                name = stream.choice(history.live)
                history.lines.append(f"free {name}+{stream.below(4)} {stream.between(1, 3)}")
        history.churn(20, request, 4)
        while history.live:
            history.free()
        history.lines.append(f"all = alloc 1 {units}")
        history.lines.append(f"free all+{stream.between(33, 54)} {stream.between(1, 9)}")
    return history.operations()
