"""Reading and writing cells. They are stored in blocks: a unit's cells of one position group in all competencies."""

import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import psycopg
from django.db import connection

from competencies.models import Competency
from organisation.models import PositionGroup
from reports.domain.cell_table import Axes, CellTable, Integers, Mask, empty_table, fill_beside
from reports.domain.queries.arrays import (
    copy_rows,
    fetch_packed,
    open_link,
    pack_rows,
    packed_bytes,
    unpack,
    unpack_bytes,
)
from reports.domain.values import COUNTS, SUMS, CellKey
from reports.models import Cell, CellBlock

Parents = Mapping[int, int | None]
"""Each unit in force and the unit above it, None for a root: a unit is one too when its parent is not in force."""

_UNITS_AT_A_TIME = 200
_READ = """
    SELECT ARRAY[unit_id, coalesce(position_group_id, 0), (scope = 'alone')::int], competencies, counts, sums,
           beside_groups
    FROM reports_cellblock WHERE scope IN (%(scope)s, 'alone') AND unit_id = ANY(%(units)s::bigint[])
"""
_REMOVE = """
    DELETE FROM reports_cellblock b USING unnest(%s::bigint[], %s::bigint[]) AS old (unit, position_group)
    WHERE b.unit_id = ANY(%s::bigint[]) AND (b.scope = 'subtree') = %s
        AND b.unit_id = old.unit AND coalesce(b.position_group_id, 0) = old.position_group
"""
# Whether something is below a unit says as what its own cells are stored.
_SETTLE = """
    UPDATE reports_cellblock SET scope = CASE WHEN unit_id = ANY(%(inner)s) THEN 'own' ELSE 'alone' END
    WHERE scope = CASE WHEN unit_id = ANY(%(inner)s) THEN 'alone' ELSE 'own' END AND unit_id = ANY(%(units)s)
"""
_COUNT = "SELECT sum(cardinality(competencies) * CASE scope WHEN 'alone' THEN 2 ELSE 1 END) FROM reports_cellblock"
_COLUMNS = "unit_id, scope, position_group_id, competencies, counts, sums, beside_groups, folded_at"
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


def read_table(axes: Axes, units: Sequence[int], scope: str, link: psycopg.Connection[Any] | None = None) -> CellTable:
    """Return the stored cells of the units. One query. Who stands beside whom is stored of subtrees alone.

    units: ascending. link: by which connection, None for the thread's own.
    """
    table, alone = empty_table(axes, units), np.zeros(len(units), np.bool_)
    blocks: dict[tuple[bytes, bytes], list[tuple[bytes, bytes, bytes]]] = defaultdict(list)
    for place, competencies, counted, summed, others in fetch_packed(
        _READ, {"scope": scope, "units": list(units)}, link
    ):
        blocks[competencies, others].append((place, counted, summed))
    # Units have few sets of competencies: the blocks that have the same go into the table together.
    for (competencies, others), rows in blocks.items():
        places, counts_of, sums_of = zip(*rows, strict=True)
        unit, group, is_alone = unpack(places).reshape(-1, 3).T
        held, beside_held = unpack([competencies]), unpack([others])
        known = np.isin(held, axes.competencies)
        c = np.searchsorted(axes.competencies, held[known])
        u, g = np.searchsorted(units, unit), np.where(group == 0, 0, np.searchsorted(axes.groups, group) + 1)
        alone[u] = is_alone
        people = unpack_bytes(counts_of, 4).reshape(unit.size, 1 + beside_held.size, held.size, COUNTS)[:, :, known]
        sums = unpack_bytes(sums_of, 8).reshape(unit.size, held.size, SUMS - COUNTS)[:, known]
        table.cells[u[:, None], g[:, None], c] = np.concatenate([people[:, 0], sums], axis=2)
        if beside_held.size:
            o = np.searchsorted(axes.groups, beside_held)[:, None]
            table.beside[u[:, None, None], g[:, None, None] - 1, o, c] = people[:, 1:]
    fill_beside(table, alone | (scope == Cell.Scope.OWN))
    return table


