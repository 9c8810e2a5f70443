"""Space against time: for each workload of which both were counted, where each solution lies."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.bench import svg
from grader.bench.figures import Figure

KIT = "reference"
TEMPLATE = "frontier.svg.j2"
TIME, SPACE = "instr/op", "util %"

# In pixels: panels side by side, each with room for its title and its axes.
COLUMNS, PANEL, HEIGHT, LEFT, TOP, GAP = 3, 250, 170, 46, 64, 58


@dataclass(frozen=True)
class Place:
    """A solution in a workload: instructions an operation, and utilisation in per cent."""

    name: str
    time: float
    space: float

    def beats(self, other: Place) -> bool:
        """Whether it is as good in both, and better in one."""
        return (self.time <= other.time and self.space >= other.space
                and (self.time, self.space) != (other.time, other.space))


def places(figures: Sequence[Figure]) -> dict[str, list[Place]]:
    """The solutions of each workload, where time and space are known of both the kit's and theirs."""
    of = {(figure.workload, figure.unit): {KIT: figure.value, **figure.beside} for figure in figures}
    return {workload: [Place(name, time, of[workload, SPACE][name]) for name, time in times.items()
                       if name in of[workload, SPACE]]
            for (workload, unit), times in of.items() if unit == TIME and (workload, SPACE) in of}


def best(among: Sequence[Place]) -> list[Place]:
    """Those that none of the others beats, the fastest first."""
    return sorted((one for one in among if not any(other.beats(one) for other in among)),
                  key=lambda place: place.time)


@dataclass(frozen=True)
class Axes:
    """Those of a panel: from so many instructions to so many, on a logarithmic axis, and from 0 to 100 per cent."""

    least: float
    most: float

    @classmethod
    def for_all(cls, panels: Iterable[Sequence[Place]]) -> Axes:
        """The same for all panels, so that they can be compared."""
        times = [place.time for panel in panels for place in panel]
        return cls(min(times) * 0.9, max(times) * 1.1)

    def x(self, time: float) -> float:
        """Where so many instructions lie, in pixels."""
        return round(PANEL * math.log(time / self.least) / math.log(self.most / self.least), 1)

    def at(self, place: Place) -> tuple[float, float]:
        """Where a solution lies."""
        return self.x(place.time), round(HEIGHT * (1 - place.space / 100), 1)

    @property
    def ticks(self) -> list[tuple[float, int]]:
        """Round numbers of instructions, and where they lie."""
        numbers = [digit * 10 ** power for power in range(6) for digit in (1, 2, 5)]
        return [(self.x(number), number) for number in numbers if self.least <= number <= self.most]


def plot(figures: Sequence[Figure]) -> str:
    """A panel for each workload as an SVG picture; empty if there is none."""
    panels = places(figures)
    if not panels:
        return ""
    axes = Axes.for_all(panels.values())
    names = dict.fromkeys(place.name for panel in panels.values() for place in panel)
    colours = {name: svg.COLOURS[i % len(svg.COLOURS)] for i, name in enumerate(names)}
    drawn = [{"x": LEFT + (PANEL + GAP) * (i % COLUMNS), "y": TOP + (HEIGHT + GAP) * (i // COLUMNS), "title": title,
              "dots": [(*axes.at(place), colours[place.name], place) for place in panel],
              "best": [axes.at(place) for place in best(panel)]} for i, (title, panel) in enumerate(panels.items())]
    return svg.drawn(
        TEMPLATE, panels=drawn, colours=colours, ticks=axes.ticks, panel=PANEL, height=HEIGHT,
        width=LEFT + (PANEL + GAP) * COLUMNS, bottom=drawn[-1]["y"] + HEIGHT + GAP // 2)
