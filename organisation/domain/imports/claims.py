"""What the rows of a file say about each unit, person and posting, gathered."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from organisation.domain.imports.plan import Findings
from organisation.importing.staff_rows import StaffRow, StaffRows

_UNIT_FIELDS = ("unit_name", "unit_name_en", "unit_kind", "parent_code")
_PERSON_FIELDS = ("full_name", "email", "gender", "birth_date")


@dataclass(slots=True)
class Claim:
    """What the rows say of one unit or person: each field's value and the row that gave it first.

    `faulty` are the columns that could not be read in some row: that they are not given is no further problem.
    """

    code: str
    row: int
    values: dict[str, tuple[Any, int]] = field(default_factory=dict)
    first_day: date | None = None
    faulty: set[str] = field(default_factory=set)
    is_contradicted: bool = False

    def lacks(self, name: str) -> bool:
        """Say whether a field is given nowhere, an unreadable cell counting as given."""
        return name not in self.values and name not in self.faulty

    def text(self, name: str) -> str:
        return str(self.values[name][0]) if name in self.values else ""

    def row_of(self, name: str) -> int:
        return self.values[name][1] if name in self.values else self.row


@dataclass(frozen=True, slots=True)
class PostingClaim:
    row: int
    employee_code: str
    unit_code: str
    position: str
    first_day: date
    last_day: date | None
    kind: str = ""


@dataclass(slots=True)
class UnitClaims:
    """What a file says of units, whether it agrees with the database or not."""

    units: dict[str, Claim] = field(default_factory=dict)
    # What rows have said of a unit, all fields of it, that nothing was wrong with: most rows say it again.
    _agreed: dict[tuple[str, ...], Claim] = field(default_factory=dict)

    def add(self, rows: StaffRows, findings: Findings) -> None:
        """Take rows in; where one contradicts an earlier row, that is a problem of this one."""
        said = zip(*(rows.column(name) for name in ("unit_code", *_UNIT_FIELDS)), strict=True)
        for place, (words, first_day) in enumerate(zip(said, rows.column("first_day"), strict=True)):
            if not words[0]:
                continue
            unit = self._agreed.get(words)
            if unit is None or place in rows.faulty:
                row = rows.row(place)
                unit = self.units.setdefault(row.unit_code, Claim(row.unit_code, row.number))
                unit.faulty |= row.faulty
                if _agrees_on_unit(unit, row, findings):
                    self._agreed[words] = unit
            if first_day is not None and (unit.first_day is None or first_day < unit.first_day):
                unit.first_day = first_day


def _agrees_on_unit(unit: Claim, row: StaffRow, findings: Findings) -> bool:
    agrees = True
    for name, value in _given(row, _UNIT_FIELDS):
        known = unit.values.setdefault(name, (value, row.number))
        if known[0] != value:
            unit.is_contradicted, agrees = True, False
            findings.add(row.number, name, "differs_from_row", other=known[1])
    return agrees


@dataclass(slots=True)
class PersonClaim(Claim):
    """What a person's rows say of them, `rows` being the numbers of these rows."""

    postings: list[PostingClaim] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    unit_codes: set[str] = field(default_factory=set)


def claim_of(rows: list[StaffRow], findings: Findings) -> PersonClaim:
    """Gather the rows of one person, in the order of the file; contradictions are problems of the later row."""
    person = PersonClaim(rows[0].employee_code, rows[0].number)
    for row in rows:
        person.rows.append(row.number)
        person.unit_codes.add(row.unit_code)
        person.faulty |= row.faulty
        if not _agrees(person, row, findings):
            continue
        if row.position and row.first_day is not None and row.faulty.isdisjoint({"to", "posting_kind"}):
            person.postings.append(
                PostingClaim(
                    row.number,
                    row.employee_code,
                    row.unit_code,
                    row.position,
                    row.first_day,
                    row.last_day,
                    row.posting_kind,
                )
            )
    return person


def _agrees(person: PersonClaim, row: StaffRow, findings: Findings) -> bool:
    """Take the row's fields in; say whether it is about the same person at all."""
    for name, value in _given(row, _PERSON_FIELDS):
        known = person.values.setdefault(name, (value, row.number))
        if known[0] != value and name == "full_name":
            findings.add(
                row.number,
                "employee_code",
                "duplicate_employee",
                code=person.code,
                other=known[1],
                name=known[0],
            )
            return False
        if known[0] != value:
            findings.add(row.number, name, "differs_from_row", other=known[1])
    return True


def _given(row: StaffRow, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name in names:
        if value := getattr(row, name):
            yield name, value
