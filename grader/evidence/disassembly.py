"""What objdump makes of the code in an image: a line an instruction,
`ADDRESS:<tab>BYTES<tab>INSTRUCTION`."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

from grader import limits
from grader.errors import Infrastructure
from grader.evidence import binutils


@functools.lru_cache(maxsize=16)
def listing(image: Path) -> bytes:
    """All its code: looked at when it was linked, and when it has run. Its name stands for its content.

    Raises Infrastructure where there is no such tool, or no such image.
    """
    objdump = binutils.program("objdump")
    try:
        return limits.listed([objdump, "-d", "--insn-width=16", str(image)])
    except (OSError, subprocess.SubprocessError) as error:
        raise Infrastructure(f"{objdump} can't read {image.name}: {error}") from error
