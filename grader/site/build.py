"""`make site`: the handouts, the reference as an image, the machine, and the judge, in one folder.

What is in web/ goes there as it is; the packages come from web/node_modules.
"""

from __future__ import annotations

import hashlib
import html
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from grader.building import build
from grader.course import handouts, labs
from grader.course.labs import ROOT
from grader.errors import GraderError, Infrastructure
from grader.page.report import SCRIPTS
from grader.site import editor, handout, room

WEB = ROOT / "web"
PACKAGES = WEB / "node_modules"
PYTHON = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
CPU = PACKAGES / "v86" / "build" / "v86.wasm"
# The rooms of the grader that the judge in the page has, and files of labs.
ROOMS = ("building", "course", "emulators", "evidence", "grading", "judging", "page", "reporting", "scenarios")
OF_A_LAB = ("*.toml", "*.py", "scenarios/*", "traces/*")
HANDOUTS = "<!-- handouts -->"  # in index.html
WORKER = "worker.js"  # every site has one
COMPILER = "clang"  # its folder: too large to be kept before somebody asks for it
_THEN = (1980, 1, 1, 0, 0, 0)  # as zip files have it: the same content gives the same bytes


def build_site(toolchain: build.Toolchain, out: Path, typeset: bool = True) -> None:
    """Makes the folder anew. Without `typeset` there are no handouts. Raises GraderError."""
    if not CPU.exists():
        raise Infrastructure(f"{CPU.relative_to(ROOT)} is missing. `make -C web setup` gets it.")
    if out.exists() and any(out.iterdir()) and not (out / WORKER).exists():
        raise GraderError(f"{out} has something in it that is no site. OUT=folder names another one")
    shutil.rmtree(out, ignore_errors=True)
    (out / "pyodide").mkdir(parents=True)
    for folder in ("machine", "judge", "page", "compile"):
        shutil.copytree(WEB / folder, out / folder, ignore=shutil.ignore_patterns("*.cpp"))
    for path in (*(WEB / "static").iterdir(), CPU):
        shutil.copyfile(path, out / path.name)
    for name in PYTHON:
        shutil.copyfile(PACKAGES / "pyodide" / name, out / "pyodide" / name)
    _pictures(out / "page")
    shutil.copyfile(build.stripped(build.image(toolchain, {})), out / "reference.elf")
    (out / "labs.json").write_text(json.dumps(_labs()), encoding="utf-8")
    _judge(out / "judge" / "kit.zip")
    _writing(toolchain, out)
    if typeset:
        _handouts(out)
    _worker(out)


def _labs() -> list[dict]:
    return [{"slug": lab.slug, "number": lab.number, "title": lab.title, "handout": lab.folder.name}
            for lab in labs.all_labs()]


def _writing(toolchain: build.Toolchain, out: Path) -> None:
    """What the page takes to write code in it; without a compiler there it can be written, and not be tried."""
    editor.copy_editor(PACKAGES, out / "codemirror")
    slugs = room.build_rooms(toolchain, out / "rooms")
    size = editor.copy_compiler(PACKAGES, out / COMPILER)
    written = {"compiler": size, "slugs": slugs, "labs": editor.stubs(slugs)}
    (out / "writing.json").write_text(json.dumps(written), encoding="utf-8")


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
               if path.is_file())]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(str(path.relative_to(ROOT)), _THEN)
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _handouts(out: Path) -> None:
    made, listed = out / "typeset", handouts.all_handouts()
    handouts.build(listed, made, lambda line: None, printed=False)
    for name in (entry.name for entry in listed):
        text = (made / f"{name}.html").read_text(encoding="utf-8")
        (out / f"{name}.html").write_text(handout.as_page(text), encoding="utf-8")
    front = out / "index.html"
    links = "\n".join(f'<li><a href="{entry.name}.html">{html.escape(entry.title)}</a></li>' for entry in listed)
    front.write_text(front.read_text(encoding="utf-8").replace(HANDOUTS, links), encoding="utf-8")
    for path in (made / "generated").glob("*.svg"):
        shutil.copyfile(path, out / path.name)
    shutil.rmtree(made)


def _worker(out: Path) -> None:
    """What the service worker keeps, so that the site works without a network; its name is its content's."""
    names = sorted(_files(out))
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + (out / name).read_bytes())
    worker = out / WORKER
    text = worker.read_text(encoding="utf-8")
    kept = [name for name in names if name != worker.name and not name.startswith(f"{COMPILER}/")]
    worker.write_text(f"const NAME = {json.dumps(digest.hexdigest()[:16])};\nconst FILES = {json.dumps(kept)};\n"
                      f"const LATER = {json.dumps(COMPILER)};\n{text}", encoding="utf-8")


def _files(folder: Path) -> Iterator[str]:
    return (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
