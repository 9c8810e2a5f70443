"""A script that is dealt: the same records, the future in no memory, and glances that nobody is told of."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from conftest import ROOT, skeleton

from grader.building import build
from grader.course import labs
from grader.emulators import qemu
from grader.emulators.dealer import _behind_pages, _runs
from grader.evidence import looks, records
from grader.evidence.dealt import Dealt
from grader.evidence.snapshot import Memory, Snapshot
from grader.grading.play import Player
from grader.judging.judge import Ending, judge
from grader.scenarios import dealing
from grader.scenarios.dealing import Portion
from grader.scenarios.scenario import Scenario, operations, script
from grader.scenarios.stream import Stream

MALLOC = Scenario("malloc", "m", operations(
    "boot\nframes\na = malloc 100\nb = malloc 5000\nquiet\nc = malloc 10\nfree c\nloud\nfree a\nkvpages\nfree b"))
BUDDY = Scenario("buddy", "b", operations("init 8\nfree 0 8\na = alloc 3 8\nfree a\nfree a\nalloc 5 7"),
                 limit=9000000, limited=("alloc", "free"), measure=True)
SCRIPT = script([replace(BUDDY, test="one"), replace(MALLOC, test="two"), replace(BUDDY, title="c", test="two")], 77)


@pytest.mark.parametrize("written", [True, False])
def test_a_machine_that_is_dealt_to_says_the_same(toolchain: build.Toolchain, written: bool) -> None:
    image = build.image(toolchain, {} if written else {"buddy.cpp": ROOT / "kernel" / "mm" / "buddy.cpp"})
    plain, dealt = qemu.boot(image, SCRIPT), qemu.boot(image, SCRIPT, dealt={})
    assert dealt.log == plain.log
    assert dealt.ending is Ending.POWER_OFF
    assert dealt.dealt.damage(records.read(dealt.log, 77)) == ""
    assert (b" cost=" in dealt.log, b" todo " in dealt.log) == (written, not written)


def test_a_machine_that_resets_itself_was_told_what_it_asked_for(toolchain: build.Toolchain, tmp_path: Path) -> None:
    source = tmp_path / "buddy.cpp"
    source.write_text(skeleton("struct [[gnu::packed]] { unsigned short limit; unsigned base; } none{0, 0}; "
                               'asm volatile("lidt %0; int3" : : "m"(none)); return 0;'))
    boot = qemu.boot(build.image(toolchain, {"buddy.cpp": source}, gated=False), SCRIPT, dealt={})
    assert boot.ending is Ending.RESET
    assert (boot.dealt.strange, boot.dealt.untimely) == ("", 0)
    assert len(boot.dealt.records) == 4  # before the title, and before each of three operations


def test_the_future_is_in_no_memory(reference_image: Path) -> None:
    text = script([replace(BUDDY, operations=operations("init 8\ninspect\nfree 0 7\ninspect\nalloc 5 7"))])
    for dealt, shown in ((None, [True] * 4), ({}, [False, False, True, False])):
        seen = qemu.boot(reference_image, text, inspect=True, contents=32 << 20, dealt=dealt).snapshots
        assert [line in s.memory.read(0, 32 << 20) for s in seen
                for line in (b"free 0 7\n", b"alloc 5 7\n")] == shown


def test_a_script_is_cut_into_what_is_due() -> None:
    there, portions = dealing.cut(SCRIPT)
    assert there == "marionette-scenario 1\nlab buddy\nkey 0x0000004d\npatience 1\ndealt\n"
    assert "".join(portion.text for portion in portions) == SCRIPT.partition("patience 1\n")[2]
    assert portions[0] == Portion("test one\nscenario b\nlimit 9000000 alloc free\nmeasure\n", is_title=True)
    assert portions[6:9] == [Portion("alloc 5 7\n", has_record=True, follows=(0, 5)),
                             Portion("lab malloc\ntest two\nscenario m\n", is_title=True, follows=(0, 6)),
                             Portion("boot\n", has_record=True, follows=(1, 0))]
    assert portions[12:15] == [Portion("quiet\n", has_record=True, follows=(1, 4)),
                               Portion("c = malloc 10\nfree c\n", follows=(1, 5)),
                               Portion("loud\n", has_record=True, follows=(1, 7))]
    assert portions[-1] == Portion("", follows=(2, 6))


def test_who_asks_ahead_is_found() -> None:
    portions = [Portion("scenario b\n", is_title=True), Portion("init 8\n", has_record=True, follows=(0, 0)),
                Portion("free 0 8\n", has_record=True, follows=(0, 1))]
    log = records.Log(records=[b"> 0 b", b"@1 init 8 -> size=64", b"@2 free 0 8 -> ok"])
    honest, ahead, later = Dealt(), Dealt(), Dealt()
    for dealt, shown in ((honest, [b"", b"> 0 b\n", b"@1 init 8 -> size=64\n"]), (ahead, [b"", b"> 0 b\n", b""]),
                         (later, [b"", b"> 0 b\n", b"@1 init 8 -> size=63\n"])):
        for said, told in zip(shown, portions):
            dealt.take(said, told)
    assert honest.damage(log) == ""
    assert ahead.damage(log) == "it asked for what comes next before `init 8` had a record"
    assert later.damage(log) == "the records are not those that it had written when it asked for what comes next"
    shorter = records.Log(records=log.records[:1])  # of an emulator that was ended before the rest could be heard
    assert honest.damage(shorter) == later.damage(log)
    assert honest.damage(shorter, cut=True) == ""
    assert later.damage(log, cut=True) == later.damage(log)


# What the player writes down between its questions while it plays these two scenarios, of which one has a quiet
# stretch.
TWO = script([Scenario("malloc", "m", operations("boot\nquiet\na = malloc 1\nloud\nfree a")),
              Scenario("malloc", "n", operations("boot\nfree 0"))])
SAID = ["# marionette-records 1", "> 0 m", "@1 boot -> ok", "@2 quiet -> ok", "", "@4 loud -> operations=1",
        "!5 panic\n@5 free 9 -> panic", "< 0\n> 1 n", "@1 boot -> ok", "@2 free 0 -> ok", "< 1"]


def seen_of(said: list[str], rest: str, portions: list[Portion] | None = None) -> str:
    """What is strange about that, and about what stands at the log's end."""
    dealt = Dealt()
    for lines, portion in zip(said, [*(portions or dealing.cut(TWO)[1]), Portion("")]):
        dealt.take("".join(f"{line}\n" for line in lines.split("\n") if line).encode(), portion)
    lines = [line for part in (*said, rest) for line in part.split("\n") if line]
    return dealt.damage(records.Log(records=[line.encode() for line in lines]))