def count_cells() -> int:
    """Return how many cells there are. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT)
        return int(cursor.fetchone()[0] or 0)


@dataclass(frozen=True, eq=False)
class PackedTable:
    """Blocks of cells as they are stored: those that go, by unit and group in their order, and the rows that come."""

    scope: str
    units: list[int]
    groups: list[int]
    rows: list[bytes]


def pack_table(scope: str, table: CellTable, changed: Mask, held: Mask, now: datetime, parents: Parents) -> PackedTable:
    """Return the blocks that changed, to be stored as given; a cell of nobody is none.

    changed, held: which blocks do and which were stored before, shape (units, 1 + groups). What is stored of a unit's
    own people is all there is to a unit that has nothing below it.
    """
    units, groups = np.array(table.units), np.array([0, *table.axes.groups])
    places, (u, g) = np.argwhere(changed), np.nonzero(changed & held)
    rows = list(_packed(scope, table, places, now, set(parents.values()))) if places.size else []
    return PackedTable(scope, units[u].tolist(), groups[g].tolist(), rows)


def store_table(packed: PackedTable) -> None:
    """Store blocks."""
    if packed.units:
        inside = sorted(set(packed.units))
        with connection.cursor() as cursor:
            cursor.execute(_REMOVE, [packed.units, packed.groups, inside, packed.scope == Cell.Scope.SUBTREE])
    if packed.rows:
        copy_rows("reports_cellblock", _COLUMNS, packed.rows)


def _packed(
    scope: str, table: CellTable, places: Integers, now: datetime, inner: Collection[int | None]
) -> Iterator[bytes]:
    """Yield the blocks, of which those with the same competencies and neighbours are packed together."""
    moment = struct.pack(">q", round((now - _EPOCH).total_seconds() * 1_000_000))
    u, g = places.T
    known = table.cells[u, g, :, 0] > 0
    there = table.beside[u, g - 1].any(axis=(2, 3)) & ((g > 0) & (scope == Cell.Scope.SUBTREE))[:, None]
    is_inner = np.array([unit in inner for unit in table.units])[u]
    likes: dict[bytes, list[int]] = defaultdict(list)
    for place, like in enumerate(np.column_stack([known, there, g > 0, is_inner])):
        likes[like.tobytes()].append(place)
    units = np.asarray(table.units)
    for like in likes.values():
        (c,), (o,), first = np.nonzero(known[like[0]]), np.nonzero(there[like[0]]), like[0]
        if not c.size:
            continue
        at, group, count = u[like], g[like], len(like)
        cells = table.cells[at[:, None], group[:, None], c]
        beside = table.beside[at[:, None, None], group[:, None, None] - 1, o[:, None], c]
        yield pack_rows(
            count,
            [
                units[at],
                (scope if is_inner[first] else CellBlock.Scope.ALONE).encode(),
                table.axes.groups[group - 1] if g[first] else None,
                np.broadcast_to(table.axes.competencies[c], (count, c.size)),
                packed_bytes(np.concatenate([cells[:, None, :, :COUNTS], beside], axis=1), 4),
                packed_bytes(cells[..., COUNTS:], 8),
                np.broadcast_to(table.axes.groups[o], (count, o.size)),
                moment,
            ],
        )


def add_to_subtrees(changes: Iterable[CellTable], units: Iterable[int], parents: Parents, now: datetime) -> int:
    """Add the changes of own cells to the subtree cells of their units and of every unit above them.

    changes: of these units, some at a time. What is stored of the units above is read by a thread, before and while
    they come. Return by how many the estimates that are counted grew.
    """
    axes, link, inner = read_axes(), open_link(), set(parents.values())
    all_above = sorted({each for unit in units for each in units_above(unit, parents) if each in inner})
    parts = [all_above[start : start + _UNITS_AT_A_TIME] for start in range(0, len(all_above), _UNITS_AT_A_TIME)]
    place_of = {unit: (part, at) for part, inside in enumerate(parts) for at, unit in enumerate(inside)}
    changed = [np.zeros((len(part), 1 + axes.groups.size), np.bool_) for part in parts]
    assessed = 0
    with ThreadPoolExecutor(1) as worker:
        coming = [worker.submit(read_table, axes, part, Cell.Scope.SUBTREE, link) for part in parts]
        held = {}
        for each in changes:
            assessed += each.assessed
            touched = np.any(each.changes, axis=2)
            for row, unit in enumerate(each.units):
                for part, at in (place_of[above] for above in units_above(unit, parents) if above in inner):
                    stored = coming[part].result()
                    if part not in held:
                        held[part] = stored.held
                    stored.cells[at] += each.cells[row]
                    stored.beside[at] += each.beside[row]
                    changed[part][at] |= touched[row]
        packing = [
            worker.submit(
                pack_table, Cell.Scope.SUBTREE, coming[part].result(), changed[part], held[part], now, parents
            )
            for part in sorted(held)
        ]
        for packed in packing:
            store_table(packed.result())
    return assessed


def sum_subtrees(
    parents: Parents, now: datetime, units: Collection[int] | None = None, own: Iterable[CellTable] | None = None
) -> list[CellKey]:
    """Bring the subtree cells of the units (None: of all) up to date; return the keys of those that were not.

    Each is the sum of the unit's own cells and of the subtree cells of the units directly below it. own: the units' own
    cells, in the order of `children_first`, some at a time; None: those that are stored.
    """
    axes, below = read_axes(), _below(parents)
    if units is None:
        units = parents.keys() | set(CellBlock.objects.values_list("unit_id", flat=True).distinct())
    order = children_first(units, parents)
    place = {unit: at for at, unit in enumerate(order)}
    inner = [unit for unit in order if below[unit]]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"inner": inner, "units": order})
    CellBlock.objects.filter(scope=Cell.Scope.SUBTREE, unit__in=place.keys() - set(inner)).delete()
    if own is None:
        starts = range(0, len(order), _UNITS_AT_A_TIME)
        own = (read_table(axes, sorted(order[start : start + _UNITS_AT_A_TIME]), Cell.Scope.OWN) for start in starts)
    waiting: dict[int, tuple[Integers, ...]] = {}
    wrong: list[CellKey] = []
    for table in own:
        at = {unit: row for row, unit in enumerate(table.units)}
        others = {child: at[unit] for unit in table.units for child in below[unit] if child not in place}
        beyond = read_table(axes, sorted(others), Cell.Scope.SUBTREE)
        for child, unit in enumerate(beyond.units):
            table.cells[others[unit]] += beyond.cells[child]
            table.beside[others[unit]] += beyond.beside[child]
        for unit in sorted(table.units, key=place.__getitem__):
            sums = table.cells[at[unit]], table.beside[at[unit]]
            for held, more in zip(sums, waiting.pop(unit, ()), strict=False):
                held += more
            parent = parents.get(unit)
            if parent is not None and parent in place:
                for total, each in zip(waiting.setdefault(parent, tuple(map(np.zeros_like, sums))), sums, strict=True):
                    total += each
        # Of a unit that has nothing below it, the own cells say both.
        summed = table.take([bool(below[unit]) for unit in table.units])
        stored = read_table(axes, summed.units, Cell.Scope.SUBTREE)
        held = stored.held
        stored.cells[...] -= summed.cells
        stored.beside[...] -= summed.beside
        changes = stored.changes
        store_table(pack_table(Cell.Scope.SUBTREE, summed, np.any(changes, axis=2), held, now, parents))
        wrong += summed.keys(changes)
    return wrong


def units_above(unit: int, parents: Parents) -> Iterator[int]:
    """Yield the unit and those above it."""
    at: int | None = unit
    while at is not None:
        yield at
        at = parents.get(at)


def children_first(units: Collection[int], parents: Parents) -> list[int]:
    """Return the units with those below each right before it, so that few sums wait at a time."""
    below, chosen = _below(parents), set(units)
    order, left = [], [*below[None], *sorted(chosen - parents.keys())]
    while left:
        unit = left.pop()
        order.append(unit)
        left += below[unit]
    return [unit for unit in reversed(order) if unit in chosen]


def _below(parents: Parents) -> defaultdict[int | None, list[int]]:
    below: defaultdict[int | None, list[int]] = defaultdict(list)
    for unit, parent in parents.items():
        below[parent].append(unit)
    return below
