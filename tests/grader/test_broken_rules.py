"""Each rule of each lab's oracle, broken by records written by hand (BROKEN in test_LAB_oracle.py): the oracle names
it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from broken import TABLES
from judging import judged, last_of, missing_sentences

from grader.course import labs
from grader.evidence.records import Run
from grader.judging.judge import Ending, judge
from grader.judging.oracle import Rule
from grader.judging.verdict import Verdict
from grader.scenarios.scenario import Operation, Scenario

# Lab 6's have what the machine looked like beside the records: test_paging_oracle.py has its own.
IN_RECORDS = [slug for slug in TABLES if slug != "paging"]
CASES = [(slug, rule, *case) for slug in IN_RECORDS for rule, cases in TABLES[slug].BROKEN.items() for case in cases]


@pytest.mark.parametrize("slug", IN_RECORDS)
def test_every_rule_is_among_the_broken(slug: str) -> None:
    assert TABLES[slug].BROKEN.keys() == vars(labs.find(slug).oracle.RULE).keys()


@pytest.mark.parametrize("slug", TABLES)
def test_every_sentence_stands_in_its_header(slug: str) -> None:
    assert missing_sentences(labs.find(slug).oracle.RULE) == []


@pytest.mark.parametrize("slug", TABLES)
def test_who_minds_boot_minds_boot_from(slug: str) -> None:
    oracle = labs.find(slug).oracle.Oracle
    assert hasattr(oracle, "_boot") == hasattr(oracle, "_boot_from")


@pytest.mark.parametrize(("slug", "rule", "text", "seen"), CASES)
def test_the_last_record_breaks_the_rule(slug: str, rule: str, text: str, seen: str) -> None:
    lab = labs.find(slug)
    finding = judged(lab, text)
    assert finding is not None
    assert (finding.verdict, finding.rule) == (Verdict.FAIL, rule.replace("_", " "))
    assert finding.operation == last_of(text)
    assert finding.sentence == vars(lab.oracle.RULE)[rule].sentence
    assert seen in finding.seen
    assert finding.expected


@pytest.mark.parametrize(("slug", "text"), [(slug, text) for slug, _, text, _ in CASES])
def test_nothing_is_wrong_before_it(slug: str, text: str) -> None:
    assert judged(labs.find(slug), text.rpartition(";")[0]) is None


EIGHT = "init 8 -> size=64; free 0 8 -> ok; "
MAP = "region 0x100000 0x10000 1 -> ok; init -> pages=272; "
RANGE = "init 0x400000 16 -> number=1; "


@pytest.mark.parametrize(("slug", "text", "instead"), [
    ("buddy", EIGHT + "free 9 0 -> panic", "A count of 0 does nothing"),
    ("buddy", "init 8 -> size=64; free 7 1 -> panic", "Any allocated units may be freed"),
    ("buddy", EIGHT + "alloc 9 9 -> panic", "returns 0, and leaves *start"),
    ("buddy", EIGHT + "ask 3 2 -> panic", "`min` is greater than `max`"),
    ("ppalloc", MAP + "free 0x100000 0 -> panic", "n_pages of 0 does nothing"),
    ("ppalloc", MAP + "free 0 1 -> panic", "any that are allocated"),
    ("ppalloc", "region 0 0x3000 1 -> ok; region 0x1000 0x3000 1 -> ok; init -> panic", "they may overlap"),
    ("ppalloc", "region 0x1800 0x2000 1 -> ok; init -> panic", "covers it wholly"),
    ("ppalloc", MAP + "alloc 17 17 -> panic", "returns 0, and leaves *start"),
    ("vpalloc", RANGE + "free 0 0x1000 0 -> panic", "whatever the address and vpa are"),
    ("vpalloc", RANGE + "alloc 1 4 4 -> count=4 start=0x400000; free 1 0x401000 2 -> panic", "any that are allocated"),
    ("vpalloc", "kernel_range -> start=0xe0000000 pages=64; alloc 0 1 1 -> count=1 start=0xe0000000; "
                "free 0 0xe0000000 1 -> panic", "go to the kernel's allocator"),
    ("vpalloc", RANGE + "alloc 1 0 0 -> panic", "If `max` is 0"),
    ("vpalloc", "boot -> ok; create 0x400000 0 -> panic", "Null if the range is empty"),
    ("kvmalloc", "boot -> ok; alloc 0 -> panic", "n_pages of 0 gives null"),
    ("paging", "map 0 1 1 0 1 -> panic", "whatever the addresses and pd are"),
    ("paging", "map 1 0 0x1001 1 0 -> panic", "is no multiple of 4096"),
])
def test_who_panics_where_nothing_is_wrong_is_told_what_to_do_instead(slug: str, text: str, instead: str) -> None:
    finding = judged(labs.find(slug), text, kernel_base=0xC0000000)
    assert (finding.rule, finding.operation) == ("a panic where there is no reason for one", last_of(text))
    assert instead in finding.sentence
    rule = SimpleNamespace(instead=Rule("", finding.sentence, finding.header))
    assert missing_sentences(rule) == []


@pytest.mark.parametrize(("slug", "text"), [
    ("buddy", EIGHT + "alloc 9 9 -> count=0; alloc 8 8 -> panic"), ("vpalloc", "boot -> ok; create 0x400000 1 -> panic")])
def test_who_panics_where_something_can_be_had_is_told_no_sentence_of_failure(slug: str, text: str) -> None:
    finding = judged(labs.find(slug), text, kernel_base=0xC0000000)
    assert (finding.rule, finding.sentence) == ("a panic where there is no reason for one", "")


@pytest.mark.parametrize(("slug", "verb"), [(slug, verb) for slug in TABLES
                                            for verb in getattr(labs.find(slug).oracle.Oracle, "times", {})])
def test_what_does_not_come_back_is_told_what_the_contract_says_of_time(slug: str, verb: str) -> None:
    lab = labs.find(slug)
    wanted = Scenario(slug, "t", (Operation(verb, ("1", "1", "1")),))
    finding = judge(wanted, Run(0, "t", []), Ending.CPU_TIME, lab.oracle.Oracle())
    assert (finding.verdict, finding.rule) == (Verdict.HANG, "it does not come back")
    assert "time" in finding.sentence
    assert missing_sentences(SimpleNamespace(**lab.oracle.Oracle.times)) == []
