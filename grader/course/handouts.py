"""The handouts: handouts/*.adoc to HTML and PDF, with what must not disagree with the labs generated.

Asciidoctor does the typesetting. Written for it before, below build/handouts/: the figures
(handouts/figures), and from each lab.toml the tables that a handout includes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from pathlib import Path
from types import MappingProxyType

from grader.course import course, labs, prompts
from grader.course.labs import ROOT, Lab
from grader.errors import GraderError, Infrastructure

SOURCE = ROOT / "handouts"
THEME = SOURCE / "theme"
TOOLS = ("asciidoctor", "asciidoctor-pdf")

_ATTRIBUTES = {
    "figure-caption": "Figure", "idprefix": "", "idseparator": "-", "sectanchors": "",
    "table-caption!": "", "toc-title": "Contents", "xrefstyle": "short",
}
_FOR_INDEX = {"stylesdir": str(THEME), "stylesheet": "handout.css", "webfonts!": "", "nofooter": ""}
_FOR_HTML = _FOR_INDEX | {"toc": "left", "toclevels": "1", "docinfo": "shared"}
_FOR_PDF = {"pdf-themesdir": str(THEME), "pdf-theme": "handout", "autofit-option": ""}


@dataclass(frozen=True)
class Handout:
    """One handout: `name` is its file's, without the suffix."""

    name: str
    path: Path
    title: str
    lab: Lab | None  # None for the first, which is about the tools


def all_handouts(source: Path = SOURCE) -> list[Handout]:
    """Every handout, in order; that of lab N-SLUG is called N-SLUG.adoc."""
    of_folder = {lab.folder.name: lab for lab in labs.all_labs()}
    found = []
    for path in sorted(source.glob("[0-9]*.adoc")):
        title = path.read_text(encoding="utf-8").partition("\n")[0]
        if not title.startswith("= "):
            raise GraderError(f"{path}:1: a handout begins with its title: `= TITLE`")
        found.append(Handout(path.stem, path, title[2:], of_folder.get(path.stem)))
    return found


def build(handouts: list[Handout], out: Path, say: Callable[[str], None], printed: bool = True,
          site: str = "") -> list[Path]:
    """Writes HTML of each, PDF if it is to be `printed`, and the index, into `out`; returns the files. `say` is told
    of each. The HTML leads to the `site`, if that is an address, where it shows a lab's prompt.

    Raises GraderError with Asciidoctor's own words if it has anything to complain of.
    """
    for tool in TOOLS if printed else TOOLS[:1]:
        if not shutil.which(tool):
            raise Infrastructure(f"{tool} is not installed. `make setup` installs it.")
    generated = out / "generated"
    write_generated(generated)
    jobs = [("asciidoctor", [h.path for h in handouts], _FOR_HTML),
            ("asciidoctor", [generated / "index.adoc"], _FOR_INDEX),
            *(("asciidoctor-pdf", [h.path], _FOR_PDF) for h in handouts if printed)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(lambda job: _convert(*job, out, say), jobs))
    for path in made[0] if site else ():
        text = path.read_text(encoding="utf-8")
        path.write_text(prompts.behind_each(text, lambda fragment: _link(site, fragment)), encoding="utf-8")
    return [path for paths in made for path in paths]


def _link(site: str, fragment: str) -> str:
    return (f'\n<p class="try"><a href="{escape(f"{site}try.html{fragment}")}">Try it in the browser</a>: '
            "the same kernel, with nothing installed</p>")


