"""The kit's own GDB commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import gdb

from grader.debug import words
from grader.debug.in_gdb import machine, stops
from grader.debug.moment import Moment
from grader.evidence import records

_NEXT = "about_to_play"
_FIRST_PAGE = 4096  # no page directory lies below: it is the number that lab 6 gives one


class _Command(gdb.Command):
    """A command: how it is typed, and how many arguments it takes at least and at most. What GDB can't do
    for it is said in a line."""

    usage: str
    arguments = (0, 0)

    def __init__(self) -> None:
        super().__init__(self.usage.split()[0], gdb.COMMAND_USER)

    def invoke(self, argument: str, from_tty: bool) -> None:
        """GDB's: the command was typed."""
        given = gdb.string_to_argv(argument)
        if not self.arguments[0] <= len(given) <= self.arguments[1]:
            raise gdb.GdbError(self.usage)
        try:
            self.run(*given)
        except gdb.error as error:
            raise gdb.GdbError(str(error)) from None

    def run(self, *given: str) -> None:
        """Does it, with the arguments as they were typed."""
        raise NotImplementedError


class Operation(_Command):
    """What has been played, what is about to be, and what was expected of it: operation"""

    usage = "operation"

    def __init__(self, moment: Moment) -> None:
        super().__init__()
        self.moment = moment

    def run(self, *given: str) -> None:
        print("\n".join(self.moment.listing(machine.operation())))


class Play(_Command):
    """Plays the operation under way to its end, says what it answered, stops before the next: play"""

    usage = "play"

    def __init__(self, answer: Callable[[], str]) -> None:
        super().__init__()
        self.answer = answer

    def run(self, *given: str) -> None:
        stops.may_go_on()
        number = machine.operation()
        run_to(before_operation())
        if gdb.newest_frame().name() == _NEXT:
            print(self.answer(number))


class Answers:
    """What the player wrote down of operations, in its log."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def __call__(self, number: int | None = None) -> str:
        """Of an operation, or the one under way."""
        number = machine.operation() if number is None else number
        log = records.read(self.log.read_bytes())
        run = log.runs[-1] if log.runs else records.Run(0, "")
        record = next((r for r in run.records if r.number == number), None)
        if record:
            return f"{number}  {record.text} -> {record.outcome}"
        stop = run.stop_at(number)
        return f"{number}  {stop.kind}: {stop.message}" if stop else f"{number}  wrote nothing down"


class Walk(_Command):
    """How the page tables in memory translate an address, step by step: walk ADDRESS [DIRECTORY]

DIRECTORY is a number as in the scenario, a struct pagedir or a pointer to one, or a physical address;
without it the active one (cr3) is meant. The TLB is not asked: what it remembers may be older.
$physical is what came of it."""

    usage = "walk ADDRESS [DIRECTORY]"
    arguments = (1, 2)

    def run(self, *given: str) -> None:
        address = machine.number(gdb.parse_and_eval(given[0]))
        directory = _directory(given[1]) if len(given) > 1 else machine.register("cr3")
        found = words.walk(address, directory, machine.physical_word)
        gdb.set_convenience_variable("physical", found.physical)
        print(found)
        for line in _kernels_note(found):
            print(line)


class Physical(_Command):
    """Words of physical memory, past all page tables: xp ADDRESS [COUNT]"""

    usage = "xp ADDRESS [COUNT]"
    arguments = (1, 2)

    def run(self, *given: str) -> None:
        address, *rest = (machine.number(gdb.parse_and_eval(word)) for word in given)
        for where in range(address, address + 4 * (rest[0] if rest else 1), 4):
            word = machine.physical_word(where)
            print(f"{where:#010x}: " + ("no memory" if word is None else f"{word:#x}"))


def _directory(expression: str) -> int:
    """The physical address of the page directory that somebody means."""
    value = gdb.parse_and_eval(expression)
    kind = value.type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_PTR:
        value, kind = value.dereference(), kind.target().strip_typedefs()
    if kind.code == gdb.TYPE_CODE_STRUCT:
        return machine.physical(value)
    number = machine.number(value)
    if number >= _FIRST_PAGE:
        return number
    if number == 1:
        return machine.physical(gdb.parse_and_eval("kernel_pagedir"))
    made = gdb.lookup_static_symbol("(anonymous namespace)::made")  # by the player of lab 6
    if not made or number > made.type.range()[1] or not made.value()[number]:
        raise gdb.GdbError(f"there is no page directory {number}")
    return machine.physical(made.value()[number].dereference())


def _kernels_note(found: words.Walk) -> Iterator[str]:
    """Where the kernel believes the page table to be mapped, against where it is."""
    owner = next((d for d in machine.directories()
                  if machine.physical(d) == found.directory), None)
    if not owner:
        return
    index = found.address >> 22
    tables = owner["tables"]
    users = tables.type.range()[1] + 1
    name = f"tables[{index}]" if index < users else f"kvpd[{index - users}]"
    entry = tables[index] if index < users else gdb.parse_and_eval(name)
    pointer = machine.number(entry["table"])
    seen = words.walk(pointer, machine.register("cr3"), machine.physical_word).physical
    yield words.note(name, pointer, seen, found.directory_entry or 0)


def before_operation(number: int | None = None) -> gdb.Breakpoint:
    """A breakpoint, for one time, before the operation of that number, or any."""
    stop = breakpoint_at("about_to_play")
    if number is not None:
        stop.condition = f"number == {number}"
    return stop


def breakpoint_at(function: str) -> gdb.Breakpoint:
    """A breakpoint for one time, at the function of just that name. A hardware breakpoint: one in memory would go when
    the kernel is loaded over it."""
    stop = gdb.Breakpoint(f"-qualified {function}", gdb.BP_HARDWARE_BREAKPOINT, internal=True, temporary=True)
    stop.silent = True
    return stop


def run_to(*until: gdb.Breakpoint) -> None:
    """Lets the machine run to one of some breakpoints, none of which stays, or to one of the person's
    own."""
    try:
        gdb.execute("continue")
    finally:
        for stop in until:
            if stop.is_valid():
                stop.delete()
