"""Cells as reports read them: whole blocks at once, into arrays. Nothing here reads people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from reports.domain.queries.arrays import fetch_joined
from reports.domain.queries.structure import Surroundings
from reports.domain.suppression import Counted, Family, Part, People
from reports.domain.values import SUMS, CellValues

Integers = NDArray[np.int64]
Key = tuple[int, bool]
"""A unit, and whether its own staff is meant alone."""

# A unit with nothing below it is stored once: asked as one with parts, it is its own staff too.
_BLOCKS = """
    FROM (
        SELECT *, scope = 'own' AS is_own FROM reports_cellblock
        UNION ALL
        SELECT *, true FROM reports_cellblock WHERE scope = 'alone' AND unit_id = ANY(%(parents)s::bigint[])
    ) AS block WHERE unit_id = ANY(%(units)s::bigint[])
    AND (NOT is_own OR unit_id = ANY(%(chain)s::bigint[]))
    AND (%(by_group)s OR position_group_id IS NULL OR unit_id = %(unit)s AND NOT is_own)
"""
_FIELDS = (
    "unit_id",
    "is_own::int",
    "coalesce(position_group_id, 0)",
    "extract(epoch FROM folded_at) * 1000000",
    "(scope = 'alone')::int",
)
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
    blocks = _Blocks(around, by_group)
    unit = around.unit.pk
    mine = [at for at, (key, each) in enumerate(blocks.keys) if key == (unit, False) and each]
    groups = sorted(blocks.keys[at][1] for at in mine)
    rows = {(key, group or 0): row for row, key in enumerate([(unit, False), *part_keys(around)])}
    if len(rows) == 1 and not group:
        rows |= {((unit, False), each): row for row, each in enumerate(groups, start=1)}
    at = np.array([rows.get(key, -1) for key in blocks.keys], np.intp)
    sums = np.zeros((len(rows), blocks.competencies.size, SUMS), np.int64)
    chosen = np.flatnonzero(at[blocks.block] >= 0)
    sums[at[blocks.block[chosen]], blocks.column[chosen]] = blocks.sums[chosen]
    newest = blocks.folded_at[[*np.flatnonzero(at >= 0), *mine]].max(initial=0)
    folded_at = _EPOCH + timedelta(microseconds=int(newest)) if newest else None
    return PageCells(blocks.competencies.tolist(), groups, sums, folded_at), blocks.count(by_group=by_group)


class _Blocks:
    """What was read. keys: the set and the group (0: all together) of each block. competencies: the page's unit's.

    block, column, sums: of each cell in one of these competencies: its block, its competency's place, and what it says.
    """

    def __init__(self, around: Surroundings, by_group: bool) -> None:
        unit = around.unit.pk
        parameters = {
            "units": list(around.units),
            "chain": [node.pk for node in around.chain],
            "parents": [node.pk for node in around.chain if around.below[node.pk]],
            "unit": unit,
            "by_group": by_group,
        }
        arrays = {"competencies": 8, "sums": 8} | ({"beside_groups": 8, "beside": 4} if by_group else {})
        (units, own, groups, self.folded_at, self._alone), joined = fetch_joined(_BLOCKS, parameters, _FIELDS, arrays)
        self.keys = [
            ((each, bool(is_own)), group)
            for each, is_own, group in zip(units.tolist(), own.tolist(), groups.tolist(), strict=True)
        ]
        held, sums, *self._beside = joined
        self.competencies = np.unique(held.values[np.repeat((units == unit) & (own == 0), held.sizes)])
        self._sizes = held.sizes
        self._columns = self._column_of(held.values)
        known = np.flatnonzero(self._columns >= 0)
        self.block = np.repeat(np.arange(units.size), held.sizes)[known]
        self.column = self._columns[known]
        self.sums = sums.values.reshape(-1, SUMS)[known]

    def _column_of(self, competencies: Integers) -> NDArray[np.intp]:
        """Return each competency's place; -1 for one that the page does not show."""
        if not self.competencies.size:
            return np.full(competencies.size, -1)
        column = np.minimum(np.searchsorted(self.competencies, competencies), self.competencies.size - 1)
        return np.where(self.competencies[column] == competencies, column, -1)

    def count(self, *, by_group: bool) -> CountTable:
        """Return the people of every set; without `by_group` no group is known."""
        places: dict[Key, int] = {}
        sets = np.array([places.setdefault(key, len(places)) for key, _group in self.keys], np.intp)
        groups = sorted({group for _key, group in self.keys if group}, key=str) if by_group else []
        at = {group: place for place, group in enumerate([0, *groups])}
        group_of = np.array([at.get(group, -1) for _key, group in self.keys], np.intp)
        people = np.zeros((len(places) + 1, 1 + len(groups), self.competencies.size, 2), np.int64)
        known = np.flatnonzero(group_of[self.block] >= 0)
        block = self.block[known]
        people[sets[block], group_of[block], self.column[known]] = self.sums[known, :2]
        beside = np.zeros((len(people), len(groups), len(groups), self.competencies.size, 2), np.int64)
        if by_group:
            self._fill_beside(beside, sets, group_of - 1, at)
            lone = set(sets[self._alone == 1].tolist())
            alone = [place for (_unit, is_own), place in places.items() if is_own or place in lone]
            beside[alone] = _all_beside(people[alone, 1:])
        counted = Counted(people[:, 0], people[:, 1:], beside, np.zeros(len(people), np.bool_))
        return CountTable(places, groups, counted)

    def _fill_beside(
        self, beside: People, sets: NDArray[np.intp], group_of: NDArray[np.intp], at: Mapping[int, int]
    ) -> None:
        """Put in who stands beside whom: of each block, numbers by other group and competency."""
        others, counts = self._beside
        sizes = others.sizes * self._sizes
        block = np.repeat(np.arange(sizes.size), sizes)
        inside = np.arange(block.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        other, competency = np.divmod(inside, self._sizes[block])
        other += (np.cumsum(others.sizes) - others.sizes)[block]
        competency += (np.cumsum(self._sizes) - self._sizes)[block]
        column = self._columns[competency]
        other_of = np.array([at.get(group, 0) - 1 for group in others.values.tolist()], np.intp)[other]
        known = np.flatnonzero((column >= 0) & (other_of >= 0))
        block = block[known]
        beside[sets[block], group_of[block], other_of[known], column[known]] = counts.values.reshape(-1, 2)[known]


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
