"""Precompiled headers: the same code as without, for whoever includes them, and nothing else to see."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from grader.building import build, prelude
from grader.building.toolchain import Toolchain
from grader.course.labs import ROOT


def asked_often(text: bytes, compiler: Sequence[str], folder: Path) -> Path | None:
    """What there is for such a file when it has been compiled before."""
    for _ in range(prelude.WORTH_IT - 1):
        assert prelude.of(text, compiler, folder) is None
    return prelude.of(text, compiler, folder)


@pytest.mark.parametrize(("text", "headers"), [
    (b'#include "mm/buddy.h"\n#include <bit>\n', None),
    (b"// #include <span>\nint span;\n", None),
    (b'#include "mm/allocation.h"\n', b"#include <span>\n"),
    (b'  # include <span>\r\n#include "mm/allocation.h"\n', b"#include <span>\n"),
    (b"#include <algorithm>\n", b"#include <algorithm>\n"),
    (b"#define _GLIBCXX_ASSERTIONS\n#include <span>\n", None),
    (b"\n" * 262144, None),  # in no time
    (b"#if 0\n#include <span>\n#endif\n", None),
    (b"/* not:\n#include <span>\n*/\n// nor \\\n#include <span>\n", None),
    (b"/* yes: */ #include <span> // at last\n#define N 4\n#include <algorithm>\n", b"#include <span>\n"),
    (b"#include <bit>\n#include <array>\n", b"#include <array>\n"),
    (b'#include <algorithm>\n#include "mm/allocation.h"\n', b"#include <span>\n#include <algorithm>\n"),
])
def test_a_file_gets_what_it_includes(toolchain: Toolchain, tmp_path: Path, text: bytes,
                                      headers: bytes | None) -> None:
    made = asked_often(text, toolchain.compile, tmp_path)
    if not headers:
        assert made is None and not list(tmp_path.iterdir())
        return
    assert (made / prelude.NAME).read_bytes() == headers
    assert (made / f"{prelude.NAME}.gch").stat().st_size > 1 << 20
    assert {path.name for path in tmp_path.iterdir()} == {made.name, f"{made.name}.asked"}


def test_who_tries_the_kit_waits_for_none(toolchain: Toolchain, tmp_path: Path) -> None:
    """A first grading has six files, which include different headers: making all sets takes longer than it saves."""
    for name in ("ppalloc", "vpalloc", "kvmalloc", "malloc", "paging"):
        text = (ROOT / "solutions" / "mm" / f"{name}.cpp").read_bytes()
        assert prelude.of(text, toolchain.compile, tmp_path) is None


def test_where_none_can_be_made_the_compiler_goes_without(tmp_path: Path) -> None:
    assert asked_often(b"#include <span>\n", ["false"], tmp_path) is None
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".asked"]


def test_the_code_is_the_same_without(toolchain: Toolchain, tmp_path: Path,
                                      monkeypatch: pytest.MonkeyPatch) -> None:
    codes = set()
    monkeypatch.setattr(prelude, "WORTH_IT", 1)
    for i, of in enumerate((prelude.of, lambda *_: None)):
        monkeypatch.setattr(prelude, "of", of)
        source = tmp_path / f"{i}" / "ppalloc.cpp"
        source.parent.mkdir()
        source.write_text((ROOT / "solutions/mm/ppalloc.cpp").read_text() + f"// {tmp_path} {i}\n")
        compiled = build.compile_file(toolchain, "ppalloc.cpp", source)
        bare = tmp_path / f"{i}.o"
        subprocess.run([toolchain.tools + "objcopy", "--strip-debug", compiled, bare], check=True)
        codes.add(bare.read_bytes())
    assert len(codes) == 1


def test_what_is_not_included_is_not_there(toolchain: Toolchain, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prelude, "WORTH_IT", 1)
    source = tmp_path / "ppalloc.cpp"
    source.write_text('#include "mm/allocation.h"\nvoid f(int *a) { std::sort(a, a + 9); }\n')
    with pytest.raises(build.BuildError, match=r"kernel/mm/ppalloc.cpp:2:\d+: error: .sort. is not a member"):
        build.compile_file(toolchain, "ppalloc.cpp", source)


def test_comments_that_nobody_closes_are_looked_at_in_no_time(tmp_path: Path) -> None:
    """Eighty thousand on a line took three minutes."""
    for comment in (b"/* ", b"/*", b"// /* ", b"/* */"):
        prelude.of(b"#include <span> " + comment * 80_000, ["none"], tmp_path)
    assert prelude.of(b"#include <bit> /* \n#include <span>", ["none"], tmp_path) is None
