"""The reference, where a submission failed: what the kit's own right solution fails of, on this machine, is nobody's
mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from grader.building import build
from grader.errors import Unplayable
from grader.grading.outcome import Outcome
from grader.grading.play import Played, Player
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict


def clear(outcomes: Mapping[str, Outcome], toolchain: build.Toolchain, player: Player,
          judged: Callable[[Played], Finding | None]) -> None:
    """Plays the scenario in which a test failed on the reference, for all tests that did, in one boot where that is
    enough. A finding that `judged` has there, too, becomes one of the verdict `infra`."""
    failed = {test: outcome for test, outcome in outcomes.items()
              if outcome.finding and outcome.finding.verdict is not Verdict.TODO}
    if not failed:
        return
    reference = player.on_the_reference(build.image(toolchain, {}))
    scenarios = [replace(outcome.failing, test=test) for test, outcome in failed.items()]
    for outcome, entry in zip(failed.values(), reference.play(scenarios), strict=True):
        if found := finding(entry, judged):
            outcome.finding = replace(found, verdict=Verdict.INFRA, rule=(
                "the kit does not work on this machine: its own reference, compiled by "
                f"{toolchain.compiler}, fails here, too ({found.rule})"))


def finding(entry: Played, judged: Callable[[Played], Finding | None]) -> Finding | None:
    """What the reference fails of, by what came of a scenario that it played."""
    try:
        found = judged(entry)
        # What nobody else needs is not handed out with a kit: there it has the stub, which says nothing of the machine.
        return found if found and found.verdict is not Verdict.TODO else None
    except Unplayable:  # it goes another way than the submission, and the scenario does not fit that
        return None
