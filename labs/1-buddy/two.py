"""Lab 1, two allocators at a time: in turns, with a history each, and as alike as two can be. And hundreds."""

from __future__ import annotations

from grader.scenarios.siblings import halved, script


def in_turns(stream, index):
    """Two allocators, of sizes far apart, each with blocks coming and going while the other has its own."""
    units = ((64, 8), (8, 64), (32, 1024), (1, 16))[index]
    blocks = [[f"b{side}{i} = alloc {size} {size}" for i, size in enumerate(halved(stream, of, 5))]
              for side, of in enumerate(units)]
    lines = []
    for of in units:
        lines += [f"init {of}", f"free 0 {of}", "other"]
    lines += _by_turns(stream, blocks) + ["ask 1 1", "other", "ask 1 1", "other"]
    lines += _by_turns(stream, [[f"free {line.split()[0]}" for line in stream.shuffled(part)] for part in blocks])
    for of in units:
        lines += ["members", f"alloc {of} {of}", "other"]
    return script(lines)


def twins(stream, index):
    """Two allocators of as many units, of which one has a free block, and the other a single unit, or nothing: what one
    is asked the other is asked right after; what one can't give, or has free already, says nothing about the other."""
    del index
    units = 64
    lines, last = [f"init {units}", "other", f"init {units}"], f"free {units - 1} 1"
    for size in stream.shuffled((2, 8, 32)):
        start = stream.below(units // 2 // size) * size
        free, take, one = f"free {start} {size}", f"alloc {size} {size}", "alloc 1 1"
        lines += [last, "other", last, "other", free, "other", take, "other", take, free, "other", one, take, "other",
                  f"free {start} 1", take, "other", free, free, "other", one, "other", take]
    return script(lines)


def hundreds(stream, index):
    """More allocators at a time than anybody has a table for, and one that is older than all of them."""
    del index
    count = stream.between(300, 500)
    return script("other", "init 64", "free 0 64", f"crowd {count}", "ask 1 1", f"crowd {count}",
                  "alloc 32 32", "alloc 16 16", "members")


def _by_turns(stream, parts):
    """The lines of two parts, in their order, from either at random; it begins and ends with the first."""
    rest, turn, lines = [list(part) for part in parts], 0, []
    while any(rest):
        if not rest[turn] or (rest[1 - turn] and stream.chance(1, 2)):
            turn = 1 - turn
            lines.append("other")
        lines.append(rest[turn].pop(0))
    return lines + ["other"] * turn
