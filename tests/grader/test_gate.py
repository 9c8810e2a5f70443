"""The gate and the compiler's box: what honest students write gets in, what nobody needs does not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, skeleton

from grader.building import build, compiler, gate, sandbox
from grader.course import labs

# Fragments of realistic C++: what stands before the functions, and buddy_alloc's body.
HONEST = {
    "templates": ("template <typename T> T twice(T x) { return x + x; }", "return twice(min);"),
    "concepts": ("template <typename T> concept small = sizeof(T) <= 4;\n"
                 "template <small T> T same(T x) { return x; }", "return same(min);"),
    "variadic template": ("template <typename... T> size_t sum(T... x) { return (x + ... + 0); }",
                          "return sum(min, max);"),
    "lambda": ("", "auto f = [&](size_t k) { return k + min; }; return f(max);"),
    "recursion": ("size_t log(size_t n) { return n < 2 ? 0 : 1 + log(n / 2); }", "return log(max);"),
    "64-bit division": ("", "unsigned long long x = min * 10000000000ull; return x / (max + 1);"),
    "64-bit remainder": ("", "long long x = min * -10000000000ll; return x % (int)(max + 1);"),
    "64-bit shifts": ("", "unsigned long long x = min; return (x << max) >> 32;"),
    "structures copied": ("struct wide { char c[300]; }; wide one, two;", "one = two; return min;"),
    "zeroed structure": ("struct wide { int c[100]; }; void use(wide &w) { w.c[3]++; }",
                         "wide w{}; use(w); return w.c[3];"),
    "memcpy": ("", "char a[64]; __builtin_memcpy(a, b->state, 64); return a[min % 64];"),
    "memset": ("", "__builtin_memset(b->state, 0, b->units); return 0;"),
    "memmove": ("", "char *s = (char *)b->state; __builtin_memmove(s, s + 1, max); return 0;"),
    "loop that becomes memset": ("", "char *s = (char *)b->state; for (size_t i = 0; i < max; i++) "
                                 "s[i] = 0; return 0;"),
    "jump table": ("", "switch (min) { case 0: return 7; case 1: return max; case 2: return 9; "
                   "case 3: return max * 3; case 4: return 11; case 5: return 2; } return 0;"),
    "static local": ("", "static size_t calls = 3; return ++calls;"),
    "static local object": ("struct counter { size_t n; counter(size_t s) : n(s) {} };",
                            "static counter c(min); return c.n++;"),
    "static local object with a destructor": ("struct guard { size_t n; ~guard() { n = 0; } };",
                                              "static guard g{min}; return g.n++;"),
    "assert": ("#include <cassert>", "assert(b && start); return 0;"),
    "constant table": ("constexpr unsigned char log_of[] = {0, 0, 1, 1, 2, 2, 2, 2};",
                       "return log_of[min % 8];"),
    "constexpr function": ("constexpr size_t up(size_t n) { return n < 2 ? 1 : 2 * up((n + 1) / 2); }\n"
                           "constexpr size_t most = up(1000);", "return most;"),
    "constinit global": ("struct list { list *next; }; constinit list head{&head};",
                         "return head.next == &head;"),
    "global array": ("size_t counts[64];", "return ++counts[min % 64];"),
    "span": ("#include <span>", "std::span<char> s((char *)b->state, b->units); s[0] = 1; "
             "return s.size();"),
    "array": ("#include <array>", "std::array<size_t, 4> a{min, max, 1, 2}; return a.at(min);"),
    "optional": ("#include <optional>\nstd::optional<size_t> find(size_t n) { if (n) return n; "
                 "return {}; }", "return find(min).value_or(3) + find(max).value();"),
    "bit": ("#include <bit>", "return std::countr_zero(min) + std::bit_ceil(max) + "
            "std::popcount(min) + std::bit_width(max);"),
    "algorithm": ("#include <algorithm>", "size_t a[] = {min, max, 3}; std::sort(a, a + 3); "
                  "return *std::lower_bound(a, a + 3, max) + std::clamp(min, max, max);"),
    "pair and tuple": ("#include <tuple>\nstd::tuple<size_t, size_t> both(size_t a) { return {a, a}; }",
                       "auto [x, y] = both(min); return x + y;"),
    "string_view": ("#include <string_view>", 'return std::string_view("buddy").find(char(min));'),
    "absolute values": ("#include <cstdlib>\n#include <strings.h>", "return std::abs(int(min)) + ffs(max);"),
    "stable sort": ("#include <algorithm>", "size_t a[] = {min, max, 3}; std::stable_sort(a, a + 3); return a[0];"),
    "64-bit atomics": ("#include <atomic>\nstd::atomic<unsigned long long> calls;",
                       "calls += min; return calls.load();"),
    "limits": ("#include <limits>", "return std::numeric_limits<size_t>::max() - min;"),
    "enum class": ("enum class state : char { free, taken };", "return state(min) == state::free;"),
    "union": ("union link { link *next; size_t n; };", "link l; l.n = min; return l.n;"),
    "bit field": ("struct node { unsigned order : 5, free : 1; };", "node n{3, 1}; n.order = min; "
                  "return n.order;"),
    "virtual function": ("struct shape { virtual size_t area() { return 1; } };\n"
                         "struct square : shape { size_t area() override { return 4; } };\n"
                         "size_t measure(shape &s) { return s.area(); }",
                         "square s; return measure(s);"),
    "destructor": ("size_t depth; struct deeper { deeper() { depth++; } ~deeper() { depth--; } };",
                   "deeper d; return depth;"),
    "virtual destructor": ("struct base { virtual ~base() {} size_t n = 4; };\n"
                           "struct derived : base { ~derived() override { n = 0; } };",
                           "derived d; base &x = d; return x.n;"),
    "placement new": ("#include <new>\nstruct node { node *next; size_t n = 5; };",
                      "return (new (b->state) node{})->n;"),
    "function pointers": ("size_t one(size_t) { return 1; } size_t two(size_t) { return 2; }\n"
                          "size_t (*const table[])(size_t) = {one, two};",
                          "return table[min % 2](max);"),
    "operators": ("struct index { size_t n; index operator+(index o) const { return {n + o.n}; } };",
                  "return (index{min} + index{max}).n;"),
    "panic and print": ("", 'print("%zu\\n", min); if (max > 9) panic("no %s", "way"); return 0;'),
    "builtins": ("", "return __builtin_ctz(min | 1) + __builtin_popcountll(max) + "
                 "__builtin_clzll(max | 1) + __builtin_bswap32(min);"),
    "unreachable": ("", "if (min > max) __builtin_unreachable(); return min;"),
    "barrier": ("", 'asm volatile("" : : : "memory"); return min;'),
    "goto": ("", "again: if (min < max) { min++; goto again; } return min;"),
    "variable-length array": ("", "char a[min + 1]; a[min] = 3; return a[max % (min + 1)];"),
}


@pytest.mark.parametrize("name", HONEST)
def test_what_students_write_gets_in(toolchain: build.Toolchain, tmp_path: Path, name: str) -> None:
    before, body = HONEST[name]
    assert build.image(toolchain, {"buddy.cpp": written(tmp_path, before, body)}).exists()


def written(folder: Path, before: str, body: str) -> Path:
    """A buddy.cpp with something before its functions, and a body for buddy_alloc."""
    source = folder / "buddy.cpp"
    source.write_text(skeleton(body).replace("size_t buddy_state_size", f"{before}\n"
                                             "size_t buddy_state_size", 1))
    return source


# What stands before the functions, buddy_alloc's body, and what the gate or the compiler says.
HOSTILE = {
    "port output": ("", 'asm volatile("outb %al, $0xf4"); return 0;', "inline assembly"),
    "port output, hidden": ('#define A(x, y) x##y\n', 'A(a, sm)("outb %al, $0xf4"); return 0;',
                            "inline assembly"),
    "interrupts off": ("", 'asm("cli"); return 0;', "inline assembly"),
    "assembly at top level": ('asm(".global x\\nx: ret");', "return 0;", "inline assembly"),
    "the answer, by incbin": ('asm(".incbin \\"/etc/passwd\\"");', "return 0;", "inline assembly"),
    "a forged line": ('#line 1 "kernel/player/record.cpp"\nasm("hlt");', "return 0;",
                      "inline assembly"),
    "time stamp counter": ("", "return __builtin_ia32_rdtsc();", "rdtsc"),
    "constructor": ("size_t n; [[gnu::constructor]] void early() { n = 3; }", "return n;", "a constructor"),
    "destructor": ("size_t n; [[gnu::destructor]] void late() { n = 3; }", "return n;", "a constructor"),
    "global object": ("size_t now(); struct early { early(); size_t n; } e; early::early() : n(1) {}",
                      "return e.n;", "a constructor (e): there is nobody to run it"),
    "list heads": ("struct head { head *next, *last; head() { next = last = this; } };\n"
                   "static size_t other[9]; static head heads[21];",
                   "other[min] = 1; return heads[min].next == &heads[max];", "a constructor (heads): there is nobody"),
    "a section among the labs": ('[[gnu::section(".labs"), gnu::used]] const void *const mine = 0;',
                                 "return 0;", "a section of its own, .labs"),
    "a section that is kept": ('[[gnu::section(".kept"), gnu::used]] int mine;', "return 0;",
                               "a section of its own, .kept"),
    "a section that is not loaded": ('[[gnu::section(".ring3,\\"\\",@progbits#"), gnu::used]] int mine = 3;',
                                     "return 0;", "is no plain name"),
    **{f"a section that is called like {name}": (f'[[gnu::section("{name}"), gnu::used]] extern const char mine[] = "mine";',
                                                 "return 0;", "a section of its own")
       for name in (".symtab", ".dynsym", ".hash", ".gnu.hash", ".rela.x", ".gnu.conflict", ".dynamic", ".gnu.version_d")},
    "a variable among the constants": ('[[gnu::section(".rodata.mine"), gnu::used]] int mine = 3;',
                                       "return 0;", "the section .rodata.mine is not what its name says"),
    "a constant among the code": ('[[gnu::section(".text.mine"), gnu::used]] extern const char mine[] = "x";',
                                  "return 0;", "mine is data, and lies among the code"),
    "a function chosen at run time": ('extern "C" size_t one() { return 1; }\n'
                                      'extern "C" size_t (*choose())() { return one; }\n'
                                      'extern "C" [[gnu::ifunc("choose")]] size_t chosen();',
                                      "return chosen();", "chosen is chosen at run time"),
    "more code than a kernel": ('[[gnu::section(".text\\n.fill 2000000, 1, 0x90\\n.section .data")]] int a = 4;',
                                "return ++a;", "is no plain name"),
    "flags, 16 bits of them": ('[[gnu::section(".text\\n popfw\\n.section .data")]] int a = 4;',
                               "return ++a;", "is no plain name"),
    "a segment register": ('[[gnu::section(".text\\n mov %eax, %es\\n.section .data")]] int a = 4;',
                           "return ++a;", "is no plain name"),
    "a name that can't be printed": ('void f() asm("\\"f\\033[2J\\"");', "f(); return 0;",
                                     "is no plain name"),
    "floating point": ("", "double d = min; while (d > 1) d /= 2; return d;", "with floating-point numbers"),
    "streams": ("#include <bits/stdc++.h>", "return 0;", "a kernel has no streams"),
    "bytes that are no instruction": ('[[gnu::section(".text\\n .byte 15, 4\\n.section .data")]] int a = 4;',
                                      "return ++a;", "is no plain name"),
    "the record writer": ("void record_write(const char *, ...);",
                          'record_write("@1 init -> ok"); return 0;', "it uses record_write"),
    "the serial line": ("void serial_write(const char *);", 'serial_write("< 0"); return 0;',
                        "it uses serial_write"),
    "the power switch": ("[[noreturn]] void power_off(unsigned char);", "power_off(0);",
                         "it uses power_off"),
    "the restart": ('extern "C" [[noreturn]] void restart_kernel();', "restart_kernel();",
                    "it uses restart_kernel"),
    "the watchdog": ("void watchdog_stop();", "watchdog_stop(); return 0;", "it uses watchdog_stop"),
    "a symbol by another name": ('void harmless() asm("_Z13watchdog_stopv");',
                                 "harmless(); return 0;", "it uses watchdog_stop"),
    "a place before its own code": ('void before() asm(".-100000");', "before(); return 0;", "is no plain name"),
    "a place in another object": ('void before() asm("0xc0001000");', "before(); return 0;", "is no plain name"),
    "the player's data": ("struct position; const position &player_position();",
                          "return (size_t)&player_position();", "it uses player_position"),
    "another lab's function": ('#include "mm/kvmalloc.h"', "return (size_t)kvmalloc(1);",
                               "it uses kvmalloc"),
    "the linker's symbols": ("extern char labs_start[];", "return (size_t)labs_start;",
                             "it uses labs_start"),
    "an alias of what is foreign": ('extern "C" void mine() __attribute__((weakref("restart_kernel")'
                                    "));", "return (size_t)mine;", None),
    "the answer, by name": ('#include "../../solutions/mm/buddy.cpp"', "return 0;", "error"),
    "the answer, by path": (f'#include "{ROOT}/solutions/mm/buddy.cpp"', "return 0;", "error"),
    "whether the answer is there": (f'#if __has_include("{ROOT}/solutions/mm/buddy.cpp")\n'
                                    "#else\n#error not there\n#endif", "return 0;", "not there"),
    "the player's source": ('#include "player/player.h"', "return 0;", "error"),
    "ports": ('#include "arch/io.h"', "return 0;", "error"),
    "the host's files": ('#include "/etc/hostname"', "return 0;", "error"),
    "an endless file": ('#include "/dev/zero"', "return 0;", ""),
    "itself, again and again": ('#include "buddy.cpp"', "return 0;", "from kernel/mm/buddy.cpp:5"),
    "endless templates": ("template <int n> struct t { static constexpr int v = t<n + 1>::v; };",
                          "return t<0>::v;", "error"),
    "an enormous array": ("char filled[1u << 30] = {1};", "return filled[min];", ""),
    "no function at all": ("#if 0", "return 0;", "error"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_nobody_needs_stays_out(toolchain: build.Toolchain, tmp_path: Path, name: str) -> None:
    if name == "whether the answer is there" and sandbox.degraded():
        pytest.skip(sandbox.degraded())
    before, body, says = HOSTILE[name]
    with pytest.raises((gate.Rejected, build.BuildError)) as caught:
        build.image(toolchain, {"buddy.cpp": written(tmp_path, before, body)})
    assert (says or "") in str(caught.value)


@pytest.mark.parametrize(("before", "body", "says"), [
    ("#include <vector>", "std::vector<size_t> all(min); all.push_back(max); return all[max];", "no containers that ask for some"),
    ("#include <map>", "std::map<size_t, size_t> all; all[min] = max; return all[max];", "no containers that ask for some"),
    ("#include <mutex>", "static std::mutex lock; std::lock_guard<std::mutex> guard(lock); return min;", "no threads here"),
    ("thread_local size_t most;", "return most = max;", "a thread_local variable: there are no threads here"),
])
def test_what_a_kernel_does_not_have_is_told_from_what_lacks_and_no_line_of_a_librarys(
        toolchain: build.Toolchain, tmp_path: Path, before: str, body: str, says: str) -> None:
    with pytest.raises(gate.Rejected, match=says) as caught:
        build.image(toolchain, {"buddy.cpp": written(tmp_path, before, body)})
    assert "(line " not in str(caught.value)


# Assembly that no source can bring forth, should one manage it all the same, and what the gate says.
OBJECTS = {
    "a section that is not loaded": ('.section .ring3,"",@progbits\n.long 3', "a section of its own, .ring3"),
    "more code than a kernel": (".text\n.fill 2000000, 1, 0x90", "more than the whole kernel may"),
    "flags, 16 bits of them": (".text\npopfw", "an instruction that is the kernel's own business: popfw"),
    "a segment register": (".text\nmov %eax, %es", "an instruction that is the kernel's own business: mov"),
    "port output behind a prefix": (".text\n.byte 0x66, 0xe7, 0xf4", "own business: out"),
    "a name that can't be printed": ('.globl "f\033[2J"\n"f\033[2J":', "the name f?[2J can't be printed"),
    "bytes that are no instruction": (".text\n.byte 15, 4", "the kernel's own business: (bad)"),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_what_no_object_has_stays_out(toolchain: build.Toolchain, tmp_path: Path, name: str) -> None:
    text, says = OBJECTS[name]
    (tmp_path / "mine.s").write_text(text + "\n")
    subprocess.run([toolchain.tools + "as", "--32", tmp_path / "mine.s", "-o", tmp_path / "mine.o"], check=True)
    with pytest.raises(gate.Rejected, match=re.escape(says)):
        gate.check_object(tmp_path / "mine.o", (), (), toolchain.tools)


@pytest.mark.parametrize(("target", "statement", "says"), [
    ("fxsr", "__builtin_ia32_fxrstor((void *)start)", "fxrstor"),
    ("sse2", "__builtin_ia32_ldmxcsr(min)", "ldmxcsr"),
    ("sse2", "using two = long long [[gnu::vector_size(16)]]; *(two *)start += 1", "%xmm"),
    ("xsave", "__builtin_ia32_xsave((void *)start, 3)", "xsave"),
])
def test_the_coprocessor_is_nobodys(toolchain: build.Toolchain, tmp_path: Path, target: str, statement: str, says: str) -> None:
    """Its registers outlive the kernel's restart: they told one scenario of those before it."""
    source = written(tmp_path, f'#pragma GCC target("{target}")', f"{statement}; return 0;")
    with pytest.raises(gate.Rejected, match=says):
        build.compile_file(toolchain, "buddy.cpp", source)


