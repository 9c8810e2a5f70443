"""What is said of compilers' errors, and what they warn of: in the words of those who look for the cause."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.building import advice, build, gate
from grader.building.toolchain import BuildError, Toolchain

KVMALLOC = """#include "mm/kvmalloc.h"
#include "lib/print.h"
void kvfree(void *, size_t) {{}}
size_t helper() {{ return 0; }}
void *kvmalloc(size_t)
{{
    {}
}}
"""
WHERE = "kernel/mm/kvmalloc.cpp:7:5: error: "

ADVICE = {
    "‘panic’ was not declared in this scope": '. For panic there is #include "lib/panic.h"',
    "‘physical_address’ does not name a type": '. For physical_address there is #include "mm/layout.h"',
    "‘pagedir’ has not been declared": '. For pagedir there is #include "mm/paging.h"',
    "‘map_mem’ was not declared in this scope": '. For map_mem there is #include "mm/paging.h"',
    "mm/vpalloc.h: No such file or directory": '. For vpalloc there is #include "mm/allocation.h"',
    "mm/kvmaloc.h: No such file or directory": '. There is #include "mm/kvmalloc.h"',
    "print.h: No such file or directory": '. There is #include "lib/print.h"',
    "mine.h: No such file or directory": ". This file is compiled alone",
    "mm/my-list.hpp: No such file or directory": ". This file is compiled alone",
    "‘printf’ was not declared in this scope": ". To print, there is print() in lib/print.h",
    "extended character – is not valid in an identifier": ". The character U+2013, EN DASH",
    "extended character ‘ is not valid in an identifier": ". The character U+2018, LEFT SINGLE QUOTATION MARK",
    "expected ‘;’ before ‘<U+200B>’": ". The character U+200B, ZERO WIDTH SPACE",
}
NO_ADVICE = ["‘malloc’ was not declared in this scope",  # which lab 4 may not call
             "‘größe’ was not declared in this scope", "expected ‘;’ before ‘}’ token"]


@pytest.mark.parametrize("error", ADVICE)
def test_a_compilers_error_says_what_to_do(error: str) -> None:
    assert advice.on(WHERE + error).startswith(ADVICE[error])


@pytest.mark.parametrize("error", NO_ADVICE)
def test_nothing_is_said_that_would_mislead(error: str) -> None:
    assert advice.on(WHERE + error) == ""


def test_a_function_of_the_contract_that_is_called_and_has_other_parameters_is_no_forbidden_one(
        toolchain: Toolchain, tmp_path: Path) -> None:
    source = tmp_path / "malloc.cpp"
    source.write_text('#include "mm/malloc.h"\nvoid *malloc(int) { return nullptr; }\nvoid free(void *) {}\n'
                      'void *realloc(void *, size_t size) { return malloc(size); }\n', encoding="utf-8")
    with pytest.raises(BuildError, match=r"not defined: malloc; defined instead: malloc\(int\)"):
        build.compile_file(toolchain, source.name, source)


def test_who_calls_what_the_lab_may_not_is_told_what_it_may(toolchain: Toolchain, tmp_path: Path) -> None:
    source = tmp_path / "malloc.cpp"
    source.write_text('#include "mm/malloc.h"\n#include "mm/allocation.h"\nvoid *malloc(size_t) { return nullptr; }\n'
                      'void free(void *) { ppfree(0, 1); }\nvoid *realloc(void *, size_t) { return nullptr; }\n', "utf-8")
    with pytest.raises(gate.Rejected, match=r"may call \(line 4\). It may call kvmalloc, kvfree$"):
        build.compile_file(toolchain, source.name, source)


@pytest.fixture
def compiled(toolchain: Toolchain, tmp_path: Path):
    """Compiles a kvmalloc with a body, and says what was said of it."""
    def compile_(body: str) -> str:
        source = tmp_path / "kvmalloc.cpp"
        source.write_text(KVMALLOC.format(body), encoding="utf-8")
        build.compile_file(toolchain, source.name, source)
        return build.warnings(toolchain, source.name, source)
    return compile_


@pytest.mark.parametrize("body, said", [('print("hello);', 'missing terminating " character'),
                                        ("char c = 'a;", "missing terminating ' character"),
                                        ("int a = 1 – 1;", "error: extended character – is not valid"),
                                        ("return \u200bnullptr;", "<U+200B>nullptr")])
def test_a_typing_mistake_is_told_by_the_compiler(compiled, body: str, said: str) -> None:
    with pytest.raises(BuildError, match=re.escape(said)):
        compiled(body)


def test_a_return_that_is_missing_is_warned_of(compiled) -> None:
    assert "[-Wreturn-type]" in compiled('print("no more");')


def test_what_is_too_large_for_the_stack_is_warned_of(compiled) -> None:
    said = compiled('unsigned used[8000] = {}; print("%p", used); return nullptr;')
    assert re.search(r"stack usage (is|might be) 3\d{4} bytes \[-Wstack-usage=\]. The kernel's has 32 KiB", said)


def test_a_function_of_another_lab_is_warned_of(compiled) -> None:
    said = compiled("return nullptr;\n}\nsize_t ppalloc(size_t, size_t, unsigned *)\n{\n    return helper();")
    assert "it defines ppalloc(unsigned int, unsigned int, unsigned int*), which is another lab's" in said
    assert "helper" not in said and "kvfree" not in said


def test_what_only_the_gate_minds_is_told_by_the_gate(compiled) -> None:
    with pytest.raises(gate.Rejected, match="inline assembly"):
        compiled('asm("hlt"); return nullptr;')


def test_names_may_have_any_letters(compiled) -> None:
    compiled("int größe = 0, $a = größe; return $a ? &größe + 1 : nullptr;")


def test_a_line_of_any_length_is_looked_at_in_no_time() -> None:
    """What stands in an `#error` of a quarter of a megabyte took minutes."""
    for part in ("error: ", "a/", "a-", "‘", " "):
        assert advice.on("kernel/mm/buddy.cpp:1:2: error: " + part * (1 << 20)) is not None
