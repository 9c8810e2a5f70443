"""The gate: what a submission must be before it is booted.

A file is taken by its name, as a plain file of sensible size. Its object must have no section, no
constructor and no instruction that the labs have no use for, and call nothing but what the lab's
contract allows; everything it defines but the contract's functions is made local.
"""

from __future__ import annotations

import codecs
import functools
import os
import re
import shutil
import stat
import subprocess
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from grader import limits
from grader.building import preprocessed
from grader.errors import Infrastructure, printable
from grader.evidence import disassembly

MAX_SOURCE = 256 * 1024  # bytes

# The sections that may be there: by their names, for those are what the linker goes by, and with the rights that
# belong to each. Code under another's rights would not be disassembled, and constants that can be written to would
# not be compared with the image's.
_WRITE, _ALLOC, _EXECUTE = 1, 2, 4  # SHF_…
_SECTIONS = ((re.compile(r"\.text(\..*)?"), _ALLOC | _EXECUTE),
             (re.compile(r"\.rodata(\..*)?|\.eh_frame"), _ALLOC),
             (re.compile(r"\.(data|bss)(\..*)?"), _ALLOC | _WRITE),
             (re.compile(r"|\.rel\..*|\.debug_\w+|\.comment|\.note\.GNU-stack|\.(sym|str|shstr)tab|\.group"), 0))
_CONSTRUCTORS = re.compile(r"\.(init|fini|ctors|dtors|preinit)(_array)?(\..*)?")
_LONGEST_NAME = 4096  # a disassembler prints it at every jump
_MAX_LOADED = 1 << 20  # bytes: more than an image has room for

# What only a kernel's own machinery needs: ports, interrupts, the CPU's tables and registers; and the coprocessor, whose
# state nobody clears between two scenarios, and which takes an emulator long.
_FORBIDDEN = re.compile(
    r"\t *(?:(?:(?:addr|data)16|lock|rep\w*|bnd|notrack|[cdefgs]s) +)*"  # which change nothing here
    r"((?:(?:in[bwl]?|out[bwl]?|ins[bwl]|outs[bwl]|cli|sti|hlt|int|int3|into|"
    r"iretl?|iretw|l[gi]dt[lw]?|s[gi]dt[lw]?|lldtw?|sldt|ltrw?|str|lmsww?|smsw|clts|invlpg|invd|"
    r"wbinvd|rdmsr|wrmsr|rdtscp?|rdpmc|sysenter|sysexit|syscall|lcallw?|ljmpw?|lret[lw]?|rsm|"
    r"monitor|mwait|popf[lw]?|pushf[lw]?|xsetbv|l[defgs]s[lw]?|"
    r"f[a-z]\w+|emms|v?(?:ld|st)mxcsr|x(?:save|rstor)\w*)\b|\(bad\)).*)")
_CONTROL_REGISTER = re.compile(r"%(?:cr|db|dr|tr|[xyz]?mm)\d|%[cdefgs]s\b(?!:)")

# What any lab may use beside libraries: what lib/*.h offers, and the linker's.
_OFFERED = {"panic", "todo", "print", "vprint", "print_to", "vprint_to", "_GLOBAL_OFFSET_TABLE_"}

# Of the compiler's own library, the arithmetic of whole numbers.
_ARITHMETIC = re.compile(r"__\w+[sd]i[0-9]")

# What it calls for float and double.
_FLOATING = re.compile(r"__(\w+[sd]f[0-9]?|(fix|float)\w+)")

# Else nm shows the object to whatever plugins the host has: LLVM's takes ten times as long as nm itself.
_NO_PLUGIN = ("--plugin", "/dev/null")


# What a person may have been looking for.
_INSTEAD = [
    (re.compile("printf|puts|putchar|putc"), "To print, there is print() in lib/print.h"),
    (re.compile("exit|abort|assert"), "To stop where something is wrong, there is panic() in lib/panic.h"),
    (re.compile(r"operator (new|delete)(\[\])?|std::(_Rb_tree|__detail::).*"),
     "Memory is what you hand out here: no containers that ask for some, as std::vector, and no `new`"),
    (re.compile("pthread_.*|__tls_get_addr"), "There are no threads here, and nothing to lock"),
]


def instead_of(name: str) -> str:
    """What there is in place of a library's function that somebody wanted, as the end of a sentence; "" if nothing."""
    return next((f". {says}" for wanted, says in _INSTEAD if wanted.fullmatch(name)), "")


class Rejected(Exception):
    """The gate does not let a file in; the text says why, for people's eyes: names may hold anything."""

    def __init__(self, why: str) -> None:
        super().__init__(printable(why, 500))


