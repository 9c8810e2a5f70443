"""A template, the style and the scripts, put together into a page.

Whatever a student wrote reaches a page as text: the templates escape it, data for the scripts is JSON without any `<`,
and the page's own policy lets nothing run or load but what stands in it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

import jinja2
import jinja2.bccache
from markupsafe import Markup, escape

HERE = Path(__file__).resolve().parent
_CODE = re.compile("`([^`]+)`")
STYLE = ("page.css",)


def page(template: str, scripts: Iterable[str] = (), styles: Iterable[str] = STYLE,
           **context: object) -> str:
    """A page from templates/TEMPLATE, which extends base.html.j2, and files of assets/.

    `context` is what the template shows; `data` in it (anything JSON can hold) is given to the
    scripts. A template that asks for what is not there raises jinja2.UndefinedError.
    """
    script = "(() => {\n\"use strict\";\n" + _assets(scripts) + "})();\n"
    style = _assets(styles)
    policy = (f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
              "img-src data:; base-uri 'none'; form-action 'none'")
    context.setdefault("data", None)
    return _environment().get_template(template).render(
        script=Markup(script), style=Markup(style), policy=policy, **context)


class _Compiled(jinja2.FileSystemBytecodeCache):
    """Templates that are compiled are kept beside Python's own bytecode; where they can't be, they are not."""

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"),
                                     bytecode_cache=_Compiled(str(HERE / "__pycache__"), "%s.template"),
                                     autoescape=True, undefined=jinja2.StrictUndefined,
                                     trim_blocks=True, lstrip_blocks=True)
    environment.filters["code"] = _with_code
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    return environment


def _with_code(text: str) -> Markup:
    """A text with what stands in backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def _assets(names: Iterable[str]) -> str:
    return "".join((HERE / "assets" / name).read_text(encoding="utf-8") for name in names)


def _digest(text: str) -> str:
    """What a Content-Security-Policy calls an inline script or style."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
