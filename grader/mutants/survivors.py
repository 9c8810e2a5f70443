"""The generated mutants that no test catches: survivors.toml says of each why that is right."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from grader.errors import GraderError
from grader.mutants.generated import about

PATH = Path(__file__).with_name("survivors.toml")

# (lab, what the mutation does) -> why it is as right as the reference
Reasons = dict[tuple[str, str], str]


def load(path: Path = PATH) -> Reasons:
    """The explanations. Each is known by the line's own text: it stays true when others move."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", [])
        return {(e["lab"], about(e.get("in", ""), e["line"], e["becomes"])): e["why"] for e in entries}
    except (OSError, ValueError, KeyError) as error:
        raise GraderError(f"{path}: no list of [[survivor]] with lab, in, line, becomes and why: "
                          f"{error}") from error


def stale(reasons: Reasons, possible: Iterable[tuple[str, str]],
          caught: Iterable[tuple[str, str]], labs: Iterable[str]) -> list[str]:
    """What is wrong with the explanations of these labs: of mutations that there are not any more,
    and of such as a test catches."""
    asked = {key for key in reasons if key[0] in labs}
    return ([f"{lab}: there is no such mutation any more: {what}"
             for lab, what in sorted(asked - set(possible))]
            + [f"{lab}: a test catches it now: {what}"
               for lab, what in sorted(asked & set(caught))])
