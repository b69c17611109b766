"""The cells of some units side by side in one array: what is added, taken away and compared by the thousand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from reports.domain.values import SUMS, CellKey, CellValues, values_of_sums

Integers: TypeAlias = NDArray[np.int64]

Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Axes:
    """Primary keys, ascending. Group 0 of a table is all position groups together, group g + 1 is groups[g]."""

    competencies: Integers
    groups: Integers


@dataclass(frozen=True, eq=False)
class CellTable:
    """cells: shape (units, 1 + groups, competencies, 14). beside: people of a group whose unit has required (assessed)
    people of another group too, shape (units, groups, groups, competencies, 2).
    """

    axes: Axes
    units: Sequence[int]
    cells: Integers
    beside: Integers

    @property
    def assessed(self) -> int:
        """How many estimates the cells count."""
        return int(self.cells[:, 0, :, 1].sum())

    @property
    def changes(self) -> Mask:
        """Where anything is not zero, shape (units, 1 + groups, competencies)."""
        found = np.asarray(self.cells.any(axis=3))
        found[:, 1:] |= self.beside.any(axis=(2, 4))
        return found

    @property
    def held(self) -> Mask:
        """Where a block has cells of somebody, shape (units, 1 + groups)."""
        return np.asarray(self.cells[..., 0].any(axis=2))

    def take(self, chosen: Sequence[bool]) -> "CellTable":
        """Return the cells of some of the units, shape (units,)."""
        at = np.flatnonzero(chosen)
        return CellTable(self.axes, [self.units[each] for each in at.tolist()], self.cells[at], self.beside[at])

    def keys(self, chosen: Mask) -> list[CellKey]:
        """Return the keys of chosen cells, shape (units, 1 + groups, competencies)."""
        groups = [None, *self.axes.groups.tolist()]
        competencies = self.axes.competencies.tolist()
        return [CellKey(self.units[u], competencies[c], groups[g]) for u, g, c in np.argwhere(chosen).tolist()]

    def as_dict(self) -> dict[CellKey, CellValues]:
        """Return the cells of somebody one by one."""
        chosen = self.cells[..., 0] > 0
        others = self.axes.groups.tolist()
        found = {}
        for key, (u, g, c) in zip(self.keys(chosen), np.argwhere(chosen).tolist(), strict=True):
            counts = self.beside[u, g - 1, :, c].tolist() if g else []
            beside = tuple((other, *each) for other, each in zip(others, counts, strict=False) if any(each))
            found[key] = values_of_sums(self.cells[u, g, c].tolist(), beside)
        return found


def empty_table(axes: Axes, units: Sequence[int]) -> CellTable:
    """Return the cells of nobody."""
    groups, competencies = axes.groups.size, axes.competencies.size
    return CellTable(
        axes,
        units,
        np.zeros((len(units), 1 + groups, competencies, SUMS), np.int64),
        np.zeros((len(units), groups, groups, competencies, 2), np.int64),
    )


def fill_beside(table: CellTable, chosen: Mask | slice = slice(None)) -> None:
    """Say who stands beside whom, of units' own cells: everybody of a group beside each other group that has people.

    chosen: of which units, shape (units,).
    """
    counts = table.cells[chosen, 1:, :, :2]
    beside = counts[:, :, None] * (counts[:, None] > 0)
    every = range(table.axes.groups.size)
    beside[:, every, every] = 0
    table.beside[chosen] = beside
