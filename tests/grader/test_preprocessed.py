"""No string of a file reaches the assembler as anything but a name."""

from __future__ import annotations

import pytest

from grader.building import preprocessed
from grader.building.preprocessed import Unfit

# Each would be a line of assembly, or more than a name, in the compiler's output.
UNFIT = [
    r'[[gnu::section(".data\n\thlt\n\t.data")]] int a;',
    r'[[gnu::section("\56data\012hlt")]] int a;',
    '[[gnu::section(R"(.data\nhlt)")]] int a;',
    r'[[gnu::section(".data" "\n" "hlt")]] int a;',
    r'[[using gnu: used, section("\n")]] int a;',
    r'<:<:gnu::section("\n"):>:> int a;',
    '[\n# 3 "x.cpp"\n[gnu::section("\\n")]] int a;',
    r'__attribute__((section("\n"))) int a;',
    r'__attribute__((__section__(u8"hlt"))) int a;',
    r'__attribute((used, section("\n"))) int a;',
    r'[[deprecated("\n"), gnu::section("\n")]] int a;',
    r'[[gnu::section(name())]] int a;',
    r'[[gnu::section(true ? "a" : name)]] int a;',
    r'[[gnu::section("a;b")]] int a;',
    r'[[gnu::section("a,b")]] int a;',
    r'[[gnu::section("a b")]] int a;',
    r'[[gnu::section("a#")]] int a;',
    r'[[gnu::alias("x\nhlt")]] void f();',
    r'[[gnu::weakref("x\nhlt")]] void f();',
    r'[[gnu::symver("x@@1\nhlt")]] void f();',
    r'[[gnu::some_new_one("x\nhlt")]] void f();',
    r'[[assume([]{ [[gnu::section("\n")]] static int a; return a; }())]];',
    r'[[="\n"]] int a;',
    """[[a::deprecated(1'."')]] [[gnu::section(R"x(\nhlt\n)x")]] int a; [[a::deprecated(1'."1'1)]] int b;""",
    """int a = 1'x';""", 'int a = 1e5"x";', 'int a = .5"x";',
    # One number and a character to compilers; the other way round for who ends the number before the letter.
    *(rf"""[[a::deprecated(1{letter}'a 'x')]] [[gnu::section("\nhlt\n")]] int a; [[a::deprecated('z')]] int b; """
      rf"""[[a::deprecated(1{letter}'b)]] int c;""" for letter in ("ö", "$", r"\u00f6", r"\U000000f6")),
    r'int a asm("a\nhlt");',
    r'int a __asm__ ("a" "\n" "hlt");',
    'int a asm(R"(a\nhlt)");',
    r'int a asm(("a"));',
    r'void f() { asm volatile("hlt\n"); }',
    r'void f() { __asm volatile goto("outb %al, $1" ::::there); }',
    "void f() { asm(name()); }",
    '#pragma GCC pch_preprocess "out/mine"\n',
    '#ident "x\\n"\n', '# 1 "x\\n0xzz y"\nint a;', '# 1 "x\\012y" 1\n', '# 1 "x\ny"\n',
    '#include_next "x"\n',
    '#pragma GCC some_new_one "x\\n"\n',
    "// asm\n", "/* asm */", "\\\n", 'int a = "', "int b = '", 'int a = R"x(";', "%:pragma x", " # 1",
    "[[gnu::section(", "__attribute__(section(x))", "asm", "asm(",
    "[[" * 100_000, "[[a(" * 20_000, "__attribute__((" * 20_000, "__attribute__((a([[b(" * 20_000,
]

FIT = [
    r'[[nodiscard("why not?\n")]] int f(); [[deprecated("use g(\"x\")")]] int h();',
    r'__attribute__((__deprecated__("use '"'"'g'"'"' instead"))) int h();',
    "[[gnu::aligned(sizeof(int) * 4), gnu::always_inline]] void f();",
    "__attribute__((__format__(__printf__, 1, 2))) void print(const char *, ...);",
    "__attribute__((__malloc__(__builtin_free, 1), __alloc_size__(1))) void *f(int);",
    'extern int scanf(const char *) __asm__ ("" "__isoc99_scanf");',
    'void f() { asm volatile("" : : : "memory"); asm("" : "+r"(a) : "r"(1), [x] "m"(b)); }',
    'register int a asm("eax");',
    '[[gnu::section(".text.mine"), gnu::used]] void f();',
    '[[gnu::optimize("O3,unroll-loops")]] void f(); [[gnu::target("arch=i686,no-sse")]] void g();',
    r'''char c = '"', d = '\'', e = L'\\'; auto s = u8"[[gnu::section(\"\\n\")]]", t = R"(asm("\n"))";''',
    "int n = 1'000'000 + 0x1p-3 + a[b[1]]; auto f = a[([] { return 1; }())];",
    'auto x = fooR"(" + asmR + my__attribute__ + 0asm;',
    "#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored \"-Wall\"\n#pragma pack(push, 1)\n",
    '#pragma GCC error "not \\n there"\n# 1 "a \\"b\\".h" 1 3 4\n',
    '#pragma GCC pch_preprocess "/prelude/prelude.h.gch"\n',
    r"int gr\U000000f6\U000000dfe = \U000000e4;",  # as the preprocessor spells letters in names
    "int größe; int $a; template <int n> struct t {}; t<::x> y; bool z = a <b || 3%d;",
]


@pytest.mark.parametrize("text", UNFIT, ids=range(len(UNFIT)))
def test_what_might_be_a_line_of_assembly_is_found(text: str) -> None:
    for before in ("", "int x;\n", 'auto y = "[[";\n', "a[0]; /* */".replace("/* */", "")):
        with pytest.raises(Unfit):
            preprocessed.check((before + text).encode(), b"/prelude/prelude.h.gch")


@pytest.mark.parametrize("text", FIT, ids=range(len(FIT)))
def test_what_names_nothing_is_left_alone(text: str) -> None:
    preprocessed.check(text.encode(), b"/prelude/prelude.h.gch")


def test_a_text_of_any_size_is_looked_at_in_no_time() -> None:
    for part in (b'"x"', b"[", b"'x' ", b'R"x(', b"a[ ", b"1'1", b"__attribute__((a))", b'asm("")', b"u8", b"\n#", b" "):
        try:
            preprocessed.check(part * (preprocessed.LARGEST // 16 // len(part)))
        except Unfit:
            pass  # what counts is that it comes to an end
    with pytest.raises(Unfit, match="are the most"):
        preprocessed.check(bytes(preprocessed.LARGEST + 1))


def test_a_header_that_has_assembly_is_named_as_it_was_included() -> None:
    """Who includes <immintrin.h> was told of `pconfig`, which stands in none of his files."""
    assembly = 'void f() { asm("pconfig\\n\\t"); }\n'
    inside = f'# 31 "/usr/lib/gcc/x/12/include/immintrin.h" 1 3 4\n# 1 "/usr/lib/gcc/x/12/include/pconfigintrin.h" 1 3 4\n{assembly}'
    ended = '# 32 "/usr/lib/gcc/x/12/include/immintrin.h" 2 3 4\n# 2 "kernel/mm/buddy.cpp" 2\n'
    for text, begins in ((f'# 1 "kernel/mm/buddy.cpp"\n{inside}', "it includes <immintrin.h>, which has inline assembly: "),
                         (inside.replace(assembly, ended + assembly), "inline assembly: "),
                         (f'# 1 "/usr/include/x.h"\n{assembly}', "inline assembly: ")):
        with pytest.raises(Unfit) as refused:
            preprocessed.check(text.encode())
        assert str(refused.value).startswith(begins)
