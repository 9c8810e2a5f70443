"""A handout as a page of the site: where it shows the prompt, there is a box in which it can be tried."""

from __future__ import annotations

import html
import re

from grader.course import prompts
from grader.errors import GraderError

# A handout's own style stands in it; nothing in it runs.
POLICY = ("default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-src 'self'; script-src 'self'; "
          "worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'")
_HEAD = f"""<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<link rel="icon" href="data:,">
<script src="page/offline.mjs" type="module"></script>
<style>.try iframe {{ width: 100%; height: 40rem; border: 1px solid #8888; border-radius: 6px; }}
.try summary {{ cursor: pointer; padding: .5rem 0; font-weight: 600; }}</style>
"""
_PDF = re.compile(r'\s*<a class="pdf"[^>]*>.*?</a>')


def as_page(text: str) -> str:
    """The handout's HTML with boxes behind each listing that shows a lab's prompt. Raises GraderError if it is
    no handout."""
    if "<head>" not in text:
        raise GraderError("a handout without a <head>: Asciidoctor's output has changed")
    return prompts.behind_each(_PDF.sub("", text.replace("<head>", "<head>\n" + _HEAD, 1)), _box)


def _box(fragment: str) -> str:
    lab = fragment.partition("lab=")[2].partition("&")[0]
    return (f'\n<details class="try"><summary>Try it here: the real kernel, in this page</summary>\n'
            f'<iframe src="{html.escape("try.html?box" + fragment)}" loading="lazy" title="Lab {lab} at the prompt">'
            "</iframe></details>")
