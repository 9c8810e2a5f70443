"""A handout as a page of the site: where it shows the prompt, there is a box in which it can be tried."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

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
_LISTING = re.compile(r'<div class="listingblock[^"]*">\s*(?:<div class="title">.*?</div>\s*)?<div class="content">\s*'
                      r"<pre[^>]*>(.*?)</pre>\s*</div>\s*</div>", re.DOTALL)
_PROMPT = re.compile(r"^\$ make run LAB=(\w+)$", re.MULTILINE)
_NAMED = re.compile(r"<[^>]*>")
_PDF = re.compile(r'\s*<a class="pdf"[^>]*>.*?</a>')


def as_page(text: str) -> str:
    """The handout's HTML with boxes behind each listing that shows a lab's prompt. Raises GraderError if it is
    no handout."""
    if "<head>" not in text:
        raise GraderError("a handout without a <head>: Asciidoctor's output has changed")
    return _LISTING.sub(_with_box, _PDF.sub("", text.replace("<head>", "<head>\n" + _HEAD, 1)))


def _with_box(listing: re.Match) -> str:
    shown = html.unescape(_NAMED.sub("", listing[1]))
    prompt = _PROMPT.search(shown)
    return listing[0] + (_box(prompt[1], typed(shown, prompt[1])) if prompt else "")


def typed(shown: str, lab: str) -> list[str]:
    """What is typed at a lab's prompt in a listing."""
    lines = [line.removeprefix(f"{lab}> ") for line in shown.splitlines() if line.startswith(f"{lab}> ")]
    return [line for line in lines if line.split()[0] not in ("quit", "help", "maps", "measure", "restart", "lab")]


def _box(lab: str, lines: list[str]) -> str:
    address = f"try.html?box#lab={lab}&next={quote(chr(10).join(lines))}"
    return (f'\n<details class="try"><summary>Try it here: the real kernel, in this page</summary>\n'
            f'<iframe src="{html.escape(address)}" loading="lazy" title="Lab {lab} at the prompt"></iframe></details>')
