"""Code that looks like a released object's is found; honest code of another design is not."""

from __future__ import annotations

import random
import re
import subprocess
from itertools import permutations
from pathlib import Path

import pytest
from conftest import ROOT

from grader.building import build, likeness
from grader.course import labs
from grader.examples import designs
from grader.mutants import sources

# Changed in one place, the rest is the reference: as if it had been taken out of the object.
TAKEN = [("kvmalloc", "consecutive_frames"), ("kvmalloc", "ignores_map_mem")]


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_solutions_of_other_designs_are_not_remarkable(lab: labs.Lab, toolchain: build.Toolchain,
                                                       tmp_path: Path) -> None:
    for solution in sources.alternatives(lab)[1:]:
        (tmp_path / lab.files[0]).write_text(solution.text)
        assert likeness.flags(toolchain, tmp_path, [lab]) == {}, solution.name


def test_of_all_pairs_of_right_solutions_none_is_remarkable(toolchain: build.Toolchain, tmp_path: Path) -> None:
    shares = []
    for lab in labs.all_labs():
        objects = []
        for solution in sources.alternatives(lab):
            (tmp_path / lab.files[0]).write_text(solution.text)
            objects.append(build.compile_file(toolchain, lab.files[0], tmp_path / lab.files[0]))
        shares += [likeness.likeness(toolchain.tools, *pair) for pair in permutations(objects, 2)]
    assert len(shares) >= 100
    assert max(shares) < 0.9 * likeness.REMARKABLE


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_the_reference_is_like_itself(lab: labs.Lab, toolchain: build.Toolchain) -> None:
    found = likeness.flags(toolchain, ROOT / "solutions", [lab])
    assert found == {lab.files[0]: 1.0}


@pytest.mark.parametrize(("slug", "name"), TAKEN)
def test_the_reference_with_a_change_is_remarkable(slug: str, name: str, tmp_path: Path,
                                                   toolchain: build.Toolchain) -> None:
    lab = labs.find(slug)
    (tmp_path / lab.files[0]).write_text(sources.find(lab, name).text)
    assert likeness.flags(toolchain, tmp_path, [lab])[lab.files[0]] >= likeness.REMARKABLE


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_other_registers_and_instructions_that_do_nothing_hide_nothing(lab: labs.Lab, toolchain: build.Toolchain,
                                                                       tmp_path: Path) -> None:
    text = subprocess.run([*toolchain.compile, "-S", f"solutions/mm/{lab.files[0]}", "-o", "-"], cwd=ROOT,
                          capture_output=True, text=True, check=True).stdout
    other = {"%esi": "%edi", "%edi": "%esi", "%si": "%di", "%di": "%si"}
    text = re.sub(r"%e?[sd]i\b", lambda found: other[found[0]], text)
    text = re.sub(r"^\t[a-z].*", r"\g<0>\n\tnop\n\tmovl %eax, %eax", text, flags=re.MULTILINE)
    (tmp_path / "mine.s").write_text(text)
    subprocess.run([toolchain.tools + "as", "--32", tmp_path / "mine.s", "-o", tmp_path / "mine.o"], check=True)
    reference = next(path for path in toolchain.reference if Path(path).stem + ".cpp" == lab.files[0])
    assert likeness.likeness(toolchain.tools, tmp_path / "mine.o", ROOT / reference) > likeness.REMARKABLE


def in_another_order(assembly: str) -> str:
    """Each function cut into blocks of some instructions, which lie in any order and jump to each other."""
    by, made, blocks = random.Random(1), [], []
    for line in assembly.splitlines():
        if re.match(r"[A-Za-z_]\w*:$", line):
            blocks = [[]]
            made.append(line)
        elif blocks and line.startswith("\t.size"):
            first = len(made)
            parts = [f".Lblock{first + i}:\n" + "\n".join(block) + f"\n\tjmp .Lblock{first + i + 1}"
                     for i, block in enumerate(blocks)]
            by.shuffle(parts)
            made += [f"\tjmp .Lblock{first}", *parts, f".Lblock{first + len(blocks)}:", "\tud2", line]
            blocks = []
        elif blocks:
            blocks[-1].append(line)
            blocks.extend([[]] if line.startswith("\t") and len(blocks[-1]) >= by.randint(3, 7) else [])
        else:
            made.append(line)
    return "\n".join(made) + "\n"


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_blocks_in_another_order_hide_nothing(lab: labs.Lab, toolchain: build.Toolchain, tmp_path: Path) -> None:
    text = subprocess.run([*toolchain.compile, "-g0", "-fno-reorder-blocks-and-partition", "-S",
                           f"solutions/mm/{lab.files[0]}", "-o", "-"], cwd=ROOT, capture_output=True, text=True,
                          check=True).stdout
    (tmp_path / "mine.s").write_text(in_another_order(re.sub(r"^\t\.p2align.*\n", "", text, flags=re.MULTILINE)))
    subprocess.run([toolchain.tools + "as", "--32", tmp_path / "mine.s", "-o", tmp_path / "mine.o"], check=True)
    reference = next(path for path in toolchain.reference if Path(path).stem + ".cpp" == lab.files[0])
    assert likeness.likeness(toolchain.tools, tmp_path / "mine.o", ROOT / reference) > 0.7


def test_code_that_stands_beside_hides_nothing(toolchain: build.Toolchain, tmp_path: Path) -> None:
    by = random.Random(1)
    beside = "".join(f"unsigned beside{i}(unsigned *a, unsigned b)\n{{\n" + "".join(
        f"    {by.choice(['a[1]', 'b', '*a'])} {by.choice('+-^&|')}= {by.choice(['b', 'a[2]', 'a[3] * b'])} "
        f"{by.choice(['>>', '<<', '+', '%', '*'])} {by.choice(['a[b]', '3', 'b'])};\n" for _ in range(12)) +
        "    return b;\n}\n" for i in range(30))
    (tmp_path / "buddy.cpp").write_text(sources.reference(labs.find("buddy")).read_text() + beside)
    mine = build.compile_file(toolchain, "buddy.cpp", tmp_path / "buddy.cpp")
    reference = next(ROOT / path for path in toolchain.reference if Path(path).stem == "buddy")
    more, code = (len(likeness._runs(toolchain.tools, path)) for path in (mine, reference))
    assert more > 2 * code
    assert likeness.flags(toolchain, tmp_path, [labs.find("buddy")])["buddy.cpp"] > 0.9


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_a_right_design_that_kits_have_for_examples_is_released_too(lab: labs.Lab, toolchain: build.Toolchain,
                                                                    tmp_path: Path) -> None:
    (tmp_path / lab.files[0]).write_text(sources.alternatives(lab)[1].text)
    assert likeness.flags(toolchain, tmp_path, [lab], lambda lab: designs.right(lab, toolchain)) == {lab.files[0]: 1.0}


def test_what_does_not_compile_is_like_nothing(toolchain: build.Toolchain, tmp_path: Path) -> None:
    (tmp_path / "buddy.cpp").write_text("this is no C++")
    assert likeness.flags(toolchain, tmp_path, [labs.find("buddy")]) == {}
