"""Reading a table of course.toml: every mistake is named by its file and key, unknown keys are one."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

from grader.errors import GraderError


class Table:
    """A table of a TOML file. Each key is asked for once; `done` complains of those that nobody knew.

    All methods raise GraderError for a value of another kind than they are for.
    """

    def __init__(self, path: Path, name: str, content: dict) -> None:
        self.path = path
        self.name = name
        self._content = dict(content)

    def error(self, key: str, problem: str) -> GraderError:
        """What is wrong with a key, to be raised."""
        where = f"[{self.name}] {key}" if self.name else key
        return GraderError(f"{self.path}: {where}: {problem}")

    def keys(self) -> list[str]:
        """The keys that were not asked for yet."""
        return list(self._content)

    def done(self) -> None:
        """Raises GraderError if a key is left over."""
        for key in self._content:
            raise self.error(key, "there is no such key (docs/course.md has those there are)")

    def table(self, key: str) -> Table:
        """A table in this one; empty if it is not there."""
        value = self._content.pop(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"{_shown(value)}: a table was expected")
        return Table(self.path, f"{self.name}.{key}".lstrip("."), value)

    def whole(self, key: str) -> int:
        """A whole number, 0 or more; 0 if it is not there."""
        value = self._content.pop(key, 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.error(key, f"{_shown(value)}: a whole number was expected, 0 or more")
        return value

    def yes(self, key: str) -> bool:
        """true or false; false if it is not there."""
        value = self._content.pop(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"{_shown(value)}: true or false was expected")
        return value

    def points(self, key: str, default: Fraction = Fraction(0)) -> Fraction:
        """A number, 0 or more, exactly as it is written."""
        value = self._content.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, (int, float, Fraction)):
            raise self.error(key, f"{_shown(value)}: a number was expected, 0 or more")
        if not 0 <= value <= 1_000_000:
            raise self.error(key, f"{_shown(value)}: a number was expected, from 0 to a million")
        return Fraction(str(value))

    def moment(self, key: str) -> datetime | None:
        """A date and time with its offset from UTC."""
        value = self._content.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise self.error(key, f"{_shown(value)}: a moment was expected, with its offset from UTC and without "
                             "quotes: 2030-10-19T23:59:00+02:00")
        return value

    def file(self, key: str) -> Path | None:
        """A file's path; a relative one begins at the folder of course.toml."""
        value = self._content.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            raise self.error(key, f"{_shown(value)}: a file's path was expected")
        return self.path.parent / value

    def text(self, key: str) -> str:
        """A text; empty if it is not there."""
        value = self._content.pop(key, "")
        if not isinstance(value, str):
            raise self.error(key, f"{_shown(value)}: a text was expected")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; none if it is not there."""
        value = self._content.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.error(key, f"{_shown(value)}: a list of texts was expected")
        return tuple(value)


def _shown(value: object) -> str:
    """A value so that its kind can be seen: texts have quotes, moments none."""
    return str(value) if isinstance(value, date) else repr(value)