def test_a_file_that_was_refused_is_not_compiled_again(toolchain: build.Toolchain, tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    """The integrated stage has it, too: a file that takes the compiler all its time did so twice."""
    compiled, really = [], compiler.compiled
    monkeypatch.setattr(compiler, "compiled", lambda toolchain, name, *rest: compiled.append(name) or really(toolchain, name, *rest))
    source = written(tmp_path, f"int of_this_test = {tmp_path.name!r}_;", "return 0;")
    said = []
    for layout in ("", "another"):
        with pytest.raises(build.BuildError) as error:
            build.image(toolchain, {"buddy.cpp": source}, layout=layout)
        said.append((str(error.value), len(compiled)))  # nor is it asked once more whether the machine is to blame
    assert said[0] == said[1] and compiled.count("buddy.cpp") == 1
    source.write_text(source.read_text() + "\n")  # another file
    with pytest.raises(build.BuildError):
        build.image(toolchain, {"buddy.cpp": source})
    assert compiled.count("buddy.cpp") == 2


def test_a_function_of_the_kits_name_stays_local(toolchain: build.Toolchain,
                                                 tmp_path: Path) -> None:
    """Defining the player's own function, strong or weak, replaces nothing."""
    source = written(tmp_path, '[[gnu::used]] void record_write(const char *, ...) {}\n'
                     '[[gnu::used, gnu::weak]] void watchdog_stop() {}\n'
                     '[[gnu::common]] unsigned tsc_shift;', "return tsc_shift;")
    object_file = build.compile_file(toolchain, "buddy.cpp", source)
    assert {re.sub(r"^_Z\d+", "", symbol)[:6] for symbol in
            gate.defined(object_file, toolchain.tools)} == {"buddy_"}


def test_a_linkers_message_has_no_path_of_the_hosts(toolchain: build.Toolchain, tmp_path: Path) -> None:
    source = written(tmp_path, '#include "lib/print.h"\nvoid print(void *, int);', "print(nullptr, 1); return 0;")
    with pytest.raises(build.BuildError, match="undefined reference to .print") as caught:
        build.image(toolchain, {"buddy.cpp": source})
    assert str(toolchain.folder) not in str(caught.value)


def test_a_submission_cannot_tell_the_time(toolchain: build.Toolchain, tmp_path: Path) -> None:
    """The same file makes the same kernel, whenever it is compiled."""
    source = written(tmp_path, "extern const char now[] = __DATE__ __TIME__ __TIMESTAMP__;",
                     "return now[min];")
    object_file = build.compile_file(toolchain, "buddy.cpp", source)
    assert b"Jan  1 197000:00:00Thu Jan  1 00:00:00 1970" in object_file.read_bytes()


def test_what_another_systems_editor_saved_is_compiled_alike(toolchain: build.Toolchain, tmp_path: Path) -> None:
    ours, theirs = ROOT / "solutions" / "mm" / "kvmalloc.cpp", tmp_path / "kvmalloc.cpp"
    theirs.write_bytes(b"\xef\xbb\xbf" + ours.read_bytes().replace(b"\n", b"\r\n"))
    code = [subprocess.run([toolchain.tools + "objcopy", "-O", "binary", "--only-section=.text",
                            build.compile_file(toolchain, "kvmalloc.cpp", source), "/dev/stdout"], capture_output=True,
                           check=True).stdout for source in (ours, theirs)]
    assert code[0] and code[0] == code[1]


@pytest.mark.parametrize(("make", "says"), [
    (lambda path: path.symlink_to(ROOT / "solutions" / "mm" / "buddy.cpp"), "is a link"),
    (lambda path: os.mkfifo(path), "is no plain file"),
    (lambda path: path.mkdir(), "is no plain file"),
    (lambda path: path.write_bytes(b"/" * (gate.MAX_SOURCE + 1)), "262144 are the most"),
    (lambda path: path.write_text("// as Windows' shell writes it", encoding="utf-16"), "save it as UTF-8"),
], ids=["link", "fifo", "folder", "too large", "UTF-16"])
def test_only_plain_files_of_sensible_size(tmp_path: Path, make: Callable, says: str) -> None:
    make(tmp_path / "buddy.cpp")
    with pytest.raises(gate.Rejected, match=says):
        gate.read_source(tmp_path / "buddy.cpp")


@pytest.mark.parametrize(("link", "target"), [
    ("buddy.cpp", "solutions/mm/buddy.cpp"), ("mm", "solutions/mm"), ("kernel", "solutions"),
    ("kernel/mm", "solutions/mm"), ("kernel/mm/buddy.cpp", "solutions/mm/buddy.cpp")])
def test_a_link_anywhere_is_rejected_with_words(tmp_path: Path, grade: Callable, link: str,
                                                target: str) -> None:
    folder = tmp_path / "submission"
    (folder / link).parent.mkdir(parents=True)
    (folder / link).symlink_to(ROOT / target)
    graded = grade(folder)
    assert set(graded.verdicts.values()) == {"rejected"}
    assert "is a link" in graded.tests["starts_empty"]["message"]
    assert (graded.status, graded.results["score"]) == (0, 0)


def test_the_reference_calls_only_what_its_labs_may_call(toolchain: build.Toolchain) -> None:
    for path in toolchain.reference:
        allowed = labs.may_call(Path(path).stem + ".cpp")
        gate.check_object(ROOT / path, allowed, build.library(toolchain), toolchain.tools)


def test_the_box_shows_nothing_but_what_is_named(tmp_path: Path) -> None:
    if sandbox.degraded():
        pytest.skip(sandbox.degraded())
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "shown").write_text("here")
    box = sandbox.Box({tmp_path / "in": "/kit"})
    done = subprocess.run(box.command(["/bin/sh", "-c", f"cat /kit/shown; ls {ROOT}; "
                                       "echo x > /kit/new; echo; ls /proc | grep -c '^[0-9]'"]),
                          capture_output=True, text=True, check=False)
    assert done.stdout.startswith("here")
    assert "No such file" in done.stderr
    assert "Read-only file system" in done.stderr
    assert int(done.stdout.split()[-1]) <= 5  # processes: its own


