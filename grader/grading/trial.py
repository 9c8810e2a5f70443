"""A machine tried: whether it builds and boots the kit, by the reference, for `make doctor`."""

from __future__ import annotations

from collections.abc import Callable

from grader.building import build, stage
from grader.course.labs import ROOT
from grader.emulators.machine import Boot
from grader.grading.compiled import Compiled
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.judging.verdict import Verdict


def tried(toolchain: build.Toolchain, boot: Callable[..., Boot]) -> list[str]:
    """Plays some tests of each lab on the reference, as the integrated stage does; a line for each that fails.
    A kit has a stub where nobody else needs the reference: that says nothing of the machine. Raises Infrastructure
    where it can't even be built, or booted."""
    build.prove(toolchain)
    grading = StageGrading(stage.together(), ROOT, toolchain, PUBLIC_SEED, boot=boot,
                           made=Compiled(build.image(toolchain, {})))
    return [f"{test}: {outcome.finding.rule}" for test, outcome in grading.run(grading.workloads()).items()
            if outcome.finding and outcome.finding.verdict is not Verdict.TODO]