def _convert(tool: str, sources: list[Path], attributes: dict[str, str], out: Path,
             say: Callable[[str], None]) -> list[Path]:
    """Runs Asciidoctor once; any warning, a reference that leads nowhere among them, is an error."""
    generated = out / "generated"
    given = _ATTRIBUTES | attributes | {
        "generated": str(generated), "imagesdir": str(generated), "docinfodir": str(generated)}
    command = [tool, "--verbose", "--failure-level", "INFO", "--destination-dir", str(out),
               *(word for name, value in given.items() for word in ("-a", f"{name}={value}")),
               *map(str, sources)]
    done = subprocess.run(command, env={**os.environ, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0 or done.stderr.strip():
        raise GraderError(f"{tool} has something to say:\n{done.stderr.strip()}")
    suffix = ".pdf" if tool == "asciidoctor-pdf" else ".html"
    made = [out / (source.stem + suffix) for source in sources]
    for path in made:
        if suffix == ".html":
            path.write_text(_for_everybody(path.read_text(encoding="utf-8")), encoding="utf-8")
        say(f"  {suffix[1:].upper():<5} {os.path.relpath(path, ROOT)}")
    return made


# What Asciidoctor's HTML lacks for those who hear a page, or have no mouse: landmarks, names of the links beside
# headings, and a place for the keys in code and figures that are wider than the page.
_ADDED = (
    (re.compile(r'<div id="header">'), r'<div id="header" role="banner">'),
    (re.compile(r'<div id="content">'), r'<div id="content" role="main">'),
    (re.compile(r'<div id="toc" '), r'<div id="toc" role="navigation" aria-labelledby="toctitle" '),
    (re.compile(r'<a class="anchor" '), r'<a class="anchor" aria-label="Link to this section" '),
    (re.compile(r"<pre(?=[ >])"), r'<pre tabindex="0"'),
    (re.compile(r"<table(?=[ >])"), r'<table tabindex="0"'),
    (re.compile(r'<div (id="[^"]+" )?class="imageblock'), r'<div tabindex="0" \1class="imageblock'),
)


def _for_everybody(html: str) -> str:
    for pattern, more in _ADDED:
        html = pattern.sub(more, html)
    return html


def write_generated(folder: Path) -> None:
    """Everything that the handouts take in and nobody writes by hand."""
    from handouts import figures
    folder.mkdir(parents=True, exist_ok=True)
    texts = {f"{name}.svg": svg for name, svg in figures.all_figures().items()}
    dates = course.load().dates
    for lab in labs.all_labs():
        texts[f"{lab.slug}-glance.adoc"] = glance(lab, dates.get(lab.slug, course.Dates()))
        texts[f"{lab.slug}-tests.adoc"] = tests_table(lab)
    texts["labs.adoc"] = table_of_labs(all_handouts())
    texts["index.adoc"] = index(all_handouts(), dates)
    texts["docinfo-header.html"] = navigation(all_handouts())
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def glance(lab: Lab, dates: course.Dates = course.Dates()) -> str:
    """A lab in a few rows, with the course's dates if it has any. The handout says where the contract stands, in the
    attribute `contract`."""
    files = ", ".join(f"`kernel/mm/{name}`" for name in lab.files)
    may_call = ", ".join(f"`{name}`" for name in lab.may_call) or "nothing of the other labs"
    rungs = "; ".join(f"{title} ({_points(lab, rung)})" for rung, title in lab.rungs.items())
    return _table('cols="1,5",options="autowidth.stretch"', [
        f"|*You write* |{files}",
        "|*The contract* |`{contract}`",
        f"|*Worth* |{lab.points} points: {rungs}",
        f"|*Takes* |about {lab.hours} hours",
        *([f"|*Due* |{dates.in_words}"] if dates.due else []),
        f"|*May call* |{may_call}; `panic` and `print` always",
        f"|*Hints* |{len(lab.hints)}, one at a time: `make hint LAB={lab.slug} N=1`",
    ])


def tests_table(lab: Lab) -> str:
    """The graded tests and their points, rung by rung."""
    rows = ["|test |points |what it is about"]
    for rung, title in lab.rungs.items():
        rows.append(f"\n3+|*{title}* ({_points(lab, rung)} points)")
        rows += [f"|`{test.name}` >|{test.points} |{test.idea}"
                 for test in lab.tests if test.rung == rung]
    return _table('cols="11,4,22",options="header"', rows)


def table_of_labs(handouts: Iterable[Handout]) -> str:
    """The labs that there are handouts of, for the first handout."""
    rows = ["|lab |what you write |in"]
    rows += [f"|{h.lab.number} |xref:{h.path.name}[{h.lab.title}] |`kernel/mm/{h.lab.files[0]}`"
             for h in handouts if h.lab]
    return _table('cols="1,8,6",options="header"', rows)


_ABOUT = """\
Six labs make the memory manager of a small kernel, from the free blocks of an allocator to the page tables of the CPU. Each
can be done by itself: for the others' files there is the reference. Begin with the first handout, which has the tools; then
`make grade LAB=buddy` says what is missing.
"""


def index(handouts: Iterable[Handout], dates: Mapping[str, course.Dates] = MappingProxyType({})) -> str:
    """The page that leads to all of them: what each is about, and when it is due in this course."""
    due = {slug: of_lab.in_words for slug, of_lab in dates.items() if of_lab.due}
    rows = ["|handout |what you write |hours |points" + (" |due" if due else "") + " |to print"]
    for handout in handouts:
        lab = handout.lab
        rows.append(f"|link:{handout.name}.html[{handout.title}] |{f'`kernel/mm/{lab.files[0]}`' if lab else 'the tools'} "
                    f">|{lab.hours if lab else ''} >|{lab.points if lab else ''} "
                    + (f"|{due.get(lab.slug, '') if lab else ''} " if due else "")
                    + f"|link:{handout.name}.pdf[PDF]")
    columns = 'cols="6,4,1,1,4,1"' if due else 'cols="6,4,1,1,1"'
    return f"= Handouts\n\n{_ABOUT}\n" + _table(f'{columns},options="header"', rows)


def navigation(handouts: Iterable[Handout]) -> str:
    """The line of links at the top of every page; `{docname}` is for Asciidoctor to fill in."""
    links = "\n".join(f'<a href="{h.name}.html" title="{h.title}">{h.name.partition("-")[0]}</a>'
                      for h in handouts)
    return (f'<nav class="handouts" aria-label="Handouts"><a href="index.html">Marionette Labs</a>\n'
            f'{links}\n<a class="pdf" href="{{docname}}.pdf">as PDF</a></nav>\n')


def _points(lab: Lab, rung: str) -> int:
    return sum(test.points for test in lab.tests if test.rung == rung)


def _table(options: str, rows: list[str]) -> str:
    return "\n".join([f"[{options}]", "|===", *rows, "|===", ""])
