"""The oracle of lab 6: it names the rule that was broken, and finds nothing where none was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from judging import judged, last_of, played

from grader.course import labs
from grader.evidence.records import Stop
from grader.evidence.snapshot import Snapshot
from grader.judging.judge import Ending, judge
from grader.judging.verdict import Verdict

LAB = labs.find("paging")
BASE = 0xC0000000

Pages = dict[int, tuple[int, int]]  # virtual address: (frame, flags)

KERNEL: Pages = {BASE: (0x100000, 1), 0xC0050000: (0x8000, 3), 0xC0051000: (0x9000, 3)}


def seen(pages: Pages, cr3: int = 0x8000, kernel: Pages = KERNEL, table: int = 0xA000) -> Snapshot:
    """What a look at a machine finds that maps some pages, and the kernel's. Each directory entry
    gives all rights; the page tables lie side by side from `table` on."""
    directory = [0] * 1024
    tables: dict[int, list[int]] = {}
    for address, (frame, flags) in {**pages, **kernel}.items():
        index = address >> 22
        tables.setdefault(index, [0] * 1024)[address >> 12 & 1023] = frame | flags
        directory[index] = table + 0x1000 * index | 7
    return Snapshot(1 << 31, cr3, 0, tuple(directory), {i: tuple(t) for i, t in tables.items()})


BOOT = "boot -> ok; "
TWO = BOOT + "create -> made=1 number=2; "  # directories 1 and 2
THREE = TWO + "create -> made=1 number=3; "
HERE = TWO + "switch 2 -> cr3=0x8000; "  # 2 is active
MAPPED = HERE + "map 2 0x300000 0x400000 1 7 -> error=0; "
AREA = BOOT + "area 2 -> count=2 address=0xd0000000; "
KERNEL_PAGE = AREA + "map 0 0x300000 0xd0000000 1 3 -> error=0; "
AUDIT = "audit -> cr3=0x7000 directories=1 strangers=0 "
COUNT = "frames -> free=100 pages=0 peak=0 tables=1; "
SCARCE = TWO + "frames -> free=98 pages=2 peak=2 tables=1; leave 0 1 -> free=0; "
FAILED = SCARCE + "map 2 0x300000 0x400000 2 7 -> error=1; "

# For each rule, what breaks it at the last record: the records, what was seen at each `inspect`, and
# what the finding says of it.
BROKEN = {
    "the_one_to_one_mapping_is_gone": [
        ("init -> ok; inspect -> ok", [seen({0x100000: (0x100000, 3)})], "0x00100000"),
        ("read 0x100000 0 -> value=0x5; init -> ok; read 0x100000 0 -> value=0x5", [], "no fault"),
        ("also 5 -> ok; init -> ok; read 0x1400000 0 -> value=0x5", [], "no fault")],
    "the_first_directory": [
        ("init -> ok; inspect -> ok", [seen({}, kernel={})], "nothing there"),
        ("init -> ok; describe 1 -> physical=0x9000 directory=0xc0051000; inspect -> ok",
         [seen({})], "physical = 0x9000"),
        (BOOT + "describe 1 -> physical=0xc0008000 directory=0xc0050000", [], "virtual address"),
        (BOOT + AUDIT + "unequal=0 lost=768", [], "kvpd[0].table")],
    "where_the_kernels_tables_are": [
        (BOOT + AUDIT + "unequal=0 lost=770", [], "kvpd[2].table")],
    "where_cr3_is_to_point": [
        (TWO + "describe 2 -> physical=0x9000 directory=0xc0051000; switch 2 -> cr3=0x8000", [],
         "physical = 0x8000"),
        (HERE + "describe 2 -> physical=0x9000 directory=0xc0051000", [], "physical = 0x9000")],
    "an_empty_user_part": [
        (HERE + "inspect -> ok", [seen({0x400000: (0x300000, 7)})], "0x00400000"),
        (MAPPED + "create -> made=1 number=3; translate 3 0x400000 -> "
         "mapped=1 physical=0x300000 flags=7", [], "0x300000")],
    "into_the_list": [
        (BOOT + "list -> directories=0 strangers=1", [], "then one that is none"),
        (TWO + "list -> directories=1 strangers=0", [], "1 of them")],
    "out_of_the_list": [
        (TWO + "destroy 2 -> ok; list -> directories=1 strangers=1", [], "one that is none"),
        (THREE + "destroy 2 -> ok; list -> directories=32 strangers=0", [], "32 of them")],
    "a_directory_can_be_made": [
        (BOOT + "create -> made=0 number=0", [], "null"),
        (BOOT + "leave 9 1 -> free=9; create -> made=0 number=0", [], "null")],
    "shared_kernel_tables": [
        (TWO + "audit -> cr3=0x7000 directories=2 strangers=0 unequal=1 in=2 at=769", [],
         "entry 769"),
        (HERE + "area 1 -> count=1 address=0xd0000000; map 1 0x300000 0xd0000000 1 3 -> error=0; "
         "read 0xd0000000 0 -> fault=0", [], "not present"),
        (HERE + "area 1 -> count=1 address=0xd0000000; map 1 0x300000 0xd0000000 1 3 -> error=0; "
         "inspect -> ok", [seen({})], "0xd0000000 is not mapped"),
        (TWO + "inspect -> ok; switch 2 -> cr3=0x9000; inspect -> ok",
         [seen({}), seen({}, cr3=0x9000, table=0xB000)], "0x30b000"),
        (TWO + "inspect -> ok; switch 2 -> cr3=0x9000; inspect -> ok",
         [seen({}, kernel={**KERNEL, 0xE0000000: (0, 3)}), seen({}, cr3=0x9000)], "nothing")],
    "nothing_stays_taken": [
        (SCARCE + "create -> made=0 number=0; unleave -> ok; "
         "frames -> free=97 pages=3 peak=3 tables=1", [], "as before `create`")],
    "destroy_gives_back": [
        (TWO + "destroy 2 -> ok; frames -> free=98 pages=1 peak=3 tables=1", [], "1 still taken"),
        (COUNT + "create -> made=1 number=2; destroy 2 -> ok; "
         "frames -> free=101 pages=0 peak=2 tables=1", [], "freed that were in use"),
        (COUNT + "create -> made=1 number=2; destroy 2 -> ok; "
         "frames -> free=99 pages=0 peak=2 tables=1", [], "lost")],
    "never_destroy_these": [
        (BOOT + "destroy 1 -> ok", [], "it returned"),
        (HERE + "destroy 2 -> ok", [], "it returned")],
    "switching": [
        (HERE + "switch 1 -> cr3=0x8000", [], "that of directory 2"),
        (HERE + "inspect -> ok", [seen({}, cr3=0x9000)], "cr3 = 0x9000")],
    "where_the_directory_is": [
        (TWO + "describe 2 -> physical=0x8000 directory=0xc0051000; inspect -> ok", [seen({})],
         "0x9000"),
        (TWO + "describe 2 -> physical=0x8000 directory=0xc0052000; inspect -> ok", [seen({})],
         "nothing is mapped there")],
    "translation": [
        (MAPPED + "translate 2 0x400000 -> mapped=0 tables=0x300007", [], "false"),
        (MAPPED + "translate 2 0x400000 -> mapped=1 physical=0x500000 flags=7 tables=0x300007", [],
         "0x500000"),
        (MAPPED + "map 2 0 0x400000 1 0 -> error=0; "
         "translate 2 0x400000 -> mapped=1 physical=0x500000 flags=7 tables=0x0", [], "0x500000"),
        (BOOT + "translate 1 0x7000000 -> mapped=1 physical=0x500000 flags=7", [], "0x500000")],
    "translation_of_the_byte": [
        (MAPPED + "translate 2 0x400abc -> mapped=1 physical=0x300000 flags=7", [], "0x300000")],
    "translation_writes_nothing_else": [
        (MAPPED + "translate 2 0x400000 -> mapped=1 physical=0x300000 flags=7 flags_damage=4 behind=0", [],
         "from its very end on")],
    "translation_of_rights": [
        (MAPPED + "translate 2 0x400000 -> mapped=1 physical=0x300000 flags=103", [], "103")],
    "no_directory_for_user_addresses": [
        (BOOT + "translate 0 0x1000 -> mapped=1 physical=0x1000 flags=3", [], "0x1000")],
    "mapping": [
        (MAPPED + "inspect -> ok", [seen({})], "0x00400000 is not mapped"),
        (MAPPED + "translate 2 0x400000 -> mapped=0", [], "false"),
        (MAPPED + "inspect -> ok", [seen({0x400000: (0x301000, 7)})], "0x00301000"),
        (MAPPED + "read 0x400000 3 -> fault=4", [], "not present"),
        (MAPPED + "poke 0x300000 7 -> ok; read 0x400000 0 -> value=0x8", [], "0x8"),
        (MAPPED + "write 0x400004 3 9 -> ok; peek 0x300004 -> value=0x8", [], "0x8"),
        (TWO + "map 2 0x300000 0x400000 1 7 -> error=1", [], "an error"),
        (TWO + "leave 4 1 -> free=4; map 2 0x300000 0x400000 1 7 -> error=1", [], "an error")],
    "only_what_was_asked_for": [
        (MAPPED + "inspect -> ok", [seen({0x400000: (0x300000, 7), 0x401000: (0x5000, 7)})],
         "0x00401000"),
        (KERNEL_PAGE + "translate 0 0xd0001000 -> mapped=1 physical=0x5000 flags=1", [], "0x5000"),
        (MAPPED + "read 0x401000 0 -> value=0x5", [], "no fault"),
        (MAPPED.replace("boot", "boot_from 0xc2000000") + "read 0x401000 0 -> value=0x5", [], "no fault")],
    "unmapping": [
        (MAPPED + "map 2 0 0x400000 1 0 -> error=0; inspect -> ok",
         [seen({0x400000: (0x300000, 7)})], "0x00400000"),
        (TWO + "map 2 0 0x400000 1 0 -> error=1", [], "an error"),
        (TWO + "frames -> free=98 pages=2 peak=2 tables=1; map 2 0 0x400000 1 0 -> error=0; "
         "frames -> free=97 pages=3 peak=3 tables=1", [], "as before `map 2 0 0x400000 1 0`"),
        (AREA + COUNT + "map 0 0 0xd0000000 1 0 -> error=0; "
         "frames -> free=99 pages=0 peak=0 tables=2", [], "2"),
        (COUNT + "create -> made=1 number=2; map 2 0 0x400000 1 0 -> error=0; "
         "frames -> free=99 pages=2 peak=2 tables=1", [], "freed that were in use")],
    "inactive_directories": [
        (THREE + "map 2 0x300000 0x400000 1 7 -> error=0; "
         "translate 1 0x400000 -> mapped=1 physical=0x300000 flags=7", [], "0x300000"),
        (HERE + "create -> made=1 number=3; map 3 0x300000 0x400000 1 7 -> error=0; inspect -> ok",
         [seen({0x400000: (0x300000, 7)})], "0x00400000")],
    "kernel_mappings": [
        (AREA + "map 0 0x300000 0xd0000000 1 3 -> error=1", [], "an error")],
    "bad_ranges": [
        (TWO + "map 2 0x300000 0x400001 1 7 -> error=0", [], "0"),
        (TWO + "map 2 0x300001 0x400000 1 7 -> error=0", [], "0"),
        (BOOT + "map 0 0x300000 0xfffff000 2 3 -> error=0", [], "0"),
        (TWO + "map 2 0xfffff000 0x400000 2 7 -> error=0", [], "0"),
        (BOOT + "map 0 0x300000 0xfffff000 1 3 -> error=1", [], "an error")],
    "crossing_the_boundary": [
        (TWO + "map 2 0x300000 0xbffff000 2 7 -> error=0", [], "0"),
        (TWO + "map 0 0x300000 0x400000 1 7 -> error=0", [], "0")],
    "failure_changes_nothing": [
        (FAILED + "unleave -> ok; frames -> free=97 pages=3 peak=3 tables=1", [], "pages taken"),
        (FAILED + "unleave -> ok; frames -> free=97 pages=2 peak=3 tables=1", [], "lost"),
        (FAILED + "translate 2 0x401000 -> mapped=1 physical=0x301000 flags=7", [], "0x301000"),
        (FAILED + "switch 2 -> cr3=0x8000; inspect -> ok", [seen({0x400000: (0x300000, 7)})],
         "0x00400000"),
        (MAPPED + "leave 0 1 -> free=0; map 2 0x500000 0x400000 2000 7 -> error=1; inspect -> ok",
         [seen({0x400000: (0x500000, 7)})], "0x00500000"),
        (MAPPED + "leave 0 1 -> free=0; map 2 0x500000 0x400000 2000 7 -> error=1 stale=0x400000",
         [], "which was touched before")],
    "zero_pages": [(TWO + "map 2 0x300000 0x400000 0 7 -> error=1", [], "an error")],
    "mapping_anew": [
        (MAPPED + "map 2 0x500000 0x400000 1 7 -> error=1", [], "every page table it needs")],
    "open_to_ring_3": [
        (HERE + "map 2 0x300000 0x400000 1 3 -> error=0; read 0x400000 3 -> value=0x1", [],
         "no fault"),
        (HERE + "map 2 0x300000 0x400000 1 5 -> error=0; write 0x400000 0 1 -> ok", [], "no fault"),
        (MAPPED + "read 0x400000 3 -> fault=5", [], "the page is present"),
        (MAPPED + "read 0x400000 0 -> value=0x1; map 2 0x300000 0x400000 1 5 -> error=0; "
         "read 0x400000 3 -> fault=5", [], "the page is present"),
        (MAPPED + "inspect -> ok", [seen({0x400000: (0x300000, 3)})], "wk")],
    "pages_go_back_as_they_came": [
        (TWO + "destroy 2 -> misfreed=0xffff1000", [], "0xffff1000"),
        (MAPPED + "map 2 0x300000 0x400000 1 7 -> error=0 misfreed=0xffff1000", [], "0xffff1000"),
        (BOOT + "create -> made=1 number=2 misfreed=0xffff1000", [], "0xffff1000")],
    "no_stale_tlb": [
        (MAPPED + "read 0x400000 0 -> value=0x1; "
         "map 2 0x500000 0x400000 1 7 -> error=0 stale=0x400000", [], "0x400000"),
        (HERE + "destroy 1 -> panic; inspect -> cr3=0x8000 directories=2 strangers=0 unequal=0 "
         "stale=0x400000", [seen({})], "0x400000")],
    "told_once_it_has_changed": [
        (MAPPED + "read 0x400000 0 -> value=0x1; "
         "map 2 0x500000 0x400000 1 7 -> error=0 stale=0x400000 early=1", [], "only after")],
    "a_panic_changes_nothing": [
        (HERE + "destroy 2 -> panic; list -> directories=1 strangers=0", [], "1 of them"),
        (MAPPED + "destroy 2 -> panic; read 0x400000 0 -> fault=0", [], "not present")],
}

# Nothing is wrong with these.
BLAMELESS = [
    ("init -> ok; inspect -> ok; describe 1 -> physical=0x8000 directory=0xc0050000; inspect -> ok; "
     "list -> directories=1 strangers=0; read 0x100000 0 -> fault=0", [seen({}), seen({})]),
    (BOOT + "destroy 1 -> panic; create -> made=1 number=2; switch 2 -> cr3=0x8000; "
     "destroy 2 -> panic; destroy 0 -> ok; switch 1 -> cr3=0x7000; destroy 2 -> ok; "
     "list -> directories=1 strangers=0", []),
    # A new directory where a destroyed one was.
    (TWO + "switch 2 -> cr3=0x8000; switch 1 -> cr3=0x7000; destroy 2 -> ok; "
     "create -> made=1 number=3; switch 3 -> cr3=0x8000", []),
    # Accessed and dirty; directory entries that say less where a page says less, too.
    (HERE + "map 2 0x300000 0x400000 1 5 -> error=0; inspect -> ok; write 0x400000 0 1 -> fault=3; "
     "write 0x400000 3 1 -> fault=7; read 0x400000 3 -> value=0x1",
     [seen({0x400000: (0x300000, 5 | 0x60)})]),
    # Failures while memory is scarce, and a page table of the kernel that stays.
    (FAILED + "create -> made=0 number=0; translate 2 0x400000 -> mapped=0; unleave -> ok; "
     "frames -> free=97 pages=2 peak=3 tables=2", []),
    # A user page table that has become empty may stay, or go.
    (MAPPED + "frames -> free=97 pages=3 peak=3 tables=1; map 2 0 0x400000 1 0 -> error=0; "
     "frames -> free=97 pages=3 peak=3 tables=1; map 2 0 0x400000 1 0 -> error=0; "
     "frames -> free=98 pages=2 peak=3 tables=1", []),
    # What it never heard of is not its business.
    (BOOT + "read 0xc0000000 0 -> value=0x1; translate 0 0xe0000000 -> "
     "mapped=1 physical=0x1000 flags=3; peek 0x300000 -> value=0x5; inspect -> ok",
     [seen({}, kernel={**KERNEL, 0xE0000000: (0x1000, 3)})]),
    # Bad ranges, refused; and the last page of all.
    (TWO + "audit -> cr3=0x7000 directories=2 strangers=0 unequal=0; "
     "map 2 0x300000 0xbffff000 2 7 -> error=1; map 2 0x1 0x400000 1 7 -> error=1; "
     "map 2 0x1 0x400000 1 0 -> error=0; map 0 0xfffff000 0xfffff000 1 3 -> error=0; "
     "translate 0 0xffffffff -> mapped=1 physical=0xffffffff flags=3; "
     "map 0 0 0 0 0 -> error=0; translate 0 0x1000 -> mapped=0", []),
]


def test_every_rule_is_broken_here() -> None:
    assert BROKEN.keys() == vars(LAB.oracle.RULE).keys()


@pytest.mark.parametrize(("rule", "text", "snapshots", "says"),
                         [(rule, *case) for rule, cases in BROKEN.items() for case in cases])
def test_a_broken_rule_is_named(rule: str, text: str, snapshots: list[Snapshot], says: str) -> None:
    finding = judged(LAB, text, snapshots, BASE)
    assert finding, "the oracle finds nothing wrong"
    broken = getattr(LAB.oracle.RULE, rule)
    assert (finding.rule, finding.sentence) == (broken.name, broken.sentence)
    assert finding.verdict is Verdict.FAIL
    assert finding.operation == last_of(text)
    assert says in finding.seen or says in finding.expected


@pytest.mark.parametrize(("text", "snapshots"), BLAMELESS)
def test_nothing_is_found_where_nothing_is_wrong(text: str, snapshots: list[Snapshot]) -> None:
    assert judged(LAB, text, snapshots, BASE) is None


@pytest.mark.parametrize(("text", "says"), [
    (MAPPED + "destroy 2 -> ok", ["active: directory 2", "0x00400000-0x00400fff -> 0x00300000 wu"]),
    (KERNEL_PAGE + "destroy 1 -> ok", ["directory 1 maps nothing",
                                       "0xd0000000-0xd0000fff -> 0x00300000 wk"])])
def test_the_picture_shows_what_is_mapped(text: str, says: list[str]) -> None:
    finding = judged(LAB, text, (), BASE)
    assert finding
    for line in says:
        assert line in finding.picture


def test_a_panic_without_a_reason() -> None:
    finding = judged(LAB, MAPPED + "map 2 0 0x400000 1 0 -> panic", (), BASE)
    assert finding and finding.verdict is Verdict.CRASH


@pytest.mark.parametrize(("error", "told"), [(0, ""), (2, ""), (3, ": its page is there, but not to be written to")])
def test_a_fault_tells_a_page_that_is_missing_from_one_that_is_read_only(error: int, told: str) -> None:
    scenario, run = played(LAB, "boot -> ok")
    registers = {"vector": 14, "error": error, "address": 0xC0400000}
    ended = Stop(run.records.pop().number, "exception", "page fault", 0, (), "boot", registers)
    finding = judge(scenario, replace(run, stops=[ended], finished=False), Ending.POWER_OFF, LAB.new_oracle(BASE))
    assert finding and finding.seen == f"exception: page fault (address 0xc0400000{told})"


def test_the_page_tables_in_memory_are_told_beside_the_model() -> None:
    snapshots = [seen({0x400000: (0x300000, 7), 0x500000: (0x1000, 7)})]
    found = judged(LAB, MAPPED + "map 2 0x302000 0x402000 1 7 -> error=0; inspect -> ok", snapshots, BASE).found
    assert found.splitlines() == [
        "Your page tables now, as they are in the machine's memory:", "directory 2 maps:",
        "  0x00500000-0x00500fff -> 0x00001000 wu  <- not so by the model",
        "  0x00400000-0x00400fff -> 0x00300000 wu",
        "  0x00402000-0x00402fff -> 0x00302000 wu  <- missing"]


def test_of_the_kernels_pages_those_are_looked_at_that_something_is_known_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """A submission may have mapped all others, for nothing but the time that it takes to look at them."""
    asked = []
    pages = Snapshot.pages

    def noted(self: Snapshot, first: int = 0, last: int = 1023) -> object:
        asked.append(last)
        return pages(self, first, last)

    monkeypatch.setattr(Snapshot, "pages", noted)
    assert judged(LAB, KERNEL_PAGE + "inspect -> ok", [seen({0xD0000000: (0x300000, 3)}, cr3=0x7000)], BASE) is None
    assert asked == [(BASE >> 22) - 1] or asked == []
