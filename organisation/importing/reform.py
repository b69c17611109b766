"""The table of the reform of 1 July 2025, read for what came of it, as steps of one reorganisation. No database."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from organisation.domain.names import english_unit_name
from organisation.importing.before_reform import COLUMNS, NATION_CODE, BadCell, parse_name, parse_number
from organisation.importing.faults import Fault, FileRefused
from organisation.importing.tables import open_table
from organisation.reorganising.steps import Create, Dissolve, Merge, Move, NewUnit, Rename, Split, Step

MAX_ROWS = 50_000
"""The country had 10,038 communes; a file of many more rows is another table."""
# Column prefix, what stands before the number in the unit's code, column prefix of the unit above.
_UNITS = (
    ("old_province", "P", ""),
    ("old_district", "D", "old_province"),
    ("old_commune", "C", "old_district"),
    ("new_province", "P25-", ""),
    ("new_commune", "C25-", "new_province"),
)


@dataclass
class _Tables:
    """Names by code, and which old unit went into which new one. Insertion order is that of the table."""

    names: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    old_parents: dict[str, str] = field(default_factory=dict)
    new_parents: dict[str, str] = field(default_factory=dict)
    into: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    made_of: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))


@dataclass(frozen=True)
class ReformTable:
    """The reform as steps, and everything that is wrong with the rows: with faults there are no steps.

    rows: how many were read. places: the first row and column that each unit's code comes from.
    """

    steps: list[Step]
    faults: list[Fault]
    rows: int
    places: Mapping[str, tuple[int, str]]


def read_reform(file: BinaryIO, on_progress: Callable[[int], None] = lambda rows: None) -> ReformTable:
    """Return what the table says. on_progress hears the number of rows read, every thousand.

    A new unit that is exactly one old unit goes on being that unit, renamed where its name changed. Every other new
    one is made, with the code of its kind, `25-` and the number that the table gives it; the people of an old commune
    that was split go to its new communes in turn, and those of a district to the province. Raises FileRefused when the
    file is no such table.
    """
    tables, places, faults = _Tables(), dict[str, tuple[int, str]](), list[Fault]()
    table = open_table(file, COLUMNS, COLUMNS)
    rows = 0
    for rows, (number, cells) in enumerate(table.rows, start=1):
        if rows > MAX_ROWS:
            raise FileRefused(number, "A", "too_many_rows", limit=MAX_ROWS)
        row = dict(zip(table.columns, cells, strict=True))
        found = list(_faults_of(row, number, tables, places))
        faults += found
        if not found:
            _take(tables, {column: str(cell) for column, cell in row.items()})
        if rows % 1000 == 0:
            on_progress(rows)
    if not rows:
        faults.append(Fault(1, "A", "no_rows"))
    steps = [] if faults else [*_provinces(tables), *_communes(tables), *_districts(tables)]
    return ReformTable(steps, faults, rows, places)


def _faults_of(
    row: dict[str, str | date], number: int, tables: _Tables, places: dict[str, tuple[int, str]]
) -> Iterator[Fault]:
    """Yield what is wrong with a row, alone or beside earlier ones; put its codes' numbers and names in normal form."""
    for prefix, letter, above in _UNITS:
        try:
            row[f"{prefix}_id"] = parse_number(row, f"{prefix}_id")
            name = row[f"{prefix}_name"] = parse_name(row, f"{prefix}_name")
        except BadCell as bad:
            yield Fault(number, bad.column, bad.refused.reason, bad.refused.values)
            continue
        code = f"{letter}{row[f'{prefix}_id']}"
        parent = f"{row[f'{above}_id']}" if above else ""
        other = {"other": str(places.setdefault(code, (number, f"{prefix}_id"))[0])}
        if tables.names.setdefault(code, name) != name:
            yield Fault(number, f"{prefix}_name", "differs_from_row", other)
        elif tables.parents.setdefault(code, parent) != parent:
            yield Fault(number, f"{prefix}_id", "differs_from_row", other)


def _take(tables: _Tables, row: Mapping[str, str]) -> None:
    old = {kind: letter + row[f"old_{kind}_id"] for kind, letter in _LETTERS.items()}
    new = {kind: f"{_LETTERS[kind]}25-{row[f'new_{kind}_id']}" for kind in ("province", "commune")}
    tables.old_parents[old["commune"]] = old["district"]
    tables.old_parents[old["district"]] = old["province"]
    tables.new_parents[new["commune"]] = new["province"]
    for kind in new:
        tables.into[old[kind]][new[kind]] = None
        tables.made_of[new[kind]][old[kind]] = None


_LETTERS = {"province": "P", "district": "D", "commune": "C"}


def _goes_on(tables: _Tables, new: str) -> str:
    """Return the old unit that the new one is, "" when it is made of several or of a part."""
    old = list(tables.made_of[new])
    return old[0] if len(old) == 1 and len(tables.into[old[0]]) == 1 else ""


def _province_code(tables: _Tables, new: str) -> str:
    return _goes_on(tables, new) or new


def _made(tables: _Tables, code: str, kind: str, parent: str) -> NewUnit:
    name = tables.names[code]
    return NewUnit(code, name, kind, parent, english_unit_name(name))


def _provinces(tables: _Tables) -> list[Step]:
    steps: list[Step] = []
    for new in dict.fromkeys(tables.new_parents.values()):
        old = _goes_on(tables, new)
        if not old:
            steps.append(Merge(tuple(tables.made_of[new]), new, _made(tables, new, "province", NATION_CODE)))
        elif tables.names[old] != tables.names[new]:
            steps.append(Rename(old, tables.names[new]))
    return steps


def _communes(tables: _Tables) -> list[Step]:
    steps: list[Step] = []
    splits: dict[str, Split] = {}
    for new, province in tables.new_parents.items():
        parent = _province_code(tables, province)
        if old := _goes_on(tables, new):
            steps.append(Move(old, parent))
            if tables.names[old] != tables.names[new]:
                steps.append(Rename(old, tables.names[new]))
            continue
        whole = tuple(old for old in tables.made_of[new] if len(tables.into[old]) == 1)
        made = _made(tables, new, "commune", parent)
        steps.append(Merge(whole, new, made) if whole else Create(made))
        for old in tables.made_of[new]:
            parts = tuple(tables.into[old])
            if len(parts) > 1:
                splits[old] = Split(old, parts, parts[0], follow="evenly")
    return [*steps, *splits.values()]


def _districts(tables: _Tables) -> list[Step]:
    return [
        Dissolve(code, _province_code(tables, next(iter(tables.into[parent]))))
        for code, parent in tables.old_parents.items()
        if code.startswith(_LETTERS["district"])
    ]
