"""What every lab's oracle has in common.

An oracle follows one run, operation by operation, with a model of its own, and says which sentence
of the contract was broken first. It sees records only; it never boots anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from grader.evidence.records import Record


@dataclass(frozen=True)
class Rule:
    """A sentence of a contract that can be broken.

    `name` heads the report; `sentence` stands, word for word, in `header` (a path from the top).
    """

    name: str
    sentence: str
    header: str


@dataclass(frozen=True)
class Violation:
    """A rule broken by one operation."""

    rule: Rule
    expected: str
    seen: str


class Oracle(Protocol):
    """The interface of each lab's class Oracle. One object, made without arguments, follows one run.

    `kernel_base` is set before the first record: where the image's kernel addresses begin. One whose answers are memory
    may have `glance(snapshot)`, too: what is wrong with it after the operations so far, a Violation or None; and
    `sight`, what it is to see (grader.evidence.looks.Sight; the memory behind the kernel's pages if not given). One may
    have `follow(operation, record)`, too, which is called with each operation of the scenario before it is judged, and
    with no record where it left none, in a quiet stretch. One whose contract says how long operations take has `times`,
    too: by verb the Rule that is quoted where one does not come back. One may have `found(record)`, too: what an
    operation's record shows of the machine's own memory, as text under a title, to be put beside the picture, or "".
    One may have `beside(address)`, too: what lies there, or close to it, by the model, for an operation that a fault at
    that address ended; or "". One may have `instead_of_panic(record)`: the Rule that says what an operation does that
    panicked for no reason, where one does. One whose contract asks something of the caller may have `misuse(record)`: why an
    operation must not be played, or "".
    """

    kernel_base: int

    def must_panic(self, record: Record) -> Rule | None:
        """The rule by which this operation has to panic in the present state, if one does.

        `record` may lack results: only its verb and arguments count.
        """

    def check(self, record: Record) -> Violation | None:
        """Judges what came of an operation that returned, and brings the model up to date."""

    def picture(self, record: Record) -> str:
        """The memory around an operation, drawn as text, as it is before the operation."""


def rules(header: str, **sentences: str) -> dict[str, Rule]:
    """Rules from one header: `a_name="The sentence."` becomes the rule named "a name"."""
    return {key: Rule(key.replace("_", " "), sentence, header)
            for key, sentence in sentences.items()}
