"""The programs of bench/: built by its Makefile, run alone, under callgrind, or by Google Benchmark."""

from __future__ import annotations

import json
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

BENCHMARK = Path("/usr/include/benchmark/benchmark.h")
LEAST_SECONDS = 0.1  # that Google Benchmark measures for, each time


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
        if not wanted and not BENCHMARK.exists():
            raise GraderError("libbenchmark-dev is not installed: `make setup` installs it")
        targets = [str(folder.resolve() / name) for name in wanted]
        done = subprocess.run(["make", "--no-print-directory", "-C", str(ROOT / "bench"),
                               f"OUT={folder.resolve()}", *targets], capture_output=True, text=True,
                              check=False)
        if done.returncode:
            raise GraderError(f"bench/ does not build:\n{done.stderr.strip()}")
        return cls(folder)

    def run(self, name: str, *arguments: str) -> list[float]:
        """The numbers that a program prints."""
        return _numbers(_printed([str(self.folder / name), *arguments]))

    def time(self, name: str, *arguments: str, rounds: int = 1,
             preload: Path | None = None) -> dict[str, float]:
        """Nanoseconds of the processor's time that an operation takes, by the benchmark's name: the
        least of several rounds, taken in turns, which is the one that was disturbed least."""
        printed = json.loads(_printed(
            [str(self.folder / name), "--benchmark_format=json", f"--benchmark_repetitions={rounds}",
             f"--benchmark_min_time={LEAST_SECONDS}", "--benchmark_enable_random_interleaving=true",
             *arguments], preload))
        found: dict[str, float] = {}
        for each in printed["benchmarks"]:
            if each.get("error_occurred"):
                raise GraderError(f"{name}, {each['run_name']}: {each['error_message']}")
            if each["run_type"] == "iteration":
                nanoseconds = 1e9 / each["items_per_second"]
                found[each["run_name"]] = min(nanoseconds, found.get(each["run_name"], nanoseconds))
        return found

    def count(self, name: str, *arguments: str, within: str, but: Sequence[str] = (),
              preload: Path | None = None) -> tuple[int, list[float]]:
        """How many instructions a program executes inside the function `within`, those inside the
        functions `but` excepted; and the numbers it prints. The counts are exact."""
        with tempfile.NamedTemporaryFile() as counts:
            switches = [f"--toggle-collect={function}" for function in (within, *but)]
            printed = _printed(
                ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts.name}",
                 f"--zero-before={within}", *switches, str(self.folder / name), *arguments], preload)
            found = re.search(r"^(?:totals|summary): (\d+)", Path(counts.name).read_text("utf-8"),
                              re.MULTILINE)
        if not found:
            raise GraderError(f"callgrind counted nothing in {within} of {name}")
        return int(found[1]), _numbers(printed)


def _printed(command: list[str], preload: Path | None = None) -> str:
    environment = os.environ | ({"LD_PRELOAD": str(preload)} if preload else {})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GraderError(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout


def _numbers(printed: str) -> list[float]:
    return [float(word) for word in printed.split()]
