"""`make bench`: what becomes of its figures, and what is said of options that make no sense."""

from __future__ import annotations

import json
import lzma
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest
from grader.bench import buddy, frontier, malloc, map_mem, programs, show, workload
from grader.bench.figures import Figure, Request
from grader.bench.programs import Programs
from grader.bench.workload import Workload
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
    data, picture = show.write(FIGURES, tmp_path, "12.2.0")
    figures = json.loads(data.read_text("utf-8"))["figures"]
    assert figures[0]["beside"] == {"lists": {"value": 400.0, "ratio": 0.25},
                                    "nothing": {"value": 25.0, "ratio": 4.0}}
    dots = [float(dot.get("cx")) for dot in ElementTree.parse(picture).iter(f"{SVG}circle")
            if dot.find(f"{SVG}title") is not None]
    assert len(dots) == 3 and dots[0] < show.Axis.for_ratios([0.25, 4, 20]).x(1) < dots[1] < dots[2]


def test_the_frontier_joins_those_that_none_beats_in_time_and_in_space(tmp_path: Path) -> None:
    counted = [Figure("malloc", "mix", "instr/op", 50.0, {"small": 80.0, "worse": 90.0, "nothing": 10.0}),
               Figure("malloc", "mix", "util %", 70.0, {"small": 90.0, "worse": 90.0}, more_is_better=True)]
    (mix,) = frontier.places([*FIGURES, *counted]).values()
    assert {place.name for place in mix} == {"reference", "small", "worse"}
    assert [place.name for place in frontier.best(mix)] == ["reference", "small"]
    *_, picture = show.write([*FIGURES, *counted], tmp_path, "12.2.0")
    drawn = ElementTree.parse(picture)
    line = [tuple(map(float, point.split(","))) for point in drawn.find(f".//{SVG}polyline").get("points").split()]
    assert len(line) == 2 and line[0][0] < line[1][0] and line[0][1] > line[1][1]  # slower, and higher up
    assert [dot.find(f"{SVG}title").text for dot in drawn.iter(f"{SVG}circle") if len(dot)] == [
        "reference: 70.0 %, 50.0 instructions", "small: 90.0 %, 80.0 instructions", "worse: 90.0 %, 90.0 instructions"]


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
    return Programs(folder, counting=True, timing=True)


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


@pytest.fixture
def in_short(toolchain: build.Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Request:
    """`make bench` with one workload for each figure."""
    trace = tmp_path / "short.trace"
    trace.write_text("".join(f"malloc {i} 100\n" for i in range(40)) + "realloc 7 3000\nfree 3\n")
    few = Workload(counted=[(workload.ALLOCATE, 0, 50), (workload.RELEASE, 0, 0)] * 100)
    monkeypatch.setattr(workload, "GENERATORS", {"kernel mix": lambda: few})
    monkeypatch.setattr(buddy, "WORKLOADS", {"failing": "a request that fails"})
    monkeypatch.setattr(buddy, "SCALED", ())
    return Request(toolchain.folder, toolchain, (trace,), 1)


def test_tools_that_are_missing_cost_comparisons_and_no_count(
        in_short: Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "which", lambda name: None)
        patched.setattr(programs, "BENCHMARK", tmp_path / "nothing")
        built = Programs.build(tmp_path / "programs", {"buddy", "malloc"})
    assert [sentence.partition(" ")[0] for sentence in built.missing] == ["g++", "valgrind",
                                                                          "libbenchmark-dev"]
    figures = [*buddy.measure(in_short, built), *malloc.measure(in_short, built)]
    heaps = ("slabs", "first fit", "quick lists")
    assert [(figure.workload, figure.unit, *figure.beside) for figure in figures] == [
        ("a request that fails, 1 GiB", "instr/op", "lists", "nothing"),
        ("state, 1 GiB", "bytes/unit", "lists"),
        ("short", "instr/op", *heaps, "nothing"), ("short", "util %", *heaps),
        ("kernel mix", "instr/op", *heaps, "nothing"), ("kernel mix", "util %", *heaps)]
    assert all(figure.value > 0 and min(figure.beside.values()) > 0 for figure in figures)


def test_other_libraries_are_measured_on_the_host(in_short: Request,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    built = Programs.build(ROOT / "build" / "bench" / "programs", {"malloc"})
    if not built.counting:
        pytest.skip("; ".join(built.missing))
    monkeypatch.setattr(malloc, "OTHERS", {"jemalloc": malloc.OTHERS["jemalloc"]})
    figures = malloc.measure(replace(in_short, traces=()), built)
    compared = [figure for figure in figures if "64 bits" in figure.workload]
    assert [figure.unit for figure in compared] == ["instr/op", *(["ns/op"] if built.timing else [])]
    for figure in compared:
        others = {*malloc.installed(), *(["quick lists"] if figure.unit == "ns/op" else [])}
        assert figure.beside.keys() == others and min(figure.beside.values()) > 0


def test_a_library_is_found_by_whatever_version_is_there(tmp_path: Path,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "libmimalloc.so.3").touch()
    monkeypatch.setattr(malloc, "LIBRARIES", [tmp_path / "none", tmp_path])
    assert malloc.installed() == {"glibc": None, "mimalloc": tmp_path / "libmimalloc.so.3"}


def test_traces_of_either_form_are_the_same_workload(tmp_path: Path) -> None:
    (tmp_path / "one.rep").write_text("20000\n2\n4\n1\na 0 16\na 1 5\nr 0 64\nf 1\n")
    with lzma.open(tmp_path / "two.trace.xz", "wt") as two:
        two.write("# a program\nmalloc 0 16\nmalloc 1 5\nrealloc 0 64\nfree 1\n")
    one, two = dict(workload.recorded((tmp_path,))).values()
    assert one == two and one.counted == [(workload.ALLOCATE, 0, 16), (workload.ALLOCATE, 1, 5),
                                          (workload.RESIZE, 0, 64), (workload.RELEASE, 1, 0)]
    assert one.peak_payload == 69


@pytest.mark.parametrize("text", ["", "a b c\n", "the quick brown fox\n"])
def test_a_file_that_is_no_trace_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "no.trace").write_text(text)
    with pytest.raises(GraderError, match=r"no\.trace: (this is no trace|there are no requests)"):
        list(workload.recorded((tmp_path,)))
