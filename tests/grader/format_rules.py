"""The published rules of the formats, as far as a file can be held against them; and hostile results.

Each `check_NAME` takes a format's text, fails where a rule is broken, and gives what was read.
"""

from __future__ import annotations

import copy
import csv
import io
import json
import re
from xml.etree import ElementTree

import jsonschema
from markdown_it import MarkdownIt

# What a submission may try to have printed, one message each.
HOSTILE = (
    "::error file=x::owned\n  ::add-mask::a\nhello ##[add-mask]b\n::stop-commands::x\n%0A::error::c",
    "</failure></testcase><testcase name='forged'/><!-- &amp; ]]> <![CDATA[ x",
    "\x1b[31mred\x1b]0;title\x07 \x9b1m \x00 \x08 \r over \uffff \ud800 \u202e back \x85 \u2028",
    "=cmd|' /C calc'!A0\n+1;=2\t@SUM(A1)",
    "```\n````text\n</details><script>alert(1)</script>\n# head\n| a | b |\n[x](javascript:alert(1))",
    "<img src=x onerror=alert(1)> {{7*7}} ${HOME} $(id) `id` 100% sure",
    "🐧 𝔘𝔫𝔦 日本 ñ",
    "x" * 3_000_000,
    "",
)


def test_entry(name: str, verdict: str, score: object, max_score: int, message: str = "") -> dict:
    """A test as results.json has it."""
    return {"name": name, "verdict": verdict, "score": score, "max_score": max_score,
            "message": message}


def results(*labs: dict, integrated: dict | None = None) -> dict:
    """A results.json's table with these labs."""
    stage = integrated or {}
    scores = [lab["score"] for lab in labs] + [stage.get("weighted_score", 0)]
    return {
        "schema": "marionette-labs/results/v1",
        "score": None if None in scores else sum(scores),
        "max_score": sum(lab["max_score"] for lab in labs) + stage.get("weight", 0),
        "seed": "the official seed", "emulator": "qemu", "labs": list(labs), "integrated": stage,
        "kit": {"commit": "3f786850e387550fdab836ed7e6dc881de23001b", "dirty": False},
        "submission": {"hash": f"sha256:{'0' * 64}", "files": {"buddy.cpp": "0" * 64}},
        "kernel_base": "0xC0000000",
        "tools": {"qemu": "7.2", "g++": "12.2.0", "binutils": "2.40", "python": "3.11.2"},
        "degraded": [], "weights": {"buddy": 100, "integrated": 0},
    }


def lab(slug: str, *tests: dict) -> dict:
    """A lab with these tests."""
    scores = [test["score"] for test in tests]
    return {"lab": slug, "score": None if None in scores else sum(scores),
            "max_score": sum(test["max_score"] for test in tests), "tests": list(tests)}


def stage(weight: int, *tests: dict) -> dict:
    """The integrated stage, half of whose weight was earned."""
    return {"score": sum(test["score"] for test in tests), "max_score": len(tests),
            "weight": weight, "weighted_score": weight / 2, "tests": list(tests)}


EVERY_VERDICT = results(
    lab("buddy", test_entry("starts_empty", "pass", 4, 4),
        test_entry("exact_counts", "fail", 0, 8, "never more than max\nexpected: 1"),
        test_entry("logarithmic", "fail", 2.5, 6, "grows like log n"),
        test_entry("coalescing", "todo", 0, 10, "buddy_free is not written yet"),
        test_entry("exhaustion", "crash", 0, 6,
                   "page fault, in buddy_alloc (kernel/mm/buddy.cpp:17)\nseen: exception"),
        test_entry("many_blocks", "hang", 0, 6, "it does not come back")),
    lab("malloc", test_entry("first_blocks", "build", 0, 50,
                             "kernel/mm/malloc.cpp:3:1: error: expected ';'"),
        test_entry("huge", "rejected", 0, 30, "inline assembly"),
        test_entry("nothing", "not-run", 0, 20, "malloc.cpp was not handed in")),
    integrated=stage(0, test_entry("buddy/coalescing", "pass", 1, 1),
                     test_entry("malloc/huge", "fail", 0, 1, "it moved")))

BROKEN_IN_PART = results(lab("buddy", test_entry("starts_empty", "pass", 4, 4)),
                         lab("malloc", test_entry("huge", "infra", None, 30, "qemu is missing")))

BROKEN_IN_PART["degraded"] = ["bubblewrap is not installed\x1b[0m <b>"]

WEIGHTED = copy.deepcopy(EVERY_VERDICT)
WEIGHTED["integrated"].update(weight=61, weighted_score=30.5)
WEIGHTED.update(score=WEIGHTED["score"] + 30.5, max_score=WEIGHTED["max_score"] + 61)

