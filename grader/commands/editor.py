"""`make editor`: tells editors, by way of clangd, how the kernel is compiled."""

from __future__ import annotations

import argparse

HELP = "write compile_commands.json, for clangd"


def options(parser: argparse.ArgumentParser) -> None:
    """Adds this command's own options."""


def run(options: argparse.Namespace) -> int:
    """Writes the file, and says what it is for."""
    from grader.building import build
    from grader.student import editor
    path = editor.write(build.Toolchain.load(options.build))
    print(f"{path}: editors that use clangd now know how the kernel is compiled")
    return 0
