"""C++ without its comments, which is where people write their names."""

from __future__ import annotations

import re

# What a comment can't begin in, and comments, at once: each alternative takes what it begins to the
# end of the file if nobody closes it, so that no text takes long.
_TOKEN = re.compile(
    rb"""(?P<comment> //(?:\\\r?\n|[^\n])* | /\*.*?(?:\*/|\Z) )
       | (?:u8|[uUL])?R"(?P<delimiter>[^()\\\s]{0,16})\(.*?(?:\)(?P=delimiter)"|\Z)
       | "(?:\\.|[^"\\\n])*"?
       | \.?[0-9](?:'?[\w.])*
       | '(?:\\.|[^'\\\n])*'?
       | [A-Za-z_]\w*""", re.DOTALL | re.VERBOSE)


def blanked(source: bytes) -> bytes:
    """The source with each comment as a space and the line ends that were in it: line numbers stay."""
    return _TOKEN.sub(lambda found: found[0] if found["comment"] is None
                      else b" " + b"\n" * found[0].count(b"\n"), source)
