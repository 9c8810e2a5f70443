"""`make kit`: a student's repository, as a folder with a git history of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader import temporary
from grader.building.toolchain import Toolchain
from grader.course import course, labs
from grader.course.labs import Lab
from grader.errors import GraderError
from grader.examples import designs
from grader.kit import contents, leaks, manifest, objects
from grader.reporting import provenance


@dataclass(frozen=True)
class Kit:
    """What was cut: the labs that are out, those held back, and whose solutions lie in it as objects."""

    folder: Path
    commit: str
    released: Sequence[Lab]
    held_back: Sequence[Lab]
    objects: Sequence[str]


def released(rules: course.Course, every: Sequence[Lab], moment: datetime) -> list[Lab]:
    """The labs that are out at a moment: those without a release date always are."""
    def out(lab: Lab) -> bool:
        dates = rules.dates.get(lab.slug)
        return not dates or not dates.release or dates.release <= moment
    return [lab for lab in every if out(lab)]


def solutions_out(rules: course.Course, every: Sequence[Lab], given: Sequence[Lab],
                  moment: datetime) -> set[str]:
    """The labs whose solutions are in the kit, as objects: from the moment that course.toml names, or
    as soon as the stage of a lab that is out runs them."""
    needed = objects.needed(given)
    def out(lab: Lab) -> bool:
        dates = rules.dates.get(lab.slug)
        return dates.reference <= moment if dates and dates.reference else lab.slug in needed
    return {lab.slug for lab in every if out(lab)}


def too_early(kit: Kit, rules: course.Course, moment: datetime) -> list[str]:
    """The labs whose solutions are in a kit as objects, though by their dates they are still to be handed in."""
    def last(dates: course.Dates) -> datetime:
        return max(filter(None, (dates.release, dates.due, dates.late)), default=moment)
    return [lab.slug for lab in (*kit.released, *kit.held_back) if not set(lab.files).isdisjoint(kit.objects)
            and lab.slug in rules.dates and last(rules.dates[lab.slug]) > moment]


def lay_out(folder: Path, toolchain: Toolchain, rules: course.Course, moment: datetime) -> Kit:
    """Writes a kit's files to a folder that is not there yet; no git. Raises GraderError."""
    every = labs.all_labs()
    given = released(rules, every, moment)
    if not given:
        raise GraderError("course.toml holds every lab back: there is nothing to cut yet")
    held_back = [lab for lab in every if lab not in given]
    wanted = solutions_out(rules, every, given, moment)
    commit = contents.commit()
    folder.mkdir(parents=True)
    contents.lay_out(folder, given)
    solved = objects.write(folder / "reference" / f"0x{toolchain.kernel_base:08X}", toolchain, every,
                           wanted)
    _write_designs(folder / "reference", toolchain, [lab for lab in given if shows_designs(rules, lab, moment)])
    (folder / provenance.VERSION_FILE).write_text(commit + "\n", encoding="ascii")
    dates = [(lab, of_lab) for lab in given if (of_lab := rules.dates.get(lab.slug)) and of_lab.due]
    (folder / "course.toml").write_text(_course(rules, dates), encoding="ascii")
    readme = folder / "README.md"
    readme.write_text(_readme(readme.read_text(encoding="utf-8"), rules.site) + _due(dates), encoding="utf-8")
    leaks.check(folder)
    manifest.write(folder)
    return Kit(folder, commit, given, held_back, solved)


def shows_designs(rules: course.Course, lab: Lab, moment: datetime) -> bool:
    """Whether right designs of a lab may be in the kit: not before the moment that course.toml names, if it does."""
    dates = rules.dates.get(lab.slug)
    return not dates or not dates.reference or dates.reference <= moment


def _write_designs(reference: Path, toolchain: Toolchain, shown: Sequence[Lab]) -> None:
    """What examples of these labs are tried on, as objects made like the references."""
    for lab in shown:
        there = designs.of(lab, toolchain)
        if there.impostors:
            designs.write(designs.folder(reference, toolchain, lab), there,
                          lambda source, target: objects.strip(toolchain.tools, source, target))


def _course(rules: course.Course, dates: Sequence[tuple[Lab, course.Dates]]) -> str:
    """The kit's own course.toml: of the course's rules, those that a student's results and handouts show."""
    text = ("# What the course decides, as far as students see it here: what changes what `make grade` says, and for the\n"
            "# handouts when a lab is due.\n\n"
            f"[integrated]\nweight = {rules.integrated_weight}\n"
            f"\n[examples]\nweight = {rules.examples_weight}\n")
    for lab, of_lab in dates:
        text += f"\n[dates.{lab.slug}]\ndue = {of_lab.due.isoformat()}\n"
        text += f"late = {of_lab.late.isoformat()}\n" if of_lab.late else ""
    return text + (f'\n[site]\naddress = "{rules.site}"\n' if rules.site else "")


def _due(dates: Sequence[tuple[Lab, course.Dates]]) -> str:
    """The end of the kit's README: when each lab is due. Empty where none is."""
    rows = [f"| {lab.number} {lab.title} | {of_lab.in_words} |" for lab, of_lab in dates]
    return "\n".join(["\n## When they are due\n", "| lab | due |", "| --- | --- |", *rows, ""]) if rows else ""


def _readme(text: str, site: str) -> str:
    """The kit's README; where the course has a site, that comes before what is installed."""
    if not site:
        return text
    begin = text.index("On Debian")
    return f"{text[:begin]}To try it first, with nothing installed: <{site}>\n\n{text[begin:]}"


def cut(target: Path, toolchain: Toolchain, rules: course.Course, moment: datetime) -> Kit:
    """Makes `target` a new repository with one commit. Raises GraderError; then there is none."""
    if target.exists():
        raise GraderError(f"{target} is there already. A kit that students have is brought up to "
                          f"date with UPDATE={target}; for a new one, name another folder or "
                          "remove this one")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary.folder(target.parent, f".marionette-{target.name}") as work:
            kit = lay_out(work / "kit", toolchain, rules, moment)
            git(kit.folder, "init", "-q", "-b", "main")
            record(kit.folder, f"kit: as of {kit.commit[:12]}")
            leaks.check(kit.folder)
            os.replace(kit.folder, target)
    except OSError as error:
        raise GraderError(f"{target} can't be made: {error.strerror or error}. KIT_FOLDER= names another place") from error
    return Kit(target, kit.commit, kit.released, kit.held_back, kit.objects)


def record(kit: Path, message: str, *paths: str) -> None:
    """Commits some paths of a kit's repository, or everything in it."""
    tracked = git(kit, "ls-files", "-z").split("\0")
    known = [path for path in paths if path in tracked or (kit / path).exists()] or ["."]
    git(kit, "add", "--all", "--", *known)
    if git(kit, "status", "--porcelain", "--", *known):
        git(kit, "commit", "-q", "-m", message, "--", *known)


def git(kit: Path, *arguments: str) -> str:
    """Runs git in a kit's repository, with a name to commit under where there is none."""
    name = {"GIT_AUTHOR_NAME": "Marionette Labs", "GIT_AUTHOR_EMAIL": "kit@invalid",
            "GIT_COMMITTER_NAME": "Marionette Labs", "GIT_COMMITTER_EMAIL": "kit@invalid"}
    done = subprocess.run(["git", "-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false",
                           "-C", str(kit), *arguments], env={**name, **os.environ},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise GraderError(f"git {arguments[0]} failed in {kit}: "
                          f"{(done.stderr or done.stdout).strip()}")
    return done.stdout