@pytest.mark.parametrize("rest", ["", ". scenarios=2", "!2 exception"])
def test_what_the_player_writes_down_is_due(rest: str) -> None:
    assert seen_of(SAID, rest) == ""
    noted = [*SAID[:4], "!3 panic\n@3 malloc 1 -> panic", *SAID[5:]]
    assert seen_of(noted, rest) == ""


def test_where_one_could_not_be_finished_the_next_one_is_due() -> None:
    portions = dealing.cut(TWO)[1]
    assert seen_of([*SAID[:3], "!2 hang", "> 1 n", *SAID[8:]], ". scenarios=2", [*portions[:3], *portions[6:]]) == ""
    silent = [*SAID[:3], "", "> 1 n", *SAID[8:]]
    assert seen_of(silent, ". scenarios=2", [*portions[:3], *portions[6:]]) == ""


@pytest.mark.parametrize(("at", "said", "other"), [
    (2, "@0 nothing -> ok", "@0 nothing -> ok"),  # so that something is written, and what counts is said later
    (3, "@2 quiet -> ok\n@4 loud -> operations=1", "@4 loud -> operations=1"),
    (8, "> 0 m\n@1 boot -> ok", "> 0 m"),  # once more, when all of it is known
    (9, "@2 free 0 -> ok\n< 1", "< 1"),
    (10, "< 1\n> 2 of its own", "> 2 of its own"),
])
def test_what_is_not_due_is_found(at: int, said: str, other: str) -> None:
    assert other in seen_of([*SAID[:at], said, *SAID[at + 1:]], ". scenarios=2") or (
        "before `boot` had a record" in seen_of([*SAID[:at], said, *SAID[at + 1:]], ". scenarios=2"))


