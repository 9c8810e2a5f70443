"""The figures of the handouts: a module for each handout, drawn with `drawing`.

`make handouts` writes them as SVG, which both HTML and PDF take in. A new module here is found by its
name, a new figure by its decorator.
"""

from __future__ import annotations

import importlib
import pkgutil

from handouts.figures import drawing


def all_figures() -> dict[str, str]:
    """Every figure as SVG, by its name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return {name: draw() for name, draw in drawing.FIGURES.items()}