ALL_HOSTILE = results(
    lab("buddy", *(test_entry(f"t{i}", "crash", 0, 10, message)
                   for i, message in enumerate(HOSTILE))),
    integrated=stage(0, *(test_entry(f"buddy/t{i}", "fail", 0, 1, message)
                          for i, message in enumerate(HOSTILE))))

EXAMPLES = copy.deepcopy(WEIGHTED)
EXAMPLES["examples"] = {"score": 7.5, "max_score": 20, "weight": 10, "labs": [
    {"lab": "buddy", "score": 7.5, "max_score": 10, "examples": 4, "valid": 3, "caught": 9, "impostors": 12,
     "message": "not caught: impostors 2, 7, 9\nnot valid: three-of-eight"},
    {"lab": "malloc", "score": 0, "max_score": 10, "examples": 0, "valid": 0, "caught": 0, "impostors": 0,
     "message": "examples/malloc.scenario:3: expected: lab malloc"}]}
EXAMPLES["weights"]["examples"] = 10
EXAMPLES.update(score=EXAMPLES["score"] + 7.5, max_score=EXAMPLES["max_score"] + 20)

SAMPLES = {"every verdict": EVERY_VERDICT, "examples": EXAMPLES, "broken in part": BROKEN_IN_PART, "weighted": WEIGHTED,
           "hostile": ALL_HOSTILE}


def is_printable(text: str) -> bool:
    """Whether a text has no character that a terminal or a reader's eye would be led astray by."""
    return not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff\uffff]",
                         text)


def strict_json(text: str) -> dict:
    """JSON as its standard has it: Python's own reader takes NaN."""
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")
    return json.loads(text, parse_constant=refuse)


def is_number(value: object) -> bool:
    """A number, and no truth value."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_gradescope(text: str) -> dict:
    """gradescope-autograders.readthedocs.io/en/latest/specs"""
    found = strict_json(text)
    kinds = {"score": is_number, "execution_time": is_number, "output": str.__instancecheck__,
             "visibility": None, "stdout_visibility": None, "output_format": None, "tests": None}
    assert found.keys() <= kinds.keys() | {"extra_data", "leaderboard"}
    for document in (found, *found["tests"]):
        assert document.get("visibility") in ("visible", "hidden", "after_due_date",
                                              "after_published")
        assert document["output_format"] == "text", "nothing of a student's is ever rendered"
        assert is_printable(document["output"])
        assert is_number(document.get("score", 0))
    for test in found["tests"]:
        assert test.keys() <= {"name", "number", "score", "max_score", "status", "output",
                               "output_format", "visibility", "tags"}
        assert test["status"] in ("passed", "failed")
        assert re.fullmatch(r"\d+(\.\d+)*", test["number"])
        assert 0 <= test.get("score", 0) <= test.get("max_score", 0)
    scored = [test for test in found["tests"] if "score" in test]
    if "score" in found and scored:
        assert sum(test["score"] for test in scored) == found["score"]
    return found


def check_prairielearn(text: str) -> dict:
    """prairielearn.readthedocs.io: external grading"""
    assert len(text.encode()) <= 1_000_000
    found = strict_json(text)
    if not found["gradable"]:
        assert found.keys() == {"gradable", "format_errors"}
        assert all(isinstance(error, str) and is_printable(error)
                   for error in found["format_errors"])
        return found
    assert is_number(found["score"]) and 0 <= found["score"] <= 1
    for test in found["tests"]:
        assert isinstance(test["name"], str)
        assert 0 <= test["points"] <= test["max_points"], "one without points hides all points"
        assert is_printable(test.get("message", "")) and is_printable(test.get("output", ""))
    return found


def check_autolab(text: str) -> dict:
    """docs.autolabproject.com: the last line has the scores, one before it may be shown."""
    assert text.endswith("\n") and text.count("\n") == 2
    shown, scores = map(strict_json, text.splitlines())
    assert shown["_presentation"] == "semantic"
    assert shown.keys() == {"_presentation", "stages", *shown["stages"]}
    for name in shown["stages"]:
        for test in shown[name].values():
            assert isinstance(test["passed"], bool)
            assert is_printable(test.get("hint", ""))
    assert scores.keys() == {"scores"} and all(map(is_number, scores["scores"].values()))
    return scores["scores"]


_WHOLE = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string", "minLength": 1}
CLASSROOM50 = {
    "type": "object", "additionalProperties": False,
    "required": ["schema", "classroom", "assignment", "assignment_type", "owner", "submission",
                 "commit", "release", "review", "datetime", "score", "max-score", "tests"],
    "properties": {
        "schema": {"const": "classroom50/result/v1"}, "classroom": _TEXT, "assignment": _TEXT,
        "assignment_type": {"enum": ["individual", "group"]}, "owner": _TEXT,
        "submission": {"type": "string", "pattern": "^submit/"}, "commit": _TEXT,
        "release": _TEXT, "review": _TEXT,
        "datetime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "score": _WHOLE, "max-score": _WHOLE, "graded_at": _TEXT, "submitted_by": {"type": "object"},
        "tests": {"type": "array", "items": {
            "type": "object", "required": ["test-name", "passed", "score", "max-score"],
            "properties": {"test-name": _TEXT, "passed": {"type": "boolean"}, "score": _WHOLE,
                           "max-score": _WHOLE}}}},
}


def check_classroom50(text: str) -> dict:
    """The schema classroom50/result/v1, and what it can't say."""
    found = strict_json(text)
    jsonschema.Draft202012Validator(CLASSROOM50).validate(found)
    for scored in (found, *found["tests"]):
        assert type(scored["score"]) is int and scored["score"] <= scored["max-score"]
    assert found["score"] == sum(test["score"] for test in found["tests"])
    assert found["max-score"] == sum(test["max-score"] for test in found["tests"])
    assert all(is_printable(test.get("message", "")) for test in found["tests"])
    return found