def test_what_follows_the_last_question_is_due_or_found() -> None:
    assert seen_of(SAID[:3], "@2 quiet -> ok") == ""
    ahead = seen_of(SAID[:3], "@2 quiet -> ok\n@3 malloc 1 -> address=9")
    assert ahead == "it wrote '@3 malloc 1 -> address=9', which was not due"
    assert seen_of(SAID, "> 1 n") == "it wrote '> 1 n', which was not due"


def test_a_stretch_that_was_passed_over_has_no_end() -> None:
    """Who asks for the next scenario in the middle of one has not finished it, whatever it writes."""
    portions = dealing.cut(TWO)[1]
    skipped = [*SAID[:4], "", "@4 loud -> operations=1\n@5 free 9 -> ok\n< 0\n> 1 n"]
    told = seen_of(skipped, "", [*portions[:4], *portions[6:]])
    assert told.startswith("it wrote '@4 loud")
    ended = seen_of([*SAID[:3], "@2 quiet -> ok", "< 0\n> 1 n"], "", [*portions[:3], *portions[6:]])
    assert ended == "it wrote '< 0', which was not due"


def test_a_record_is_out_before_what_comes_next_is_dealt(reference_image: Path) -> None:
    ring, file = qemu.boot(reference_image, SCRIPT, dealt={}), qemu.boot(reference_image, SCRIPT, dealt={}, timely=True)
    log = records.read(file.log, 77)
    assert (file.log, file.ending) == (ring.log, Ending.POWER_OFF) and file.dealt.damage(log) == ""
    assert set(ring.dealt.sent) == {None} and file.dealt.sent == sorted(file.dealt.sent)
    file.dealt.sent[5] = file.dealt.sent[4]
    last = file.dealt.records[5].decode().strip()
    assert file.dealt.damage(log) == f"it asked for what comes next before `{last}` was out"


def test_a_glance_is_at_the_end_and_once_before_and_at_what_was_counted() -> None:
    malloc = {"malloc": looks.Sight.CONTENTS}
    found = looks.glances([BUDDY, MALLOC], "seed", malloc)
    assert found.keys() >= {(1, 2), (1, 7), (1, 10), (1, 11)} and not {(1, 5), (1, 6)} & found.keys()
    assert {scenario for scenario, _ in found} == {1} and found[1, 11] is looks.Sight.CONTENTS
    assert looks.glances([MALLOC], "seed", malloc) == {(0, n): sight for (_, n), sight in found.items()}
    cut = replace(MALLOC, operations=MALLOC.operations[:4])
    assert looks.glances([cut], "other", malloc)[0, 4] is looks.Sight.CONTENTS


def test_in_a_quiet_stretch_there_are_glances_where_the_player_asks_for_more() -> None:
    stretch = "boot\nquiet\n" + "malloc 8\n" * 50
    for lines, last in ((stretch + "loud\nkvpages", 52), (stretch, 52)):
        found = looks.glances([Scenario("malloc", "m", operations(lines))], "s", {"malloc": looks.Sight.CONTENTS})
        within = {n for _, n in found if 2 < n < last}
        assert (0, last) in found and len(within) == looks.IN_A_STRETCH and all(n % dealing.AT_ONCE == 2 for n in within)


