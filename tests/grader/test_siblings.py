"""Siblings of fixed scenarios: what they say, and which tests have none."""

from __future__ import annotations

import pytest
from corpus import OFFICIAL, works

from grader.course import labs
from grader.errors import GraderError
from grader.grading.stage_grading import PUBLIC_SEED
from grader.scenarios.siblings import in_pages, script
from grader.scenarios.workload import siblings

# docs/trust.md says why.
THE_SAME_FOR_ALL = {"buddy": set(), "ppalloc": {"machine", "large_machine"}, "vpalloc": set()}


@pytest.mark.parametrize("slug", THE_SAME_FOR_ALL)
def test_an_official_run_plays_what_nobody_has_seen(slug: str) -> None:
    lab = labs.find(slug)
    same = {ours.test for ours, theirs in zip(works(lab, PUBLIC_SEED), works(lab, OFFICIAL), strict=True)
            if ours.scenarios == theirs.scenarios}
    assert same == THE_SAME_FOR_ALL[slug]


def test_the_same_seed_makes_the_same_siblings() -> None:
    lab = labs.find("buddy")
    assert works(lab, OFFICIAL) == works(lab, OFFICIAL)


def test_units_become_pages() -> None:
    idea = script("init 8", "free 0 8", "a = alloc 3 3", "free a+1 2", "free a 1", "ask 1 4294967295",
                  "free 4294967295 0", "free a")
    assert in_pages(idea, lambda pages: [f"init 0x5000 {pages}"], "1") == script(
        "init 0x5000 8", "all = alloc 1 8 8", "free 1 all+0x0 8", "a = alloc 1 3 3",
        "free 1 a+0x1000 2", "free 1 a 1", "ask 1 1 4294967295", "free 1 all+0xfffff000 0", "free 1 a")


def test_siblings_that_nobody_wrote_are_named() -> None:
    folder = labs.find("buddy").folder
    with pytest.raises(GraderError, match=r"no function rest_of_page, .* rest-of-page\.scenario"):
        siblings("rest-of-page", 3).scenarios(folder, "buddy", "rest_of_block", PUBLIC_SEED)
