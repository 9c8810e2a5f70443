"""Why a test has the points that it has: the records, the sentences of the contract, the points.

For whoever is asked; everything in it can be looked up, in the header, the scenario and lab.toml.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator

from grader.appeal.checked import Watch, rules_for
from grader.appeal.contract import line_of
from grader.appeal.costs import ranked
from grader.course.labs import Lab, Test
from grader.evidence.records import printable
from grader.grading.one_test import OneTest
from grader.judging.judge import Finding, judge
from grader.judging.oracle import Rule
from grader.judging.verdict import Verdict
from grader.points import counted, number
from grader.reporting import explain

_BEFORE = 12  # operations shown before the one that went wrong
_WIDTH = 100

# Why nothing of a test's points is left, where it is not a sentence that was broken.
_REASONS = {
    Verdict.TODO: "What happens first decides: todo() was reached before anything was broken.",
    Verdict.CRASH: "After this nothing more can be judged; a test that can't be played to its end has "
                   "not been passed.",
    Verdict.HANG: "An operation has a number of instructions in which it has to come back, far above "
                  "what any sound version takes; this one did not.",
    Verdict.REJECTED: "The gate did not let the file in, so nothing of it was run.",
    Verdict.BUILD: "There was nothing to run.",
    Verdict.NOT_RUN: "There was nothing to run.",
}


def text(one: OneTest) -> str:
    """The whole explanation."""
    test = next(test for test in one.lab.tests if test.name == one.name)
    parts = [_head(one, test)]
    if one.finding:
        parts += _failed(one, one.finding)
    else:
        parts += _passed(one)
    parts.append(_section("Instructions, by kind of operation, and the dearest of each",
                          "\n".join(ranked(one.outcome.played))))
    parts.append(_points(one, test))
    return "\n\n".join(part for part in parts if part)


def _head(one: OneTest, test: Test) -> str:
    verdict = one.finding.verdict if one.finding else Verdict.PASS
    where = ", with all of the student's files" if one.graded.stage.integrated else ""
    return (f"{one.lab.slug}/{one.name}: {verdict.value}, {number(one.share * test.points)} of "
            f"{test.points} points{where}\n  what it is about: {test.idea}")


# ---- a test that did not pass ----

def _failed(one: OneTest, finding: Finding) -> Iterator[str]:
    if one.outcome.failing:
        yield _section("What was played", _records(one, finding))
    elif one.outcome.played:
        yield _section("What was played, every instruction counted", _summary(one, _watches(one)))
    yield _section("What broke", "\n".join(_what_broke(one, finding)))
    if finding.picture:
        yield _section("The memory before that operation, by what was answered so far", finding.picture)
    if finding.found:
        title, _, body = finding.found.partition("\n")
        yield _section(title.rstrip(":"), body)
    yield _section("The contract", _sentence(finding.sentence, finding.header) if finding.sentence
                   else _REASONS.get(finding.verdict, ""))


def _what_broke(one: OneTest, finding: Finding) -> Iterator[str]:
    yield explain.headline(finding, one.outcome.places)
    if finding.verdict is Verdict.TODO:
        return
    yield from _expected_and_seen(finding)
    chain = explain.collapsed([str(place) for place in one.outcome.places])
    yield from (f"{'called by' if i else 'in':<10}{place}" for i, place in enumerate(chain))
    yield from explain.code(finding, one.outcome.places, one.graded.made.sources).splitlines()


def _expected_and_seen(finding: Finding) -> Iterator[str]:
    for word, said in (("expected", finding.expected), ("seen", finding.seen)):
        if said:
            yield f"{word + ':':<10}{said.strip()}"


def _records(one: OneTest, finding: Finding) -> str:
    """The failing scenario's records as the kernel wrote them, the last of them the one that counts."""
    scenario, run = one.outcome.failing, one.outcome.run
    written = [*run.stops, *run.records] if run else []
    lines = [entry.line for entry in sorted(written, key=lambda entry: entry.number)
             if entry.number <= finding.operation]
    shown = [f"   {printable(line.encode('latin-1', 'replace'))}" for line in lines[-_BEFORE - 1:]]
    if shown and finding.operation:
        shown[-1] = "=> " + shown[-1].strip()
    more = len(lines) - len(shown)
    head = [f"scenario {scenario.title}, {counted(len(scenario.operations), 'operation')}, seed "
            f"{one.graded.seed}; as the kernel wrote it:"]
    return "\n".join(head + ([f"   … {counted(more, 'record')} before these"] if more else []) + shown)


