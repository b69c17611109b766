"""The columns of the staff file, and its rows as values, many at a time."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from organisation.domain.names import has_lookalikes
from organisation.importing.cells import (
    CODE_LENGTH,
    EMAIL_LENGTH,
    parse_code,
    parse_date,
    parse_email,
    parse_gender,
    parse_kind,
    parse_posting_kind,
    parse_text,
)
from organisation.importing.faults import CellRefused, Fault

NAME_LENGTH = 200
_PARSERS: dict[str, Callable[[str | date], Any]] = {
    "unit_code": parse_code,
    "unit_name": partial(parse_text, length=300),
    "unit_name_en": partial(parse_text, length=300),
    "unit_kind": parse_kind,
    "parent_code": parse_code,
    "employee_code": parse_code,
    "full_name": partial(parse_text, length=NAME_LENGTH),
    "email": parse_email,
    "gender": parse_gender,
    "birth_date": parse_date,
    "position": partial(parse_text, length=300),
    "from": parse_date,
    "to": parse_date,
    "posting_kind": parse_posting_kind,
}
COLUMNS = tuple(_PARSERS)
REQUIRED = ("unit_code",)
FIELDS = {column: {"from": "first_day", "to": "last_day"}.get(column, column) for column in COLUMNS}
"""What `StaffRow` calls the columns."""
_OF_A_PERSON = ("full_name", "email", "gender", "birth_date", "position", "to", "posting_kind")


@dataclass(slots=True)
class StaffRow:
    """One row: a unit, and when `employee_code` is given a person and perhaps their posting there.

    Empty texts and None mean "not given". `last_day` is the last day of the posting, as people write it; not given in a
    file that has the column, the posting has no end.
    `posting_kind` is empty for a primary posting.
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
    posting_kind: str = ""
    faulty: frozenset[str] = frozenset()

    @property
    def has_posting(self) -> bool:
        return bool(self.position or self.first_day or self.last_day)


# What cells of a column look like that differs in every row, and their greatest length. A cell that looks so is its own
# value. Whatever looks different is left to the column's parser: it alone judges.
_WORD = r"\w[\w.,'()/-]*"
_PLAIN = {
    "employee_code": (r"[A-Za-z0-9][A-Za-z0-9._-]*", CODE_LENGTH),
    "full_name": (rf"{_WORD}(?: {_WORD})*", NAME_LENGTH),
    "email": (
        r"[A-Za-z0-9.!#$%&'*/?^_`{|}~][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
        EMAIL_LENGTH,
    ),
}


@dataclass(frozen=True, slots=True)
class StaffRows:
    """Some rows by column: `values` hold one value per row of every field that the file has a column for.

    `faulty`: as in `StaffRow`, by the row's place, of the rows that have any.
    """

    numbers: Sequence[int]
    values: Mapping[str, Sequence[Any]]
    faulty: dict[int, frozenset[str]] = field(default_factory=dict)

    def row(self, place: int) -> StaffRow:
        """Return one of the rows, counted from 0."""
        values = {name: column[place] for name, column in self.values.items()}
        return StaffRow(self.numbers[place], **values, faulty=self.faulty.get(place, frozenset()))

    def column(self, name: str) -> Sequence[Any]:
        """Return the values of a field, whether the file has it or not."""
        return self.values[name] if name in self.values else [_EMPTY[name]] * len(self.numbers)


_EMPTY = {name: None if _PARSERS[column] is parse_date else "" for column, name in FIELDS.items()}


