"""How the bench's plots are drawn: from templates beside this file, in colours that also the colour-blind tell apart."""

from __future__ import annotations

from pathlib import Path

import jinja2

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")


def drawn(template: str, **facts: object) -> str:
    """The SVG picture that a template makes of these; one that it lacks is an error of jinja2's."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True,
                                     undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template(template).render(facts)
