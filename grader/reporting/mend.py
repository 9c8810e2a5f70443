"""Where all files run together: which lab to mend first, for a mistake shows in whatever stands on it, too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.course import labs
from grader.course.labs import Lab
from grader.judging.verdict import Verdict
from grader.reporting.results import Results

_FINE = (Verdict.PASS, Verdict.INFRA, Verdict.NOT_RUN)


def first(found: Results) -> str:
    """A sentence about where to begin; empty if nothing is wrong with all files together."""
    failed = {test["name"].partition("/")[0] for test in found.integrated.get("tests", ())
              if Verdict(test["verdict"]) not in _FINE}
    if not failed:
        return ""
    alone = [labs.find(lab.lab) for lab in found.labs if any(test.verdict not in _FINE for test in lab.tests)]
    if not alone:
        below = in_order(lab for lab in labs.all_labs() if lab.slug in failed)
        names = ", ".join(dict.fromkeys(slug for lab in below for slug in (lab.slug, *lab.stands_on)))
        return f"Alone each lab passes its tests: the mistake is where they meet. Look at {names}."
    begin, *others = in_order(alone)
    above = [lab.slug for lab in labs.all_labs() if begin.slug in stands_on(lab) and lab.slug in failed - {begin.slug}]
    words = [f"Mend {begin.slug} first: its own tests fail"]
    if above:
        stand = "stands" if len(above) == 1 else "stand"
        words.append(f"and {', '.join(above)}, which {stand} on it, may fail for its sake")
    words += [f"then {', '.join(lab.slug for lab in others)}"] if others else []
    return ", ".join(words) + "."


def in_order(some: Iterable[Lab]) -> Sequence[Lab]:
    """Labs that stand on few others first; those that stand on each other by their numbers."""
    return sorted(some, key=lambda lab: (len(stands_on(lab) - {lab.slug}), lab.number))


def stands_on(lab: Lab) -> set[str]:
    """The labs that a lab calls, and those that these call, and so on."""
    by_slug = {each.slug: each for each in labs.all_labs()}
    found: set[str] = set()
    below = list(lab.stands_on)
    while below:
        slug = below.pop()
        if slug not in found and slug in by_slug:
            found.add(slug)
            below += by_slug[slug].stands_on
    return found
