"""`make site`: the handouts, the reference as an image, kernels with a mistake, the machine, and the judge, in one
folder.

What is in web/ goes there as it is; the packages come from web/node_modules.
"""

from __future__ import annotations

import html
import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader.building import build
from grader.course import handouts, labs
from grader.course.labs import Lab
from grader.errors import Infrastructure
from grader.mutants import impostors
from grader.mutants.sources import Candidate
from grader.site import editor, handout, player, room

HANDOUTS = "<!-- handouts -->"  # in index.html
REFERENCE = "reference.elf"
MISTAKES = 3  # kernels a lab with one to be found


def build_site(toolchain: build.Toolchain, out: Path, typeset: bool = True) -> None:
    """Makes the folder anew; it stays as it was until the new one is whole. Without `typeset` there are no handouts.
    Raises GraderError."""
    if not player.CPU.exists():
        raise Infrastructure(f"{player.CPU.relative_to(labs.ROOT)} is missing. `make -C web setup` gets it.")
    player.check_replaceable(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as work:
        made = Path(work) / out.name
        _fill(toolchain, made, typeset)
        shutil.rmtree(out, ignore_errors=True)
        made.rename(out)


def _fill(toolchain: build.Toolchain, out: Path, typeset: bool) -> None:
    player.begin(out)
    shutil.copytree(player.WEB / "compile", out / "compile", ignore=shutil.ignore_patterns("*.cpp"))
    for path in (player.WEB / "static").iterdir():
        shutil.copyfile(path, out / path.name)
    shutil.copyfile(build.stripped(build.image(toolchain, {})), out / REFERENCE)
    player.write_kernels(out, [{"file": REFERENCE, "name": "the reference", "lab": ""}, *_mistakes(toolchain, out)],
                         alone=False)
    _writing(toolchain, out)
    if typeset:
        _handouts(out)
    player.keep_offline(out)


def _mistakes(toolchain: build.Toolchain, out: Path) -> list[dict]:
    """Some of each lab's impostors, the first and the last among them: the first are the easiest to find."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        chosen = [(lab, candidate) for lab in labs.all_labs() for candidate in _spread(lab)]
        images = list(pool.map(lambda one: _image(toolchain, *one), chosen))
    numbers = [number for lab in labs.all_labs() for number, _ in enumerate(_spread(lab), 1)]
    return [{"file": player.add_kernel(out, image), "name": f"with a mistake: find it ({number})", "lab": lab.slug}
            for (lab, _), image, number in zip(chosen, images, numbers, strict=True)]


def _spread(lab: Lab) -> list[Candidate]:
    known = [candidate for candidate, _ in impostors.chosen(lab)]
    return [known[i * (len(known) - 1) // (MISTAKES - 1)] for i in range(MISTAKES)] if len(known) >= MISTAKES else known


def _image(toolchain: build.Toolchain, lab: Lab, candidate: Candidate) -> Path:
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        source = Path(folder) / lab.files[0]
        source.write_text(candidate.text, encoding="utf-8")
        return build.image(toolchain, {source.name: source})


def _writing(toolchain: build.Toolchain, out: Path) -> None:
    """What the page takes to write code in it; without a compiler there it can be written, and not be tried."""
    editor.copy_editor(player.PACKAGES, out / "codemirror")
    slugs = room.build_rooms(toolchain, out / "rooms")
    size = editor.copy_compiler(player.PACKAGES, out / player.LATER)
    written = {"compiler": size, "slugs": slugs, "labs": editor.stubs(slugs)}
    (out / "writing.json").write_text(json.dumps(written), encoding="utf-8")


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
