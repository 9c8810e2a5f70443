"""Examples tried on a lab's designs, each in a boot of its own, side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from grader.building.toolchain import Toolchain
from grader.course.labs import Lab
from grader.emulators import machine
from grader.errors import GraderError
from grader.evidence.records import Run
from grader.examples.designs import Design, Designs
from grader.examples.kernels_own import KernelsOwn
from grader.examples.written import Example
from grader.grading.play import Player
from grader.scenarios.scenario import Scenario

# What all examples of a file may take on a design, in instructions: then no other one is begun.
MOST_INSTRUCTIONS = 600_000_000
MOST_BOOTS = 5  # and how often that, where a design ends boots early
# What makes an allocator may be slow: 105 million instructions where a right design frees 700,000 pages one by one.
START_UP, START_UP_LIMIT = ("boot", "boot_from", "init", "create"), 150_000_000

Runs = list[Run]  # what became of each example on a design, up to the last for which there was time


@dataclass(frozen=True)
class Tried:
    """What became of the examples on each right design, and on each impostor; and where on each right one the kernel
    itself lies."""

    right: Sequence[Runs]
    impostors: Sequence[Runs]
    owned: Sequence[KernelsOwn] = ()


def tried(lab: Lab, toolchain: Toolchain, examples: Sequence[Example], designs: Designs, called: str, layout: str) -> Tried:
    """Plays the examples on all designs, whose images are linked in an order of that `layout`'s. Raises GraderError if
    they take too long on a right one."""
    # Each a test of its own: what stops one is nothing to the next.
    scenarios = [replace(example.scenario, test=str(i), limit=START_UP_LIMIT, limited=START_UP)
                 for i, example in enumerate(examples)]
    pool = ThreadPoolExecutor(os.cpu_count() or 1)
    try:
        futures = [pool.submit(_played, design, lab, toolchain, layout, scenarios)
                   for design in (*designs.right, *designs.impostors)]
        for future in futures[:len(designs.right)]:
            _expect_all(future.result(), examples, called)
        done = [future.result() for future in futures]
    except GraderError:
        raise  # of this file; whoever tries others goes on
    except BaseException:
        machine.stop_all()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    owned = [KernelsOwn.of(design.image(lab, toolchain, layout)) for design in designs.right]
    return Tried(done[:len(designs.right)], done[len(designs.right):], owned)


def _played(design: Design, lab: Lab, toolchain: Toolchain, layout: str, scenarios: Sequence[Scenario]) -> Runs:
    """What became of each scenario, or of the first of them, if there was no time for the others."""
    player, done = Player(design.image(lab, toolchain, layout), watched=False), []
    for _ in range(MOST_BOOTS):
        done += player.play_some(list(scenarios[len(done):]), MOST_INSTRUCTIONS)
        if len(done) == len(scenarios) or done[-1].finished:  # and so it was time that ran out
            break
    return [each.run or Run(0, each.scenario.title) for each in done]


def _expect_all(runs: Runs, examples: Sequence[Example], called: str) -> None:
    if len(runs) < len(examples):
        raise GraderError(f"{called}: a right design needs too long for all that comes before "
                          f"`scenario {examples[len(runs)].scenario.title}`: {MOST_INSTRUCTIONS // 10**6} million "
                          "instructions are the most. Shorten it")
