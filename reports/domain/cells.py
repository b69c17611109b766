"""Reading and writing cells. They are stored in blocks: a unit's cells of one position group in all competencies."""

import struct
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from django.db import connection

from competencies.models import Competency
from organisation.models import PositionGroup
from reports.domain.cell_table import Axes, CellTable, Integers, Mask, empty_table, fill_beside
from reports.domain.queries.arrays import copy_rows, fetch_rows, pack
from reports.domain.values import SUMS, CellKey
from reports.models import Cell, CellBlock

Parents = Mapping[int, int | None]
"""Each unit in force and the unit above it, None for a root: a unit is one too when its parent is not in force."""

_UNITS_AT_A_TIME = 200
_READ = """
    SELECT ARRAY[unit_id, coalesce(position_group_id, 0)], competencies, sums, beside_groups, beside::bigint[]
    FROM reports_cellblock WHERE scope = %(scope)s AND unit_id = ANY(%(units)s::bigint[])
"""
_REMOVE = """
    DELETE FROM reports_cellblock b USING unnest(%s::bigint[], %s::bigint[]) AS old (unit, position_group)
    WHERE b.scope = %s AND b.unit_id = old.unit AND coalesce(b.position_group_id, 0) = old.position_group
"""
_COLUMNS = "unit_id, scope, position_group_id, competencies, sums, beside_groups, beside, folded_at"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""PostgreSQL counts microseconds from here."""


def read_axes() -> Axes:
    """Return every competency and position group that there is. Two queries."""
    return Axes(
        *(
            np.array(sorted(model.objects.values_list("pk", flat=True)), np.int64)
            for model in (Competency, PositionGroup)
        )
    )


def read_table(axes: Axes, units: Sequence[int], scope: str) -> CellTable:
    """Return the stored cells of the units. One query. Who stands beside whom is stored of subtrees alone."""
    table = empty_table(axes, units)
    at = {unit: place for place, unit in enumerate(units)}
    parameters = {"scope": scope, "units": list(units)}
    for (unit, group), competencies, sums, others, beside in fetch_rows(_READ, parameters):
        known = np.isin(competencies, axes.competencies)
        u, g = at[int(unit)], int(np.searchsorted(axes.groups, group)) + 1 if group else 0
        c = np.searchsorted(axes.competencies, competencies[known])
        table.cells[u, g, c] = sums.reshape(-1, SUMS)[known]
        if others.size:
            o = np.searchsorted(axes.groups, others)
            table.beside[u, g - 1, o[:, None], c] = beside.reshape(others.size, -1, 2)[:, known]
    if scope == Cell.Scope.OWN:
        fill_beside(table)
    return table


def write_table(scope: str, table: CellTable, changed: Mask, now: datetime) -> None:
    """Store the blocks, shape (units, 1 + groups), as given; a cell of nobody is none."""
    groups = np.array([0, *table.axes.groups])
    places = np.argwhere(changed)
    if not places.size:
        return
    with connection.cursor() as cursor:
        units = np.array(table.units)[places[:, 0]]
        cursor.execute(_REMOVE, [units.tolist(), groups[places[:, 1]].tolist(), scope])
    moment = struct.pack(">q", round((now - _EPOCH).total_seconds() * 1_000_000))
    copy_rows("reports_cellblock", _COLUMNS, _packed(scope, table, places, moment))


def _packed(scope: str, table: CellTable, places: Integers, moment: bytes) -> Iterator[tuple[bytes | None, ...]]:
    groups = [None, *(struct.pack(">q", group) for group in table.axes.groups)]
    for u, g in places.tolist():
        known = table.cells[u, g, :, 0] > 0
        if not known.any():
            continue
        others, beside = np.empty(0, np.int64), np.empty(0, np.int64)
        if g and scope == Cell.Scope.SUBTREE:
            counts = table.beside[u, g - 1][:, known]
            there = counts.any(axis=(1, 2))
            others, beside = table.axes.groups[there], counts[there]
        yield (
            struct.pack(">q", table.units[u]),
            scope.encode(),
            groups[g],
            pack(table.axes.competencies[known]),
            pack(table.cells[u, g, known]),
            pack(others),
            pack(beside, width=4),
            moment,
        )


def add_to_subtrees(changes: CellTable, parents: Parents, now: datetime) -> None:
    """Add the changes of own cells to the subtree cells of their units and of every unit above them."""
    above = {unit: list(units_above(unit, parents)) for unit in changes.units}
    units = sorted({each for found in above.values() for each in found})
    at = {unit: place for place, unit in enumerate(units)}
    added = empty_table(changes.axes, units)
    for place, unit in enumerate(changes.units):
        for each in above[unit]:
            added.cells[at[each]] += changes.cells[place]
            added.beside[at[each]] += changes.beside[place]
    changed = np.any(added.changes, axis=2)
    stored = read_table(changes.axes, units, Cell.Scope.SUBTREE)
    added.cells[...] += stored.cells
    added.beside[...] += stored.beside
    write_table(Cell.Scope.SUBTREE, added, changed, now)


def sum_subtrees(parents: Parents, now: datetime, units: Collection[int] | None = None) -> list[CellKey]:
    """Bring the subtree cells of the units (None: of all) up to date; return the keys of those that were not.

    Each is the sum of the unit's own cells and of the subtree cells of the units directly below it.
    """
    axes = read_axes()
    below: dict[int | None, list[int]] = defaultdict(list)
    for unit, parent in parents.items():
        below[parent].append(unit)
    there = set(CellBlock.objects.values_list("unit_id", flat=True).distinct()) if units is None else set(units)
    roots = [*below[None], *sorted(there - parents.keys())]
    order = [unit for unit in _children_first(roots, below) if units is None or unit in there]
    summed = set(order)
    waiting: dict[int, tuple[Integers, ...]] = {}
    wrong: list[CellKey] = []
    for start in range(0, len(order), _UNITS_AT_A_TIME):
        chosen = order[start : start + _UNITS_AT_A_TIME]
        table = read_table(axes, chosen, Cell.Scope.OWN)
        at = {unit: place for place, unit in enumerate(chosen)}
        others = {child: at[unit] for unit in chosen for child in below[unit] if child not in summed}
        beyond = read_table(axes, list(others), Cell.Scope.SUBTREE)
        for child, place in enumerate(others.values()):
            table.cells[place] += beyond.cells[child]
            table.beside[place] += beyond.beside[child]
        for place, unit in enumerate(chosen):
            sums = table.cells[place], table.beside[place]
            for held, more in zip(sums, waiting.pop(unit, ()), strict=False):
                held += more
            parent = parents.get(unit)
            if parent is not None and parent in summed:
                for total, each in zip(waiting.setdefault(parent, tuple(map(np.zeros_like, sums))), sums, strict=True):
                    total += each
        stored = read_table(axes, chosen, Cell.Scope.SUBTREE)
        stored.cells[...] -= table.cells
        stored.beside[...] -= table.beside
        changes = stored.changes
        write_table(Cell.Scope.SUBTREE, table, np.any(changes, axis=2), now)
        wrong += table.keys(changes)
    return wrong


def units_above(unit: int, parents: Parents) -> Iterator[int]:
    """Yield the unit and those above it."""
    at: int | None = unit
    while at is not None:
        yield at
        at = parents.get(at)


def _children_first(roots: Sequence[int], below: Mapping[int | None, Sequence[int]]) -> list[int]:
    """Return all units with those below each right before it, so that few sums wait at a time."""
    order, left = [], list(roots)
    while left:
        unit = left.pop()
        order.append(unit)
        left += below.get(unit, ())
    return order[::-1]
