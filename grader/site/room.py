"""Kernels with room for what a student writes in the page (docs/browser.md): of each lab the reference's, whose file
for that lab is missing. Its functions are jumps that lead nowhere, until web/compile/place.mjs writes code into the
room.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
import tempfile
from pathlib import Path

from grader.building import build, sandbox
from grader.building.gate import demangled
from grader.building.toolchain import run
from grader.course import labs
from grader.course.labs import ROOT, Lab
from grader.evidence import binutils
from grader.limits import listed

LABS = ("buddy", "ppalloc", "vpalloc", "kvmalloc")  # lab 6 defines variables, too, for which there is no room
CODE, DATA = 112 << 10, 64 << 10  # bytes
ARITHMETIC = ROOT / "web" / "compile" / "arithmetic.cpp"
_OFFERED = {"panic", "todo", "print", "vprint", "print_to", "vprint_to"}
_JUMP = 8  # bytes


def build_rooms(toolchain: build.Toolchain, out: Path) -> list[str]:
    """Writes LAB.elf and LAB.json for each of the labs; returns their slugs."""
    out.mkdir()
    for lab in (labs.find(slug) for slug in LABS):
        image = _image(toolchain, lab)
        shutil.copyfile(build.stripped(image), out / f"{lab.slug}.elf")
        (out / f"{lab.slug}.json").write_text(json.dumps(_described(toolchain, lab, image)), encoding="utf-8")
    return list(LABS)


def _contract(toolchain: build.Toolchain, lab: Lab) -> list[str]:
    reference = next(path for path in toolchain.reference if Path(path).stem + ".cpp" == lab.files[0])
    return build.contract(reference, toolchain.tools)


def _image(toolchain: build.Toolchain, lab: Lab) -> Path:
    """Links an image without that lab's file."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as name:
        source, room = Path(name) / "room.S", Path(name) / "room.o"
        source.write_text(_assembly(_contract(toolchain, lab)), encoding="ascii")
        run([toolchain.compile[0], "-m32", "-c", str(source), "-o", str(room)], ROOT, sandbox.BINUTILS)
        others = [str(ROOT / path) for path in toolchain.reference if Path(path).stem + ".cpp" != lab.files[0]]
        objects = [*(str(ROOT / path) for path in toolchain.kit), *others, str(room),
                   str(build.own_object(toolchain, ARITHMETIC))]
        target = toolchain.folder / "images" / f"room-{lab.slug}.elf"
        build.link(toolchain, objects, {}, str(target))
        run([toolchain.tools + "objcopy", "--strip-all", str(target), str(build.stripped(target))], ROOT,
            sandbox.BINUTILS)
    return target


def _assembly(contract: list[str]) -> str:
    jumps = "".join(f".globl {symbol}\n{symbol}: ud2\n.balign {_JUMP}\n" for symbol in contract)
    return (f".text\n.balign {_JUMP}\n{jumps}.globl room_code\nroom_code: .skip {CODE}, 0xcc\n"
            f".data\n.balign 16\n.globl room_data\nroom_data: .skip {DATA}\n")


def _described(toolchain: build.Toolchain, lab: Lab, image: Path) -> dict:
    """Where everything is, for place.mjs."""
    table = _symbols(image)
    offset = _offsets(build.stripped(image))
    part = {name: {"address": table[f"room_{name}"], "offset": offset(table[f"room_{name}"]), "size": size}
            for name, size in (("code", CODE), ("data", DATA))}
    contract = _contract(toolchain, lab)
    return {**part, "entries": {symbol: table[symbol] for symbol in contract},
            "symbols": {**_callable(toolchain, lab, table), **_written_for_it(table)},
            "variables": [name for name in table if name in lab.may_call], "file": lab.files[0]}


def _symbols(image: Path) -> dict[str, int]:
    lines = (line.split() for line in listed([binutils.program("nm"), str(image)]).decode().splitlines())
    table = {words[2]: int(words[0], 16) for words in lines if len(words) == 3}
    wrapped = {name.removeprefix("__wrap_"): at for name, at in table.items() if name.startswith("__wrap_")}
    return table | wrapped  # who calls one of these is sent there (kernel.mk)


def _callable(toolchain: build.Toolchain, lab: Lab, table: dict[str, int]) -> dict[str, int]:
    """What a submission of that lab may use (gate.check_object)."""
    names = sorted(table)
    plain = [name.split("(")[0] for name in demangled(names, toolchain.tools)]
    return {name: table[name] for name, short in zip(names, plain, strict=True)
            if name in build.library(toolchain) or short in lab.may_call or short in _OFFERED}


def _written_for_it(table: dict[str, int]) -> dict[str, int]:
    return {name: at for name, at in table.items() if re.fullmatch(r"i(32|64)_\w+|panic_with_list", name)}


def _offsets(image: Path):
    """Where in an ELF file an address's byte lies."""
    file = image.read_bytes()
    at, size, count = struct.unpack_from("<28xI10xHH", file)
    headers = [struct.unpack_from("<IIIIII", file, at + i * size) for i in range(count)]

    def offset(address: int) -> int:
        return next(where + address - virtual for kind, where, virtual, _, in_file, _ in headers
                    if kind == 1 and virtual <= address < virtual + in_file)
    return offset
