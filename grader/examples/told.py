"""What the terminal shows of examples: which are valid, which impostors are caught, and hints."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from grader.examples.exercise import Exercise
from grader.examples.judged import Judged, Objection

CAUGHT, NOT_YET = "●", "○"


def tell(console: Console, called: str, done: Exercise, hints: Mapping[int, str]) -> None:
    """Prints all of it; a student's text is shown as it is, never as markup."""
    for line in lines(called, done, hints):
        console.print(line, soft_wrap=True)


def lines(called: str, done: Exercise, hints: Mapping[int, str]) -> list[Text]:
    """What there is to say, line by line."""
    found = done.judged
    said = [Text(f"Lab {done.lab.number}: {done.lab.title} ({done.lab.slug})", "bold"), Text(),
            Text(f"  {called}, tried on {len(done.designs.right)} right designs")]
    for title in found.titles:
        objection = found.objections.get(title)
        said.append(Text("  ").append("not valid" if objection else "valid    ", "red" if objection else "green")
                    .append(f"  {title}"))
        said += _objection(called, objection) if objection else []
    said += [Text(), Text(f"  {found.caught} of {len(found.impostors)} impostors caught", "bold"), _masks(done)]
    for number, catch in enumerate(found.impostors, 1):
        if catch:
            said.append(Text(f"  {CAUGHT} {number:<2} ", "green").append(
                f"by {catch.example}, line {catch.line}: {catch.operation}, but there {catch.seen}"))
        elif number in hints:
            said.append(Text(f"  {NOT_YET} {number:<2} ", "yellow").append(f"a hint: {hints[number]}"))
    return said + _at_the_end(done)


def _masks(done: Exercise) -> Text:
    row = Text("  ")
    for number, catch in enumerate(done.judged.impostors, 1):
        row.append(f"{CAUGHT if catch else NOT_YET} {number}   ", "green" if catch else "yellow")
    return row


def in_short(called: str, found: Judged) -> str:
    """What keeps examples from full marks: those that are not valid, and the impostors that escaped. Empty if
    nothing."""
    said = [f"not valid: {title}\n" + "\n".join(f"  {row}" for row in _rows(called, objection))
            for title, objection in found.objections.items()]
    escaped = [str(number) for number, catch in enumerate(found.impostors, 1) if catch is None]
    return "\n".join([*([f"not caught: impostors {', '.join(escaped)}"] if escaped else []), *said])


def _objection(called: str, objection: Objection) -> list[Text]:
    return [Text("      │ ", "dim").append(row, "bold" if i == 0 else "")
            for i, row in enumerate(_rows(called, objection))]


def _rows(called: str, objection: Objection) -> list[str]:
    rows = [f"{called}:{objection.line}: {objection.operation}", objection.why, _verdict(objection)]
    if objection.rule:
        rows.append(f"{objection.rule.header}: “{objection.rule.sentence}”")
    return rows


def _verdict(objection: Objection) -> str:
    """How many of the right designs answer as expected, and what that means."""
    if objection.held:
        return (f"{objection.held} of {objection.of} right designs answer so: that is more than the contract promises. "
                "Leave it out, or say how far it may go")
    if not objection.answered:
        return f"so it is on all {objection.of} right designs"
    if objection.rule:
        return f"none of {objection.of} right designs answers so; the contract decides it:"
    return f"none of {objection.of} right designs does so. If the contract leaves it open, leave it out"


def _at_the_end(done: Exercise) -> list[Text]:
    found = done.judged
    if found.objections:
        return [Text(), Text("  What is not valid catches nothing.", "yellow")]
    if not found.impostors:
        return [Text("  This lab has no impostors.")]
    if found.caught < len(found.impostors):
        return []
    return [Text(), Text("  All of them: these examples show that you know the contract.", "green")]
