"""What Gradescope, Autolab and PrairieLearn take: the kit as students have it, and their own few files
around it (grader/kit/packages/). The grader and objects, no solution's source: students' code runs there.
"""

from __future__ import annotations

import json
import shutil
import tarfile
import uuid
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from grader.building.toolchain import Toolchain
from grader.course import course, labs
from grader.course.labs import ROOT, Lab
from grader.errors import GraderError
from grader.kit import cut

TEMPLATES = Path(__file__).resolve().parent / "packages"
IMAGE = "marionette-labs"  # what PrairieLearn's questions call the image until somebody changes it
# Of grader/cohort/, what takes files out of an archive.
_READER = ("__init__", *(f"intake/{name}" for name in ("__init__", "archive", "files", "identity", "unpack")))
OF_THE_IMAGE = ("Containerfile", "setup.sh", "packages.txt")  # that has the tools only
SECONDS = 300  # PrairieLearn ends a grading after that

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can hold


@dataclass(frozen=True)
class Package:
    """A package in the making: its folder, which has the kit in it, the labs that it grades, and what
    LAB= is (empty: all of them)."""

    folder: Path
    chosen: Sequence[Lab]
    slug: str


def make(name: str, out: Path, toolchain: Toolchain, rules: course.Course, slug: str) -> Path:
    """Makes a platform's package as the folder `out`; returns what is to be uploaded.

    Release dates do not matter: what is graded there is decided there. Raises GraderError.
    """
    if name not in KINDS:
        raise GraderError(f"there is no package for '{name}', only: {', '.join(KINDS)}")
    if out.exists():
        raise GraderError(f"{out} is there already: name a folder that is to be made")
    chosen = [labs.find(slug)] if slug else labs.all_labs()
    cut.lay_out(out / "kit", toolchain, replace(rules, dates={}), datetime.now(UTC))
    package = Package(out, chosen, slug)
    return KINDS[name](package)


def _gradescope(package: Package) -> Path:
    """A zip with setup.sh and run_autograder at its top."""
    _write(package, "gradescope", "setup.sh", "run_autograder")
    target = package.folder.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(p for p in package.folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(package.folder).as_posix(), _EPOCH)
            entry.external_attr = (0o755 if path.stat().st_mode & 0o100 else 0o644) << 16
            file.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return target


def _autolab(package: Package) -> Path:
    """autograde-Makefile, autograde.tar, and what their image is made of."""
    _write(package, "autolab", "autograde-Makefile")
    kit = package.folder / "kit"
    for name in OF_THE_IMAGE:
        shutil.copy(kit / name, package.folder)
    shutil.copy(TEMPLATES / "autolab" / "take_files", kit)
    (kit / "grader" / "cohort" / "intake").mkdir(parents=True)
    for name in _READER:
        shutil.copy(ROOT / "grader" / "cohort" / f"{name}.py", kit / "grader" / "cohort" / f"{name}.py")
    with tarfile.open(package.folder / "autograde.tar", "w") as tar:
        tar.add(kit, "kit")
    shutil.rmtree(kit)
    return package.folder


def _prairielearn(package: Package) -> Path:
    """The kit, from which its image is made, and a question a lab."""
    template = (TEMPLATES / "prairielearn" / "question.html").read_text(encoding="utf-8")
    for lab in package.chosen:
        folder = package.folder / "questions" / f"marionette-{lab.slug}"
        folder.mkdir(parents=True)
        (folder / "info.json").write_text(json.dumps(_question(lab), indent=4) + "\n", encoding="ascii")
        (folder / "question.html").write_text(
            template.replace("@TITLE@", lab.title).replace("@FILES@", ",".join(lab.files)),
            encoding="utf-8")
    return package.folder


def _question(lab: Lab) -> dict:
    """A question's info.json. Its uuid is always the same: that is how PrairieLearn knows it again."""
    return {"uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"marionette-labs/{lab.slug}")),
            "title": lab.title, "topic": "Memory management", "type": "v3", "singleVariant": True,
            "gradingMethod": "External",
            "externalGradingOptions": {
                "enabled": True, "image": IMAGE, "timeout": SECONDS, "enableNetworking": False,
                "entrypoint": f"/kit/grader/marionette platform prairielearn --lab {lab.slug}"}}


def _write(package: Package, name: str, *files: str) -> None:
    """Copies a platform's files to the top of its package, with the lab in its place."""
    for file in files:
        source, target = TEMPLATES / name / file, package.folder / file
        target.write_text(source.read_text(encoding="utf-8").replace("@LAB@", package.slug),
                          encoding="utf-8")
        target.chmod(0o755 if source.read_bytes().startswith(b"#!") else 0o644)


KINDS: dict[str, Callable[[Package], Path]] = {
    "gradescope": _gradescope, "autolab": _autolab, "prairielearn": _prairielearn}
