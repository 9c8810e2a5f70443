"""Text that came from a submission, made harmless to whatever shows it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

_LIMITS = (16_384, 2_048, 256, 0)  # characters of each message, the first that fits


def plain(text: str, limit: int = _LIMITS[0]) -> str:
    """Printable lines: control and formatting characters (terminal escapes, changes of direction, what
    XML can't hold) spelled out, and not endless."""
    if not isinstance(text, str):
        raise TypeError(f"{text!r:.40} is no text")
    shown = text[:limit].replace("\r\n", "\n").translate(_SHOWN)
    more = len(text) - limit
    return shown + (f"\n… and {more} characters more" if more > 0 else "")


class _Shown(dict):
    """How each character is shown, by its code; filled as they turn up."""

    def __missing__(self, code: int) -> str:
        c = chr(code)
        if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            shown = c
        elif code < 0x100:
            shown = f"\\x{code:02x}"
        else:
            shown = f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
        return self.setdefault(code, shown)


_SHOWN = _Shown()


def shortened(text: str, limit: int) -> str:
    """At most so many characters of a message, and how many are left out."""
    more = len(text) - limit
    return text if more <= 0 else f"{text[:limit].rstrip()}\n… and {more} characters more".lstrip()


def fitted(render: Callable[[int], str], size: int) -> str:
    """render(limit) for the largest limit of characters a message with which it has at most `size`
    bytes."""
    for limit in _LIMITS:
        text = render(limit)
        if len(text.encode("utf-8")) <= size:
            break
    return text
