"""Judging one run: the first thing that went wrong in it, if anything did."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum

from grader.errors import Unplayable
from grader.evidence import memory
from grader.evidence.records import Record, Run, Stop
from grader.judging import stopped
from grader.judging.oracle import Oracle, Violation
from grader.judging.verdict import Verdict
from grader.scenarios.scenario import Operation, Scenario, number


class Ending(Enum):
    """How a boot came to its end, as the machine saw it."""

    POWER_OFF = "the kernel switched the machine off"
    RESET = "the machine reset itself: a triple fault"
    UNTOLD = ("a fault, and another one while the kernel was to tell of it: what it needs itself was overwritten, or is "
              "mapped no more (its code, its data, its stack)")
    CPU_TIME = "the emulator used up its processor time"
    STANDS_STILL = "the CPU was halted, and nothing was to wake it"
    WORDLESS = ("nothing was heard of the machine for many more instructions than its operations may take: the watchdog, "
                "which is to end them, was put out of action")
    NOTHING_LEFT = ("so many of the lab's boots had made no end of it, or they had all together taken so much processor time, "
                    "that there were no more")
    EVENTS = "the machine was stopped, or said that it would be, more often than the scenarios ask for"
    QUESTIONS = "the machine asked again and again for what comes next when nothing was due"
    SNAPSHOTS = "there was more to look at in the machine's memory than a kernel's page tables"
    NOWHERE = "the CPU went on where no memory is: paging was switched off, or leads there"
    OUTPUT = "the output grew over its limit"
    GAVE_UP = "the emulator could not go on with what the kernel did"


_NEVER_BACK = (Ending.CPU_TIME, Ending.STANDS_STILL, Ending.WORDLESS)

# What comes of a record that the player would not write, where it is read.
UNREADABLE = (LookupError, TypeError, ValueError)

# The player's own: nothing of the student's is called.
PLAYER_OPERATIONS = ("quiet", "loud")


@dataclass(frozen=True)
class Finding:
    """What went wrong first: the story that a report tells.

    `rule` is the headline; `sentence` the contract's, where one was broken; `picture` the memory as
    it was before the operation, by the model; `found` what is known of it as it is in the machine, with a title.
    """

    verdict: Verdict
    rule: str
    operation: int = 0  # its number in the scenario; 0: none had begun
    text: str = ""  # the operation
    expected: str = ""
    seen: str = ""
    sentence: str = ""
    header: str = ""
    picture: str = ""
    found: str = ""
    stop: Stop | None = None
    output: list[str] = field(default_factory=list)


def judge(scenario: Scenario, run: Run | None, ending: Ending, oracle: Oracle,
          drawn: bool = True) -> Finding | None:
    """The first thing that went wrong in a run; None if the whole contract was kept.

    `run` is None when the scenario was never begun. What happens first decides. Pictures of the memory
    before each operation take most of the time: who needs none says so. Raises Unplayable if it comes
    to an operation that the player refused, or that the contract does not allow: then the scenario is wrong.
    """
    if run is None:
        return Finding(Verdict.CRASH, "the scenario did not begin", seen=ending.value)
    records = {record.number: record for record in run.records}
    last = max([*records, *(stop.number for stop in run.stops)], default=0)
    quiet, counted_only = False, 0
    for at, operation in enumerate(scenario.operations, 1):
        record = records.get(at)
        quiet = quiet and operation.verb != "loud"
        if record is None and quiet and (at < last or run.finished):
            counted_only += 1
            if finding := _unrecorded(at, operation, run, oracle):
                return finding
            continue  # it only counted into the sums that `loud` wrote down, or would have, had it not been cut off
        if record:
            _follow(oracle, operation, record)
        quiet = quiet or operation.verb == "quiet"
        counted_only = 0 if operation.verb == "quiet" else counted_only
        finding = (_ended_at(at, operation, run, ending, oracle) if record is None
                   else _readable(operation, record, run, oracle, drawn) or _glance(record, run, oracle)
                   or _miscounted(operation, record, counted_only)
                   or (_unmeasured(operation, record, run) if scenario.measure else None))
        if finding:
            finding.output.extend(run.output)
            return finding
    if not run.finished:
        return Finding(Verdict.CRASH, "the log ends early", len(scenario.operations),
                       seen=ending.value, output=run.output)
    return None


def judge_typed(record: Record, run: Run, oracle: Oracle) -> Finding | None:
    """What is wrong with one operation of a run that somebody types, as no scenario has it; None if nothing is."""
    words = record.text.split()
    return _operation(Operation(words[0], tuple(words[1:])), record, run, oracle, drawn=True)


def _readable(operation: Operation, record: Record, run: Run, oracle: Oracle, drawn: bool) -> Finding | None:
    """What an operation's record is found to be: one that no oracle can read was not written by the player. (Should
    the oracle be wrong, it is so on the reference, too, which is played where anything fails.)"""
    try:
        return _operation(operation, record, run, oracle, drawn)
    except UNREADABLE:
        return _not_of_this_scenario(operation, record)


def _not_of_this_scenario(operation: Operation, record: Record) -> Finding:
    return Finding(Verdict.FAIL, "the records are not those of this scenario", record.number,
                   record.text, expected=str(operation), seen=record.text)


def _miscounted(operation: Operation, record: Record, counted_only: int) -> Finding | None:
    """Where the sums of a quiet stretch are told: the operations that they are of are those without a record."""
    wrong = operation.verb == "loud" and record.results.get("operations") != counted_only
    return _not_of_this_scenario(operation, record) if wrong else None


def _unmeasured(operation: Operation, record: Record, run: Run) -> Finding | None:
    """Where each operation is measured: each tells what it took, also one that panicked."""
    told = run.stop_at(record.number) if record.panicked else record
    return None if told and told.cost is not None else _not_of_this_scenario(operation, record)


def _operation(operation: Operation, record: Record, run: Run, oracle: Oracle,
               drawn: bool) -> Finding | None:
    if record.refused:
        raise Unplayable(str(operation), operation.line, record.refused)
    if not _answers(operation, record):
        return _not_of_this_scenario(operation, record)
    _check_use(operation, record, oracle)
    stop = run.stop_at(record.number)
    if stop and stop.kind == "panic" and not record.panicked:
        return _own_check(record, stop, oracle)
    if operation.verb in PLAYER_OPERATIONS:
        return None
    rule = oracle.must_panic(record)
    if record.panicked:
        stop = run.stop_at(record.number)
        return None if rule else _panic(record, stop, oracle)
    if rule:
        violation = Violation(rule, "a panic", "it returned, and went on")
    else:
        picture = oracle.picture(record) if drawn else ""
        violation = oracle.check(record)
    if not violation:
        return None
    return _broken(violation, record, oracle.picture(record) if rule else picture,
                   _found(record, oracle) if drawn else "")


def _check_use(operation: Operation, record: Record, oracle: Oracle) -> None:
    """Raises Unplayable where the contract does not allow the operation: then nothing is wrong with what came of it."""
    if why := getattr(oracle, "misuse", lambda record: "")(record):
        raise Unplayable(str(operation), operation.line, why)


def _glance(record: Record, run: Run, oracle: Oracle) -> Finding | None:
    """What the machine's memory showed after an operation, where it was looked at without being told."""
    seen = run.glances.get(record.number)
    violation = oracle.glance(seen) if seen else None
    return _broken(violation, record, "") if violation else None


