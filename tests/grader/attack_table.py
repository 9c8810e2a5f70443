"""`make attacks`: the whole corpus graded, and docs/attacks.md written. Fails if anything came otherwise."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from conftest import ROOT, make_kernel
from corpus import Attack, Came, attacks, complaints, grade, lay_out, sample

from grader.building import build

HEAD = """\
# The attacks, and what came of them

`make attacks` made this page: it grades every submission of `tests/grader/attacks/`, in official runs where
nothing else is said, with all of its lab's tests (a few with some: `played`). *Stopped*: never booted, or without effect. *Detected*:
booted, and found out. Neither earns a point. *Residual*: what [trust.md](trust.md) says is left. Times are
wall-clock seconds for the whole lab, on a shared machine with two cores.
"""
ROW = "| {} | {} | {} | {} | {:.1f} |"
WIDTH = 88


def main() -> int:
    """Grades all; 1 if an attack did better, or other, than its file says."""
    build_folder = make_kernel()
    toolchain = build.Toolchain.load(build_folder)
    rows: dict[str, list[str]] = {}
    wrong = 0
    for attack in attacks():
        came = tried(attack, toolchain, build_folder)
        for complaint in complaints(attack, came):
            print(f"{attack.name}: {complaint}", file=sys.stderr)
            wrong += 1
        rows.setdefault(attack.head["route"], []).append(row(attack, came))
        print(f"  {attack.kind:9} {came.seconds:5.1f} s  {attack.name}", flush=True)
    if not wrong:
        (ROOT / "docs" / "attacks.md").write_text(page(rows), encoding="utf-8")
    return bool(wrong)


def tried(attack: Attack, toolchain: build.Toolchain, build_folder: Path) -> Came:
    """What came of one attack."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        submission = lay_out(attack, Path(folder), toolchain)
        if attack.played:
            return sample(attack, submission, toolchain)
        return grade(attack, submission, build_folder)


def page(rows: dict[str, list[str]]) -> str:
    """The page, a table for each route."""
    tables = [f"\n## {route[0].upper()}{route[1:]}\n\n| attack | class | verdict | message | s |\n"
              "| --- | --- | --- | --- | --- |\n" + "\n".join(lines) + "\n"
              for route, lines in rows.items()]
    return HEAD + "".join(tables)


def row(attack: Attack, came: Came) -> str:
    """One line of a table: the verdict and the message that most tests have."""
    verdicts = Counter(test["verdict"] for test in came.tests).most_common(1)
    points = f", {came.score} points" if came.score else ""
    run = " In the self-test." if attack.seed == "1" else ""
    return ROW.format(attack.head["attack"] + run, attack.kind,
                      (verdicts[0][0] if verdicts else "not graded") + points,
                      said(attack, came), came.seconds)


def said(attack: Attack, came: Came) -> str:
    """The line that has what the attack's file quotes."""
    texts = [test["message"] for test in came.tests] or [came.output]
    lines = [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    line = next((line for line in lines if any(message in line for message in attack.head["message"].split(" | "))), "")
    line = line.removeprefix("seen:").removeprefix("marionette:").strip()
    shown = line.replace(str(ROOT), "…").replace(str(Path(tempfile.gettempdir())), "…")
    shown = shown.replace("|", "\\|").replace("<", "&lt;")
    return shown if len(shown) <= WIDTH else shown[:WIDTH - 1] + "…"


if __name__ == "__main__":
    sys.exit(main())