class RowReader:
    """Reads the rows of one file whose header is `columns`."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._columns = [_Column(column) for column in columns]
        self._says_ends = any(column.name == "to" for column in self._columns)

    def read(self, rows: Sequence[tuple[int, list[str | date]]]) -> tuple[StaffRows, list[Fault]]:
        """Return the rows' values, and everything that is wrong in each row by itself, in the order of the rows."""
        numbers = [number for number, _cells in rows]
        faults: list[Fault] = []
        cells = zip(*(cells for _number, cells in rows), strict=True)
        values = {each.field: each.read(numbers, own, faults) for each, own in zip(self._columns, cells, strict=True)}
        found = StaffRows(numbers, values)
        faulty: dict[int, set[str]] = {}
        for fault in faults:
            faulty.setdefault(fault.row, set()).add(fault.column)
        if faulty or not _is_complete(found, self._says_ends):
            for place, number in enumerate(numbers):
                columns = faulty.get(number, set())
                missing = [each for each in _missing(found.row(place), self._says_ends) if each[0] not in columns]
                faults += [Fault(number, column, reason) for column, reason in missing]
                if columns or missing:
                    found.faulty[place] = frozenset(columns.union(column for column, _reason in missing))
            faults.sort(key=lambda fault: fault.row)
        return found, faults


class _Column:
    """Reads the cells of one column, remembering what it made of those that recur."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.field = FIELDS[name]
        pattern, self._length = _PLAIN.get(name, ("", 0))
        self._plain = re.compile(rf"(?:(?:{pattern})?\n)*+") if pattern else None
        self._known: dict[str | date, Any] = {"": _EMPTY[self.field]}

    def read(self, numbers: Sequence[int], cells: Sequence[str | date], faults: list[Fault]) -> Sequence[Any]:
        """Return the cells' values; a cell that has none is told to `faults` and counts as empty."""
        if self._plain is None:
            try:
                return [self._known[cell] for cell in cells]
            except KeyError:
                pass
        elif _are_plain(cells, self._plain, self._length):
            return cells
        return [self._value(number, cell, faults) for number, cell in zip(numbers, cells, strict=True)]

    def _value(self, number: int, cell: str | date, faults: list[Fault]) -> Any:
        if cell in self._known:
            return self._known[cell]
        try:
            value = _PARSERS[self.name](cell)
        except CellRefused as refused:
            faults.append(Fault(number, self.name, refused.reason, refused.values))
            return _EMPTY[self.field]
        if self._plain is None:
            self._known[cell] = value
        return value


def _are_plain(cells: Sequence[Any], pattern: re.Pattern[str], length: int) -> bool:
    if set(map(type, cells)) != {str} or max(map(len, cells)) > length:
        return False
    text = "\n".join(cells) + "\n"
    is_plain = text.count("\n") == len(cells) and pattern.fullmatch(text) is not None
    return is_plain and unicodedata.is_normalized("NFC", text) and not has_lookalikes(text)


def _is_complete(rows: StaffRows, says_ends: bool) -> bool:
    """Say whether every row has a person with a posting that ends behind its beginning, if it ends as some must.

    Of a file that `says_ends` nowhere that is for whoever knows what is recorded.
    """
    said = zip(rows.column("first_day"), rows.column("last_day"), rows.column("posting_kind"), strict=True)
    return all(all(rows.column(name)) for name in ("unit_code", "employee_code", "position", "first_day")) and not any(
        says_ends and kind == "secondment" if last is None else last < first for first, last, kind in said
    )


def _missing(row: StaffRow, says_ends: bool) -> list[tuple[str, str]]:
    missing = []
    if not row.unit_code:
        missing.append(("unit_code", "missing_unit"))
    if not row.employee_code and any(getattr(row, FIELDS[column]) for column in _OF_A_PERSON):
        missing.append(("employee_code", "missing_employee"))
    if row.employee_code and row.has_posting:
        if not row.position:
            missing.append(("position", "missing_position"))
        if row.first_day is None:
            missing.append(("from", "missing_from"))
        elif row.last_day is not None and row.last_day < row.first_day:
            missing.append(("to", "ends_before_it_begins"))
        if says_ends and row.posting_kind == "secondment" and row.last_day is None:
            missing.append(("to", "secondment_without_end"))
    return missing
