"""The page that plays a kernel, and what it takes: the machine, the judge, their list of labs. It is a part of every
site; beside a report it is all of one, with the kernels that were graded."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.building import build
from grader.course import labs
from grader.course.labs import ROOT
from grader.errors import GraderError, Infrastructure
from grader.page.report import SCRIPTS

WEB = ROOT / "web"
PACKAGES = WEB / "node_modules"
PYTHON = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
CPU = PACKAGES / "v86" / "build" / "v86.wasm"
# The rooms of the grader that the judge in the page has, and files of labs.
ROOMS = ("building", "course", "emulators", "evidence", "grading", "judging", "page", "reporting", "scenarios")
OF_A_LAB = ("*.toml", "*.py", "scenarios/*", "traces/*")
PAGE = "try.html"
WORKER = "worker.js"  # every site has one
LATER = "clang"  # a folder that is too large to be kept before somebody asks for it
BESIDE = "site"  # a report
_BASE = 0xC0000000  # the page's judge knows no other
_THEN = (1980, 1, 1, 0, 0, 0)  # as zip files have it: the same content gives the same bytes


def check(toolchain: build.Toolchain) -> None:
    """Raises GraderError if kernels built so can't be played in a page made here."""
    if not CPU.exists():
        raise Infrastructure(f"{CPU.relative_to(ROOT)} is missing. `make -C web setup` gets it.")
    if toolchain.kernel_base != _BASE:
        raise GraderError(f"FORMATS=site plays kernels at {_BASE:#x}, and KERNEL_BASE is {toolchain.kernel_base:#x}")


def write_beside(report: Path, images: Mapping[str, Path]) -> dict[str, str]:
    """A site beside a report, with each lab's image; returns the pages that play them, as links of the report."""
    out = report / BESIDE
    begin(out)
    shutil.copyfile(WEB / "static" / PAGE, out / PAGE)
    shutil.copyfile(WEB / "static" / WORKER, out / WORKER)
    keep_offline(out)  # without kernels, which are others after the next grading
    kernels = [{"file": add_kernel(out, image), "name": f"as graded in lab {lab}", "lab": lab}
               for lab, image in images.items()]
    write_kernels(out, kernels, alone=True)
    return {kernel["lab"]: f"{BESIDE}/{PAGE}?kernel={kernel['file']}" for kernel in kernels}


def check_replaceable(out: Path) -> None:
    """Raises GraderError for a folder with anything in it but a site."""
    if out.exists() and any(out.iterdir()) and not (out / WORKER).exists():
        raise GraderError(f"{out} has something in it that is no site. OUT=folder names another one")


def begin(out: Path) -> None:
    """Makes the folder anew, with all that playing takes but the page. Raises GraderError."""
    check_replaceable(out)
    shutil.rmtree(out, ignore_errors=True)
    (out / "pyodide").mkdir(parents=True)
    for folder in ("machine", "judge", "page"):
        shutil.copytree(WEB / folder, out / folder)
    shutil.copyfile(CPU, out / CPU.name)
    for name in PYTHON:
        shutil.copyfile(PACKAGES / "pyodide" / name, out / "pyodide" / name)
    _pictures(out / "page")
    (out / "labs.json").write_text(json.dumps(_labs()), encoding="utf-8")
    _judge(out / "judge" / "kit.zip")


def add_kernel(out: Path, image: Path) -> str:
    """Adds an image without its symbols, under a name that says nothing of it; returns that, from the site's folder
    on."""
    content = build.stripped(image).read_bytes()
    name = f"kernels/{hashlib.sha256(content).hexdigest()[:16]}.elf"
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_bytes(content)
    return name


def write_kernels(out: Path, kernels: list[dict], alone: bool) -> None:
    """The kernels that the page offers: each a `file`, a `name`, and the one `lab` that it is for, or "". The page is
    `alone` if the site has no other."""
    (out / "kernels.json").write_text(json.dumps({"alone": alone, "kernels": kernels}), encoding="utf-8")


def _labs() -> list[dict]:
    return [{"slug": lab.slug, "number": lab.number, "title": lab.title, "handout": lab.folder.name}
            for lab in labs.all_labs()]


def _pictures(folder: Path) -> None:
    """The report's scripts, which draw here, too, and its style: up to where they look for a report's films."""
    assets = ROOT / "grader" / "page" / "assets"
    text = "\n".join((assets / name).read_text(encoding="utf-8") for name in SCRIPTS)
    text = text.removesuffix("start();\n")
    (folder / "pictures.mjs").write_text(f"{text}\nexport {{ Film, Viewer }};\n", encoding="utf-8")
    shutil.copyfile(assets / "page.css", folder / "page.css")


def _judge(target: Path) -> None:
    """The grader's Python that judges, and the labs, as a zip."""
    files = [*(ROOT / "grader").glob("*.py"), *(path for room in ROOMS
                                              for path in (ROOT / "grader" / room).rglob("*.py")),
             *(path for lab in labs.all_labs() for pattern in OF_A_LAB for path in lab.folder.glob(pattern)
               if path.is_file() and path != lab.impostors)]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(str(path.relative_to(ROOT)), _THEN)
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def keep_offline(out: Path) -> None:
    """What the service worker keeps, so that the site works without a network; its name is its content's."""
    names = sorted(_files(out))
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + (out / name).read_bytes())
    worker = out / WORKER
    text = worker.read_text(encoding="utf-8")
    kept = [name for name in names if name != worker.name and not name.startswith(f"{LATER}/")]
    worker.write_text(f"const NAME = {json.dumps(digest.hexdigest()[:16])};\nconst FILES = {json.dumps(kept)};\n"
                      f"const LATER = {json.dumps(LATER)};\n{text}", encoding="utf-8")


def _files(folder: Path) -> Iterator[str]:
    return (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
