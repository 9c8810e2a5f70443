"""A lab's panels (grader/page/picture.py) as text for a terminal: the whole of its memory, one line a part."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grader.judging.free_units import aligned_blocks
from grader.judging.unit_words import Spelling
from grader.page.picture import Panel, Panels

_CELLS = 64
_MOST = 24  # parts of a kind that are listed


def memory(panels: Panels) -> str:
    """All panels, one below the other; "" if nothing is known."""
    return "\n\n".join("\n".join([*([panel.title] if panel.title else []), *_lines(panel)])
                       for panel in panels.values())


def _lines(panel: Panel) -> Iterator[str]:
    draw = _KINDS.get(panel.kind)
    return draw(panel) if draw else iter(())


def _units(panel: Panel) -> Iterator[str]:
    """A strip of all units, then the free blocks and who holds the others."""
    units = panel.settings["units"]
    spelling = Spelling(panel.settings["noun"], panel.settings["origin"], panel.settings["size"])
    free = sorted((start, end) for key, (start, end, *_) in panel.items.items() if key[0] == "f")
    each = max(1, -(-units // _CELLS))
    scale = f"    (each stands for {spelling.many(each)}; . all free  # none free  + some)" if each > 1 else (
        "    (. free  # not free)")
    yield "  " + "".join(_cells(units, each, free)) + scale
    blocks = [spelling.block(*block) for run in free for block in aligned_blocks(*run)]
    yield from _listed("free blocks", blocks, ", ", "none")
    held = sorted(tuple(item) for key, item in panel.items.items() if key[0] == "a")
    yield from _listed("held", [f"{spelling.block(start, end - start)} by operation {number}"
                                for start, end, number in held], ", ", "")


def _cells(units: int, each: int, free: list[tuple[int, int]]) -> Iterator[str]:
    for first in range(0, units, each):
        last = min(first + each, units)
        count = sum(max(0, min(end, last) - max(start, first)) for start, end in free)
        yield "." if count == last - first else "+" if count else "#"


def _links(panel: Panel) -> Iterator[str]:
    """Blocks of pages; pages that were seen to lead to frames."""
    yield from _blocks(panel)
    runs = sorted(tuple(item) for key, item in panel.items.items() if key[0] == "l")
    yield from _listed("seen", [f"{page:#x} -> {frame:#x}, {Spelling('page').many(pages)}"
                                for page, frame, pages in runs], "\n" + " " * 15, "")


def _blocks(panel: Panel) -> Iterator[str]:
    """Live blocks, by their addresses."""
    blocks = sorted(tuple(item) for key, item in panel.items.items() if key[0] == "b")
    yield from _listed("blocks", [f"{start:#x}-{end - 1:#x} by operation {number}: {end - start} bytes"
                                  for start, end, number in blocks], "\n" + " " * 15, "none")


def _tree(panel: Panel) -> Iterator[str]:
    """Pages side by side that lead to frames side by side."""
    runs = sorted(tuple(item) for key, item in panel.items.items() if key[0] == "r")
    yield from _listed("pages", [f"{page:#x} -> {frame:#x}, {Spelling('page').many(pages)}, "
                                 f"{'writable' if rights & 2 else 'read-only'}, {'user' if rights & 4 else 'kernel only'}"
                                 for page, frame, pages, rights in runs], "\n" + " " * 15, "none")


def _facts(panel: Panel) -> Iterator[str]:
    for name, (number,) in panel.items.items():
        yield f"  {name}: {number}"


def _listed(name: str, parts: list[str], between: str, nothing: str) -> Iterator[str]:
    """`name  part, part …`; no line where there are no parts and nothing is to be said."""
    more = [f"… and {len(parts) - _MOST} more"] if len(parts) > _MOST else []
    if text := between.join(parts[:_MOST] + more) or nothing:
        yield f"  {name:<13}{text}"


_KINDS: dict[str, Callable[[Panel], Iterator[str]]] = {
    "units": _units, "links": _links, "blocks": _blocks, "tree": _tree, "facts": _facts}
