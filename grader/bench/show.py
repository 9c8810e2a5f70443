"""What came of `make bench`, for people and programs: a table, bench.json, bench.svg, frontier.svg."""

from __future__ import annotations

import json
import math
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from grader.bench import frontier, svg
from grader.bench.figures import Figure

VERSION = 1  # of bench.json
TEMPLATE = "plot.svg.j2"
FILE_WIDTH = 140

# The plot, in pixels: a line for each figure, ratios from left to right on a logarithmic axis.
ROW, TOP, LEFT, WIDTH, RIGHT = 18, 70, 470, 560, 30


def machine(compiler: str) -> dict[str, object]:
    """What the figures depend on."""
    return {"processor": _processor(), "processors": os.cpu_count(), "system": platform.release(),
            "load": round(os.getloadavg()[0], 1), "compiler": compiler}


def table(figures: Sequence[Figure]) -> Table:
    """All figures; a ratio is the kit's figure as so many times the other's."""
    shown = Table(title="The kit, beside what was measured in the same run")
    shown.add_column("measured")
    shown.add_column("the kit", justify="right", no_wrap=True)
    shown.add_column("unit", no_wrap=True)
    shown.add_column("so many times what others take")
    for before, figure in zip([None, *figures], figures, strict=False):
        if before and before.area != figure.area:
            shown.add_section()
        others = "; ".join(f"{figure.ratio(name):.2f} × {name} ({spelled(value)})"
                           for name, value in figure.beside.items())
        shown.add_row(f"{figure.area}: {figure.workload}", spelled(figure.value), figure.unit, others)
    return shown


def spelled(value: float) -> str:
    """A figure with three digits that mean something."""
    return f"{value:.3f}" if value < 1 else f"{value:.1f}"


def write(figures: Sequence[Figure], folder: Path, compiler: str) -> list[Path]:
    """Writes bench.json, bench.svg and, where space was measured, too, frontier.svg; `compiler` is what the kernel was
    compiled by."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"version": VERSION, "machine": machine(compiler), "figures": [f.as_json() for f in figures]}
    made = {"bench.json": json.dumps(content, indent=1) + "\n", "bench.svg": plot(figures),
            "frontier.svg": frontier.plot(figures)}
    written = {folder / name: text for name, text in made.items() if text}
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    return list(written)


def console() -> Console:
    """Where the table goes; in a file it is as wide as it likes."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else FILE_WIDTH)


@dataclass(frozen=True)
class Axis:
    """The plot's ratios, from the power of ten `low` to the power `high`."""

    low: int
    high: int

    @classmethod
    def for_ratios(cls, ratios: Sequence[float]) -> Axis:
        """An axis on which all of them lie, and 1."""
        return cls(math.floor(math.log10(min(*ratios, 0.9))), math.ceil(math.log10(max(*ratios, 1.1))))

    def x(self, value: float) -> float:
        """Where a ratio lies, in pixels."""
        return round(LEFT + WIDTH * (math.log10(value) - self.low) / (self.high - self.low), 1)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """The powers of ten: where they lie, and how they are written."""
        return [(self.x(10.0 ** n), f"{10.0 ** n:g}×") for n in range(self.low, self.high + 1)]


@dataclass(frozen=True)
class Mark:
    """How the dots of one that is compared with look."""

    colour: str
    hollow: bool

    @property
    def fill(self) -> str:
        """What the dot is filled with."""
        return "#ffffff" if self.hollow else self.colour


def plot(figures: Sequence[Figure]) -> str:
    """The ratios as an SVG picture: a dot for each figure and each that it is compared with."""
    names = list(dict.fromkeys(name for figure in figures for name in figure.beside))
    marks = {name: Mark(svg.COLOURS[i % len(svg.COLOURS)], i >= len(svg.COLOURS)) for i, name in enumerate(names)}
    axis = Axis.for_ratios([figure.ratio(name) for figure in figures for name in figure.beside])
    rows = [{"y": TOP + ROW * (i + 1), "label": f"{figure.area}: {figure.workload}",
             "unit": figure.unit, "dots": [(axis.x(figure.ratio(name)), marks[name], name,
                                            f"{figure.ratio(name):.2f}") for name in figure.beside]}
            for i, figure in enumerate(figures)]
    legend = [{"x": 12 + 150 * (i % 6), "y": 34 + 16 * (i // 6), "name": name, "mark": mark}
              for i, (name, mark) in enumerate(marks.items())]
    return svg.drawn(
        TEMPLATE, rows=rows, legend=legend, ticks=axis.ticks, left=LEFT, top=TOP, one=axis.x(1),
        width=LEFT + WIDTH + RIGHT, bottom=TOP + ROW * (len(rows) + 1), right=LEFT + WIDTH)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
                platform.machine())
