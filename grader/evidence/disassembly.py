"""What objdump makes of the code in an image: a line an instruction,
`ADDRESS:<tab>BYTES<tab>INSTRUCTION`."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

from grader.errors import Infrastructure

_OBJDUMP = "i686-linux-gnu-objdump"


@functools.lru_cache(maxsize=16)
def listing(image: Path) -> bytes:
    """All its code: looked at when it was linked, and when it has run. Its name stands for its content.

    Raises Infrastructure where there is no such tool, or no such image.
    """
    try:
        return subprocess.run([_OBJDUMP, "-d", "--insn-width=16", image], stdin=subprocess.DEVNULL,
                              capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise Infrastructure(f"{_OBJDUMP} can't read {image.name}: {error}") from error