def _follow(oracle: Oracle, operation: Operation, record: Record | None) -> None:
    """Shows each operation to an oracle that knows by names what one has to do with that left no record."""
    if follow := getattr(oracle, "follow", None):
        follow(operation, record)


def _unrecorded(number: int, operation: Operation, run: Run, oracle: Oracle) -> Finding | None:
    """What the memory showed behind an operation that left no record."""
    _follow(oracle, operation, None)
    seen = run.glances.get(number)
    violation = oracle.glance(seen) if seen else None
    return _broken(violation, Record(number, str(operation), (), {}), "") if violation else None


def _broken(violation: Violation, record: Record, picture: str, found: str = "") -> Finding:
    return Finding(Verdict.FAIL, violation.rule.name, record.number, record.text, violation.expected,
                   violation.seen, violation.rule.sentence, violation.rule.header, picture, found)


def _found(record: Record, oracle: Oracle) -> str:
    """What is known of the machine's own memory after an operation."""
    bytes_there = _bytes(record.memory)
    return bytes_there or getattr(oracle, "found", lambda record: "")(record)


def _bytes(seen: memory.Memory | None, where: str = "there") -> str:
    shown = memory.dump(seen)
    return f"The bytes {where}:\n{shown}" if shown else ""


def _answers(operation: Operation, record: Record) -> bool:
    """Whether a record is that of the operation: the same verb, and the numbers that it gives."""
    if record.verb != operation.verb or len(record.arguments) < len(operation.arguments):
        return False
    for given, taken in zip(operation.arguments, record.arguments):
        if given[0].isdigit() and number(given) != taken:
            return False
    return True


