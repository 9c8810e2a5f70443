"""JUnit XML, for everything that shows test results: Jenkins, GitLab, GitHub's and others' reporters.

No element has a `time`, which the schemas leave open: tests share boots, so none has a duration of its
own, and the same grading gives the same file.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from grader.formats import graded
from grader.formats.format import Context, Format
from grader.formats.graded import Graded
from grader.judging.verdict import Verdict


def render(results: dict, context: Context) -> str:
    """A suite a lab, one for examples, and one for the integrated stage."""
    del context
    suites = [list(tests) for _, tests in groupby(
        graded.told_once(graded.everything(results)), lambda test: test.suite)]
    return _document(suites)


def broken(reason: str, context: Context) -> str:
    """One test that has an error."""
    del context
    return _document([[Graded("grading", "results", "1.1", Verdict.INFRA, None, 0,
                              graded.broken_text(reason))]])


def _document(suites: Sequence[Sequence[Graded]]) -> str:
    everything = _counts([test for suite in suites for test in suite])
    del everything["skipped"]  # Jenkins's schema has it of a suite alone
    root = Element("testsuites", {"name": "marionette-labs", **everything})
    for tests in suites:
        suite = SubElement(root, "testsuite", {"name": tests[0].suite, **_counts(tests)})
        for test in tests:
            _case(suite, test)
    indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _element(test: Graded) -> str:
    """What a test case holds that did not pass."""
    if test.verdict is Verdict.INFRA:
        return "error"
    return "skipped" if test.verdict in graded.SKIPPED else "failure"


def _counts(tests: Sequence[Graded]) -> dict[str, str]:
    found = [_element(test) for test in tests if not test.passed]
    return {"tests": str(len(tests)), "failures": str(found.count("failure")),
            "errors": str(found.count("error")), "skipped": str(found.count("skipped"))}


def _case(suite: Element, test: Graded) -> None:
    case = SubElement(suite, "testcase", {"classname": f"marionette.{test.suite}",
                                          "name": test.name})
    if test.passed:
        return
    element = SubElement(case, _element(test), {"message": test.headline})
    if element.tag != "skipped":
        element.set("type", test.verdict.value)
    element.text = test.message


FORMATS = [Format("junit", "junit.xml", "JUnit XML", render, broken)]
