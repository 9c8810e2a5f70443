"""Films: a run as steps that the page shows one by one, each with what it changed in the pictures.

A film is what the page's scripts get, as JSON: `steps` (see Step) and, where an operation went wrong,
`wrong` at the last of them. Of a long film only the last part is kept (`shortened`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from grader.course.labs import Lab
from grader.evidence.records import Record, Run
from grader.judging.judge import PLAYER_OPERATIONS, UNREADABLE, Finding
from grader.page.picture import Mark, Panels, Picture
from grader.scenarios.scenario import Scenario

Items = dict[str, dict[str, list]]  # panel -> key -> item; of a panel, "" are its settings


@dataclass
class Step:
    """An operation: its number, how the scenario has it, how it was played, and what came of it.

    `put` are the items that are new or different after it, `gone` the keys of those that are not
    there any more; `at` is what it was about.
    """

    number: int
    text: str
    played: str
    outcome: str
    put: Items = field(default_factory=dict)
    gone: dict[str, list[str]] = field(default_factory=dict)
    at: list[list] = field(default_factory=list)

    def as_json(self) -> dict:
        """The fields that say something."""
        return {key: value for key, value in vars(self).items() if value}


@dataclass
class Film:
    """A whole run, or the last part of it: `earlier` operations are left out before.

    `wrong` belongs to the last step: the places that would have been right, and what the operation
    made of the panels.
    """

    steps: list[Step]
    wrong: dict | None = None
    earlier: int = 0
    later: int = 0

    def as_json(self) -> dict:
        """What the scripts get."""
        return {**vars(self), "steps": [step.as_json() for step in self.steps]}

    def size(self) -> int:
        """The bytes it takes in the page, about."""
        return len(json.dumps(self.as_json(), separators=(",", ":")))


def make(lab: Lab, scenario: Scenario, run: Run | None, finding: Finding | None, kernel_base: int,
         most: int | None = None) -> Film:
    """Follows a run up to the finding's operation, if there is one; or its first `most` operations."""
    return _Maker(lab, scenario, run, finding, kernel_base).make(most)


class _Maker:
    """Follows one run with the lab's oracle and its picture."""

    def __init__(self, lab: Lab, scenario: Scenario, run: Run | None, finding: Finding | None,
                 kernel_base: int) -> None:
        self.operations = scenario.operations
        self.records = run.records if run else []
        self.finding = finding if finding and finding.operation else None
        self.oracle = lab.new_oracle(kernel_base)
        self.picture: Picture | None = lab.new_picture(self.oracle)
        self.items: Items = {}
        self.film = Film([])

    def make(self, most: int | None) -> Film:
        records = [r for r in self.records if r.number <= len(self.operations)]  # no others were judged
        if self.finding:
            records = [r for r in records if r.number < self.finding.operation]
        for record in records[:most]:
            self._right(record)
        self.film.later = len(records) - len(records[:most])
        if self.finding:
            self._wrong(self._failing_record())
        return self.film

    def _right(self, record: Record) -> None:
        step = self._step(record)
        self.film.steps.append(step)
        if record.verb in PLAYER_OPERATIONS:
            return
        step.at = self._marks(self.picture.marks(record)) if self.picture else []
        self.oracle.must_panic(record)
        if record.panicked:
            return
        self.oracle.check(record)
        if self.picture:
            self.picture.take(record)
            self._change_to(step)

    def _change_to(self, step: Step) -> None:
        """Notes in the step what is different in the picture now."""
        items = flattened(self.picture.panels())
        step.put, step.gone = difference(self.items, items)
        self.items = items

    def _failing_record(self) -> Record:
        """The operation that went wrong; one that did not come back has no results."""
        number = self.finding.operation
        for record in self.records:
            if record.number == number:
                return record
        verb, *words = self.finding.text.split() or ["?"]
        try:
            numbers = [int(word, 0) for word in words if word[0].isdigit()]
        except ValueError:  # the player's text was overwritten
            numbers = []
        return Record(number, verb, tuple(numbers), {}, panicked=True)

    def _wrong(self, record: Record) -> None:
        step = self._step(record)
        self.film.steps.append(step)
        self.film.wrong = {"wanted": [], "put": {}, "gone": {}}
        if not any(record.number == other.number for other in self.records):
            step.outcome = self.finding.seen or self.finding.rule
        if self.picture and record.verb not in PLAYER_OPERATIONS:
            with suppress(UNREADABLE):  # then there is nothing that could be drawn
                self._draw_wrong(step, record)

    def _draw_wrong(self, step: Step, record: Record) -> None:
        step.at = self._marks(self.picture.marks(record))
        self.film.wrong["wanted"] = self._marks(self.picture.wanted(record))
        put, gone = difference(self.items, flattened(self.picture.after_wrong(record)))
        self.film.wrong |= {"put": put, "gone": gone}

    def _step(self, record: Record) -> Step:
        known = record.number <= len(self.operations)
        text = str(self.operations[record.number - 1]) if known else ""
        played = record.text
        return Step(record.number, text or played, "" if text.endswith(played) else played,
                    record.outcome)

    @staticmethod
    def _marks(marks: Iterable[Mark]) -> list[list]:
        return [[mark.panel, mark.first, mark.end] for mark in marks]


def flattened(panels: Panels) -> Items:
    """The panels' items, the settings among them."""
    return {name: {"": [panel.kind, panel.title, panel.settings], **panel.items}
            for name, panel in panels.items()}


def difference(before: Items, after: Items) -> tuple[Items, dict[str, list[str]]]:
    """What to put into `before`, and what to take out of it, to have `after`."""
    put: Items = {}
    gone: dict[str, list[str]] = {}
    for name in before | after:
        old, new = before.get(name, {}), after.get(name, {})
        if changed := {key: item for key, item in new.items() if old.get(key) != item}:
            put[name] = changed
        if lost := [key for key in old if key not in new]:
            gone[name] = lost
    return put, gone


def shortened(film: Film, limit: int) -> Film:
    """The last part of a film, about as many bytes as are allowed; always its last step.

    Where what there was before takes more than that by itself, the operations without pictures.
    """
    sizes = [len(json.dumps(step.as_json(), separators=(",", ":"))) + 1 for step in film.steps]
    first, total = len(sizes), 0
    while first > 0 and (first == len(sizes) or total + sizes[first - 1] <= limit):
        first -= 1
        total += sizes[first]
    short = Film(_from(film.steps, first), film.wrong, film.earlier + first, film.later)
    return short if short.size() <= 2 * limit else _without_pictures(short)


def _without_pictures(film: Film) -> Film:
    steps = [Step(step.number, step.text, step.played, step.outcome) for step in film.steps]
    wrong = film.wrong and {"wanted": [], "put": {}, "gone": {}}
    return Film(steps, wrong, film.earlier, film.later)


def _from(steps: list[Step], first: int) -> list[Step]:
    """The steps from one on, which then brings with it all that was there before."""
    if first == 0 or first >= len(steps):
        return steps[first:]
    state: Items = {}
    for step in steps[:first + 1]:
        for name, keys in step.gone.items():
            for key in keys:
                del state[name][key]
        for name, items in step.put.items():
            state.setdefault(name, {}).update(items)
    kept = {name: items for name, items in state.items() if items}
    start = steps[first]
    return [Step(start.number, start.text, start.played, start.outcome, kept, {}, start.at),
            *steps[first + 1:]]
