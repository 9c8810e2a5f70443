"""Where a handout's HTML shows a lab's prompt: what is typed there, and how something is put behind it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import quote

_LISTING = re.compile(r'<div class="listingblock[^"]*">\s*(?:<div class="title">.*?</div>\s*)?<div class="content">\s*'
                      r"<pre[^>]*>(.*?)</pre>\s*</div>\s*</div>", re.DOTALL)
_PROMPT = re.compile(r"^\$ make run LAB=(\w+)$", re.MULTILINE)
_NAMED = re.compile(r"<[^>]*>")


def behind_each(text: str, made: Callable[[str], str]) -> str:
    """The HTML with more behind each listing that shows a lab's prompt: what `made` makes of the fragment that a site's
    page plays it by."""
    def more(listing: re.Match) -> str:
        shown = html.unescape(_NAMED.sub("", listing[1]))
        prompt = _PROMPT.search(shown)
        return listing[0] + (made(_fragment(prompt[1], typed(shown, prompt[1]))) if prompt else "")
    return _LISTING.sub(more, text)


def typed(shown: str, lab: str) -> list[str]:
    """What is typed at a lab's prompt in a listing."""
    lines = [line.removeprefix(f"{lab}> ") for line in shown.splitlines() if line.startswith(f"{lab}> ")]
    return [line for line in lines if line.split()[0] not in ("quit", "help", "maps", "measure", "restart", "lab")]


def _fragment(lab: str, lines: list[str]) -> str:
    return f"#lab={lab}&next={quote(chr(10).join(lines))}"
