"""Hand-written mutants and alternative solutions, as the files say.

A mutant is grader/mutants/LAB/NAME.patch, a unified diff against a right solution, or NAME.cpp
where the mistake takes a design of its own. Its first lines say what is wrong:

    mistake: what a student would have misunderstood
    caught by: the graded test that has to find it
    headline: what that test's message has to begin with
    like: a mistake of the same kind (may be left out)

In a .cpp they are comments. An alternative is solutions/alternatives/LAB/NAME.cpp; it may name
tests, of efficiency, that it does not pass: `// slow in: NAME, NAME`.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from grader.course.labs import ROOT, Lab
from grader.errors import GraderError, Infrastructure

FOLDER = Path(__file__).resolve().parent
HEADERS = ("mistake", "caught by", "headline")
MAY_HAVE = ("like",)


@dataclass(frozen=True)
class Candidate:
    """A solution whose marks say something about the grader: what is to become the lab's file.

    `about` says in a line what is wrong with it; of an alternative, what is different. A hand-written
    mutant names the test that has to catch it, and the headline; an alternative those it may fail.
    """

    lab: str
    kind: str  # written, generated, alternative, twin
    name: str
    about: str
    text: str
    caught_by: str = ""
    headline: str = ""
    slow_in: tuple[str, ...] = ()
    like: str = ""


def written(lab: Lab) -> list[Candidate]:
    """The mistakes that students make, by name. Raises GraderError if one of the files is wrong."""
    paths = (FOLDER / lab.slug).glob("*")
    return [read(lab, path) for path in sorted(paths) if path.suffix in (".patch", ".cpp")]


def find(lab: Lab, name: str) -> Candidate:
    """The hand-written mutant of that name."""
    return read(lab, next((FOLDER / lab.slug).glob(f"{name}.*")))


def read(lab: Lab, path: Path) -> Candidate:
    """One hand-written mutant."""
    text = path.read_text(encoding="utf-8")
    about = _headers(text)
    if about.keys() - set(MAY_HAVE) != set(HEADERS):
        raise GraderError(f"{path}: its first lines have to be `mistake: …`, `caught by: …` and "
                          "`headline: …`")
    if about["caught by"] not in {test.name for test in lab.tests}:
        raise GraderError(f"{path}: lab {lab.slug} has no test '{about['caught by']}'")
    whole = text if path.suffix == ".cpp" else patched(path)
    return Candidate(lab.slug, "written", path.stem, about["mistake"], whole, about["caught by"],
                     about["headline"], like=about.get("like", ""))


def twins(lab: Lab) -> list[Candidate]:
    """Some of the mistakes, made again in a solution of another design: twins/NAME.patch is as wrong as NAME, and is
    known to nobody. By them a diagnosis is measured."""
    return [Candidate(lab.slug, "twin", path.stem, "", patched(path))
            for path in sorted((FOLDER / lab.slug / "twins").glob("*.patch"))]


def alternatives(lab: Lab) -> list[Candidate]:
    """The reference, and the right solutions of other designs."""
    return [alternative(lab, path) for path in [reference(lab), *designs(lab)]]


def designs(lab: Lab) -> list[Path]:
    """The right solutions of other designs."""
    return sorted((ROOT / "solutions" / "alternatives" / lab.slug).glob("*.cpp"))


def reference(lab: Lab) -> Path:
    """The kit's own solution."""
    return ROOT / "solutions" / "mm" / lab.files[0]


def patched(patch: Path) -> str:
    """The text of the solution that a patch names, after the patch. Raises GraderError, which names
    the patch, if it does not apply exactly."""
    base = re.search(r"^--- (\S+)", patch.read_text(encoding="utf-8"), re.MULTILINE)
    if not base or not (ROOT / base[1]).is_file():
        raise GraderError(f"{patch}: its line `--- FILE` names no file of the kit")
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        result = Path(folder) / "patched.cpp"
        command = ["patch", "--fuzz=0", "--batch", "--silent", "--reject-file=-",
                   f"--output={result}", str(ROOT / base[1]), str(patch)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise Infrastructure("patch is not installed. `make setup` installs it.") from error
        if done.returncode != 0:
            raise GraderError(f"{patch} does not apply to {base[1]} any more: make the mistake again "
                              f"in what that is now.\n{(done.stdout + done.stderr).strip()}")
        return result.read_text(encoding="utf-8")


def alternative(lab: Lab, path: Path) -> Candidate:
    """One of them."""
    text = path.read_text(encoding="utf-8")
    slow_in = _headers(text).get("slow in", "")
    return Candidate(lab.slug, "alternative", path.stem if path != reference(lab) else "reference",
                     _first_sentence(text) or "The reference.", text,
                     slow_in=tuple(name for name in slow_in.split(", ") if name))


def _first_sentence(text: str) -> str:
    """Of the comment that a file begins with, if it does."""
    comment = takewhile(lambda line: line.startswith("// ") and not line.startswith("// slow in"),
                        text.splitlines())
    sentence = re.match(r".*?\.(?= |$)", " ".join(line[3:] for line in comment))
    return sentence[0] if sentence else ""


def _headers(text: str) -> dict[str, str]:
    head = text.partition("\n\n")[0]
    return dict(re.findall(r"^(?:// )?([a-z ]+): (.+)$", head, re.MULTILINE))
