"""Examples tried on a lab's designs, each in a boot of its own, side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from grader.building.build import Toolchain
from grader.course.labs import Lab
from grader.emulators import machine
from grader.errors import GraderError
from grader.evidence.records import Run
from grader.examples.designs import Design, Designs
from grader.examples.written import Example
from grader.grading.play import Player

MOST_INSTRUCTIONS = 200_000_000  # that the reference may take for all examples of a file

Runs = list[Run]  # what became of each example on a design; an empty run where it did not begin


@dataclass(frozen=True)
class Tried:
    """What became of the examples on each right design, and on each impostor."""

    right: Sequence[Runs]
    impostors: Sequence[Runs]


def tried(lab: Lab, toolchain: Toolchain, examples: Sequence[Example], designs: Designs, called: str) -> Tried:
    """Plays the examples on all designs. Raises GraderError if they take too long on the first right one."""
    def play(design: Design, budget: int = 0) -> Runs:
        return _played(design, lab, toolchain, examples, budget)
    pool = ThreadPoolExecutor(os.cpu_count() or 1)
    try:
        rest = [pool.submit(play, design, MOST_INSTRUCTIONS) for design in designs.right[:1]]
        if len(begun := rest[0].result()) < len(examples):
            raise GraderError(f"{called}: on a right design they take more than {MOST_INSTRUCTIONS // 10**6} million "
                              f"instructions: shorten what comes before `scenario {examples[len(begun)].scenario.title}`")
        rest += [pool.submit(play, design) for design in (*designs.right[1:], *designs.impostors)]
        done = [future.result() for future in rest]
    except BaseException:
        machine.stop_all()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return Tried(done[:len(designs.right)], done[len(designs.right):])


def _played(design: Design, lab: Lab, toolchain: Toolchain, examples: Sequence[Example], budget: int) -> Runs:
    """With a budget no example is begun once it is spent, and those are left out."""
    player = Player(design.image(lab, toolchain), watched=False)
    # Each a test of its own: what stops one is nothing to the next.
    scenarios = [replace(example.scenario, test=str(i)) for i, example in enumerate(examples)]
    played = player.play_some(scenarios, budget) if budget else list(player.play(scenarios))
    return [each.run or Run(0, each.scenario.title) for each in played]
