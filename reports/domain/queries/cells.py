"""Cells as reports read them: whole blocks at once, into arrays. Nothing here reads people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from organisation.api import fetch_bytes_prepared
from reports.domain.queries.structure import Surroundings
from reports.domain.suppression import Counted, Family, Part, People
from reports.domain.values import COUNTS, SUMS, CellValues

Integers = NDArray[np.int64]
Key = tuple[int, bool]
"""A unit, and whether its own staff is meant alone."""

# Of most blocks the counts alone are read, for disclosure control. All come in one row, each column of one block after
# the other. Conditions are those of the blocks' index: what is not wanted is not read either.
_BLOCKS = """
    SELECT string_agg(int8send(unit_id), ''::bytea), string_agg(int8send(coalesce(position_group_id, 0)), ''::bytea),
        string_agg(int8send(CASE scope WHEN 'own' THEN 1 WHEN 'alone' THEN 2 ELSE 0 END), ''::bytea),
        string_agg(int8send(shown::int::bigint), ''::bytea),
        int8send((extract(epoch FROM max(folded_at) FILTER (WHERE shown)) * 1000000)::bigint),
        string_agg(competencies::text || beside_groups::text, ';'),
        string_agg(counts, ''::bytea), string_agg(sums, ''::bytea) FILTER (WHERE shown)
    FROM (
        SELECT *, unit_id = %(unit)s AND scope <> 'own' AND (position_group_id IS NOT NULL OR %(group)s = 0)
            OR unit_id = ANY(%(parts)s::bigint[]) AND coalesce(position_group_id, 0) = %(group)s AS shown
        FROM ({blocks}) AS found
    ) AS block
"""
_TOGETHER = """
    SELECT * FROM reports_cellblock WHERE unit_id = ANY(%(units)s::bigint[]) AND scope IN ('subtree', 'alone') {which}
    UNION ALL
    SELECT * FROM reports_cellblock WHERE unit_id = ANY(%(chain)s::bigint[]) AND scope = 'own' {which}
"""
_OF_ITS_GROUPS = """
    UNION ALL
    SELECT * FROM reports_cellblock
    WHERE unit_id = %(unit)s AND scope IN ('subtree', 'alone') AND position_group_id IS NOT NULL
"""
_BY_GROUP = _BLOCKS.format(blocks=_TOGETHER.format(which="")).encode()
_WITHOUT_GROUPS = _BLOCKS.format(
    blocks=_TOGETHER.format(which="AND position_group_id IS NULL") + _OF_ITS_GROUPS
).encode()
_SUBTREE, _OWN, _ALONE = 0, 1, 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, eq=False)
class PageCells:
    """What one page shows. competencies, groups: primary keys of those that the unit has people of, ascending.

    sums: of the unit with everything below it, then of each unit below and of its own staff where there is any unit
    below, else of each group; shape (rows, competencies, SUMS), zeros where there is no cell.
    """

    competencies: Sequence[int]
    groups: Sequence[int]
    sums: Integers
    folded_at: datetime | None


@dataclass(frozen=True, eq=False)
class CountTable:
    """How many people stand behind the cells of a chain of units and of their parts.

    places: where a set of people stands in `counted`, whose last one is nobody. groups: primary keys, in the order of
    their names, in which disclosure control takes groups that are alike.
    """

    places: Mapping[Key, int]
    groups: Sequence[int]
    counted: Counted

    def root(self, around: Surroundings) -> Counted:
        """Return the topmost unit."""
        unit = around.chain[0].pk
        return self.counted.take([self.places.get((unit, False), -1)], is_single=[unit in around.leaves])

    def family(self, unit: int, around: Surroundings) -> Family:
        """Return a unit of the chain with its parts: the units below and its own staff, or none."""
        parts: list[Part] = [node.pk for node in around.below[unit]]
        if parts:
            parts.append(None)
        at = [self.places.get((unit, True) if part is None else (part, False), -1) for part in parts]
        single = [part is None or part in around.leaves for part in parts]
        return Family(unit, parts, self.counted.take(at, is_single=single))


def part_keys(around: Surroundings) -> list[Key]:
    """Return what the page's unit is made of: the units below and its own staff; nothing without any below."""
    unit = around.unit.pk
    below = [(node.pk, False) for node in around.below[unit]]
    return [*below, (unit, True)] if below else []


