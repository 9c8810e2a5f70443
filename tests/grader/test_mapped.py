"""The model of what is mapped, beside a plain table of all pages."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.course import labs
from grader.evidence.snapshot import PAGE, Run
from grader.scenarios import lab_files

MAPPED = lab_files.module(labs.find("paging").folder, "mapped")
PAGES = 24  # few enough that runs meet, lie in each other and are cut in two

runs = st.builds(Run, *(st.integers(0, PAGES - 1).map(PAGE.__mul__),) * 2, st.integers(1, 9), st.sampled_from((1, 7)))
spans = st.tuples(st.integers(0, PAGES), st.integers(1, 9)).map(lambda s: (s[0] * PAGE, sum(s) * PAGE))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(st.one_of(runs, spans), max_size=20), spans)
def test_each_page_has_the_entry_of_the_table(changes: list[Run | tuple[int, int]], where: tuple[int, int]) -> None:
    model, table = MAPPED.Mapped(), {}
    for change in changes:
        if isinstance(change, Run):
            model.enter(change)
            table |= {change.virtual + i: (change.physical + i, change.flags) for i in range(0, change.pages * PAGE, PAGE)}
        else:
            model.remove(*change)
            table = {page: entry for page, entry in table.items() if not change[0] <= page < change[1]}
        assert list(model.items()) == sorted(table.items()) and len(model) == len(table)
    assert all(model.get(page) == table.get(page) for page in range(0, 2 * PAGES * PAGE, PAGE))
    assert model.any_in(*where) == any(where[0] <= page < where[1] for page in table)
