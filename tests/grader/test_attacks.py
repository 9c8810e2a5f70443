"""Hostile submissions, graded end to end: what must come of each stands in its file (attacks/)."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, sampled, skeleton
from corpus import Attack, attacks, complaints, grade, lay_out, sample

from grader.building import build, compiler, sandbox
from grader.emulators import qemu

CORPUS = attacks()
PLAYED = sampled(CORPUS, lambda attack: (attack.head["route"], attack.kind), lambda attack: (attack.lab, attack.kind))
# What only the compiler's box keeps from a submission.
NEEDS_A_BOX = {"include_by_path", "include_neighbour", "include_host_file", "has_include",
               "incbin_in_a_name", "include_processes"}


def tree(folder: Path, *without: str) -> dict[str, tuple[int, int]]:
    """Size and time of every file in a folder, and which folders there are, but in those of these names."""
    found = {}
    for top, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in without]
        found.update((os.path.join(top, name), (0, 0)) for name in folders)
        for name in files:
            status = os.lstat(os.path.join(top, name))
            found[os.path.join(top, name)] = (status.st_size, status.st_mtime_ns)
    return found


def kit() -> dict[str, tuple[int, int]]:
    """What decides about grades."""
    return {path: facts for name in ("grader", "kernel", "labs", "solutions")
            for path, facts in tree(ROOT / name, "__pycache__").items()}


@pytest.mark.parametrize("attack", PLAYED, ids=[attack.name for attack in PLAYED])
def test_an_attack(attack: Attack, tmp_path: Path, toolchain: build.Toolchain, build_folder: Path,
                   monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each route and lab, with a few tests of its lab, or all by the command; `make attacks` plays all of
    everything."""
    if attack.path.stem in NEEDS_A_BOX and sandbox.degraded():
        pytest.skip(sandbox.degraded())
    monkeypatch.setattr(qemu, "CPU_SECONDS", 3)
    monkeypatch.setattr(qemu, "HURRIED_SECONDS", 1)
    monkeypatch.setattr(compiler, "LIMITS", replace(compiler.LIMITS, cpu_seconds=3))
    submission = lay_out(attack, tmp_path, toolchain)
    before = tree(tmp_path), kit()
    came = (grade(attack, submission, build_folder) if attack.whole else
            sample(attack, submission, toolchain))
    assert complaints(attack, came) == []
    assert (tree(tmp_path, "out"), kit()) == before


def test_the_corpus_is_complete() -> None:
    """What the table in docs/trust.md is made of."""
    assert len(CORPUS) >= 40
    for attack in CORPUS:
        assert attack.head.keys() >= {"attack", "route", "class", "verdict", "message"}, attack.name
        assert attack.kind in ("stopped", "detected", "residual"), attack.name
        assert attack.kind == "residual" or attack.points == 0, attack.name
        assert attack.kind == "residual" or "pass" not in attack.verdicts, attack.name


def test_a_compilation_that_takes_for_ever_is_ended(toolchain: build.Toolchain, tmp_path: Path,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "LIMITS", sandbox.Limits(cpu_seconds=1, file_size=64 << 20))
    doubling = "".join(f"#define m{i} m{i + 1} m{i + 1}\n" for i in range(30))
    source = tmp_path / "buddy.cpp"
    source.write_text(f"{doubling}#define m30 +1\nint many = m0;\n{skeleton('return 0;')}")
    with pytest.raises(build.BuildError):
        build.image(toolchain, {"buddy.cpp": source})


def test_what_is_compiled_once_more_for_its_messages_takes_little(toolchain: build.Toolchain, tmp_path: Path,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that has an error after 19 s took twice as long, and one that lacks a `return` was refused then."""
    compiled, again = compiler.run, []

    def run(command: list[str], folder: Path, limits: sandbox.Limits) -> str:
        if limits.cpu_seconds < compiler.LIMITS.cpu_seconds:
            again.append(folder.name)
            raise build.BuildError("g++: fatal error: CPU time limit exceeded")
        return compiled(command, folder, limits)

    monkeypatch.setattr(compiler, "run", run)
    source = tmp_path / "buddy.cpp"
    source.write_text(f"int wrong = nothing;\n{skeleton('return 0;')}")
    with pytest.raises(build.BuildError, match="‘nothing’ was not declared"):
        compiler.compiled(toolchain, "buddy.cpp", source.read_bytes(), fresh(tmp_path, "wrong"), gated=True)
    source.write_text(f"int lacks(int x) {{ if (x) return x; }}\n{skeleton('return lacks(1);')}")
    assert compiler.compiled(toolchain, "buddy.cpp", source.read_bytes(), fresh(tmp_path, "lacks"), gated=True)[0].exists()
    assert again == ["wrong", "lacks"]


def fresh(folder: Path, name: str) -> Path:
    """An empty folder."""
    (folder / name).mkdir()
    return folder / name
