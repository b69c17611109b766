"""What an import would do, and what is wrong with it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import heappush, heappushpop
from uuid import UUID, uuid4

from organisation.domain.imports.messages import message_of
from organisation.importing.faults import Fault

# A file that is wrong throughout is shown its first thousand problems, and how many there are; more can be downloaded.
PROBLEMS_SHOWN = 1000
PROBLEMS_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: the row as a spreadsheet counts it, the column's name (or letter), and why, in the user's
    language."""

    row: int
    column: str
    message: str


@dataclass(slots=True)
class Findings:
    """Collects what is wrong, in any order: counts all and keeps those of the first rows, PROBLEMS_KEPT at most.

    `rows` are all rows with a problem, `units` the codes of units that cannot be written.
    """

    count: int = 0
    rows: set[int] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    _kept: list[tuple[int, int, Fault]] = field(default_factory=list)

    def add(self, row: int, column: str, reason: str, **values: object) -> None:
        self.add_fault(Fault(row, column, reason, {name: str(value) for name, value in values.items()}))

    def add_of_unit(self, unit_code: str, row: int, column: str, reason: str, **values: object) -> None:
        """As `add`, of something that keeps a unit from being written."""
        self.units.add(unit_code)
        self.add(row, column, reason, **values)

    def add_fault(self, fault: Fault) -> None:
        self.count += 1
        self.rows.add(fault.row)
        entry = (-fault.row, -self.count, fault)  # the last row is the first to go
        if len(self._kept) < PROBLEMS_KEPT:
            heappush(self._kept, entry)
        else:
            heappushpop(self._kept, entry)

    @property
    def problems(self) -> list[Problem]:
        """The first PROBLEMS_SHOWN, in the active language."""
        return [described(fault) for fault in self.in_order()[:PROBLEMS_SHOWN]]

    def in_order(self) -> list[Fault]:
        """Return the kept ones by row, those of a row as they were found."""
        return [fault for _row, _number, fault in sorted(self._kept, key=lambda entry: (-entry[0], -entry[1]))]


@dataclass(frozen=True, slots=True)
class NewUnit:
    code: str
    name_vi: str
    name_en: str
    kind: str
    parent_code: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class UnitChange:
    """A change of a unit in force; an empty text stays as it is. was: both names, kind and parent as they were."""

    code: str
    name_vi: str
    name_en: str
    kind: str
    parent_code: str
    was: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class PersonChange:
    """A person to make (`pk` None) or to change; the fields are what the person will have.

    was_changed_at: when the person had last been changed by whoever, as the plan knows them.
    """

    pk: int | None
    employee_code: str
    full_name: str
    email: str
    gender: str
    birth_date: date | None
    was_changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PostingChange:
    """A posting on `[valid_from, valid_to)` to make (`pk` None) or whose end, `was_valid_to`, to change.

    `kind` as in the database.
    """

    pk: int | None
    employee_code: str
    unit_code: str
    position_pk: int
    valid_from: date
    valid_to: date | None
    kind: str = "primary"
    was_valid_to: date | None = None

    @property
    def is_reopened(self) -> bool:
        return self.pk is not None and self.valid_to is None


@dataclass(slots=True)
class ImportPlan:
    """The outcome of a dry run. With problems nothing can be applied, unless it `is_partial`: then it holds what is
    right, and every person and unit with a problem is left out.

    `foreign_columns` are the file's columns that are none of ours, as it calls them in lower case.
    `problems` are the first PROBLEMS_SHOWN of its `faults`, in the language that was active.
    What would become of people and postings waits in the database's temporary tables under the plan's `key`.
    `digest` differs from another plan's of the file where other units, people or postings would change, or the same
    from something else: what somebody was shown is done only while it is the same.
    """

    name: str
    is_partial: bool = False
    rows: int = 0
    foreign_columns: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    problem_count: int = 0
    new_units: list[NewUnit] = field(default_factory=list)
    changed_units: list[UnitChange] = field(default_factory=list)
    people_created: int = 0
    people_changed: int = 0
    postings_created: int = 0
    postings_changed: int = 0
    postings_reopened: int = 0
    postings_unchanged: int = 0
    digest: str = ""
    key: UUID = field(default_factory=uuid4)

    @property
    def counts(self) -> dict[str, int]:
        """How many of what would be made, changed or left as it is. Those reopened are among those changed."""
        return {
            "units_created": len(self.new_units),
            "units_changed": len(self.changed_units),
            "people_created": self.people_created,
            "people_changed": self.people_changed,
            "postings_created": self.postings_created,
            "postings_changed": self.postings_changed,
            "postings_reopened": self.postings_reopened,
            "postings_unchanged": self.postings_unchanged,
        }

    @property
    def can_be_applied(self) -> bool:
        return self.is_partial or not self.problem_count

    @property
    def changes_nothing(self) -> bool:
        return not any(count for name, count in self.counts.items() if name != "postings_unchanged")


def described(fault: Fault) -> Problem:
    """Return the fault as people read it, in the active language."""
    return Problem(fault.row, fault.column, message_of(fault))
