"""What a stage's image is made of a submission, or why it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from grader.building import advice, build, gate, handed_in
from grader.building.stage import Stage
from grader.course import secret
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict


@dataclass(frozen=True)
class Compiled:
    """A stage's image with a submission's files, `sources`, by their names; or the `refusal` that says why there is
    nothing to boot: a missing file, a build that failed. `warnings` is what the compiler said of files that it
    compiled."""

    image: Path | None = None
    refusal: Finding | None = None
    sources: dict[str, Path] = field(default_factory=dict)
    warnings: str = ""


def of(stage: Stage, submission: Path, toolchain: build.Toolchain, seed: str, gated: bool = True) -> Compiled:
    """Builds a stage's image; one that is `gated` only of what the gate lets through. An official seed has a layout of
    its own."""
    sources = {name: path for lab in stage.labs for name, path in handed_in.files(lab, submission).items()}
    missing = [name for lab in stage.labs for name in lab.files if name not in sources]
    if missing:
        name = missing[0]
        there = handed_in.others(submission)
        return Compiled(refusal=Finding(Verdict.NOT_RUN, f"{name} was not handed in",
                                        seen=f"no kernel/mm/{name}, no mm/{name}, no {name}"
                                             + (f"; what is there: {', '.join(there)}" if there else "")))
    try:
        image = build.image(toolchain, sources, gated, secret.layout(seed))
        said = (build.warnings(toolchain, name, path, gated) for name, path in sources.items())
        return Compiled(image, sources=sources, warnings="\n".join(filter(None, said)))
    except gate.Rejected as error:
        return Compiled(refusal=Finding(Verdict.REJECTED, str(error)), sources=sources)
    except build.BuildError as error:
        said = str(error)
        seen = "\n" + said if "\n" in said else ""
        return Compiled(refusal=Finding(Verdict.BUILD, _first_error(said), seen=seen), sources=sources)


def _first_error(output: str) -> str:
    errors = [line for line in output.splitlines() if "error" in line]
    if not errors:
        return f"it does not compile: {output}" if output and "\n" not in output else "it does not compile"
    return errors[0].strip() + advice.on(errors[0])
