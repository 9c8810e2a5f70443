"""Mutants made by rule, and the campaign that grades them (`make mutants`)."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import OWN, ROOT

from grader.building import build
from grader.course import labs
from grader.course.labs import Lab
from grader.errors import GraderError
from grader.mutants import campaign, operators, scoring, sources, survivors, tables
from grader.mutants.campaign import Campaign, Examined
from grader.mutants.generated import about, generated
from grader.mutants.scoring import Mark
from grader.mutants.sources import Candidate

# A line of a function -> what each operator makes of it.
LINES = {
    "if (a < b) return 7;": {
        "comparison": ["if (a <= b) return 7;"],
        "condition": ["if (!(a < b)) return 7;"],
        "constant": ["if (a < b) return 6;", "if (a < b) return 8;"],
        "statement": ["if (a < b) ;"]},
    "while (!p && (a == b || !a)) f(a, b);": {
        "comparison": ["while (!p && (a != b || !a)) f(a, b);"],
        "logic": ["while (!p && (a == b && !a)) f(a, b);", "while (!p || (a == b || !a)) f(a, b);"],
        "operand": ["while ((a == b || !a)) f(a, b);", "while (!p && (!a)) f(a, b);",
                    "while (!p && (a == b)) f(a, b);", "while (!p) f(a, b);"],
        "negation": ["while (!p && (a == b || a)) f(a, b);",
                     "while (p && (a == b || !a)) f(a, b);"],
        "arguments": ["while (!p && (a == b || !a)) f(b, a);"],
        "statement": ["while (!p && (a == b || !a)) ;"]},
    "a += b << (a & b);": {
        "arithmetic": ["a += b << (a | b);", "a += b >> (a & b);", "a -= b << (a & b);"],
        "statement": [";"]},
    "bool yes = true;": {"constant": ["bool yes = false;"]},
    "g(p, q, a);": {"arguments": ["g(q, p, a);"], "statement": [";"]},
    'panic("%u", a + 1);': {"statement": [";"]},
    "static_assert(1 < 2);": {},
}
SOURCE = """\
[[noreturn]] void panic(const char *format, ...);
unsigned f(unsigned, unsigned);
void g(unsigned *, unsigned *, unsigned);
unsigned mutated(unsigned a, unsigned b, unsigned *p, unsigned *q)
{
    %s
    return *q;
}
"""


@pytest.mark.parametrize("line", LINES)
def test_each_operator_makes_its_mistakes(line: str, toolchain: build.Toolchain,
                                          tmp_path: Path) -> None:
    path = tmp_path / "mutated.cpp"
    path.write_text(SOURCE % line)
    made: dict[str, list[str]] = {}
    for mutation in operators.mutations(path, toolchain):
        assert (mutation.function, mutation.number, mutation.line) == ("mutated", 6, line)
        assert mutation.text == SOURCE % mutation.becomes
        made.setdefault(mutation.operator, []).append(mutation.becomes)
    assert ({name: sorted(lines) for name, lines in made.items()}
            == {name: sorted(lines) for name, lines in LINES[line].items()})


def test_what_a_function_ends_with_is_not_dropped(toolchain: build.Toolchain,
                                                  tmp_path: Path) -> None:
    path = tmp_path / "one.cpp"
    path.write_text("int one() { return 1; }\n")
    assert {m.operator for m in operators.mutations(path, toolchain)} == {"constant"}


def test_a_source_that_is_none_is_an_error(toolchain: build.Toolchain, tmp_path: Path) -> None:
    path = tmp_path / "none.cpp"
    path.write_text("this is no C++\n")
    with pytest.raises(GraderError, match="libclang does not understand it"):
        operators.mutations(path, toolchain)


def test_the_sample_is_always_the_same(toolchain: build.Toolchain) -> None:
    lab = labs.find("kvmalloc")
    every = [mutant.name for mutant in generated(lab, toolchain, 0)]
    sample = [mutant.name for mutant in generated(lab, toolchain, 7)]
    assert sample == [mutant.name for mutant in generated(lab, toolchain, 7)]
    assert len(sample) == 7
    assert sample == [name for name in every if name in sample]
    assert len(set(every)) == len(every) > 50


def test_mistakes_are_made_by_rule_in_other_designs_too(toolchain: build.Toolchain) -> None:
    lab = labs.find("kvmalloc")
    design = sources.designs(lab)[0]
    text = design.read_text(encoding="utf-8").splitlines()
    mutants = generated(lab, toolchain, 5, design)
    assert len(mutants) == 5
    for mutant in mutants:
        assert mutant.name.startswith(f"{design.stem}-")
        changed_lines = set(mutant.text.splitlines()) - set(text)
        assert len(changed_lines) <= 3 and mutant.text != "\n".join(text) + "\n"


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_some_generated_mutants_are_caught_or_explained(lab: Lab, toolchain: build.Toolchain,
                                                        tmp_path: Path) -> None:
    found = Campaign(toolchain, tmp_path, ["1"], jobs=2).run(
        lab, generated(lab, toolchain, 2), lambda: None)
    findings = tables.LabFindings(lab, found)
    assert [entry.candidate.about for entry in findings.unexplained(survivors.load())] == []
    assert [entry.candidate.name for entry in found if entry.elsewhere] == []


def changed(old: str, new: str, name: str) -> Candidate:
    """lab 4's reference with one text replaced."""
    text = (ROOT / "solutions/mm/kvmalloc.cpp").read_text()
    assert text.count(old) == 1
    return Candidate("kvmalloc", "generated", name, name, text.replace(old, new))