def test_a_glance_in_a_quiet_stretch_sees_the_blocks_that_the_player_has(reference_image: Path) -> None:
    wanted = Scenario("malloc", "m", operations("boot\nframes\nquiet\na = malloc 100\nb = malloc 5000\nb = realloc b 9\n"
                                                "c = malloc 0\na = malloc 10\nfree b\nloud\nkvpages"))
    at = {(0, n): looks.Sight.CONTENTS for n in (2, 9, 11)}
    (entry,) = Player(reference_image, looks=Stream("s"), glances=lambda _: at).play([wanted])
    assert judge(entry.scenario, entry.run, entry.ending, labs.find("malloc").new_oracle(0xC0000000)) is None
    seen = entry.run.glances[9]
    first = next(i for i in range(0, len(seen.blocks), 16) if any(seen.blocks[i:i + 8]))
    elsewhere = seen.blocks[:first] + bytes.fromhex("000000f0") + seen.blocks[first + 4:]
    for blocks, rule in ((bytes(len(seen.blocks)), "at least size bytes"), (elsewhere, "at least size bytes"),
                         (seen.blocks[:first + 8] + b"\x01" + seen.blocks[first + 9:], "contents are kept")):
        run = replace(entry.run, glances={**entry.run.glances, 9: replace(seen, blocks=blocks)})
        found = judge(entry.scenario, run, entry.ending, labs.find("malloc").new_oracle(0xC0000000))
        assert (found.rule, found.operation) == (rule, 9)


def test_who_is_told_to_be_inspected_has_been_seen_before() -> None:
    wanted = Scenario("paging", "p", operations("boot\na = create\ninspect\nswitch a\ninspect\nswitch kernel"))
    found = looks.glances([wanted], "s", {"paging": looks.Sight.DIRECTORIES})
    assert found.keys() >= {(0, 2), (0, 4), (0, 6)}


def test_a_glance_sees_what_is_behind_the_answers(reference_image: Path) -> None:
    everywhere = {(0, n): looks.Sight.CONTENTS for n in (2, 3, 4, 8, 9, 10, 11)}
    (entry,) = Player(reference_image, looks=Stream("s"), glances=lambda _: everywhere).play([MALLOC])
    run, judged = entry.run, partial(judge, entry.scenario, ending=entry.ending)
    assert sorted(run.glances) == sorted(n for _, n in everywhere) and entry.damage == ""
    assert judged(entry.run, oracle=labs.find("malloc").new_oracle(0xC0000000)) is None

    def finding(number: int, **changes: object) -> tuple[str, int]:
        changed = {**run.glances, number: replace(run.glances[number], **changes)}
        oracle = labs.find("malloc").new_oracle(0xC0000000)
        found = judged(replace(run, glances=changed), oracle=oracle)
        return found.rule, found.operation

    seen = run.glances[4]
    image = {768: seen.tables[768]}
    assert finding(4, tables=image) == ("at least size bytes", 4)
    assert finding(4, memory=run.glances[3].memory) == ("contents are kept", 4)
    assert finding(10, tables=image) == ("the memory comes from kvmalloc", 10)


def test_a_frame_that_is_neither_free_nor_mapped_was_not_given_back(reference_image: Path) -> None:
    wanted = replace(MALLOC, operations=operations("boot\nframes\na = malloc 300000\nfree a\nkvpages"))
    (entry,) = Player(reference_image, looks=Stream("s"),
                      glances=lambda batch: looks.glances(batch, "s", {"malloc": looks.Sight.CONTENTS})).play([wanted])
    assert entry.scenario.operations[-1].verb == "frames"
    last = entry.run.records[-1]
    for fewer, expected in ((0, None), (16, None), (17, "at most 16 pages stay")):
        told = replace(last, results={**last.results, "free": last.results["free"] - fewer})
        run = replace(entry.run, records=[*entry.run.records[:-1], told])
        found = judge(entry.scenario, run, entry.ending, labs.find("malloc").new_oracle(0xC0000000))
        assert (found.rule if found else None) == expected


def test_pages_that_are_mapped_are_counted_outside(reference_image: Path) -> None:
    wanted = Scenario("kvmalloc", "k", operations("boot\nmapped\na = alloc 3\nmapped\nfree a 3\nmapped"))
    (entry,) = Player(reference_image, looks=Stream("s"),
                      glances=lambda batch: looks.glances(batch, "s", {"kvmalloc": looks.Sight.CONTENTS})).play([wanted])

    def found(**changes: object) -> object:
        run = replace(entry.run, glances={n: replace(seen, **changes) for n, seen in entry.run.glances.items()})
        return judge(entry.scenario, run, entry.ending, labs.find("kvmalloc").new_oracle(0xC0000000))

    assert found() is None
    assert found(tables={768: entry.run.glances[2].tables[768]}).rule == "kvfree unmaps"


