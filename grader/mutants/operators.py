"""Small mistakes, made by rule in every place of a C++ source: what a mutation is, and all there are.

libclang says where expressions and statements begin and end; a mutation replaces one piece of text.
What is for people's eyes or the optimizer's only (the arguments of panic and __builtin_expect, assertions
at compile time) is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.building.toolchain import Toolchain
from grader.course.labs import ROOT
from grader.errors import GraderError, Infrastructure

try:
    from clang import cindex
    from clang.cindex import Cursor, CursorKind
except ImportError:
    cindex = None

Edit = tuple[int, int, str]  # bytes [start, end) become this text

# What a token between two operands becomes.
OPERATORS = {
    "comparison": {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="},
    "arithmetic": {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/", "<<": ">>", ">>": "<<",
                   "&": "|", "|": "&", "^": "|", "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=",
                   "|=": "&=", "&=": "|=", "^=": "|=", "<<=": ">>=", ">>=": "<<="},
    "logic": {"&&": "||", "||": "&&"},
}
_NUMBERS = ("BOOL", "UCHAR", "USHORT", "UINT", "INT", "ULONG", "LONG", "ULONGLONG", "LONGLONG")
SKIPPED_CALLS = ("panic", "__builtin_expect")
COMMUTATIVE = ("min", "max", "swap")


@dataclass(frozen=True)
class Mutation:
    """One edit of a source; `line` and `becomes` show it, as the lines it is in before and after.

    `function` is the one that it is in, or empty.
    """

    operator: str
    function: str
    number: int  # of the line it begins in
    line: str
    becomes: str
    text: str  # the whole file


def mutations(path: Path, toolchain: Toolchain) -> list[Mutation]:
    """All mutations of a source, in its order. Raises GraderError if it can't be parsed."""
    source = path.read_bytes()
    edits = {edit: (name, _function(parents))
             for cursor, parents in _walk(_parsed(path, toolchain).cursor, path)
             for name, operator in _BY_NAME.items() for edit in operator(source, cursor, parents)}
    return [_mutation(source, edit, *edits[edit]) for edit in sorted(edits)]


def _parsed(path: Path, toolchain: Toolchain):
    if cindex is None:
        raise Infrastructure("python3-clang is not installed. `make setup` installs it.")
    wanted = ("-I", "-D", "-std", "-march", "-fno-builtin")
    options = [a for a in toolchain.compile if a.startswith(wanted)]
    include = [f"-I{ROOT}/{a[2:]}" for a in options if a.startswith("-I")]
    unit = cindex.Index.create().parse(
        str(path), args=["-target", "i686-linux-gnu", *options, *include])
    if errors := [d for d in unit.diagnostics if d.severity >= d.Error and _is_in(d.location, path)
                  and "constant initializer" not in d.spelling]:
        raise GraderError(f"{path}: libclang does not understand it: {errors[0]}")
    return unit


def _is_in(location, path: Path) -> bool:
    return bool(location.file) and location.file.name == str(path)


def _walk(cursor: Cursor, path: Path, parents: tuple = ()) -> Iterator[tuple[Cursor, tuple]]:
    """Every cursor in the file itself, with what it stands in, the innermost last."""
    for child in cursor.get_children():
        if not _is_in(child.location, path) or child.kind == CursorKind.STATIC_ASSERT:
            continue
        yield child, (*parents, cursor)
        if not (child.kind == CursorKind.CALL_EXPR and child.spelling in SKIPPED_CALLS):
            yield from _walk(child, path, (*parents, cursor))


def _function(parents: tuple) -> str:
    kinds = (CursorKind.FUNCTION_DECL, CursorKind.FUNCTION_TEMPLATE, CursorKind.CXX_METHOD)
    return next((parent.spelling for parent in reversed(parents) if parent.kind in kinds), "")


def _mutation(source: bytes, edit: Edit, operator: str, function: str) -> Mutation:
    start, end, text = edit
    first = source.rfind(b"\n", 0, start) + 1
    alike = re.match(rb"\s*(return|continue|break)\b", source[first:])  # told apart by what decides
    if alike and not re.search(rb"[{};]\s*$", source[:first]):
        first = source.rfind(b"\n", 0, first - 1) + 1
    last = source.find(b"\n", max(start, end - 1))
    return Mutation(operator, function, source.count(b"\n", 0, start) + 1,
                    _on_one_line(source[first:last].decode()),
                    _on_one_line((source[first:start] + text.encode() + source[end:last]).decode()),
                    (source[:start] + text.encode() + source[end:]).decode())


def _on_one_line(text: str) -> str:
    return " ".join(re.sub(r"//.*", "", text).split())


# --- The operators: each yields the edits that it makes of one cursor -----------------------------


def _between(source: bytes, cursor: Cursor) -> tuple[int, int, str] | None:
    """The token between the operands of a binary operator."""
    operands = list(cursor.get_children())
    if cursor.kind not in (CursorKind.BINARY_OPERATOR, CursorKind.COMPOUND_ASSIGNMENT_OPERATOR):
        return None
    start, end = operands[0].extent.end.offset, operands[-1].extent.start.offset
    found = re.fullmatch(rb"[\s)]*([^\s\w()]+)[\s(]*", source[start:end])
    return (start + found.start(1), start + found.end(1), found[1].decode()) if found else None


