"""What a course gives for examples, as results.json has it: for each lab its weight, in proportion to the impostors
that valid examples catch."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from grader.building import handed_in
from grader.building.toolchain import Toolchain
from grader.course.labs import Lab
from grader.errors import GraderError, Infrastructure
from grader.examples import designs, told
from grader.examples.exercise import exercise
from grader.points import number

NONE = "no examples were handed in"


def scored(labs: Sequence[Lab], submission: Path, toolchain: Toolchain, weight: int, refusal: str = "") -> dict:
    """The points for the examples of some labs, those for which there are impostors here. With a `refusal` nothing of
    the submission is looked at."""
    labs = [lab for lab in labs if designs.are_there(lab, toolchain)]
    found = [_scored(lab, None if refusal else handed_in.examples(lab, submission), toolchain, weight, refusal or NONE)
             for lab in labs]
    scores = [entry["score"] for entry in found]
    return {"score": None if None in scores else number(sum(map(Fraction, scores), Fraction(0))),
            "max_score": weight * len(labs), "weight": weight, "labs": found}


def _scored(lab: Lab, file: Path | None, toolchain: Toolchain, weight: int, missing: str) -> dict:
    entry = {"lab": lab.slug, "score": 0, "max_score": weight, "examples": 0, "valid": 0, "caught": 0, "impostors": 0,
             "message": missing}
    if not file:
        return entry
    try:
        done = exercise(lab, toolchain, file, f"examples/{lab.examples}")
    except GraderError as error:
        return entry | {"message": str(error), **({"score": None} if isinstance(error, Infrastructure) else {})}
    found = done.judged
    share = Fraction(found.caught, len(found.impostors) or 1)
    return entry | {"score": number(share * weight), "examples": len(found.titles),
                    "valid": len(found.titles) - len(found.objections), "caught": found.caught,
                    "impostors": len(found.impostors), "message": told.in_short(f"examples/{lab.examples}", found)}
