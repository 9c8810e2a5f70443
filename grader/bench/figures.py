"""What is measured: a figure of the kit's, and the same figure of others, from the same run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.building.toolchain import Toolchain


@dataclass(frozen=True)
class Request:
    """What `make bench` was asked for: `traces` are folders or files with traces of programs that
    allocate, `rounds` how often everything timed is repeated, in turns; `build` is Make's folder."""

    build: Path
    toolchain: Toolchain
    traces: tuple[Path, ...]
    rounds: int


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    `value` is the kit's, in `unit`; `beside` has what it is compared with, by name, in the same unit.
    Less is better unless `more_is_better`. `exact` figures are counted and the same in every run.
    """

    area: str
    workload: str
    unit: str
    value: float
    beside: dict[str, float]
    exact: bool = True
    more_is_better: bool = False
    note: str = ""

    def ratio(self, name: str) -> float:
        """The kit's figure as so many times the other's."""
        return self.value / self.beside[name]

    def as_json(self) -> dict:
        """What the JSON file says of it."""
        beside = {name: {"value": round(value, 4), "ratio": round(self.ratio(name), 4)}
                  for name, value in self.beside.items()}
        return {"area": self.area, "workload": self.workload, "unit": self.unit,
                "value": round(self.value, 4), "beside": beside, "exact": self.exact,
                "more_is_better": self.more_is_better, "note": self.note}
