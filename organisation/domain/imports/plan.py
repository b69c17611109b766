"""What an import would do, and what is wrong with it."""

from dataclasses import dataclass, field
from datetime import date

from organisation.domain.imports.messages import message_of
from organisation.importing.faults import Fault

# A file that is wrong throughout is shown its first thousand problems, and how many there are.
PROBLEMS_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: the row as a spreadsheet counts it, the column's name (or letter), and why, in the user's
    language."""

    row: int
    column: str
    message: str


@dataclass(slots=True)
class Findings:
    """Collects problems in the order they are found; keeps the first PROBLEMS_SHOWN and counts all."""

    problems: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, row: int, column: str, reason: str, **values: object) -> None:
        self.add_fault(Fault(row, column, reason, {name: str(value) for name, value in values.items()}))

    def add_fault(self, fault: Fault) -> None:
        self.count += 1
        if len(self.problems) < PROBLEMS_SHOWN:
            self.problems.append(Problem(fault.row, fault.column, message_of(fault)))


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
    """A change of a unit in force; an empty text stays as it is."""

    code: str
    name_vi: str
    name_en: str
    kind: str
    parent_code: str


@dataclass(frozen=True, slots=True)
class PersonChange:
    """A person to make (`pk` None) or to change; the fields are what the person will have."""

    pk: int | None
    employee_code: str
    full_name: str
    email: str
    gender: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class PostingChange:
    """A posting on `[valid_from, valid_to)` to make (`pk` None) or whose end to change."""

    pk: int | None
    employee_code: str
    unit_code: str
    position_pk: int
    valid_from: date
    valid_to: date | None


@dataclass(slots=True)
class ImportPlan:
    """The outcome of a dry run. With `problems` nothing can be applied; the lists then hold nothing."""

    name: str
    rows: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    new_units: list[NewUnit] = field(default_factory=list)
    changed_units: list[UnitChange] = field(default_factory=list)
    people: list[PersonChange] = field(default_factory=list)
    postings: list[PostingChange] = field(default_factory=list)
    postings_unchanged: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many of what would be made, changed or left as it is."""
        people_created = sum(person.pk is None for person in self.people)
        postings_created = sum(posting.pk is None for posting in self.postings)
        return {
            "units_created": len(self.new_units),
            "units_changed": len(self.changed_units),
            "people_created": people_created,
            "people_changed": len(self.people) - people_created,
            "postings_created": postings_created,
            "postings_changed": len(self.postings) - postings_created,
            "postings_unchanged": self.postings_unchanged,
        }

    @property
    def changes_nothing(self) -> bool:
        return not (self.new_units or self.changed_units or self.people or self.postings)
