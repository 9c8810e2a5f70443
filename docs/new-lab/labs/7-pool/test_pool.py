"""The graded tests of lab 7: what each plays, and what it judges. Points and ideas: lab.toml."""

from __future__ import annotations

from grader.scenarios.scenario import operations
from grader.scenarios.workload import fixed, generated, plays


@plays(fixed("first-object"))
def test_first_object(outcome):
    outcome.keeps_the_contract()


def all_of_them(stream, index):
    """As many requests as there are objects, and two more."""
    size, count = 16 * stream.between(1, 8), (2, 7, 64)[index]
    return operations("\n".join([f"init {size} {count}", *["alloc"] * (count + 2)]))


@plays(generated(all_of_them, 3))
def test_all_objects(outcome):
    outcome.keeps_the_contract()


def contents(stream, index):
    """Every object is filled to its last byte, and then read."""
    words, count = 4 * stream.between(1, 8), 4 << index
    names = [f"o{i}" for i in range(count)]
    lines = [f"init {4 * words} {count}"]
    for name in names:
        lines += [f"{name} = alloc", f"fill {name} {words} {stream.below(1000)}"]
    lines += [f"read {name} {words}" for name in stream.shuffled(names)]
    return operations("\n".join(lines))


@plays(generated(contents, 3))
def test_contents(outcome):
    outcome.keeps_the_contract()


def again(stream, index):
    """All are taken, come back in another order, and are taken again."""
    count = 3 << index
    names = [f"o{i}" for i in range(count)]
    taken = [f"{name} = alloc" for name in names] + ["alloc"]
    back = [f"free {name}" for name in stream.shuffled(names)]
    return operations("\n".join([f"init 64 {count}", *taken, *back, *taken]))


@plays(generated(again, 3))
def test_used_again(outcome):
    outcome.keeps_the_contract()


@plays(fixed("wrong-addresses"))
def test_wrong_addresses(outcome):
    outcome.keeps_the_contract()


def history(stream, index):
    """Objects come and go, more are asked for than there are; what they hold stays."""
    words, count = 4 * stream.between(1, 8), 10 << index
    lines, live = [f"init {4 * words} {count}"], []
    for made in range(8 * count):
        if live and stream.below(5) < 2:
            name = live.pop(stream.below(len(live)))
            lines += [f"read {name} {words}", f"free {name}"]
        else:
            live.append(f"o{made}")
            lines += [f"o{made} = alloc", f"fill o{made} {words} {made}"]
    return operations("\n".join(lines))


@plays(generated(history, 3))
def test_any_history(outcome):
    outcome.keeps_the_contract()
