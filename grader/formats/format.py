"""What a format is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from grader.course.course import Course


@dataclass(frozen=True)
class Context:
    """What a format may need beside the results.

    `environment` are the variables that a platform sets; `student` whose work it is, and `submitted`
    when it was handed in, for the gradebook.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    student: str = ""
    submitted: datetime | None = None
    course: Course = Course()


@dataclass(frozen=True)
class Format:
    """One format. `render` makes its text of results.json's table; `broken` says in it why there is
    none. Neither of them reads or writes anything.
    """

    name: str  # as FORMAT= takes it
    file: str  # what its file is called beside results.json
    about: str
    render: Callable[[dict, Context], str]
    broken: Callable[[str, Context], str]
