"""Runs a workflow's steps here, as GitHub's runner does: checkouts with git, commands with bash, artifacts in a
folder. Only what the students' workflow uses is there; anything else is an error.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

BASH = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"]


@dataclass
class Run:
    """What became of a job: each step's status by name, what was printed, the summary, the artifacts."""

    workspace: Path
    statuses: dict[str, int] = field(default_factory=dict)
    log: str = ""

    @property
    def summary(self) -> str:
        """What the steps wrote to GITHUB_STEP_SUMMARY."""
        path = self.workspace.parent / "summary.md"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def artifact(self, name: str) -> Path:
        """The folder of an artifact."""
        return self.workspace.parent / "artifacts" / name


@dataclass(frozen=True)
class Runner:
    """A machine: the repository that is checked out, the event's values, what the environment has."""

    repository: Path
    event: dict[str, str]  # github.event.pull_request.NAME
    environment: dict[str, str]

    def run(self, job: dict, folder: Path) -> Run:
        """Runs a job's steps in folder/workspace; after one that fails only those that ask for it."""
        run = Run(folder / "workspace")
        run.workspace.mkdir(parents=True)
        for step in job["steps"]:
            if any(run.statuses.values()) and step.get("if") != "${{ !cancelled() }}":
                continue
            name = step.get("name", step.get("uses", ""))
            run.statuses[name] = self._action(step, run) if "uses" in step else self._command(step, run)
        return run

    def _action(self, step: dict, run: Run) -> int:
        given = {key: self._filled(value) for key, value in step["with"].items()}
        action = step["uses"].split("@")[0]
        if action == "actions/checkout":
            self._checkout(run.workspace / given["path"], given["ref"])
        elif action == "actions/upload-artifact":
            if (found := run.workspace / given["path"]).exists():
                shutil.copytree(found, run.artifact(given["name"]), symlinks=True)
        else:
            raise ValueError(f"no such action here: {action}")
        return 0

    def _checkout(self, target: Path, commit: str) -> None:
        for command in (["init", "-q", str(target)],
                        ["-C", str(target), "fetch", "-q", "--depth=1", str(self.repository), commit],
                        ["-C", str(target), "checkout", "-q", "FETCH_HEAD"]):
            subprocess.run(["git", *command], check=True)

    def _command(self, step: dict, run: Run) -> int:
        environment = {**self.environment, "CI": "true", "GITHUB_ACTIONS": "true",
                       "GITHUB_WORKSPACE": str(run.workspace),
                       "GITHUB_STEP_SUMMARY": str(run.workspace.parent / "summary.md"),
                       **{key: self._filled(value) for key, value in step.get("env", {}).items()}}
        done = subprocess.run([*BASH, step["run"]], cwd=run.workspace, env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=900, check=False)
        run.log += done.stdout
        return done.returncode

    def _filled(self, text: str) -> str:
        """A text with its expressions replaced by the event's values."""
        return re.sub(r"\$\{\{ github\.event\.pull_request\.([a-z.]+) \}\}",
                      lambda match: self.event[match[1]], text)
