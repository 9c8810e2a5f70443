"""Draws docs/pictures/architecture.svg: `python3 docs/draw_architecture.py`.

A test compares: change the drawing here, never in the SVG.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from handouts.figures.drawing import Drawing  # noqa: E402: needs the path above

TARGET = ROOT / "docs" / "pictures" / "architecture.svg"


def architecture() -> str:
    """The picture as SVG, on white paper of its own, whatever the reader's browser is set to."""
    d = Drawing(438, "How a submission becomes a report: it is compiled in a box and linked into a stage; "
                     "an emulator in another box plays scenarios on it; serial records, and the machine's "
                     "own page tables, go to an oracle that never boots anything")
    d.box(0, 0, 680, 438, "plain")
    _building(d)
    _inside_the_machine(d)
    _judging(d)
    return d.svg()


def _building(d: Drawing) -> None:
    d.text(16, 28, "What boots never judges", "bold")
    d.box(16, 44, 124, 64, "hot", "a submission\nbuddy.cpp …", "small")
    d.box(184, 36, 212, 80, "none")
    d.text(192, 52, "in a box (bubblewrap)", "small muted")
    d.box(196, 62, 84, 42, "quiet", "compiler", "small")
    d.box(300, 62, 84, 42, "quiet", "gate", "small")
    d.box(440, 44, 224, 64, "used", "a stage: the kernel, the player,\nthe student's file for one lab,\n"
                                    "the reference for the others", "small")
    for x0, x1 in ((140, 196), (280, 300), (384, 440)):
        d.arrow([(x0, 83), (x1, 83)])


def _inside_the_machine(d: Drawing) -> None:
    d.box(16, 168, 124, 64, "hot", "scenarios\nfrom files, and\nfrom the seed", "small")
    d.box(184, 148, 480, 112, "none")
    d.text(192, 164, "the emulator, in a box: QEMU, or Bochs", "small muted")
    d.box(204, 178, 150, 44, "quiet", "the player\nplays operations", "small")
    d.box(490, 178, 150, 44, "hot", "the student's function", "small")
    d.arrow([(552, 108), (552, 178)])
    d.arrow([(140, 200), (204, 200)])
    d.arrow([(354, 193), (490, 193)])
    d.text(422, 187, "a = alloc 3 8", "code-small", "middle")
    d.arrow([(490, 209), (354, 209)])
    d.text(422, 225, "start=16 count=8", "code-small", "middle")
    d.text(290, 250, "each scenario by a kernel as good as new; a watchdog", "small muted")


def _judging(d: Drawing) -> None:
    d.text(40, 312, "What judges never boots", "bold")
    d.arrow([(280, 222), (280, 330)], "line-blue")
    d.text(288, 284, "records, on the serial line", "small blue")
    d.arrow([(520, 260), (520, 300), (380, 300), (380, 330)], "line-orange")
    d.text(528, 290, "cr3 and RAM (paging)", "small orange")
    d.box(204, 330, 226, 60, "free", "the oracle: a model of the contract\n"
                                     "which sentence broke, and where", "small")
    d.box(474, 330, 190, 60, "used", "report.html, results.json,\nother formats, the gradebook", "small")
    d.arrow([(430, 360), (474, 360)])
    d.box(16, 330, 124, 60, "quiet", "shrinking;\nGDB and Bochs", "small")
    d.arrow([(204, 360), (140, 360)])
    d.arrow([(28, 330), (28, 232)])
    d.text(16, 414, "A failed scenario is shrunk, played once more in a boot of its own, "
                    "and opened in a debugger just before it fails.", "small muted")


if __name__ == "__main__":
    TARGET.write_text(architecture(), encoding="utf-8")