def read_cells(around: Surroundings, group: int | None, *, by_group: bool) -> tuple[PageCells, CountTable]:
    """Return the cells of a unit and its parts, and the counts along its chain. One query.

    group: of the cells (None: all together). by_group: count people by position group as well.
    """
    unit = around.unit.pk
    blocks, newest = _read_blocks(around, group or 0, by_group)
    mine = [each.groups[(each.units == unit) & (each.scopes != _OWN)] for each in blocks]
    competencies = np.unique(_join([each.competencies for each, own in zip(blocks, mine, strict=True) if own.size]))
    groups = sorted(set(_join(mine).tolist()) - {0})
    rows = {(key, group or 0): row for row, key in enumerate([(unit, False), *part_keys(around)])}
    if len(rows) == 1 and not group:
        rows |= {((unit, False), each): row for row, each in enumerate(groups, start=1)}
    sums = np.zeros((len(rows), competencies.size, SUMS), np.int64)
    for each in blocks:
        known, columns = each.columns(competencies)
        told = np.concatenate([each.counts[each.shown, 0], each.sums], axis=2)[:, known]
        units, of_groups, scopes = (array[each.shown] for array in (each.units, each.groups, each.scopes))
        for is_own in (False, True):  # a unit alone, asked as one with parts, is both
            chosen = np.flatnonzero(scopes != (_SUBTREE if is_own else _OWN))
            keys = zip(units[chosen].tolist(), of_groups[chosen].tolist(), strict=True)
            at = np.array([rows.get(((of, is_own), of_group), -1) for of, of_group in keys], np.intp)
            sums[at[at >= 0, None], columns] = told[chosen[at >= 0]]
    folded_at = _EPOCH + timedelta(microseconds=newest) if newest else None
    page = PageCells(competencies.tolist(), groups, sums, folded_at)
    return page, _count(blocks, competencies, around, by_group=by_group)


@dataclass(frozen=True, eq=False)
class _Blocks:
    """k blocks with the same n competencies and the same o groups beside.

    units, groups (0: all together), scopes: shape (k,). counts: (k, 1 + o, n, 2). shown: those whose sums were read.
    sums: theirs, (shown, n, SUMS - 2).
    """

    competencies: Integers
    beside: Integers
    units: Integers
    groups: Integers
    scopes: Integers
    shown: NDArray[np.intp]
    counts: NDArray[np.int32]
    sums: Integers

    def columns(self, competencies: Integers) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
        """Return which of the blocks' competencies are among these, and where those stand there."""
        known = np.isin(self.competencies, competencies)
        return known, np.searchsorted(competencies, self.competencies[known])


def _read_blocks(around: Surroundings, group: int, by_group: bool) -> tuple[list[_Blocks], int]:
    """Return the blocks, and when the last of those whose sums are shown was folded, in microseconds; 0 without any."""
    parameters = {
        "units": _as_array(around.units),
        "chain": _as_array(node.pk for node in around.chain),
        "parts": _as_array(part for part, _is_own in part_keys(around)),
        "unit": around.unit.pk,
        "group": group,
    }
    *arrays, newest, kinds, counted, summed = (
        each or b"" for each in fetch_bytes_prepared(_BY_GROUP if by_group else _WITHOUT_GROUPS, parameters)
    )
    units, groups, scopes, shown = (np.frombuffer(each, ">i8").astype(np.int64) for each in arrays)
    # What blocks are of: competencies and groups beside, as PostgreSQL writes both. Few differ.
    kind_at: dict[bytes, int] = {}
    kind_of = np.array([kind_at.setdefault(each, len(kind_at)) for each in kinds.split(b";") if each], np.intp)
    of_kinds = [[_numbers(each) for each in kind[1:-1].split(b"}{")] for kind in kind_at]
    cells = np.array([(1 + beside.size) * competencies.size for competencies, beside in of_kinds], np.int64)
    columns = np.array([competencies.size for competencies, _beside in of_kinds], np.int64)
    counts_end = [0, *np.cumsum(4 * COUNTS * cells[kind_of]).tolist()]
    sums_end = [0, *np.cumsum(8 * (SUMS - COUNTS) * columns[kind_of] * shown).tolist()]
    found = []
    for kind, (competencies, beside) in enumerate(of_kinds):
        rows = np.flatnonzero(kind_of == kind)
        told = np.flatnonzero(shown[rows])
        counts = np.frombuffer(_join_pieces(counted, counts_end, rows), ">i4")
        sums = np.frombuffer(_join_pieces(summed, sums_end, rows[told]), ">i8")
        found.append(
            _Blocks(
                competencies,
                beside,
                units[rows],
                groups[rows],
                scopes[rows],
                told,
                counts.astype(np.int32).reshape(rows.size, 1 + beside.size, competencies.size, COUNTS),
                sums.reshape(told.size, competencies.size, SUMS - COUNTS),
            )
        )
    return found, int.from_bytes(newest)


def _as_array(numbers: Iterable[int]) -> str:
    """Return a bigint[] as PostgreSQL reads it: psycopg would write out each of hundreds by itself."""
    return f"{{{','.join(map(str, numbers))}}}"