def _panic(record: Record, stop: Stop | None, oracle: Oracle) -> Finding:
    instead = getattr(oracle, "instead_of_panic", lambda record: None)(record)
    return Finding(Verdict.CRASH, "a panic where there is no reason for one", record.number,
                   record.text, expected="no panic: nothing is wrong with this operation",
                   seen=f"panic: {stop.message}" if stop else "a panic",
                   sentence=instead.sentence if instead else "", header=instead.header if instead else "",
                   stop=stop, picture=oracle.picture(record))


def _own_check(record: Record, stop: Stop, oracle: Oracle) -> Finding:
    """The operation returned; then the student's own check, which only people at their own kernels ask for,
    panicked."""
    return Finding(Verdict.CRASH, "your own check panicked", record.number, record.text,
                   expected="what the check wants to be so after each operation", seen=f"panic: {stop.message}",
                   stop=stop, picture=oracle.picture(record))


_STOPS = {
    "todo": (Verdict.TODO, "not written yet"),
    "hang": (Verdict.HANG, "it does not come back"),
    "exception": (Verdict.CRASH, "the CPU raised an exception"),
    "panic": (Verdict.CRASH, "a panic where there is no reason for one"),
}


_RULES = {Ending.RESET: "triple fault", Ending.UNTOLD: "a fault that could not be told"}


def _ended_at(number: int, operation: Operation, run: Run, ending: Ending,
              oracle: Oracle) -> Finding:
    stop = run.stop_at(number)
    if stop:
        with suppress(*UNREADABLE):  # the player's text may have been overwritten
            _check_use(operation, _under_way(stop), oracle)
        verdict, rule = _STOPS.get(stop.kind, (Verdict.CRASH, stop.kind))
        if stop.kind == "exception":
            rule = stop.message
        return Finding(verdict, rule, number, stop.during or str(operation), seen=stopped.spelled(stop, oracle),
                       stop=stop, picture=_picture(stop, oracle), found=_bytes(stop.memory, "beside it"),
                       **_time(verdict, operation, oracle))
    verdict = Verdict.HANG if ending in _NEVER_BACK else Verdict.CRASH
    rule = {Verdict.HANG: "it does not come back"}.get(
        verdict, _RULES.get(ending, "the log ends early"))
    return Finding(verdict, rule, number, str(operation), seen=ending.value, **_time(verdict, operation, oracle))


def _time(verdict: Verdict, operation: Operation, oracle: Oracle) -> dict[str, str]:
    """What the contract says of the time that an operation takes, which did not come back: an endless loop breaks it,
    and so does a right answer that would come much too late."""
    rule = getattr(oracle, "times", {}).get(operation.verb) if verdict is Verdict.HANG else None
    return {"sentence": rule.sentence, "header": rule.header} if rule else {}


def _picture(stop: Stop, oracle: Oracle) -> str:
    try:
        return oracle.picture(_under_way(stop)) if stop.kind != "todo" else ""
    except UNREADABLE:  # the player's text was overwritten: no operation, no picture
        return ""


def _under_way(stop: Stop) -> Record:
    """The operation that did not come back, without results. Raises what is UNREADABLE."""
    verb, *arguments = stop.during.split()
    return Record(stop.number, verb, tuple(int(word, 0) for word in arguments), {})