def read_source(path: Path) -> bytes:
    """A submission's file. Raises Rejected if it is a link, no plain file, too large, or no text that a compiler
    reads."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise Rejected(f"{path.name} is a link: hand in the file itself") from error
        raise Rejected(f"{path.name} can't be read: {error.strerror}") from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise Rejected(f"{path.name} is no plain file")
    with os.fdopen(handle, "rb") as file:
        if status.st_size > MAX_SOURCE:
            raise Rejected(f"{path.name} has {status.st_size} bytes; {MAX_SOURCE} are the most")
        text = file.read(MAX_SOURCE + 1)
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Rejected(f"{path.name} is saved as UTF-16 (\"Unicode\"), which the compiler does not read: save it as UTF-8")
    return text


class Unread(Rejected):
    """What stands there is no C++, as far as the gate can see: compilers say better what is wrong."""


def check_preprocessed(text: bytes, precompiled: bytes) -> None:
    """Raises Rejected for strings of the source that would be more than names to the assembler."""
    try:
        preprocessed.check(text, precompiled)
    except preprocessed.Unread as error:
        raise Unread(str(error)) from error
    except preprocessed.Unfit as error:
        raise Rejected(str(error)) from error


def check_assembly(text: bytes) -> None:
    """Raises Rejected for assembly in the source: the compiler marks it in its output."""
    if re.search(rb"^#APP$", text, re.MULTILINE):
        raise Rejected(preprocessed.INLINE)


def libraries(kit: Collection[str], compilers: Collection[str], tools: str) -> frozenset[str]:
    """The symbols of libraries that any lab may use, which the compiler and the C++ headers call of their own accord:
    all that the `kit`'s objects define, and the arithmetic in the compiler's own library."""
    arithmetic = (name for path in compilers for name in defined(Path(path), tools))
    return frozenset([*(name for path in kit for name in defined(Path(path), tools)),
                      *filter(_ARITHMETIC.fullmatch, arithmetic)])


def check_object(path: Path, may_call: Collection[str], library: Collection[str], tools: str) -> None:
    """Raises Rejected if the object has something that it must not have.

    `may_call` are the functions and variables of the kit that the lab's contract offers, `library` the symbols
    that any lab may use; `tools` is what the names of the binutils begin with.
    """
    from elftools.common.exceptions import ELFError  # slow to import, and most files were seen before
    from elftools.elf.elffile import ELFFile

    with path.open("rb") as file:
        try:
            elf = ELFFile(file)
            _check_symbols(elf)
            symbols, names = undefined(path, tools), undefined(path, tools, "-C")
            if any(name.startswith("std::ios_base::") for name in names):
                raise Rejected(preprocessed.STREAMS)
            _check_sections(elf, tools)
        except ELFError:  # `.symtab`, or `.hash`
            raise Rejected("a section of its own that is called like a table of the object's, and is none") from None
    for symbol, name in zip(symbols, names, strict=True):
        plain = name.split("(")[0]
        if _FLOATING.fullmatch(plain):
            raise Rejected(f"it computes with floating-point numbers ({plain}): a kernel has none")
        if symbol not in library and plain not in may_call and plain not in _OFFERED:
            raise Rejected(f"it uses {name}, which is neither defined here nor among what this "
                           f"lab may call{_where(path, name, tools)}{instead_of(plain) or _listed(may_call)}")
    listing = _output([f"{tools}objdump", "-d", "--no-show-raw-insn", str(path)])
    for instruction in _privileged(listing):
        raise Rejected(f"an instruction that is the kernel's own business: {instruction}")


def _listed(may_call: Collection[str]) -> str:
    """Which functions of other labs there are to call, as the end of a sentence."""
    return f". It may call {', '.join(may_call)}" if may_call else ""


def _where(path: Path, name: str, tools: str) -> str:
    """The line on which an object uses a name, as far as its debug information says."""
    for line in _output([f"{tools}nm", *_NO_PLUGIN, "-C", "-u", "-l", str(path)]).splitlines():
        used, _, place = line.partition("\t")
        # A library's header, from which it may be used, has lines, too: those tell nobody anything.
        if number := used.endswith(f" {name}") and re.search(r"\.cpp:(\d+)$", place):
            return f" (line {number[1]})"
    return ""


def check_image(path: Path, kit: Path) -> None:
    """Raises Rejected if an image has instructions that its submission must not have: what an object has for zeros, the
    linker may fill in. `kit` is the image without the submission: where it can be listed, and the other can't, that is
    the submission's doing.
    """
    kits_own = _kits_own(kit)
    try:
        more = Counter(map(_mnemonic, _privileged_in(path))) - kits_own
    except Infrastructure:
        raise Rejected("a list of all instructions takes too long with it, or too much room: long names at many "
                       "jumps?") from None
    if more:
        raise Rejected("an instruction that is the kernel's own business, put together by the linker: "
                       f"{next(iter(more))}")


@functools.lru_cache(maxsize=4)
def _kits_own(kit: Path) -> Counter[str]:
    return Counter(map(_mnemonic, _privileged_in(kit)))


def _mnemonic(instruction: str) -> str:
    return instruction.split()[0]


def _privileged_in(image: Path) -> Iterator[str]:
    return _privileged(disassembly.listing(image).decode("utf-8", "replace"))


def _privileged(listing: str) -> Iterator[str]:
    """Of objdump's instructions those that only a kernel's own machinery needs."""
    yield from _FORBIDDEN.findall(listing)
    for found in _CONTROL_REGISTER.finditer(listing):
        begin = listing.rindex("\t", 0, found.start()) + 1
        yield listing[begin:listing.find("\n", begin)]


def policy() -> bytes:
    """What the gate lets in, for those who keep what it let in: another policy, another look."""
    return Path(__file__).read_bytes() + Path(preprocessed.__file__).read_bytes()


def _check_sections(elf, tools: str) -> None:
    loaded = 0
    for section in elf.iter_sections():
        rights = section["sh_flags"] & (_WRITE | _ALLOC | _EXECUTE)
        if _CONSTRUCTORS.fullmatch(section.name) and section["sh_size"]:
            raise Rejected(f"a static object with a constructor{_constructed(elf, tools)}: there is nobody to run it. "
                           "Make the constructor constexpr and the object constinit, or fill it when it is first used")
        known = [usual for pattern, usual in _SECTIONS if pattern.fullmatch(section.name)]
        if not known and section["sh_size"]:
            threads = section.name.startswith((".tbss", ".tdata"))
            raise Rejected("a thread_local variable: there are no threads here; make it static" if threads else
                           f"a section of its own, {section.name}: these labs need none")
        if known and rights != known[0]:
            raise Rejected(f"the section {section.name} is not what its name says: code, constants or variables")
        if rights & _ALLOC and section["sh_type"] != "SHT_NOBITS":
            loaded += section["sh_size"]
    if loaded > _MAX_LOADED:
        raise Rejected(f"its code and data take {loaded} bytes: more than the whole kernel may")


def _constructed(elf, tools: str) -> str:
    """In brackets, the objects that the code run at start-up (.text.startup) has to do with; empty if it names none."""
    table, code, moved = map(elf.get_section_by_name, (".symtab", ".text.startup", ".rel.text.startup"))
    if not (table and code and moved):
        return ""
    objects = [symbol for symbol in table.iter_symbols() if symbol["st_info"]["type"] == "STT_OBJECT"]
    found = {}
    for relocation in moved.iter_relocations():
        symbol, at = table.get_symbol(relocation["r_info_sym"]), relocation["r_offset"]
        place = symbol["st_value"] + int.from_bytes(code.data()[at:at + 4], "little")
        found |= {each.name: None for each in objects if each["st_shndx"] == symbol["st_shndx"]
                  and each["st_value"] <= place < each["st_value"] + each["st_size"]}
    names = [demangled([name], tools)[0] if name.startswith("_Z") else name for name in list(found)[:3]]
    return f" ({', '.join(names)}{', …' if len(found) > len(names) else ''})" if names else ""


def _check_symbols(elf) -> None:
    """Data among the code would not be disassembled, and an indirect function wants a linker at run time. Names
    are shown to people, and read from the lists that tools print."""
    table = elf.get_section_by_name(".symtab")
    for symbol in table.iter_symbols() if table else ():
        index, kind = symbol["st_shndx"], symbol["st_info"]["type"]
        if len(symbol.name) > _LONGEST_NAME:
            raise Rejected(f"{symbol.name[:40]}… has {len(symbol.name)} letters: more than a name may have")
        if not symbol.name.isprintable():
            raise Rejected(f"the name {symbol.name} can't be printed")
        if kind == "STT_LOOS":
            raise Rejected(f"{symbol.name} is chosen at run time (ifunc): there is nobody to choose")
        if (kind in ("STT_OBJECT", "STT_COMMON") and isinstance(index, int)
                and elf.get_section(index)["sh_flags"] & _EXECUTE):
            raise Rejected(f"{symbol.name} is data, and lies among the code")


def undefined(path: Path, tools: str, *options: str) -> list[str]:
    """The symbols that an object uses and does not define, in the order of its table; with -C as a person would
    write them."""
    return [line.split(None, 1)[1].strip()
            for line in _output([f"{tools}nm", *_NO_PLUGIN, "-p", "-u", *options, str(path)]).splitlines()
            if line.strip()]


def defined(path: Path, tools: str) -> list[str]:
    """The global symbols that an object defines, as the linker has them."""
    lines = _output([f"{tools}nm", *_NO_PLUGIN, "-g", "--defined-only", str(path)]).splitlines()
    return [line.split()[2] for line in lines if len(line.split()) == 3]


def demangled(symbols: Collection[str], tools: str) -> list[str]:
    """Symbols as a person would write them."""
    return _output([f"{tools}c++filt", *symbols]).splitlines()


def _output(command: list[str]) -> str:
    """What one of the binutils prints. What it makes of an object, it makes outside of any box: within limits."""
    if not shutil.which(command[0]):
        raise Infrastructure(f"{command[0]} is not installed. `make setup` installs it.")
    try:
        return limits.listed(command).decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        raise Infrastructure(f"{Path(command[0]).name} made no end of it in {limits.BACKSTOP} s: the machine "
                             "stands still") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip() or f"status {error.returncode}"
        raise Rejected(f"{Path(command[0]).name} can't read the object: {said}") from None