def test_a_box_shows_no_variable_of_its_makers(monkeypatch: pytest.MonkeyPatch) -> None:
    if sandbox.degraded():
        pytest.skip(sandbox.degraded())
    monkeypatch.setenv("TOKEN", "of the host")
    done = subprocess.run(sandbox.Box().command(["/bin/sh", "-c", "cat /proc/*/environ"]),
                          capture_output=True, text=True, check=False)
    assert "PATH=/usr/bin" in done.stdout
    assert "TOKEN" not in done.stdout


@pytest.mark.parametrize("path", ["/proc/self/status", "/usr/share/common-licenses/GPL-2", "/etc/passwd"])
def test_the_compilers_box_has_compilers_and_headers_only(toolchain: build.Toolchain, tmp_path: Path,
                                                          path: str) -> None:
    if sandbox.degraded():
        pytest.skip(sandbox.degraded())
    with pytest.raises(build.BuildError, match="No such file"):
        build.compile_file(toolchain, "buddy.cpp", written(tmp_path, f'#include "{path}"', "return 0;"))


def test_a_message_quotes_the_submission_alone(toolchain: build.Toolchain, tmp_path: Path) -> None:
    source = written(tmp_path, f'int mine = 1 +;\n#line 1 "{toolchain.compile[0]}"\nint line = 1 +;\n'
                     '#line 2 "/usr/include/stdio.h"\nint other = 1 +;', "return 0;")
    with pytest.raises(build.BuildError) as caught:
        build.compile_file(toolchain, "buddy.cpp", source)
    assert "int mine = 1 +;" in str(caught.value)
    assert "stdio.h:2" in str(caught.value)
    assert "GNU C Library" not in str(caught.value)


