"""Whatever compiler is installed: what the C++ library's headers call is there, and the gate knows it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import HERE, ROOT

from grader.building import build, gate

COMPILERS = sorted(path.name for path in Path("/usr/bin").glob("i686-linux-gnu-g++*"))

WITHOUT_A_SYSTEM = """algorithm any array atomic bit cassert cerrno cfloat cinttypes climits compare concepts coroutine
    cstdarg cstddef cstdint cstdlib cstring exception functional initializer_list iterator limits memory new numbers
    numeric optional ranges ratio source_location span string_view tuple type_traits typeindex typeinfo utility variant
    version""".split()

# What headers that can do without an operating system call, and this kernel has not: floating point, wide characters,
# type information, exceptions as objects; and memory of the C++ library's own.
NOT_HERE = re.compile(r"__\w+[sdxt]f[0-9]?|__fix\w+|w(mem|cs)\w+|vtable for std::.*|(typeinfo|non-virtual thunk).*|"
                      r"std::(__exception_ptr::.*|current_exception\(\)|rethrow_exception\(.*|exception::~exception\(\))")


def with_compiler(toolchain: build.Toolchain, name: str) -> build.Toolchain:
    """The kit's flags and objects, with another compiler for submissions."""
    return replace(toolchain, compiler=name, compile=(name, *toolchain.compile[1:]))


@pytest.mark.parametrize("name", COMPILERS)
def test_every_header_may_be_used(toolchain: build.Toolchain, name: str) -> None:
    """Compiled, let in by the gate, and linked."""
    assert build.image(with_compiler(toolchain, name), {"buddy.cpp": HERE / "every_header.cpp"}).exists()


@pytest.mark.parametrize("name", COMPILERS)
def test_what_inline_functions_call_is_there(toolchain: build.Toolchain, name: str, tmp_path: Path) -> None:
    """All of them, used or not, of the headers that GCC keeps for programs without an operating system."""
    source, compiled = tmp_path / "headers.cpp", tmp_path / "headers.o"
    if int(subprocess.run([name, "-dumpversion"], capture_output=True, text=True, check=True).stdout) < 13:
        pytest.skip("its library knows no such programs")
    source.write_text("".join(f"#include <{header}>\n" for header in WITHOUT_A_SYSTEM))
    subprocess.run([name, *toolchain.compile[1:], "-ffreestanding", "-fkeep-inline-functions", "-c", source, "-o",
                    compiled], cwd=ROOT, check=True)
    symbols, names = (gate.undefined(compiled, toolchain.tools, *option) for option in ((), ("-C",)))
    assert len(symbols) > 10
    assert not [called for symbol, called in zip(symbols, names, strict=True)
                if symbol not in build.library(toolchain) and not NOT_HERE.fullmatch(called)]


def test_nothing_of_an_unnamed_namespace_is_known_to_the_linker() -> None:
    """From GCC 15 on a variable there is this file's own, whatever it is declared as, and not the linker script's."""
    inside = re.compile(r"^namespace\n\{\n(.*?)^\} // namespace", re.MULTILINE | re.DOTALL)
    sources = [path for folder in ("bench", "kernel", "labs", "solutions") for path in (ROOT / folder).rglob("*.cpp")]
    assert len(sources) > 60
    assert not [f"{path.relative_to(ROOT)}: {line}" for path in sources for part in inside.findall(path.read_text())
                for line in part.splitlines() if line.lstrip().startswith("extern")]
