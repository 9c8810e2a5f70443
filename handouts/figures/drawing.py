"""What all figures are made of: boxes, rows of cells, arrows, text, in one style.

Coordinates are SVG user units, from the top left; a figure is WIDTH units wide, which is the width of
the text on paper and about that many pixels on the screen. What colour a kind of box has stands in
STYLE, for light paper; handout.css overrides it on dark screens, by the same class names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from html import escape

WIDTH = 680
LINE = 16  # from one line of text to the next

# No CSS variables, no `font` shorthand: the PDF's renderer knows neither.
STYLE = """
text { font-family: 'Noto Sans', 'Helvetica Neue', Arial, sans-serif; font-size: 13px; fill: #1d2733; }
.f-small { font-size: 11px; }
.f-tiny { font-size: 9.5px; }
.f-code { font-family: 'M+ 1mn', 'DejaVu Sans Mono', Consolas, monospace; font-size: 13px; }
.f-code-small { font-family: 'M+ 1mn', 'DejaVu Sans Mono', Consolas, monospace; font-size: 11px; }
.f-bold { font-weight: bold; }
.f-muted { fill: #5b6775; }
.f-blue { fill: #1f5fa8; }
.f-orange { fill: #a8480f; }
.f-green { fill: #256b38; }
.f-box-plain { fill: #ffffff; stroke: #5b6775; stroke-width: 1; }
.f-box-quiet { fill: #f1f3f5; stroke: #aeb7c0; stroke-width: 1; }
.f-box-free { fill: #dcefe0; stroke: #2e7d43; stroke-width: 1; }
.f-box-used { fill: #c6ced6; stroke: #5b6775; stroke-width: 1; }
.f-box-hot { fill: #cfe2f8; stroke: #1f5fa8; stroke-width: 1.4; }
.f-box-warn { fill: #fbdcc6; stroke: #b4531a; stroke-width: 1.4; }
.f-box-none { fill: none; stroke: #5b6775; stroke-width: 1; stroke-dasharray: 4 3; }
.f-line { fill: none; stroke: #5b6775; stroke-width: 1.2; }
.f-line-blue { fill: none; stroke: #1f5fa8; stroke-width: 1.6; }
.f-line-orange { fill: none; stroke: #b4531a; stroke-width: 1.6; }
.f-line-dashed { fill: none; stroke: #5b6775; stroke-width: 1.2; stroke-dasharray: 4 3; }
.f-head { fill: #5b6775; }
.f-head-blue { fill: #1f5fa8; }
.f-head-orange { fill: #b4531a; }
"""

FIGURES: dict[str, Callable[[], str]] = {}  # name -> a function that draws it


def figure(name: str, height: int) -> Callable:
    """Registers a function that draws on a Drawing as the figure of that name."""
    def register(draw: Callable[[Drawing], None]) -> Callable:
        def svg() -> str:
            drawing = Drawing(height, (draw.__doc__ or name).strip())
            draw(drawing)
            return drawing.svg()
        FIGURES[name] = svg
        return draw
    return register


class Drawing:
    """An SVG picture as it is being drawn."""

    def __init__(self, height: int, what: str) -> None:
        self.height = height
        self.what = what  # what it shows, for those who can't see it
        self._parts: list[str] = []

    def svg(self) -> str:
        """The picture as an SVG document."""
        body = "\n".join(self._parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" '
                f'width="{WIDTH}" height="{self.height}" role="img" '
                f'aria-label="{escape(self.what)}">\n'
                f"<style>{STYLE}</style>\n{body}\n</svg>\n")

    def text(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> None:
        """One line of text, `y` being its base line; kind: classes of STYLE, blanks between."""
        self._parts.append(f'<text x="{_n(x)}" y="{_n(y)}" class="{_classes(kind)}" '
                           f'text-anchor="{anchor}">{escape(text)}</text>')

    def lines(self, x: float, y: float, texts: Iterable[str], kind: str = "",
              anchor: str = "start", step: float = LINE) -> None:
        """Lines of text, one below the other."""
        for i, text in enumerate(texts):
            self.text(x, y + i * step, text, kind, anchor)

    def box(self, x: float, y: float, width: float, height: float, kind: str = "plain",
            label: str = "", text: str = "") -> None:
        """A box with a label in its middle; a line feed in it begins a new line."""
        self._parts.append(f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" '
                           f'height="{_n(height)}" class="f-box-{kind}"/>')
        rows = label.split("\n") if label else []
        size = 11 if "small" in text else 9.5 if "tiny" in text else 13
        step = size + 3
        first = y + height / 2 - (len(rows) - 1) * step / 2 + size * 0.36
        self.lines(x + width / 2, first, rows, text, "middle", step)

    def row(self, x: float, y: float, cells: Sequence[tuple[str, str]], width: float,
            height: float = 24, text: str = "small") -> None:
        """Cells side by side, each a (kind, label)."""
        for i, (kind, label) in enumerate(cells):
            self.box(x + i * width, y, width, height, kind, label, text)

    def path(self, points: Sequence[tuple[float, float]], kind: str = "line") -> None:
        """A line through points."""
        steps = " L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        self._parts.append(f'<path d="M{steps}" class="f-{kind}"/>')

    def arrow(self, points: Sequence[tuple[float, float]], kind: str = "line") -> None:
        """A line through points, with a head at the last."""
        (x0, y0), (x1, y1) = points[-2:]
        length = math.hypot(x1 - x0, y1 - y0)
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        back = x1 - 8 * dx, y1 - 8 * dy
        self.path([*points[:-1], back], kind)
        corners = [(x1, y1), (back[0] - 4 * dy, back[1] + 4 * dx),
                   (back[0] + 4 * dy, back[1] - 4 * dx)]
        drawn = " ".join(f"{_n(x)},{_n(y)}" for x, y in corners)
        head = "head" + (kind[4:] if kind in ("line-blue", "line-orange") else "")
        self._parts.append(f'<polygon points="{drawn}" class="f-{head}"/>')

    def span(self, x0: float, x1: float, y: float, label: str, kind: str = "small",
             below: bool = True) -> None:
        """A bracket along a stretch, and what it is."""
        tip = y - 5 if below else y + 5
        self.path([(x0 + 1, tip), (x0 + 1, y), (x1 - 1, y), (x1 - 1, tip)])
        self.text((x0 + x1) / 2, y + 14 if below else y - 5, label, kind, "middle")


def _classes(kind: str) -> str:
    """The names of STYLE's classes, which no others on a page have."""
    return " ".join(f"f-{name}" for name in kind.split())


def _n(number: float) -> str:
    """A number, no longer than it must be."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