def _numbers(array: bytes) -> Integers:
    """Return what stands between the braces of a bigint[] as PostgreSQL writes it."""
    return np.array(array.split(b",") if array else (), np.int64)


def _join_pieces(values: bytes, ends: Sequence[int], pieces: NDArray[np.intp]) -> bytes:
    """Return pieces of what comes one after the other. ends: of each of them all, after a first 0."""
    return b"".join([values[ends[piece] : ends[piece + 1]] for piece in pieces.tolist()])


def _count(blocks: Sequence[_Blocks], competencies: Integers, around: Surroundings, *, by_group: bool) -> CountTable:
    """Return the people of every set; without `by_group` no group is known."""
    keys = _sets(around)
    places = {key: place for place, key in enumerate(keys)}
    groups = sorted(set(_join([each.groups for each in blocks]).tolist()) - {0}, key=str) if by_group else []
    width = 1 + len(groups)
    # The first of the second groups is a group's own people, the others are those beside whom they stand. Of each, the
    # people required and assessed make one number of twice the width, which is moved at once.
    pairs = np.zeros((len(keys) + 1, width, width, competencies.size), np.int64)
    at, alone = {group: place for place, group in enumerate([0, *groups])}, set[int]()
    for each in blocks:
        of_sets = zip(each.units.tolist(), (each.scopes == _OWN).tolist(), strict=True)
        s = np.array([places.get(key, -1) for key in of_sets], np.intp)
        alone.update(s[(each.scopes == _ALONE) & (s >= 0)].tolist())
        g = np.array([at.get(group, -1) for group in each.groups.tolist()], np.intp)
        o = np.array([0, *(at.get(group, -1) for group in each.beside.tolist())], np.intp)
        columns = np.minimum(np.searchsorted(each.competencies, competencies), each.competencies.size - 1)
        counts = each.counts.view(np.int64)[..., 0].take(columns, axis=2)
        counts[..., each.competencies[columns] != competencies] = 0
        rows, others = (s >= 0) & (g >= 0), o >= 0
        if not (rows.all() and others.all()):
            s, g, o, counts = s[rows], g[rows], o[others], counts[rows][:, others]
        pairs[s[:, None], g[:, None], o] = counts
    people = pairs.view(np.int32).reshape(*pairs.shape, COUNTS)
    count, by_groups, beside = people[:, 0, 0], people[:, 1:, 0], people[:, 1:, 1:]
    if groups:
        single = sorted(alone | {place for (_unit, is_own), place in places.items() if is_own})
        beside[single] = _all_beside(by_groups[single])
    # A unit with nothing below it is stored once: asked as one with parts, it is its own staff too.
    for node in around.chain:
        whole = places[node.pk, False]
        if around.below[node.pk] and whole in alone:
            people[places[node.pk, True]] = people[whole]
    return CountTable(places, groups, Counted(count, by_groups, beside, np.zeros(len(people), np.bool_)))


def _sets(around: Surroundings) -> list[Key]:
    """Return all sets along the chain: the topmost unit, then each unit's parts in their order, side by side."""
    found = [(around.chain[0].pk, False)]
    for node in around.chain:
        below = around.below[node.pk]
        found += [(each.pk, False) for each in below]
        if below:
            found.append((node.pk, True))
    return found


def _join(arrays: Sequence[Integers]) -> Integers:
    return np.concatenate([np.empty(0, np.int64), *arrays])


def _all_beside(groups: People) -> People:
    """Return whom people of single units stand beside: everybody of a group each other group that has people.

    groups: shape (sets, groups, competencies, 2).
    """
    beside: People = groups[:, :, None] * (groups[:, None] > 0)
    every = range(groups.shape[1])
    beside[:, every, every] = 0
    return beside


def table_of(rows: Mapping[Key, Mapping[int, CellValues]], columns: Sequence[int]) -> tuple[Integers, CountTable]:
    """Return sums of sets by column, shape (sets + 1, columns, SUMS), and how many people stand behind them.

    rows: of each set, the cells of columns (competencies, say); others than those of `columns` are left out.
    """
    at = {column: place for place, column in enumerate(columns)}
    sums = np.zeros((len(rows) + 1, len(columns), SUMS), np.int64)
    for place, row in enumerate(rows.values()):
        for column, values in row.items():
            if column in at:
                sums[place, at[column]] = values.sums
    none = np.zeros((len(sums), 0, len(columns), 2), np.int64)
    counted = Counted(sums[..., :2], none, none[:, :, None], np.zeros(len(sums), np.bool_))
    return sums, CountTable({key: place for place, key in enumerate(rows)}, [], counted)
