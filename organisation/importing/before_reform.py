"""The table of the reform of 1 July 2025, read for what was before it: provinces, their districts, their communes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from organisation.domain.names import english_unit_name, split_unit_name
from organisation.importing.cells import parse_text
from organisation.importing.faults import CellRefused, Fault
from organisation.importing.tables import open_table

REQUIRED = (
    "old_province_id",
    "old_province_name",
    "old_district_id",
    "old_district_name",
    "old_commune_id",
    "old_commune_name",
)
COLUMNS = (*REQUIRED, "new_province_id", "new_province_name", "new_commune_id", "new_commune_name")
NATION_CODE = "VN"
# Column prefix, kind, letter before the number in the unit's code.
_LEVELS = (("old_province", "province", "P"), ("old_district", "district", "D"), ("old_commune", "commune", "C"))
_NUMBER = re.compile(r"[1-9][0-9]{0,9}\Z")


@dataclass(frozen=True, slots=True)
class OldUnit:
    """A unit before the reform; `parent_code` is empty for the nation."""

    code: str
    name_vi: str
    name_en: str
    kind: str
    parent_code: str


def read_units_before_reform(file: BinaryIO) -> tuple[list[OldUnit], list[Fault]]:
    """Return the nation and its units, parents before children, and everything that is wrong with the rows.

    A unit's code is P, D or C and the number that the table gives it. A commune that was split has several rows.
    Raises FileRefused when the file is no such table.
    """
    units = {NATION_CODE: OldUnit(NATION_CODE, "Việt Nam", "Viet Nam", "nation", "")}
    first_rows: dict[str, int] = {}
    faults: list[Fault] = []
    table = open_table(file, COLUMNS, REQUIRED)
    for number, cells in table.rows:
        row = dict(zip(table.columns, cells, strict=True))
        try:
            found = list(_units_of(row))
        except BadCell as bad:
            faults.append(Fault(number, bad.column, bad.refused.reason, bad.refused.values))
            continue
        for column, unit in found:
            known = units.setdefault(unit.code, unit)
            other = str(first_rows.setdefault(unit.code, number))
            if known.name_vi != unit.name_vi:
                faults.append(Fault(number, f"{column}_name", "differs_from_row", {"other": other}))
            elif known.parent_code != unit.parent_code:
                faults.append(Fault(number, f"{column}_id", "differs_from_row", {"other": other}))
    order = ["nation", *(kind for _prefix, kind, _letter in _LEVELS)]
    return sorted(units.values(), key=lambda unit: order.index(unit.kind)), faults


class BadCell(Exception):
    """A cell of a row does not hold what its column wants."""

    def __init__(self, column: str, refused: CellRefused) -> None:
        self.column = column
        self.refused = refused


def _units_of(row: Mapping[str, str | date]) -> Iterator[tuple[str, OldUnit]]:
    parent = NATION_CODE
    for prefix, kind, letter in _LEVELS:
        code = letter + parse_number(row, f"{prefix}_id")
        name = parse_name(row, f"{prefix}_name")
        yield prefix, OldUnit(code, name, english_unit_name(name), kind, parent)
        parent = code


def parse_number(row: Mapping[str, str | date], column: str) -> str:
    """Return the number that the table gives a unit. Raises BadCell."""
    text = _parsed(row, column)
    if not _NUMBER.match(text):
        raise BadCell(column, CellRefused("bad_number", value=text))
    return text


def parse_name(row: Mapping[str, str | date], column: str) -> str:
    """Return a unit's name in normal form, its kind's word in small letters. Raises BadCell."""
    word, rest = split_unit_name(_parsed(row, column))
    return f"{word} {rest}".strip()


def _parsed(row: Mapping[str, str | date], column: str) -> str:
    try:
        text = parse_text(row[column], 300)
        if not text:
            raise CellRefused("missing_value")
    except CellRefused as refused:
        raise BadCell(column, refused) from None
    return text
