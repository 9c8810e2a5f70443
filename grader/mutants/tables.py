"""What a campaign found, as Markdown: for docs/mutants-tables.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from grader.course.labs import Lab
from grader.mutants.campaign import NOT_COMPILED, NOT_LET_IN, SAME_CODE, Examined
from grader.mutants.survivors import Reasons

SHOWN_TESTS = 3  # names of those that caught a mutant; the others are counted

# The scale of a lab's 100 points, in words.
BANDS = ((5, "a detail"), (15, "one part of the contract"), (40, "a rung"), (70, "most of the lab"),
         (100, "nothing works"))


@dataclass
class LabFindings:
    """What was found of one lab's candidates."""

    lab: Lab
    examined: list[Examined] = field(default_factory=list)

    def of(self, kind: str) -> list[Examined]:
        """Those of one kind."""
        return [entry for entry in self.examined if entry.candidate.kind == kind]

    def survivors(self) -> list[Examined]:
        """The mutants that nothing caught."""
        return [entry for entry in self.examined
                if entry.candidate.kind != "alternative" and not entry.refusal and not entry.caught]

    def unexplained(self, reasons: Reasons) -> list[Examined]:
        """The survivors that nobody proved to be right."""
        return [entry for entry in self.survivors() if key(entry) not in reasons]


def key(entry: Examined) -> tuple[str, str]:
    """What an explanation knows a mutant by."""
    return entry.candidate.lab, entry.candidate.about


def markdown(found: Sequence[LabFindings], reasons: Reasons, command: str) -> str:
    """All tables, under a line that says what made them."""
    parts = [f"# Tables of mutants\n\nMade by `{command}`; [mutants.md](mutants.md) says what they "
             "are. Points are of a lab's 100."]
    parts += ["## How many are caught\n\n" + _table(SUMMARY, summary(found, reasons))]
    if any(lab.of("written") for lab in found):
        parts += [f"## What students get wrong: the scale\n\n{_scale(found)}"]
        parts += [f"## {lab.lab.title}: what its mistakes cost\n\n{_written(lab)}" for lab in found]
    if any(lab.of("alternative") for lab in found):
        parts += [f"## Right solutions of other designs\n\n{_alternatives(found)}"]
    if any(lab.survivors() for lab in found):
        parts += [f"## What nothing catches, and why that is right\n\n{_survivors(found, reasons)}"]
    if any(lab.of("generated") for lab in found):
        parts += [f"## {lab.lab.title}: generated mutants\n\n{_generated(lab)}" for lab in found]
    return "\n\n".join(parts) + "\n"


SUMMARY = ("lab", "hand-written", "caught", "generated", NOT_COMPILED, NOT_LET_IN, SAME_CODE,
           "graded", "caught", "explained", "unexplained", "points lost in other labs",
           "same score with every seed")


def summary(found: Iterable[LabFindings], reasons: Reasons) -> list[list[str]]:
    """A row for each lab, under SUMMARY."""
    return [[str(cell) for cell in _summary(lab, reasons)] for lab in found]


def _summary(lab: LabFindings, reasons: Reasons) -> list[object]:
    written, generated = lab.of("written"), lab.of("generated")
    graded = [entry for entry in generated if not entry.refusal]
    survivors = [entry for entry in lab.survivors() if entry.candidate.kind == "generated"]
    mutants = [entry for entry in (*written, *graded) if entry.marks]
    return [lab.lab.slug, len(written), sum(entry.caught for entry in written), len(generated),
            *(sum(entry.refusal == why for entry in generated)
              for why in (NOT_COMPILED, NOT_LET_IN, SAME_CODE)),
            len(graded), sum(entry.caught for entry in graded),
            sum(key(entry) in reasons for entry in survivors), len(lab.unexplained(reasons)),
            sum(entry.elsewhere for entry in mutants),
            _agreement(mutants)]


def _agreement(mutants: Iterable[Examined]) -> str:
    """How many lose the same points with every seed; nothing to be told where there was only one."""
    several = [entry.lost for entry in mutants if len(entry.lost) > 1]
    return f"{sum(len(set(lost)) == 1 for lost in several)} of {len(several)}" if several else "–"


def _scale(found: Iterable[LabFindings]) -> str:
    rows = []
    for lab in found:
        costs = [max(entry.lost) for entry in lab.of("written") if entry.marks]
        low = 0
        row = [lab.lab.slug]
        for high, _ in BANDS:
            row.append(str(sum(low < cost <= high for cost in costs)))
            low = high
        rows.append([*row, f"{sorted(costs)[len(costs) // 2]:g}" if costs else "–"])
    lows = (0, *(high for high, _ in BANDS))
    heads = [f"{low + 1}–{high}: {name}" for low, (high, name) in zip(lows, BANDS, strict=False)]
    return _table(["lab", *heads, "median"], rows)


def _written(lab: LabFindings) -> str:
    rows = [[_lost(entry), entry.candidate.about, f"`{entry.candidate.name}`",
             f"`{entry.candidate.caught_by}`: {entry.candidate.headline}", _tests(entry)]
            for entry in sorted(lab.of("written"), key=lambda e: (max(e.lost, default=0),
                                                                  e.candidate.name))]
    return _table(["points lost", "mistake", "name", "caught by", "all tests that it fails"], rows)


def _alternatives(found: Iterable[LabFindings]) -> str:
    rows = [[lab.lab.slug, f"`{entry.candidate.name}`", entry.candidate.about, str(len(entry.lost)),
             _lost(entry), _tests(entry)]
            for lab in found for entry in lab.of("alternative")]
    return _table(["lab", "name", "design", "seeds", "points lost", "in"], rows)


def _survivors(found: Iterable[LabFindings], reasons: Reasons) -> str:
    rows = [[lab.lab.slug, entry.candidate.about, reasons.get(key(entry), "**not explained**")]
            for lab in found for entry in lab.survivors()]
    return _table(["lab", "mutation", "why it is right"], rows)


def _generated(lab: LabFindings) -> str:
    rows = [[entry.candidate.about, entry.refusal or _lost(entry), _tests(entry)]
            for entry in lab.of("generated")]
    return _table(["mutation", "points lost", "caught by"], rows)


def _lost(entry: Examined) -> str:
    low, high = min(entry.lost, default=0), max(entry.lost, default=0)
    return f"{low:g}" if low == high else f"{low:g} to {high:g}, by seed"


def _tests(entry: Examined) -> str:
    names = entry.caught_by
    more = f" and {len(names) - SHOWN_TESTS} more" if len(names) > SHOWN_TESTS else ""
    return ", ".join(f"`{name}`" for name in names[:SHOWN_TESTS]) + more


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
