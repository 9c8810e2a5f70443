"""The programs of bench/: built by its Makefile, run alone or under callgrind."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course.labs import ROOT
from grader.errors import GraderError


@dataclass(frozen=True)
class Programs:
    """The folder with the programs that were built."""

    folder: Path

    @classmethod
    def build(cls, folder: Path, wanted: Sequence[str] = ()) -> Programs:
        """Builds all of them, or those wanted. Raises GraderError with what the compiler said."""
        for tool in ("valgrind", "g++", "i686-linux-gnu-g++"):
            if not shutil.which(tool):
                raise GraderError(f"{tool} is not installed: `make setup` installs it")
        targets = [str(folder.resolve() / name) for name in wanted]
        done = subprocess.run(["make", "--no-print-directory", "-C", str(ROOT / "bench"),
                               f"OUT={folder.resolve()}", *targets], capture_output=True, text=True,
                              check=False)
        if done.returncode:
            raise GraderError(f"bench/ does not build:\n{done.stderr.strip()}")
        return cls(folder)

    def run(self, name: str, *arguments: str, preload: Path | None = None) -> list[float]:
        """The numbers that a program prints."""
        return _numbers([str(self.folder / name), *arguments], preload)

    def count(self, name: str, *arguments: str, within: str, but: Sequence[str] = (),
              preload: Path | None = None) -> tuple[int, list[float]]:
        """How many instructions a program executes inside the function `within`, those inside the
        functions `but` excepted; and the numbers it prints. The counts are exact: only a timed
        number among those it prints means nothing."""
        with tempfile.NamedTemporaryFile() as counts:
            switches = [f"--toggle-collect={function}" for function in (within, *but)]
            printed = _numbers(
                ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts.name}",
                 f"--zero-before={within}", *switches, str(self.folder / name), *arguments], preload)
            found = re.search(r"^(?:totals|summary): (\d+)", Path(counts.name).read_text("utf-8"),
                              re.MULTILINE)
        if not found:
            raise GraderError(f"callgrind counted nothing in {within} of {name}")
        return int(found[1]), printed


def _numbers(command: list[str], preload: Path | None) -> list[float]:
    environment = os.environ | {"BENCH_ONE_ROUND": "1"} if command[0] == "valgrind" else {**os.environ}
    if preload:
        environment["LD_PRELOAD"] = str(preload)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GraderError(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr[-2000:]}")
    return [float(word) for word in done.stdout.split()]
