"""What writing in the page takes: CodeMirror, a compiler, and the headers that a submission may include.

Modules of npm's packages name each other; in the page they are files beside each other, so no bundler is needed.
"""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from pathlib import Path

from grader.course import labs
from grader.course.labs import ROOT
from grader.errors import GraderError

MODULES = ("@codemirror/commands", "@codemirror/lang-cpp", "@codemirror/language", "@codemirror/lint",
           "@codemirror/state", "@codemirror/streamparser", "@codemirror/view", "@lezer/common", "@lezer/cpp",
           "@lezer/highlight", "@lezer/lr", "@marijn/find-cluster-break", "crelt", "style-mod", "w3c-keyname")
_IMPORTED = re.compile(r"""^((?:import|export)\b[^'";]*?from\s+)(['"])([@\w][\w./-]*)\2""", re.MULTILINE)

COMPILER = Path("@yowasp") / "clang" / "gen"
_RESOURCES = "llvm-resources.tar"
# Of LLVM's: the C++ library but for a copy of it for C++03, the C library, and the compiler's own headers.
_NEEDED = re.compile(r"include/(c\+\+/v1/(?!__cxx03/)|wasm32-wasip1/|(__)?(std|float|limits)\w*\.h$|__float_|__std)")
# Declared as kernel/lib/string.h does.
_PLAIN_FUNCTIONS = """#include <stddef.h>
extern "C" {
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
}
"""
_TYPES = "include/wasm32-wasip1/bits/alltypes.h"


def copy_editor(packages: Path, out: Path) -> None:
    """CodeMirror's modules, as files that name each other."""
    out.mkdir()
    for name in MODULES:
        folder = packages / name
        about = json.loads((folder / "package.json").read_text("utf-8"))
        entry = about.get("module") or about.get("exports", {}).get("import") or about["main"]
        text = (folder / entry).read_text("utf-8")
        (out / file_name(name)).write_text(_IMPORTED.sub(_beside, text), encoding="utf-8")


def file_name(package: str) -> str:
    """Of a package's module in the page."""
    return package.lstrip("@").replace("/", "-") + ".mjs"


def _beside(found: re.Match) -> str:
    if found[3] not in MODULES:
        raise GraderError(f"CodeMirror imports {found[3]}, which MODULES in grader/site/editor.py does not have")
    return f"{found[1]}{found[2]}./{file_name(found[3])}{found[2]}"


def copy_compiler(packages: Path, out: Path) -> int:
    """clang, with the headers that a kernel has a use for. How many bytes it has; 0 where it is not installed."""
    folder = packages / COMPILER
    if not (folder / "bundle.js").exists():
        return 0
    out.mkdir()
    for path in folder.iterdir():
        if path.suffix in (".wasm", ".js"):
            shutil.copyfile(path, out / path.name)
    resources, types = _trimmed(folder / _RESOURCES)
    (out / _RESOURCES).write_bytes(resources)
    (out / "headers.json").write_text(json.dumps(_headers(types)), encoding="utf-8")
    return sum(path.stat().st_size for path in out.iterdir())


def _trimmed(path: Path) -> tuple[bytes, str]:
    """An archive with only what is needed of it, block by block as it is, for who reads it takes no other kind of tar
    than this; and the text of the C library's types."""
    whole, kept = path.read_bytes(), []
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isdir() or _NEEDED.match(member.name):
                end = member.offset_data + -(-member.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
                kept.append(whole[member.offset:end])
        types = archive.extractfile(_TYPES).read().decode("utf-8")
    return b"".join(kept) + bytes(2 * tarfile.BLOCKSIZE), types


def _headers(types: str) -> dict:
    """What a submission may include (compiler.py), and the C library's types as the i386 has them."""
    offered = [*(ROOT / "kernel" / "mm").glob("*.h"), *(ROOT / "kernel" / "lib").glob("*.h"),
               ROOT / "kernel" / "arch" / "multiboot.h"]
    kernel: dict[str, dict[str, str]] = {}
    for path in sorted(offered):
        kernel.setdefault(path.parent.name, {})[path.name] = path.read_text("utf-8")
    return {"kernel": kernel, "fixed": {"bits": {"alltypes.h": types.replace("_Addr long", "_Addr int")},
                                        "__functions_memcpy.h": _PLAIN_FUNCTIONS}}


def stubs(slugs: list[str]) -> dict[str, dict[str, str]]:
    """Of each lab the file to write, as it is handed out, and the headers with its contract."""
    found = {}
    for lab in map(labs.find, slugs):
        path = ROOT / "kernel" / "mm" / lab.files[0]
        text = path.read_text("utf-8")
        headers = [name for name in re.findall(r'#include "(mm/\w+\.h)"', text)]
        found[lab.slug] = {"file": lab.files[0], "stub": text, **{"headers": {
            name: (ROOT / "kernel" / name).read_text("utf-8") for name in headers}}}
    return found
