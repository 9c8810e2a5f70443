"""compile_commands.json: what clangd, and so any editor, has to know of how the kernel is compiled."""

from __future__ import annotations

import json
from pathlib import Path

from grader.building.toolchain import Toolchain
from grader.course.labs import ROOT
from grader.reporting.results import write_whole

NAME = "compile_commands.json"


def write(toolchain: Toolchain, root: Path = ROOT) -> Path:
    """Writes the file at the top of the kit; returns its path."""
    sources = sorted([*root.glob("kernel/**/*.cpp"), *root.glob("labs/*/player.cpp"),
                      *root.glob("solutions/**/*.cpp")])
    entries = [{"directory": str(root), "file": str(path.relative_to(root)),
                "arguments": [*toolchain.compile, "-c", str(path.relative_to(root))]}
               for path in sources]
    write_whole(root / NAME, json.dumps(entries, indent=1) + "\n")
    return root / NAME
