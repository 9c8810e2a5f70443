"""What a workflow of GitHub's must and must not be: its syntax as far as the kit uses it, and rules that keep
a pull request from getting hold of anything.

Whatever is not described here is a mistake: a new key is added here together with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import yaml

PINNED = {  # actions by the commit that their version was when it was looked at
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
}
EVENTS = ("push", "pull_request")  # pull_request_target, for one, runs with the repository's secrets
RUNNERS = ("ubuntu-24.04",)
LONGEST = 60  # minutes

# What a person who opens a pull request can't write anything into; `matrix` is what the workflow itself lists.
EXPRESSIONS = (r"matrix\.system", r"github\.event\.pull_request\.(number|base\.sha|head\.sha)", r"github\.ref", r"!cancelled\(\)")

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_READING = {"type": "object", "properties": {"contents": {"const": "read"}},
            "additionalProperties": False}


def _only(required: tuple[str, ...], **properties: dict) -> dict:
    return {"type": "object", "properties": properties, "required": list(required),
            "additionalProperties": False}


_STEP = {"oneOf": [
    _only(("uses",), name=_TEXT, uses=_TEXT, **{"with": _TEXTS, "if": _TEXT}),
    _only(("run",), name=_TEXT, run=_TEXT, env=_TEXTS, **{"if": _TEXT})]}
_JOB = _only(
    ("runs-on", "timeout-minutes", "permissions", "steps"),
    **{"runs-on": {"enum": list(RUNNERS)}, "permissions": _READING,
       "timeout-minutes": {"type": "string", "pattern": r"^\d{1,2}$"},
       # The same on several systems: none waits for another's end.
       "strategy": _only(("fail-fast", "matrix"), **{"fail-fast": {"const": "false"}},
                         matrix=_only(("system",), system={"type": "array", "items": _TEXT})),
       "container": _only(("image",), image=_TEXT, options=_TEXT),
       "steps": {"type": "array", "minItems": 1, "items": _STEP}})
SCHEMA = _only(
    ("name", "on", "permissions", "jobs"),
    name=_TEXT, permissions=_READING,
    on=_only((), push=_only(("branches",), branches={"type": "array", "items": _TEXT}),
             pull_request={"const": ""}),
    concurrency=_only(("group",), group=_TEXT, **{"cancel-in-progress": {"enum": ["true", "false"]}}),
    jobs={"type": "object", "minProperties": 1, "additionalProperties": _JOB,
          "propertyNames": {"pattern": "^[a-z-]+$"}})


class _Loader(yaml.BaseLoader):
    """All scalars are strings (`on` would be a truth value else); a key twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a key twice", node.start_mark)
        return super().construct_mapping(node, deep)


def load(text: str) -> dict:
    """A workflow's table; every scalar is a string."""
    return yaml.load(text, _Loader)  # noqa: S506: a BaseLoader makes nothing but strings


def mistakes(text: str) -> list[str]:
    """Everything that is wrong with a workflow; empty: nothing."""
    try:
        workflow = load(text)
    except yaml.YAMLError as error:
        return [f"no YAML: {error}"]
    schema = jsonschema.Draft7Validator(SCHEMA)
    found = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
             for error in schema.iter_errors(workflow)]
    return found or [*_of_jobs(workflow), *_of_expressions(workflow), *_of_pins(text)]


def _of_jobs(workflow: dict) -> Iterator[str]:
    if workflow["permissions"]:
        yield "permissions at the top: {} was expected, each job says what it needs"
    for name, job in workflow["jobs"].items():
        if int(job["timeout-minutes"]) > LONGEST:
            yield f"{name}: timeout-minutes is above {LONGEST}"
        for step in job["steps"]:
            action = step.get("uses", "").partition("@")[0]
            if action == "actions/checkout" and step.get("with", {}).get(
                    "persist-credentials") != "false":
                yield f"{name}: a checkout leaves its token behind: persist-credentials: false"


def _of_expressions(workflow: dict) -> Iterator[str]:
    """Expressions are put in before a shell sees the text: none belongs into one."""
    for name, job in workflow["jobs"].items():
        for step in job["steps"]:
            if "${{" in step.get("run", ""):
                yield f"{name}: an expression in a command: hand it over in `env`"
    for expression in re.findall(r"\$\{\{(.*?)\}\}", str(workflow), re.DOTALL):
        if not any(re.fullmatch(allowed, expression.strip()) for allowed in EXPRESSIONS):
            yield f"an expression that is not known to be harmless: {expression.strip()}"


def _of_pins(text: str) -> Iterator[str]:
    for used in re.findall(r"uses:\s*(.*)", text):
        action, _, version = used.partition("@")
        if action not in PINNED:
            yield f"an action that nobody has looked at: {used}"
        elif version != "{} # {}".format(*PINNED[action]):
            yield f"not pinned to the commit that was looked at: {used}"


def commands(workflow: dict) -> Iterator[str]:
    """All that is run."""
    for job in workflow["jobs"].values():
        yield from (step["run"] for step in job["steps"] if "run" in step)


def all_workflows(root: Path) -> list[Path]:
    """The kit's own workflow, and the students'."""
    return sorted([*root.glob(".github/workflows/*.y*ml"),
                   *root.glob("grader/kit/template/.github/workflows/*.y*ml")])
