"""With all files together a mistake shows in what stands on it, too: which lab to mend first is said."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grader.course import labs
from grader.judging.verdict import Verdict
from grader.reporting import mend, results


def grading(alone: dict[str, Verdict], together: dict[str, Verdict]) -> results.Results:
    """A grading: how each lab's own test ended, and how the labs' tests of the integrated stage."""
    done = [results.LabResult(lab.slug, [results.TestResult("t", alone.get(lab.slug, Verdict.PASS), 100, Fraction(1))])
            for lab in labs.all_labs()]
    tests = [{"name": f"{lab.slug}/t", "verdict": together.get(lab.slug, Verdict.PASS).value, "score": 1, "max_score": 1,
              "message": ""} for lab in labs.all_labs()]
    return results.Results("1", "qemu", done, {"tests": tests})


@pytest.mark.parametrize(("alone", "together", "said"), [
    ((), (), ""),
    (("buddy",), (), ""),
    (("paging",), ("kvmalloc", "malloc"),
     "Mend paging first: its own tests fail, and kvmalloc, malloc, which stand on it, may fail for its sake."),
    (("malloc", "paging", "ppalloc"), ("ppalloc", "vpalloc", "malloc"),
     "Mend ppalloc first: its own tests fail, and vpalloc, malloc, which stand on it, may fail for its sake, then paging, malloc."),
    (("malloc",), ("malloc",), "Mend malloc first: its own tests fail."),
    ((), ("malloc", "ppalloc"),
     "Alone each lab passes its tests: the mistake is where they meet. Look at ppalloc, buddy, malloc, kvmalloc."),
])
def test_the_lab_that_others_stand_on_is_mended_first(alone: tuple, together: tuple, said: str) -> None:
    found = grading(dict.fromkeys(alone, Verdict.FAIL), dict.fromkeys(together, Verdict.CRASH))
    assert mend.first(found) == said


def test_what_a_lab_may_call_of_another_it_stands_on() -> None:
    """Each lab's own functions are those that another lab's `may_call` names and its stub defines."""
    for lab in labs.all_labs():
        for other in labs.all_labs():
            stub = (labs.ROOT / "kernel" / "mm" / other.files[0]).read_text(encoding="utf-8")
            called = [name for name in lab.may_call if f" {name}(" in stub or f"*{name}(" in stub]
            if called and other != lab:
                assert other.slug in lab.stands_on, (lab.slug, called)
