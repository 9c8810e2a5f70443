"""What a compiler's error or warning may come from: a header that is missing, a character that no keyboard wrote."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from pathlib import Path

from grader.building import comments, gate
from grader.course import labs
from grader.course.labs import ROOT

_UNKNOWN = re.compile(r"error: [‘'](\w+)[’'] (?:was not declared|has not been declared|does not name a type)")
_NO_HEADER = re.compile(r"error: (?:\S+/)?([\w-]+)(?:\.\w+)?: No such file")
_NO_CHARACTER_OF_C = re.compile(r"error: .*?(?:([^\x00-\x7f‘’\w])|<U\+(\w+)>|extended character ([‘’]))")
_STACK = ". The kernel's has 32 KiB, of which your functions and all that they call can count on 28"
_ALONE = (". This file is compiled alone, with the kit's headers and the standard library's: what a file of your own has "
          "goes in here, too")
_LONGEST = 1000  # letters of a line that are looked at: in an `#error` stands what anybody wants, as often as he wants
_FILE = re.compile(r"kernel/mm/(\w+\.cpp):")
_DECLARED = re.compile(r"^(?:(?:struct|union|class|enum class|enum|#define) +(\w+)|"  # a type, a macro; or
                       r'(?:[\w:<>\[\]"]+[ *&]+)+(\w+)(?:(\([^{;]*;)|[\[({;= ]))', re.MULTILINE)  # a function, a variable


def on(error: str) -> str:
    """What to do, or to know, about a line of the compiler's, as the end of a sentence; "" if that is not known."""
    error = error[:_LONGEST]
    file = _FILE.match(error)
    callable_here = labs.may_call(file[1]) if file else ()
    if strange := _NO_CHARACTER_OF_C.search(error):
        character = strange[1] or strange[3] or chr(int(strange[2], 16))
        return (f". The character U+{ord(character):04X}, {unicodedata.name(character, 'unnamed')}, is what pages and "
                "word processors have: type it anew")
    if unknown := _UNKNOWN.search(error):
        return gate.instead_of(unknown[1]) or _declared(unknown[1], callable_here)
    if header := _NO_HEADER.search(error):
        there = {Path(path).stem: path for path in _headers()}
        if header[1] not in there and (declared := _declared(header[1], callable_here)):
            return declared
        like = difflib.get_close_matches(header[1], there, n=1, cutoff=0.85)
        return f'. There is #include "{there[like[0]]}"' if like else _ALONE
    return _STACK if "[-Wstack-usage=]" in error else ""


def _declared(name: str, callable_here: tuple[str, ...]) -> str:
    """Which header has a name that a file may use."""
    for path, names in _headers().items():
        if name in names and (name in callable_here or not names[name]):
            return f'. For {name} there is #include "{path}"'
    return ""


@functools.cache
def _headers() -> dict[str, dict[str, bool]]:
    """The names that each of the kit's headers declares which a lab's file may include, by the header's path; and
    whether it is a function of a lab, which not every lab may call."""
    paths = sorted(ROOT.glob("kernel/mm/*.h")) + sorted(ROOT.glob("kernel/lib/*.h"))
    return {str(path.relative_to(ROOT / "kernel")): _names(path.read_bytes(), path.parent.name == "mm")
            for path in paths}


def _names(header: bytes, of_labs: bool) -> dict[str, bool]:
    found = _DECLARED.findall(comments.blanked(header).decode("utf-8"))
    return {kind or named: of_labs and bool(arguments) for kind, named, arguments in found}
