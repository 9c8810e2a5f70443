"""What a stage's tests play: the scenarios of each, from the seed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.building.stage import Stage
from grader.course.labs import Lab
from grader.scenarios.scenario import Scenario


@dataclass(frozen=True)
class Workload:
    """The scenarios of a test: `NAME`, in the integrated stage `LAB/NAME`."""

    test: str
    scenarios: Sequence[Scenario]


def of_test(lab: Lab, function: Callable, seed: str) -> Workload:
    """What a graded test (`test_NAME` of the lab's test file) plays with that seed."""
    return _made(function, lab.folder, lab.slug, seed)


@functools.lru_cache(maxsize=128)  # the integrated stage plays again what labs do, and a campaign each for many
def _made(function: Callable, folder: Path, slug: str, seed: str) -> Workload:
    name = function.__name__.removeprefix("test_")
    return Workload(name, tuple(scenario for part in function.workloads
                                for scenario in part.scenarios(folder, slug, name, seed)))


def of_stage(stage: Stage, seed: str) -> list[Workload]:
    """All of a lab's; in the integrated stage the last scenario of some tests of each lab, which is enough to see
    whether the student's files hold together."""
    if not stage.integrated:
        return [of_test(lab, function, seed) for lab in stage.labs for function in lab.graded_tests.values()]
    chosen = [(lab, of_test(lab, lab.graded_tests[name], seed)) for lab in stage.labs for name in lab.integrated]
    return [Workload(f"{lab.slug}/{work.test}", [_without_limit(work.scenarios[-1])]) for lab, work in chosen]


def _without_limit(scenario: Scenario) -> Scenario:
    """The scenario with the limits of its stage: its own are for its lab's."""
    return replace(scenario, limit=None, limited=())
