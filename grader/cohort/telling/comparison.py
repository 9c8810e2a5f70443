"""What changed since an earlier class run: whose score, by how much, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from grader.cohort.intake.identity import listed
from grader.cohort.telling.figures import Row, headline
from grader.cohort.work.store import Record, Store
from grader.errors import GraderError
from grader.points import number

_MOST_TESTS = 8  # told of one student, or of the kit


@dataclass(frozen=True)
class Change:
    """A student's score, before and now. `causes` are what differs in what the score follows from;
    `tests` those that ended in another way, or gave other points."""

    id: str
    before: float | int | None
    now: float | int | None
    causes: list[str]
    tests: list[str]

    @property
    def by(self) -> str:
        """The difference, with its sign."""
        if self.before is None or self.now is None:
            return ""
        difference = self.now - self.before
        return f"{number(Fraction(str(difference))):+}" if difference else "0"


@dataclass(frozen=True)
class Comparison:
    """All students whose score or tests changed; how many did not, came, or went. `worth` has the tests
    that are worth something else now."""

    earlier: str
    changes: list[Change]
    same: int
    new: list[str]
    gone: list[str]
    worth: list[str]

    @property
    def words(self) -> str:
        """The whole in a sentence or two."""
        elsewhere = sum(change.before == change.now for change in self.changes)
        parts = [f"{len(self.changes) - elsewhere} with another score"]
        parts += [f"{elsewhere} with the same score from other tests"] if elsewhere else []
        parts += [f"{self.same} as before"]
        parts += [f"new: {listed(self.new)}"] if self.new else []
        parts += [f"no longer there: {listed(self.gone)}"] if self.gone else []
        return "; ".join(parts) + "."

    @property
    def points(self) -> str:
        """Which tests are worth something else now; mostly nothing."""
        return f"Other points in the kit: {listed(self.worth, _MOST_TESTS)}." if self.worth else ""


@dataclass(frozen=True)
class Earlier:
    """An earlier run's records by the students' ids; `name` is what it is called."""

    name: str
    records: dict[str, Record]


def read(earlier: Path, out: Path) -> Earlier:
    """What an earlier run kept in its output folder. Raises GraderError if there is nothing in it, or
    if this run is to write to the same one."""
    if earlier.resolve() == out.resolve():
        raise GraderError(f"COMPARE={earlier} is where this run writes to: give it another OUT=")
    store = Store(earlier)
    records = filter(None, map(store.load, store.kept()))
    found = Earlier(str(earlier), {record.id: record for record in records})
    if not found.records:
        raise GraderError(f"COMPARE={earlier}: there is no class run in it; the OUT= of an earlier one "
                          "was expected")
    return found


def compare(rows: Sequence[Row], earlier: Earlier) -> Comparison:
    """Sets a class run beside an earlier one."""
    before, ids = earlier.records, [row.entry.id for row in rows]
    pairs = [(before[row.entry.id], row.record) for row in rows
             if row.record and row.entry.id in before]
    all_changes = [_change(*pair) for pair in pairs]
    changes = [change for change in all_changes if change.before != change.now or change.tests]
    changes.sort(key=lambda change: (change.before == change.now, _size(change), change.id))
    return Comparison(earlier.name, changes, len(pairs) - len(changes),
                      [i for i in ids if i not in before], sorted(set(before) - set(ids)),
                      list(dict.fromkeys(words for pair in pairs for words in _worth(*pair))))


def _size(change: Change) -> float:
    """Changes without a number first, then those that cost most."""
    if change.before is None or change.now is None:
        return float("-inf")
    return change.now - change.before


def _change(before: Record, now: Record) -> Change:
    return Change(now.id, before.score, now.score, _causes(before, now), _tests(before, now))


def _causes(before: Record, now: Record) -> list[str]:
    """What differs in what a score follows from. Nothing of it, and a score that changed, is
    something that must not be."""
    names = {"kit": f"another version of the kit{_kits(before, now)}", "seed": "another seed",
             "lab": "other labs", "kernel_base": "another KERNEL_BASE", "weights": "other weights"}
    causes = ["another submission"] if _handed_in_anew(before, now) else []
    causes += [words for name, words in names.items()
               if getattr(before.key, name) != getattr(now.key, name)]
    if before.results.get("tools") != now.results.get("tools"):
        causes.append("other versions of the tools")
    if bool(before.problem) != bool(now.problem):
        causes.append(f"no score {'now' if now.problem else 'before'}: "
                      f"{now.problem or before.problem}")
    return causes or ["nothing that is known: please report this"]


def _handed_in_anew(before: Record, now: Record) -> bool:
    """Whether it is another submission; where other labs were graded, in the files of both."""
    if before.key.lab == now.key.lab:
        return before.key.submission != now.key.submission
    old, new = (record.results.get("submission", {}).get("files", {}) for record in (before, now))
    return any(old[name] != new[name] for name in old.keys() & new.keys())


def _kits(before: Record, now: Record) -> str:
    """Which commits they are, where that tells them apart."""
    names = [f"{kit['commit'][:7]}{' with changes' if kit['dirty'] else ''}"
             for kit in (before.results.get("kit", {}), now.results.get("kit", {}))
             if kit.get("commit")]
    return f" ({' → '.join(names)})" if len(set(names)) == 2 else ""


def _worth(before: Record, now: Record) -> list[str]:
    old, new = _by_name(before), _by_name(now)
    return [f"{name} {old[name]['max_score']} → {test['max_score']}" for name, test in new.items()
            if name in old and old[name]["max_score"] != test["max_score"]]


def _tests(before: Record, now: Record) -> list[str]:
    """The tests that ended in another way or gave other points, that came, or went."""
    old, new = _by_name(before), _by_name(now)
    found = [f"{name}: {_difference(old.get(name), new.get(name))}"
             for name in dict.fromkeys([*old, *new])
             if _outcome(old.get(name)) != _outcome(new.get(name))]
    more = len(found) - _MOST_TESTS
    return found[:_MOST_TESTS] + ([f"and {more} more"] if more > 0 else [])


def _by_name(record: Record) -> dict[str, dict]:
    tests = {f"{lab['lab']}/{test['name']}": test for lab in record.results.get("labs", [])
             for test in lab["tests"]}
    stage = record.results.get("integrated", {}).get("tests", [])
    return tests | {f"integrated/{test['name']}": test for test in stage}


def _difference(old: dict | None, new: dict | None) -> str:
    """Two different outcomes, in words."""
    if old and new and old["verdict"] == new["verdict"]:
        return f"{new['verdict']}, {old['score']} → {new['score']} points"
    before, now = (test["verdict"] if test else "not there" for test in (old, new))
    return f"{before} → {now}" + (f" ({headline(new)})" if new and new["message"] else "")


def _outcome(test: dict | None) -> tuple | None:
    return (test["verdict"], test["score"]) if test else None
