"""The table of the reform of 1 July 2025, read for what came of it, as steps of one reorganisation. No database."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from organisation.domain.names import english_unit_name, split_unit_name
from organisation.importing.before_reform import COLUMNS, NATION_CODE
from organisation.importing.cells import parse_text
from organisation.importing.faults import CellRefused, Fault
from organisation.importing.tables import open_table
from organisation.reorganising.steps import Create, Dissolve, Merge, Move, NewUnit, Rename, Split, Step


@dataclass
class _Tables:
    """Names by number, and which old unit went into which new one. Insertion order is that of the table."""

    names: dict[str, str] = field(default_factory=dict)
    old_parents: dict[str, str] = field(default_factory=dict)
    new_parents: dict[str, str] = field(default_factory=dict)
    into: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))
    made_of: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))


def read_reform(file: BinaryIO) -> tuple[list[Step], list[Fault]]:
    """Return the reform as steps, and everything that is wrong with the rows.

    A new unit that is exactly one old unit goes on being that unit, renamed where its name changed. Every other new
    one is made, with the code of its kind, `25-` and the number that the table gives it; the people of an old commune
    that was split go to its new communes in turn, and those of a district to the province. Raises FileRefused when the
    file is no such table.
    """
    tables, faults = _read(file)
    if faults:
        return [], faults
    return [*_provinces(tables), *_communes(tables), *_districts(tables)], []


def _read(file: BinaryIO) -> tuple[_Tables, list[Fault]]:
    tables, faults = _Tables(), list[Fault]()
    table = open_table(file, COLUMNS, COLUMNS)
    for number, cells in table.rows:
        row: dict[str, str] = {}
        for column, cell in zip(table.columns, cells, strict=True):
            try:
                row[column] = parse_text(cell, 300)
                if not row[column]:
                    raise CellRefused("missing_value")
            except CellRefused as refused:
                faults.append(Fault(number, column, refused.reason, refused.values))
        if len(row) == len(table.columns):
            _take(tables, row)
    return tables, faults


def _take(tables: _Tables, row: Mapping[str, str]) -> None:
    old = {kind: letter + row[f"old_{kind}_id"] for kind, letter in _LETTERS.items()}
    new = {kind: f"{_LETTERS[kind]}25-{row[f'new_{kind}_id']}" for kind in ("province", "commune")}
    for kind, code in old.items():
        tables.names[code] = _name(row[f"old_{kind}_name"])
    for kind, code in new.items():
        tables.names[code] = _name(row[f"new_{kind}_name"])
    tables.old_parents[old["commune"]] = old["district"]
    tables.old_parents[old["district"]] = old["province"]
    tables.new_parents[new["commune"]] = new["province"]
    for kind in new:
        tables.into[old[kind]][new[kind]] = None
        tables.made_of[new[kind]][old[kind]] = None


_LETTERS = {"province": "P", "district": "D", "commune": "C"}


def _name(text: str) -> str:
    word, rest = split_unit_name(text)
    return f"{word} {rest}".strip()


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