def test_an_assembler_reads_no_file(toolchain: build.Toolchain, tmp_path: Path) -> None:
    if sandbox.degraded():
        pytest.skip(sandbox.degraded())
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(0o777)
    (tmp_path / "out" / "student.s").write_text('.include "/usr/bin/ldd"\n')
    with pytest.raises(build.BuildError) as caught:
        compiler.assemble(toolchain, tmp_path)
    assert str(caught.value) == "error: the assembler does not take what the compiler made of it"


def test_without_boxes_the_grading_says_so(tmp_path: Path, grade: Callable) -> None:
    """On a machine without bubblewrap: graded all the same, and never silently."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for place in ("/usr/bin", "/bin"):
        for program in Path(place).iterdir():
            link = folder / program.name
            if program.name != "bwrap" and not link.is_symlink():
                link.symlink_to(program)
    graded = grade(ROOT / "solutions", env={"PATH": str(folder)})
    assert graded.results["score"] == 100
    assert "bubblewrap is not installed" in graded.results["degraded"][0]
    assert "With less protection: bubblewrap is not installed" in graded.output


def test_a_box_that_does_not_work_is_no_box(tmp_path: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """Where user namespaces are switched off, bubblewrap is there and fails."""
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(fake))
    sandbox.degraded.cache_clear()
    try:
        assert sandbox.degraded() == (
            "bubblewrap does not work here (bwrap: No permissions to create new namespace): "
            "submissions are compiled and run unboxed")
    finally:
        sandbox.degraded.cache_clear()