# ---- a test that passed ----

def _passed(one: OneTest) -> Iterator[str]:
    watches = _watches(one)
    judged = sum((watch.judged for watch in watches), start=Counter())
    panics = sum((watch.panics for watch in watches), start=Counter())
    yield _section("What was played", _summary(one, watches))
    rules = {verb: rules_for(one.lab, verb) for verb in judged}
    yield _section("What was checked, and held",
                   "\n".join(_checked(one.lab, rules, judged)))
    if panics:
        yield _section("What had to panic, and did", "\n".join(
            f"{counted(count, 'time')}: {rule.name}\n{_sentence(rule.sentence, rule.header)}"
            for rule, count in panics.items()))
    if one.outcome.measured:
        yield _section("What was measured, every instruction counted", "\n\n".join(
            "\n".join([found.rule, *_expected_and_seen(found), _sentence(found.sentence, found.header)])
            for found in one.outcome.measured))


def _watches(one: OneTest) -> list[Watch]:
    """Each run judged once more, by an oracle that counts."""
    watches = []
    for entry in one.outcome.played:
        watches.append(Watch(one.lab.new_oracle(one.graded.toolchain.kernel_base)))
        judge(entry.scenario, entry.run, entry.ending, watches[-1])
    return watches


def _summary(one: OneTest, watches: list[Watch]) -> str:
    """How much was played, of which operations."""
    judged = sum((watch.judged for watch in watches), start=Counter())
    operations = sum(len(entry.scenario.operations) for entry in one.outcome.played)
    of_each = ", ".join(f"{count} {verb}" for verb, count in judged.most_common())
    return (f"{counted(len(watches), 'scenario')}, {counted(operations, 'operation')}, seed "
            f"{one.graded.seed}: {of_each}")


def _checked(lab: Lab, rules: dict[str, list[Rule]], judged: dict[str, int]) -> Iterator[str]:
    """Each sentence once, with the operations whose records can show that it is broken."""
    yield ("Each record was compared with a model of the contract. None showed that one of these "
           "sentences is broken:")
    for rule in vars(lab.oracle.RULE).values():
        verbs = [verb for verb, consulted in rules.items() if rule in consulted]
        if verbs:
            yield f"\n{rule.name} ({', '.join(f'{judged[verb]} {verb}' for verb in verbs)})"
            yield _sentence(rule.sentence, rule.header)


# ---- points ----

def _points(one: OneTest, test: Test) -> str:
    rung = one.lab.rungs[test.rung]
    on_rung = sum(other.points for other in one.lab.tests if other.rung == test.rung)
    lost = number((1 - one.share) * test.points)
    rule = ("A test is all or nothing; what happens first decides." if one.outcome.failing
            else "The steps above say how many there are for what." if one.outcome.played else "")
    lines = [f"{number(one.share * test.points)} of {test.points}, {lost} lost. {rule}".rstrip()
             if lost else f"{test.points} of {test.points}.",
             f"It is {test.points} of the {on_rung} points of the rung \"{rung}\", and of the "
             f"{one.lab.points} of lab {one.lab.slug}."]
    if one.graded.stage.integrated:
        lines.append("In the integrated stage it counts what course.toml says; these are its lab's.")
    return _section("The points", "\n".join(lines))


# ---- layout ----

def _section(title: str, body: str) -> str:
    return f"{title}\n{textwrap.indent(body, '  ')}" if body else ""


def _sentence(sentence: str, header: str) -> str:
    """A sentence in its place: kernel/mm/buddy.h:58."""
    line = line_of(header, sentence)
    return textwrap.fill(f"\"{sentence}\"", _WIDTH, initial_indent="  ", subsequent_indent="   ") + (
        f"\n  {header}:{line}" if line else f"\n  {header}")