@pytest.mark.parametrize(("lab", "text", "told", "rule"), [
    ("vpalloc", "boot\nframes\nu = create 0x400000 20000\nframes", {"pages": 3}, "nothing stays taken"),
    ("vpalloc", "boot\nframes\nu = create 0x400000 20000\ndestroy u\nframes", {"free": 1, "tables": -1},
     "destroying gives back all"),
    ("paging", "boot\nframes\na = create\ndestroy a\nframes", {"free": -3, "tables": 3}, "destroy gives back"),
])
def test_what_is_counted_is_compared_with_the_page_tables(reference_image: Path, lab: str, text: str,
                                                          told: dict[str, int], rule: str) -> None:
    oracle = labs.find(lab).oracle.Oracle
    (entry,) = Player(reference_image, looks=Stream("s"), glances=lambda batch: looks.glances(
        batch, "s", {lab: oracle.sight})).play([Scenario(lab, "c", operations(text))])

    def found(**more: int) -> object:
        *before, last = entry.run.records
        told = replace(last, results={**last.results, **{name: last.results[name] + n for name, n in more.items()}})
        return judge(entry.scenario, replace(entry.run, records=[*before, told]), entry.ending,
                     labs.find(lab).new_oracle(0xC0000000))

    assert found() is None
    assert found(**told).rule == rule


def test_the_sums_of_a_quiet_stretch_are_of_the_operations_without_a_record(reference_image: Path) -> None:
    (entry,) = Player(reference_image).play([MALLOC])
    for more, expected in ((0, None), (1, "the records are not those of this scenario")):
        run = replace(entry.run, records=[
            replace(record, results={**record.results, "operations": 2 + more}) if record.verb == "loud" else record
            for record in entry.run.records])
        found = judge(entry.scenario, run, entry.ending, labs.find("malloc").new_oracle(0xC0000000))
        assert (found.rule if found else None) == expected


def test_directories_that_are_not_active_are_seen_too(reference_image: Path) -> None:
    wanted = Scenario("paging", "p", operations("boot\na = create\nb = create\nf = frame\nmap a f 0x400000 1 7\n"
                                                "map b f 0x400000 1 3\nmap a 0 0x400000 1 0\ninspect"))
    everywhere = {(0, n): looks.Sight.DIRECTORIES for n in (1, 3, 4, 5, 6, 7)}
    (entry,) = Player(reference_image, looks=Stream("s"), glances=lambda _: everywhere).play([wanted])
    glances = entry.run.glances

    def found(number: int, **changes: object) -> object:
        run = replace(entry.run, glances={**glances, number: replace(glances[number], **changes)})
        finding = judge(entry.scenario, run, entry.ending, labs.find("paging").new_oracle(0xC0000000))
        return finding and (finding.rule, finding.operation)

    assert found(7) is None and sorted(glances) == sorted(n for _, n in everywhere)
    first, *others = glances[5].directories
    assert found(5, memory=glances[4].memory) == ("mapping", 5)
    assert found(7, memory=glances[6].memory) == ("unmapping", 7)
    assert found(5, directories=(first, others[0], others[0])) == ("mapping", 5)
    assert found(5, directories=(first, others[0])) == ("into the list", 5)


def test_a_directory_that_leads_nowhere_is_no_trouble() -> None:
    ram = memoryview(bytes(1 << 20))
    seen = Snapshot.take({"CR0": 0, "CR3": 0, "CR4": 0}, ram)
    assert list(_runs(_behind_pages(seen))) == []
    everything = replace(seen, tables={index: (0xFFFFF003,) * 1024 for index in range(768, 1024)})
    assert list(_runs(_behind_pages(everything))) == [(0xFFFFF000, 1 << 32)]
    assert Memory(ram, len(ram), _runs(_behind_pages(everything))).read(0, 4) == bytes(4)