def test_only_what_is_another_program_is_graded(toolchain: build.Toolchain, tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    graded = []

    def marks(lab: Lab, text: str, toolchain: build.Toolchain, seed: str) -> list[Mark]:
        del lab, text, toolchain
        graded.append(seed)
        return [Mark("nothing", "fail", 0, 4, "zero pages give null")]

    monkeypatch.setattr(scoring, "marks", marks)
    candidates = [
        changed("done += run;", "done += run", "no semicolon"),
        changed("done += run;", "done = done + run;", "as the reference"),
        changed("done += run;", "done += run + 1;", "wrong"),
        changed("done += run;", "done += 1 + run;", "wrong in the same way"),
        changed("done += run;", 'asm("cli"); done += run;', "a forbidden instruction")]
    steps = []
    for _ in range(2):  # the second time nothing is left to do
        found = Campaign(toolchain, tmp_path, ["1", "2"], jobs=2).run(
            labs.find("kvmalloc"), candidates, lambda: steps.append(1))
    assert [entry.refusal for entry in found] == [
        campaign.NOT_COMPILED, campaign.SAME_CODE, "", campaign.SAME_CODE, campaign.NOT_LET_IN]
    assert sorted(graded) == ["1", "2"]
    assert len(steps) == 2 * 2 * len(candidates)
    assert (found[2].lost, found[2].caught_by, found[2].caught) == ([4, 4], ["nothing"], True)


def test_what_a_seed_does_not_catch_is_not_caught() -> None:
    mutant = Candidate("kvmalloc", "generated", "m", "`a` becomes `b`", "")
    entry = Examined(mutant, marks={"1": [Mark("nothing", "fail", 0, 4)],
                                    "2": [Mark("nothing", "pass", 4, 0)]})
    assert not entry.caught
    found = tables.LabFindings(labs.find("kvmalloc"), [entry])
    assert found.unexplained({}) == [entry]
    assert found.unexplained({("kvmalloc", "`a` becomes `b`"): "why"}) == []


REASONS = """\
[[survivor]]
lab = "kvmalloc"
in = "f"
line = "a | b"
becomes = "a || b"
why = "because"
"""


def test_an_explanation_that_no_longer_fits_is_told(tmp_path: Path) -> None:
    path = tmp_path / "survivors.toml"
    path.write_text(REASONS)
    reasons = survivors.load(path)
    entry = ("kvmalloc", about("f", "a | b", "a || b"))
    assert reasons == {entry: "because"}
    assert survivors.stale(reasons, [entry], [], ["kvmalloc"]) == []
    assert survivors.stale(reasons, [], [], ["buddy"]) == []
    assert "no such mutation" in survivors.stale(reasons, [], [], ["kvmalloc"])[0]
    assert "a test catches it now" in survivors.stale(reasons, [entry], [entry], ["kvmalloc"])[0]
    path.write_text(REASONS.replace("why", "reason"))
    with pytest.raises(GraderError, match="survivors.toml: no list of"):
        survivors.load(path)


def test_the_tables_hold_what_was_found() -> None:
    lab = labs.find("kvmalloc")
    caught = [Mark("nothing", "fail", 0, 4), Mark("unmaps", "pass", 8, 0)]
    passed = [Mark("nothing", "pass", 4, 0), Mark("unmaps", "pass", 8, 0)]
    found = tables.LabFindings(lab, [
        Examined(Candidate("kvmalloc", "written", "zero", "takes 0 for 1", "", "nothing", "zero"),
                 marks={"1": caught, "2": caught}),
        Examined(Candidate("kvmalloc", "generated", "g", about("f", "a | b", "a || b"), ""),
                 marks={"1": passed, "2": passed}),
        Examined(Candidate("kvmalloc", "generated", "h", about("f", "a", "b"), ""), campaign.SAME_CODE)])
    reasons = {("kvmalloc", about("f", "a | b", "a || b")): "because"}
    assert tables.summary([found], reasons) == [
        ["kvmalloc", "1", "1", "2", "0", "0", "1", "1", "0", "1", "0", "0", "2 of 2"]]
    text = tables.markdown([found], reasons, "make mutants")
    assert "| 4 | takes 0 for 1 | `zero` | `nothing`: zero | `nothing` |" in text
    assert "| kvmalloc | f: `a \\| b` becomes `a \\|\\| b` | because |" in text
    found.examined[0].marks = {"1": caught, "2": passed}
    assert tables.summary([found], reasons)[0][-1] == "1 of 2"
    for entry in found.examined[:2]:
        entry.marks = {"1": caught}
    assert tables.summary([found], reasons)[0][-1] == "–"  # one seed agrees with itself


@pytest.mark.parametrize("lab", OWN, ids=lambda lab: lab.slug)
def test_the_tables_in_the_docs_have_every_mutant_and_alternative(lab: Lab) -> None:
    text = (ROOT / "docs" / "mutants-tables.md").read_text()
    assert len(sources.written(lab)) >= 20
    assert len(sources.alternatives(lab)) >= 3
    for candidate in (*sources.written(lab), *sources.alternatives(lab)):
        assert f"`{candidate.name}`" in text
        assert candidate.about.replace("|", "\\|") in text
