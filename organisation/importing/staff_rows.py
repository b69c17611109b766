"""The columns of the staff file, and one row of it as values."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from organisation.importing.cells import parse_code, parse_date, parse_email, parse_gender, parse_kind, parse_text
from organisation.importing.faults import CellRefused, Fault

_PARSERS: dict[str, Callable[[str | date], Any]] = {
    "unit_code": parse_code,
    "unit_name": partial(parse_text, length=300),
    "unit_name_en": partial(parse_text, length=300),
    "unit_kind": parse_kind,
    "parent_code": parse_code,
    "employee_code": parse_code,
    "full_name": partial(parse_text, length=200),
    "email": parse_email,
    "gender": parse_gender,
    "birth_date": parse_date,
    "position": partial(parse_text, length=300),
    "from": parse_date,
    "to": parse_date,
}
COLUMNS = tuple(_PARSERS)
REQUIRED = ("unit_code",)
_OF_A_PERSON = ("full_name", "email", "gender", "birth_date", "position", "to")


@dataclass(slots=True)
class StaffRow:
    """One row: a unit, and when `employee_code` is given a person and perhaps their posting there.

    Empty texts and None mean "not given". `last_day` is the last day of the posting, as people write it.
    `faulty` names the columns that something is wrong with; their values are not given.
    """

    number: int
    unit_code: str = ""
    unit_name: str = ""
    unit_name_en: str = ""
    unit_kind: str = ""
    parent_code: str = ""
    employee_code: str = ""
    full_name: str = ""
    email: str = ""
    gender: str = ""
    birth_date: date | None = None
    position: str = ""
    first_day: date | None = None
    last_day: date | None = None
    faulty: frozenset[str] = frozenset()

    @property
    def has_posting(self) -> bool:
        return bool(self.position or self.first_day or self.last_day)


_FIELDS = {"from": "first_day", "to": "last_day"}


# Columns in which most cells say what another has said.
_REPEATED = {"unit_code", "unit_kind", "parent_code", "gender", "position"}


class RowReader:
    """Reads the rows of one file whose header is `columns`."""

    def __init__(self, columns: list[str]) -> None:
        self._columns: list[tuple[str, str, Callable[[str | date], Any], dict[str | date, Any] | None]] = [
            (column, _FIELDS.get(column, column), _PARSERS[column], {} if column in _REPEATED else None)
            for column in columns
        ]

    def read(self, number: int, cells: list[str | date]) -> tuple[StaffRow, list[Fault]]:
        """Return the row's values, and everything that is wrong in the row by itself."""
        values: dict[str, Any] = {}
        faults = []
        for (column, field, parse, known), cell in zip(self._columns, cells, strict=True):
            if not cell:
                continue
            try:
                if known is None:
                    values[field] = parse(cell)
                elif cell in known:
                    values[field] = known[cell]
                else:
                    values[field] = known[cell] = parse(cell)
            except CellRefused as refused:
                faults.append(Fault(number, column, refused.reason, refused.values))
        row = StaffRow(number, **values)
        missing = _missing(row)
        if faults or missing:
            faulty = {fault.column for fault in faults}
            faults += [Fault(number, column, reason) for column, reason in missing if column not in faulty]
            row.faulty = frozenset(fault.column for fault in faults)
        return row, faults


def _missing(row: StaffRow) -> list[tuple[str, str]]:
    missing = []
    if not row.unit_code:
        missing.append(("unit_code", "missing_unit"))
    if not row.employee_code and any(getattr(row, _FIELDS.get(column, column)) for column in _OF_A_PERSON):
        missing.append(("employee_code", "missing_employee"))
    if row.employee_code and row.has_posting:
        if not row.position:
            missing.append(("position", "missing_position"))
        if row.first_day is None:
            missing.append(("from", "missing_from"))
        elif row.last_day is not None and row.last_day < row.first_day:
            missing.append(("to", "ends_before_it_begins"))
    return missing