def check_junit(text: str) -> ElementTree.Element:
    """What jenkins-junit.xsd and its kin agree on; the sums are right. Nobody knows of a test's time."""
    root = ElementTree.fromstring(text)
    assert root.tag == "testsuites" and root.attrib.keys() == {"name", "tests", "failures", "errors"}
    for suite in root:
        assert suite.tag == "testsuite"
        assert suite.attrib.keys() == root.attrib.keys() | {"skipped"}
        for case in suite:
            assert case.tag == "testcase" and case.attrib.keys() == {"classname", "name"}
            assert len(case) <= 1
            for element in case:
                assert element.tag in ("failure", "error", "skipped") and not len(element)
                assert element.attrib.keys() == ({"message"} if element.tag == "skipped"
                                                 else {"message", "type"})
                assert "\n" not in element.get("message")
    for counted in (root, *root):
        cases = list(counted.iter("testcase"))
        assert int(counted.get("tests")) == len(cases)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            if name in counted.attrib:
                assert int(counted.get(name)) == sum(case.find(tag) is not None for case in cases)
    return root


def check_gradebook(text: str) -> list[dict]:
    """RFC 4180; no cell a formula, whichever separator a spreadsheet takes."""
    assert is_printable(text.replace("\r\n", ""))
    assert text.endswith("\r\n")
    for separator in ",;\t|":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            for cell in row:
                assert not re.match(r"[\s\"]*[=+\-@＝＋－＠]", cell), (separator, cell)
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def check_summary(text: str) -> list[str]:
    """Markdown as CommonMark reads it: what stands in code blocks; nothing outside them is HTML, a link
    or an image."""
    assert len(text.encode()) <= 1 << 20
    assert is_printable(text)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for token in tokens:
        assert token.type != "html_block"
        for inline in token.children or ():
            assert inline.type in ("text", "softbreak"), inline
    return [token.content for token in tokens if token.type == "fence"]


def commands(log: str) -> list[tuple[str, dict, str]]:
    """The commands that GitHub's runner takes from a log: name, properties, message."""
    found, stopped = [], ""
    for line in log.splitlines():
        new = re.match(r"\s*::([\w-]+)(?: +([^:]*?))?::(.*)", line)
        old = re.search(r"##\[([\w-]+) ?([^\]]*)\](.*)", line)
        name, properties, data = (new or old).groups() if new or old else ("", "", "")
        if stopped:
            stopped = "" if name == stopped else stopped
        elif name == "stop-commands":
            stopped = data
        elif name in ("error", "warning", "notice", "add-mask", "group", "set-output", "debug"):
            pairs = dict(pair.split("=", 1) for pair in (properties or "").split(",") if pair)
            found.append((name, {k: unescaped(v) for k, v in pairs.items()}, unescaped(data)))
    assert not stopped, "nobody lets the runner listen again"
    return found


def unescaped(text: str) -> str:
    """As the runner does it: `%` last."""
    for code, c in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, c)
    return text


def check_annotations(text: str) -> list[tuple[str, dict, str]]:
    """Every line a command, at most ten of a kind."""
    found = commands(text)
    assert len(found) == len(text.splitlines())
    for kind in ("error", "warning", "notice"):
        assert sum(name == kind for name, _, _ in found) <= 10
    for name, properties, message in found:
        assert name in ("error", "warning", "notice")
        assert properties.keys() <= {"file", "line", "title"}
        assert is_printable(message) and is_printable(properties["title"])
    return found


CHECKS = {
    "gradescope": check_gradescope, "prairielearn": check_prairielearn, "autolab": check_autolab,
    "classroom50": check_classroom50, "junit": check_junit, "gradebook": check_gradebook,
    "github-summary": check_summary, "github-annotations": check_annotations,
}
