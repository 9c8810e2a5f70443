"""What came of a stage that was graded before: the same image, played and judged by the same kit on the same machine,
comes to the same again, so it is neither booted nor judged anew (docs/decisions/24-remembered.md).

One grading of each stage is kept, the last one, beside what was compiled for it. A file that is not whole is none. It
is read with `pickle`: who can write there can write the kit's own compiled modules, too.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.course.labs import ROOT
from grader.grading.outcome import Outcome

FOLDER = "remembered"  # in a build folder
_DIGEST = hashlib.sha256().digest_size
# What judges: all of it that a finding could come from, whether it does or not. Students edit none of these.
_JUDGES = (("grader", "*.py"), ("grader", "*.toml"), ("labs", "*.py"), ("labs", "*.toml"), ("labs", "*.scenario"),
           ("labs", "*.xz"), ("kernel", "*.h"))


@dataclass(frozen=True)
class Remembered:
    """The place for one stage's outcomes, and all that they follow from."""

    file: Path
    key: bytes

    def recall(self) -> dict[str, Outcome] | None:
        """The outcomes, by the tests' names; None if something is not as it was then."""
        with suppress(OSError):
            whole = self.file.read_bytes()
            content = whole[2 * _DIGEST:]
            if whole[:2 * _DIGEST] == self.key + hashlib.sha256(content).digest():
                return pickle.loads(content)
        return None

    def keep(self, outcomes: dict[str, Outcome]) -> None:
        """Keeps them for the next time. Where that can't be done, nothing is lost but time."""
        content = pickle.dumps(outcomes, pickle.HIGHEST_PROTOCOL)
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.file.parent, delete=False) as new:
                try:
                    new.write(self.key + hashlib.sha256(content).digest() + content)
                    new.close()
                    os.replace(new.name, self.file)
                except OSError:
                    os.unlink(new.name)


def of(folder: Path, stage: str, emulator: str, files: Sequence[str], *words: object) -> Remembered | None:
    """Where a stage's outcomes are kept in a build folder, which follow from `words`, the content of `files` of the kit
    that was built, the judges and the emulator. None if there is no emulator: whoever plays will say so."""
    program = shutil.which(emulator)
    if not program:
        return None
    real = os.stat(program)
    parts = (*map(str, words), program, str(real.st_size), str(real.st_mtime_ns), sys.version)
    built = _content(ROOT / file for file in files)
    key = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape") + _judges() + built)
    return Remembered(folder / FOLDER / stage, key.digest())


@functools.cache
def _judges() -> bytes:
    return _content(sorted(path for folder, pattern in _JUDGES for path in (ROOT / folder).rglob(pattern)))


def _content(files: Iterable[Path]) -> bytes:
    """What these files are called and hold."""
    whole = hashlib.sha256()
    for path in files:
        text = path.read_bytes()
        whole.update(b"%s\0%d\0" % (os.fsencode(path.relative_to(ROOT)), len(text)) + text)
    return whole.digest()
