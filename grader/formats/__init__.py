"""What other programs read of a grading: each format a pure function from results.json to text.

A module here is one format, or two that belong together: its `FORMATS` are found by themselves.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path

from grader.errors import GraderError
from grader.formats import graded
from grader.formats.format import Context, Format
from grader.reporting.results import write_whole


def all_formats() -> dict[str, Format]:
    """Every format by its name."""
    modules = [importlib.import_module(f"{__name__}.{module.name}")
               for module in pkgutil.iter_modules(__path__)]
    found = [form for module in modules for form in getattr(module, "FORMATS", ())]
    return {form.name: form for form in sorted(found, key=lambda form: form.name)}


def named(names: str) -> list[Format]:
    """The formats of a list like `gradescope,junit`. Raises GraderError, which says what there is."""
    known = all_formats()
    for name in filter(None, names.split(",")):
        if name not in known:
            raise GraderError(f"there is no format '{name}', only: {', '.join(known)}")
    return [known[name] for name in names.split(",") if name]


def convert(form: Format, path: Path, context: Context) -> tuple[str, str]:
    """The text for the results in a file, and why it could only say that the grading broke ("" if it
    could say more). Never raises for what the file holds, or because it is missing."""
    try:
        return form.render(graded.read(path), context), ""
    except GraderError as error:
        return form.broken(str(error), context), str(error)


def write(text: str, target: str) -> None:
    """Writes a text to a file, whole, making its folder; or to standard output, for `-`."""
    if target == "-":
        print(text, end="", flush=True, file=sys.stdout)
        return
    write_whole(Path(target), text)


def write_beside(wanted: Iterable[Format], folder: Path, context: Context) -> None:
    """Writes formats into the folder that holds results.json."""
    for form in wanted:
        text, _ = convert(form, folder / "results.json", context)
        write(text, str(folder / form.file))


def write_broken(wanted: Iterable[Format], folder: Path, context: Context, reason: str) -> None:
    """Writes into a folder, in each format, that a grading broke."""
    for form in wanted:
        write(form.broken(reason, context), str(folder / form.file))
