"""Traces as workloads: what is recorded, how it is played."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.scenarios.workload import trace

RECORDED = """\
# a program
malloc 0 16
malloc 1 40
realloc 1 80
free 0
malloc 0 24
realloc 7 10
free 7
"""

PLAYED = ["boot", "frames", "quiet", "b0 = malloc 16", "b1 = malloc 40", "b1 = realloc b1 80",
          "free b0", "b0 = malloc 24", "b7 = malloc 10", "free b7", "free b1", "free b0", "loud",
          "kvpages"]


def operations(folder: Path, length: int = 100) -> list[str]:
    scenario, = trace("t", length).scenarios(folder, "malloc", "test", "seed")
    assert (scenario.lab, scenario.title) == ("malloc", "trace-t")
    return [str(operation) for operation in scenario.operations]


@pytest.mark.parametrize(("pack", "suffix"), [(lzma.compress, "xz"), (gzip.compress, "gz")])
def test_a_trace_is_played_quietly_and_cleared_up(pack, suffix: str, tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces" / f"t.trace.{suffix}").write_bytes(pack(RECORDED.encode()))
    assert operations(tmp_path) == PLAYED
    assert operations(tmp_path, 2) == [*PLAYED[:5], "free b0", "free b1", "loud", "kvpages"]


def test_tests_that_play_the_same_trace_share_a_scenario(tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    (tmp_path / "traces" / "t.trace.gz").write_bytes(gzip.compress(RECORDED.encode()))
    one = trace("t", 3).scenarios(tmp_path, "malloc", "one", "1")
    other = trace("t", 3).scenarios(tmp_path, "malloc", "other", "2")
    assert one[0] is other[0]


def test_a_trace_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"no t\.trace\.xz"):
        trace("t", 5).scenarios(tmp_path, "malloc", "test", "1")
