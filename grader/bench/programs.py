"""The programs of bench/, which run on the host: built by its Makefile, run under callgrind, or by Google
Benchmark. What they need is no part of what the kit needs: where it is missing, so are their figures."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from grader.course.labs import ROOT
from grader.errors import GraderError

BENCHMARK = Path("/usr/include/benchmark/benchmark.h")
LEAST_SECONDS = 0.1  # that Google Benchmark measures for, each time
# By area: what callgrind counts, and what Google Benchmark times.
COUNTING = {"malloc": ("malloc64-reference", "malloc64-libc")}
TIMING = {"buddy": ("buddy-time",),
          "malloc": ("malloc-time-reference", "malloc-time-quick_lists", "malloc-time-libc")}


@dataclass(frozen=True)
class Programs:
    """The folder with the programs that were built, and what they can be used for here."""

    folder: Path
    counting: bool  # instructions, by callgrind
    timing: bool
    missing: tuple[str, ...] = ()  # a sentence for each tool that is not here: what that costs

    @classmethod
    def build(cls, folder: Path, areas: Set[str]) -> Programs:
        """Builds those of some areas that something can be done with here. Raises GraderError with what
        the compiler said."""
        compiler, valgrind = shutil.which("g++"), shutil.which("valgrind")
        tools = (("g++", compiler, "nothing is compared on the host"),
                 ("valgrind", valgrind, "other libraries' instructions are not counted"),
                 ("libbenchmark-dev", BENCHMARK.exists(), "the allocators are not timed"))
        missing = tuple(f"{tool} is not installed, so {cost}: `make setup` installs it"
                        for tool, there, cost in tools if not there and areas & TIMING.keys())
        counting, timing = bool(compiler and valgrind), bool(compiler and BENCHMARK.exists())
        useful = [*(COUNTING.items() if counting else ()), *(TIMING.items() if timing else ())]
        wanted = [program for area, programs in useful if area in areas for program in programs]
        if wanted:
            _make(folder.resolve(), wanted)
        return cls(folder, counting, timing, missing)

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
              preload: Path | None = None) -> tuple[int, int]:
        """How many instructions a program executes inside the function `within`, those inside the
        functions `but` excepted; and the number that it prints. The counts are exact."""
        with tempfile.NamedTemporaryFile() as counts:
            switches = [f"--toggle-collect={function}" for function in (within, *but)]
            printed = _printed(
                ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts.name}",
                 f"--zero-before={within}", *switches, str(self.folder / name), *arguments], preload)
            found = re.search(r"^(?:totals|summary): (\d+)", Path(counts.name).read_text("utf-8"),
                              re.MULTILINE)
        if not found:
            raise GraderError(f"callgrind counted nothing in {within} of {name}")
        return int(found[1]), int(printed)


def _make(folder: Path, programs: Sequence[str]) -> None:
    done = subprocess.run(["make", "--no-print-directory", "-C", str(ROOT / "bench"), f"OUT={folder}",
                           *(str(folder / name) for name in programs)], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise GraderError(f"bench/ does not build:\n{done.stderr.strip()}")


def _printed(command: list[str], preload: Path | None = None) -> str:
    environment = os.environ | ({"LD_PRELOAD": str(preload)} if preload else {})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GraderError(f"{' '.join(command)}: exit status {done.returncode}\n{done.stderr[-2000:]}")
    if "cannot be preloaded" in done.stderr:  # the C library's would be measured in its place
        raise GraderError(f"{preload} can't be preloaded:\n{done.stderr[-2000:]}")
    return done.stdout
