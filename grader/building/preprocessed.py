"""What the compiler reads of a file once it is preprocessed: no string in it gets to the assembler but as a name.

The compiler writes names of sections, aliases and functions into its output as they are: a line end in one begins
a line of assembly there, which nothing marks. So they are looked at where macros, pasted tokens and headers have
become plain tokens, and what was looked at is what is compiled. GCC takes such names from attributes, from `asm`
behind a declaration, and from pragmas (its manual, 6.33 to 6.47 and 6.63); wherever one stands it is a string of
letters, digits, `_`, `.` and `-`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

LARGEST = 6 << 20  # bytes; all of the standard library's headers have 4.3 million
_LONGEST = 5_000  # tokens of a list of attributes
_DEEPEST = 8  # attributes within attributes

_TOKEN = re.compile(
    rb"(?P<directive>^\#.*)"
    rb'|(?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\()'
    rb'|(?P<string>(?:u8|[uUL])?"(?:[^"\\\n]|\\.)*")'
    rb"|(?P<character>(?:u8|[uUL])?'(?:[^'\\\n]|\\.)*')"
    rb"|(?P<number>\.?[0-9](?:'?\w|\.|(?<=[eEpP])[+-])*)(?P<stuck>[\"'$\\]|[\x80-\xff]+)?"
    rb"|(?P<word>(?:[A-Za-z_$\x80-\xff]|\\U000[0-9a-f]{5})(?:[\w$\x80-\xff]|\\U000[0-9a-f]{5})*)"
    rb"|(?P<comment>//|/\*)"
    rb"|(?P<sign><:|:>|%:|\S)", re.MULTILINE)
# What may be passed over at once, up to the next token that says something: nearly all of a text.
_PASSED = re.compile(
    rb"(?:[^\w$\x80-\xff\"'\#\[<\\/%]+|[<%](?!:)|/(?![/*])|\[(?!\s*[\[<\#])"
    rb"|\.?[0-9](?:'?\w|\.|(?<=[eEpP])[+-])*(?![\w.\"'$\\\x80-\xff])"
    rb"|(?!(?:asm|__asm|__asm__|__attribute|__attribute__)(?![\w$\x80-\xff]))"
    rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff]*(?![\w$\x80-\xff\"'])){0,1000}")  # more at once take memory
_LEFT_OVER = (b"\\", b"#", b"%:", b'"', b"'")  # where the preprocessor has done its work, none of these stands alone
_ALIKE = {b"<:": b"[", b":>": b"]"}
_CLOSING = {b"(": b")", b"[": b"]"}

_STRING = re.compile(rb'"([^"\\]*)"')
_NAME = re.compile(rb"[\w.-]*")
_LABEL = re.compile(rb"(?:[A-Za-z_]\w*)?")  # to the assembler `.-8` and `12` are places, not names
_NAMES = re.compile(rb"[\w.,=+-]*")  # of options
_LINE = re.compile(rb'# \d+ "(?:[^"\\]|\\["\\23])*"[ \d]*')  # line ends in a name would begin lines of tools' answers
_FILE = re.compile(rb'# \d+ "((?:[^"\\]|\\.)*)"( 1\b)?')  # 1: it begins here
_PRAGMA = re.compile(rb"#pragma\s+(?:GCC\s+)?(\w*)(.*)")
_PRECOMPILED = "pch_preprocess"

_ASM = (b"asm", b"__asm", b"__asm__")
_ASM_QUALIFIERS = (b"volatile", b"__volatile", b"__volatile__", b"inline", b"__inline", b"__inline__", b"goto")
_ATTRIBUTE = (b"__attribute", b"__attribute__")
_FOR_PEOPLE = ("deprecated", "nodiscard", "unavailable", "warning", "error", "diagnostic", "message")
_OF_OPTIONS = ("optimize", "target", "target_clones", "zero_call_used_regs", "no_sanitize")
# Whose values are types, functions, numbers or words of the language: they name nothing in the assembler.
_CALCULATED = ("access", "aligned", "alloc_align", "alloc_size", "assume", "assume_aligned", "cleanup",
               "counted_by", "format", "format_arg", "malloc", "mode", "nonnull", "no_dangling", "vector_size",
               "warn_if_not_aligned")

_STRINGS = ("string", "raw")
INLINE = "inline assembly: these labs need none; what the CPU must be told, the functions in mm/paging.h tell it"
STREAMS = "it includes <iostream>, or <bits/stdc++.h>, which does: a kernel has no streams"


class Unfit(Exception):
    """Something stands where the compiler would hand it on to the assembler; the text says what."""


class Unread(Unfit):
    """What stands there is no C++, as far as can be seen here: compilers say better what is wrong."""


class _Token(NamedTuple):
    kind: str
    text: bytes


def check(text: bytes, precompiled: bytes = b"") -> None:
    """Raises Unfit if a string of the text might reach the assembler as anything but a name.

    `precompiled` is the path of the header that the compiler was told to read first.
    """
    if len(text) > LARGEST:
        raise Unfit(f"with all that it includes it has {len(text)} bytes; {LARGEST} are the most")
    reader = _Reader(text, precompiled)
    try:
        _look(reader.skimmed(), reader, 0)
    except Unfit as error:
        if reader.header and str(error).startswith(INLINE):
            raise Unfit(f"it includes <{reader.header}>, which has {error}") from None
        raise


def _look(tokens: Iterator[_Token], following: Iterator[_Token], depth: int) -> None:
    """Looks at whatever begins with one of the tokens; what comes after it is `following`."""
    if depth > _DEEPEST:
        raise Unfit(f"attributes within attributes, more than {_DEEPEST} deep")
    for token in tokens:
        while token and token.text == b"[":
            token = next(following, None)
            if token and token.text == b"[":
                _check_attributes(_up_to_the_end(following, b"["), depth)
        if token and token.text in _ASM:
            _check_assembly(following)
        elif token and token.text in _ATTRIBUTE:
            _check_attributes(_in_two_pairs(following), depth)


class _Reader:
    """The tokens of a text, one after the other, but for the preprocessor's lines, which are looked at. They tell which
    `header` of the compiler's it is in that the file, or the kit's, includes; empty in these themselves."""

    def __init__(self, text: bytes, precompiled: bytes) -> None:
        self._text, self._at, self._precompiled = text, 0, precompiled
        self.header = ""

    def skimmed(self) -> Iterator[_Token]:
        """Those that something may begin with that is to be looked at, and some more."""
        while True:
            self._at = _PASSED.match(self._text, self._at).end()
            if (token := next(self, None)) is None:
                return
            yield token

    def __iter__(self) -> Iterator[_Token]:
        return self

    def __next__(self) -> _Token:
        while found := _TOKEN.search(self._text, self._at):
            kind, begin, self._at = found.lastgroup, found.start(), found.end()
            if kind != "directive":
                break
            self._enter(found[0])
            _check_directive(found[0], self._precompiled)
        if not found:
            raise StopIteration
        if kind == "raw":  # it ends where the same mark stands again
            end = b")" + found["mark"] + b'"'
            self._at = self._text.find(end, self._at) + len(end)
            if self._at < found.end():
                raise Unfit("a raw string that has no end")
        elif kind == "stuck":  # `1'.'` is a number and a character to some compilers, and another number to others,
            raise Unread(f"{_shown(found[0])}: a blank behind the number, please")  # `1ö'a` a number to all
        elif kind == "comment" or found[0] in _LEFT_OVER:
            raise Unread(f"a {found[0].decode()} that belongs to nothing")
        return _Token(kind, _ALIKE.get(found[0], self._text[begin:self._at]))

    def _enter(self, line: bytes) -> None:
        if not (found := _FILE.match(line)):
            return
        if not found[1].startswith(b"/"):
            self.header = ""
        elif found[2] and not self.header:
            self.header = found[1].rpartition(b"/include/")[2].decode("utf-8", "replace")


def _check_directive(line: bytes, precompiled: bytes) -> None:
    if _LINE.fullmatch(line):
        return
    pragma = _PRAGMA.fullmatch(line)
    if not pragma:
        raise Unfit(f"{_shown(line)}: a directive that these labs have no use for")
    name, rest = pragma[1].decode(), pragma[2]
    if name == _PRECOMPILED:
        if rest.strip() != b'"%s"' % precompiled:
            raise Unfit("a pragma that has the compiler read another file's declarations")
    elif name not in _FOR_PEOPLE:
        for token in _Reader(rest, b""):
            _check_string(token, _NAMES, f"#pragma {name}")


def _check_assembly(tokens: Iterator[_Token]) -> None:
    """A name behind a declaration, or a template: of those the compiler marks what is not empty (gate)."""
    words = (token for token in tokens if token.text not in _ASM_QUALIFIERS)
    bracket, template = next(words, None), next(words, None)
    if not template or bracket.text != b"(" or template.kind not in _STRINGS:
        raise Unfit(INLINE)
    while template and template.kind in _STRINGS:
        if b"ios_base_library_init" in template.text:  # what <iostream> hands on, from GCC 13 on
            raise Unfit(STREAMS)
        _check_string(template, _LABEL, INLINE)
        template = next(tokens, None)


def _check_attributes(tokens: list[_Token], depth: int) -> None:
    """A list of attributes: names, some of them with values in brackets."""
    name, left = "", iter(tokens)
    for token in left:
        if token.text in _CLOSING:
            _check_values(name, _up_to_the_end(left, token.text))
        elif token.kind == "word":
            name = token.text.decode("utf-8", "replace").strip("_")
        elif token.kind in _STRINGS:
            raise Unfit(f"{_shown(token.text)} where an attribute's name was expected")
    _look(inner := iter(tokens), inner, depth + 1)


def _check_values(name: str, values: list[_Token]) -> None:
    if name in _FOR_PEOPLE:
        return
    for token in values:
        _check_string(token, _NAMES if name in _OF_OPTIONS else _NAME, name)
        if name not in _CALCULATED and token.kind not in (*_STRINGS, "number") and token.text not in b",-":
            raise Unfit(f"{name}(… {_shown(token.text)} …): a number or a plain name was expected")


def _check_string(token: _Token, allowed: re.Pattern[bytes], where: str) -> None:
    if token.kind not in _STRINGS:
        return
    content = _STRING.fullmatch(token.text)
    if not content or not allowed.fullmatch(content[1]):
        raise Unfit(f"{where}: {_shown(token.text)} is no plain name: letters, digits, `_`, `.` and `-` are what one "
                    "may have")


def _in_two_pairs(tokens: Iterator[_Token]) -> list[_Token]:
    """What `__attribute__` has in its brackets."""
    for _ in range(2):
        if (bracket := next(tokens, None)) is None or bracket.text != b"(":
            raise Unfit("__attribute__ without two brackets")
    inside = _up_to_the_end(tokens, b"(")
    if (bracket := next(tokens, None)) is None or bracket.text != b")":
        raise Unfit("__attribute__ without two brackets")
    return inside


def _up_to_the_end(tokens: Iterator[_Token], bracket: bytes) -> list[_Token]:
    """What stands before the bracket that closes this one."""
    inside, depth = [], 1
    for token in tokens:
        depth += (token.text == bracket) - (token.text == _CLOSING[bracket])
        if depth == 0:
            return inside
        inside.append(token)
        if len(inside) > _LONGEST:
            break
    raise Unfit(f"a list of attributes that is not closed, or has more than {_LONGEST} words")


def _shown(text: bytes) -> str:
    return text[:60].decode("utf-8", "replace")
