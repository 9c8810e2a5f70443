"""`make bench`: what becomes of its figures, and what is said of options that make no sense."""

from __future__ import annotations

import json
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from grader.bench import map_mem, show
from grader.bench.figures import Figure
from grader.bench.programs import Programs
from grader.building import build
from grader.course.labs import ROOT
from grader.errors import GraderError

FIGURES = [Figure("buddy", "mixed <orders>", "instr/op", 100.0, {"lists": 400.0, "nothing": 25.0}),
           Figure("grading", "lab 1", "s", 0.5, {"smallest boot": 0.025}, exact=False)]
SVG = "{http://www.w3.org/2000/svg}"


def test_a_ratio_is_the_kits_figure_as_so_many_times_the_others() -> None:
    assert [FIGURES[0].ratio(name) for name in ("lists", "nothing")] == [0.25, 4.0]


def test_the_table_has_each_figure_and_each_ratio(capsys: pytest.CaptureFixture) -> None:
    show.console().print(show.table(FIGURES))
    printed = capsys.readouterr().out
    for words in ("buddy: mixed <orders>", "0.25 × lists (400.0)", "4.00 × nothing (25.0)",
                  "20.00 × smallest boot (0.025)"):
        assert words in printed


def test_the_files_say_the_same_as_the_table(tmp_path: Path) -> None:
    data, picture = show.write(FIGURES, tmp_path)
    figures = json.loads(data.read_text("utf-8"))["figures"]
    assert figures[0]["beside"] == {"lists": {"value": 400.0, "ratio": 0.25},
                                    "nothing": {"value": 25.0, "ratio": 4.0}}
    dots = [float(dot.get("cx")) for dot in ElementTree.parse(picture).iter(f"{SVG}circle")
            if dot.find(f"{SVG}title") is not None]
    assert len(dots) == 3 and dots[0] < show.Axis.for_ratios([0.25, 4, 20]).x(1) < dots[1] < dots[2]


@pytest.mark.parametrize(("option", "said"), [
    ("--rounds=none", "ROUNDS=none: how often to time everything was expected"),
    ("--area=bunny", "AREA=bunny: there is no bunny, only buddy, malloc, map_mem,")])
def test_an_option_that_makes_no_sense_is_refused(build_folder: Path, option: str, said: str) -> None:
    done = subprocess.run([ROOT / "grader" / "marionette", "bench", "--build", build_folder, option],
                          capture_output=True, text=True, check=False)
    assert done.returncode != 0 and said in done.stderr


def benchmark(folder: Path, printed: dict) -> Programs:
    """A program that prints what Google Benchmark would."""
    program = folder / "timed"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(printed)}\nEND\n")
    program.chmod(0o755)
    return Programs(folder)


def test_of_several_rounds_the_least_time_counts(tmp_path: Path) -> None:
    rounds = [{"run_name": name, "run_type": kind, "items_per_second": rate} for name, kind, rate in (
        ("mix", "iteration", 5e7), ("lifo", "iteration", 1e9), ("mix", "iteration", 1e8),
        ("mix", "aggregate", 1e12))]
    assert benchmark(tmp_path, {"benchmarks": rounds}).time("timed", rounds=2) == {"mix": 10, "lifo": 1}


def test_a_benchmark_that_could_not_be_run_is_an_error(tmp_path: Path) -> None:
    failed = {"run_name": "mix", "run_type": "iteration", "error_occurred": True,
              "error_message": "out of memory"}
    with pytest.raises(GraderError, match="timed, mix: out of memory"):
        benchmark(tmp_path, {"benchmarks": [failed]}).time("timed")


def test_page_by_page_costs_the_more_the_more_pages_there_are(toolchain: build.Toolchain) -> None:
    """What the comparison in the guest rests on: one lookup for a page table, not one for a page."""
    ours = map_mem.costs(toolchain, ROOT / "solutions" / "mm" / "paging.cpp")
    slow = map_mem.costs(toolchain,
                         ROOT / "solutions" / "alternatives" / "paging" / "page_by_page.cpp")
    many = ("kernel", "mapping anew", 4096)
    assert ours[many] < 10 * 4096 < slow[many]