def _swapped(table: dict[str, str]) -> Callable[[bytes, Cursor, tuple], Iterator[Edit]]:
    def operator(source: bytes, cursor: Cursor, parents: tuple) -> Iterator[Edit]:
        del parents
        token = _between(source, cursor)
        if token and token[2] in table:
            yield token[0], token[1], table[token[2]]
    return operator


def _one_operand(source: bytes, cursor: Cursor, parents: tuple) -> Iterator[Edit]:
    """`a && b` becomes `a`, or `b`."""
    del parents
    token = _between(source, cursor)
    if token and token[2] in ("&&", "||"):
        for operand in cursor.get_children():
            yield (*_range(cursor), _text(source, operand))


def _constant(source: bytes, cursor: Cursor, parents: tuple) -> Iterator[Edit]:
    """One more, and one less; true for false."""
    del parents
    text = _text(source, cursor)
    if cursor.kind == CursorKind.CXX_BOOL_LITERAL_EXPR:
        yield (*_range(cursor), "false" if text == "true" else "true")
    elif cursor.kind == CursorKind.INTEGER_LITERAL and re.fullmatch(r"\d+|0x[0-9a-f]+", text):
        value = int(text, 0)
        for changed in (value + 1, value - 1):
            if changed >= 0:
                yield (*_range(cursor), str(changed))


_DROPPED = ("CALL_EXPR", "BINARY_OPERATOR", "COMPOUND_ASSIGNMENT_OPERATOR", "UNARY_OPERATOR",
            "UNEXPOSED_EXPR", "RETURN_STMT", "BREAK_STMT", "CONTINUE_STMT")
_BODIES = ("COMPOUND_STMT", "IF_STMT", "FOR_STMT", "WHILE_STMT", "CXX_FOR_RANGE_STMT")


def _dropped(source: bytes, cursor: Cursor, parents: tuple) -> Iterator[Edit]:
    """A statement is left out: one that ends in a semicolon, and is not all that a function does."""
    start, end = _range(cursor)
    semicolon = re.match(rb"\s*;", source[end:])
    if (semicolon and cursor.kind.name in _DROPPED and parents[-1].kind.name in _BODIES
            and (parents[-1].kind != CursorKind.FOR_STMT or _is_last(cursor, parents[-1]))
            and not (cursor.kind == CursorKind.RETURN_STMT and _ends_function(cursor, parents))):
        yield start, end + semicolon.end(), ";"


def _ends_function(cursor: Cursor, parents: tuple) -> bool:
    function = parents[-2] if len(parents) > 1 else None
    return (function is not None and not function.kind.is_statement()
            and _is_last(cursor, parents[-1]))


def _is_last(cursor: Cursor, parent: Cursor) -> bool:
    return list(parent.get_children())[-1] == cursor


def _condition(source: bytes, cursor: Cursor, parents: tuple) -> Iterator[Edit]:
    """`if (a)` becomes `if (!(a))`."""
    del parents
    if cursor.kind in (CursorKind.IF_STMT, CursorKind.WHILE_STMT, CursorKind.CONDITIONAL_OPERATOR):
        condition = next(cursor.get_children())
        text = _text(source, condition)
        if condition.kind.is_expression() and not text.startswith("!"):  # that is a negation's
            yield (*_range(condition), f"!({text})")


def _negation(source: bytes, cursor: Cursor, parents: tuple) -> Iterator[Edit]:
    """`!a` becomes `a`."""
    del parents
    if cursor.kind == CursorKind.UNARY_OPERATOR and _text(source, cursor).startswith("!"):
        yield (*_range(cursor), _text(source, cursor)[1:])


def _arguments(source: bytes, cursor: Cursor, parents: tuple) -> Iterator[Edit]:
    """Two arguments side by side change places: numbers with numbers, pointers with pointers."""
    del parents
    if cursor.kind != CursorKind.CALL_EXPR or cursor.spelling in SKIPPED_CALLS + COMMUTATIVE:
        return
    arguments = [a for a in cursor.get_arguments() if _range(a)[0] < _range(a)[1]]
    for left, right in zip(arguments, arguments[1:], strict=False):
        start, end = _range(left)[0], _range(right)[1]
        between = source[_range(left)[1]:_range(right)[0]].decode()
        if _kind(left) == _kind(right) and between.strip() == ",":
            yield start, end, _text(source, right) + between + _text(source, left)


def _kind(cursor: Cursor) -> str:
    """What a value is, roughly: swapping what the compiler would refuse is a waste of time."""
    kind = cursor.type.get_canonical().kind.name
    return "number" if kind in _NUMBERS else kind


def _range(cursor: Cursor) -> tuple[int, int]:
    return cursor.extent.start.offset, cursor.extent.end.offset


def _text(source: bytes, cursor: Cursor) -> str:
    start, end = _range(cursor)
    return source[start:end].decode()


_BY_NAME = {**{name: _swapped(table) for name, table in OPERATORS.items()},
            "operand": _one_operand, "constant": _constant, "statement": _dropped,
            "condition": _condition, "negation": _negation, "arguments": _arguments}
