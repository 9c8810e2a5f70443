"""Seeds of official runs: nobody who lacks the course's secret can tell what they make.

    seed = "official-" + HMAC-SHA256(secret, student, attempt), in hexadecimal

Everything that differs from one run to the next comes from the seed alone: the generated scenarios, the
key of the records' check words, and in official runs the image's layout and where the machine is
looked at. So SEED= with what results.json says plays an official run again.
"""

from __future__ import annotations

import hmac
from pathlib import Path

from grader.errors import GraderError
from grader.scenarios.stream import Stream

_OFFICIAL = "official-"
_LEAST = 16  # bytes of a secret that can't be guessed


def official_seed(secret: bytes, student: str, attempt: str) -> str:
    """The seed of a student's attempt."""
    message = b"".join(len(part).to_bytes(4, "big") + part
                       for part in (student.encode(), attempt.encode()))
    return _OFFICIAL + hmac.digest(secret, message, "sha256").hex()


def is_official(seed: str) -> bool:
    """Whether a seed came from a secret."""
    return seed.startswith(_OFFICIAL)


def layout(seed: str) -> str:
    """What an image's layout is made from; empty for the one that everybody knows."""
    return seed if is_official(seed) else ""


def key(seed: str, lab: str) -> int:
    """The key of the records' check words: 32 bits."""
    return Stream(seed, lab, "key").word() & 0xFFFFFFFF


def read(path: Path) -> bytes:
    """A secret's file, without the white space around it. Raises GraderError."""
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise GraderError(f"the secret {path} can't be read: {error.strerror}. "
                          f"`(umask 077; head -c 32 /dev/urandom | base64 > {path})` makes one") from error
    if len(secret) < _LEAST:
        raise GraderError(f"the secret {path} has {len(secret)} bytes: {_LEAST} or more were "
                          "expected, from a source of random numbers")
    return secret


def others_may_read(path: Path) -> bool:
    """Whether a secret's file is open to more than its owner; not if there is none."""
    return path.is_file() and bool(path.stat().st_mode & 0o077)


def seed(given: str, secret: Path | None, student: str, attempt: str) -> str:
    """The seed of a run: the one given; with a secret, a student's official one; or none.

    Raises GraderError for an attempt that is nobody's, or that no secret makes official.
    """
    if attempt and not student:
        raise GraderError("ATTEMPT= goes with STUDENT=")
    if attempt and not secret:
        raise GraderError("ATTEMPT= asks for an official run, which needs a secret: SECRET=file, "
                          "or `secret` in course.toml, under [official]")
    if given or not student or not secret:
        return given
    return official_seed(read(secret), student, attempt or "1")
