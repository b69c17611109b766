"""What a cell says: whole numbers that add up exactly. Pure Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

MILLION = 1_000_000
"""Sums are kept in millionths."""
SUMS = 14
"""Numbers that a cell adds up: required, assessed, below, spread, unit variance, shortfall, and 8 levels."""
COUNTS = 2
"""The first of them, required and assessed, count people."""
UNIT_VARIANCE = 4
"""The place of the one that units do not add up where parts of one former unit meet; see decision 9."""


class CellKey(NamedTuple):
    """Primary keys of unit, competency and position group; the group is None for all groups together."""

    unit: int
    competency: int
    group: int | None


@dataclass(frozen=True, slots=True)
class CellValues:
    """The additive sums of a cell.

    required, assessed: people. below, spread, unit_variance: millionths of people below their requirement, of the
    part of its variance that is each person's own, and of the part that comes from the unit's mean. shortfall:
    millionths of levels. levels: millionths of people at each of 8 levels. beside: (other group, required, assessed) in
    the order of groups: people of the cell's group whose unit has required (assessed) people of the other group too.
    """

    required: int = 0
    assessed: int = 0
    below: int = 0
    spread: int = 0
    unit_variance: int = 0
    shortfall: int = 0
    levels: tuple[int, ...] = (0,) * 8
    beside: tuple[tuple[int, int, int], ...] = ()

    @property
    def sums(self) -> tuple[int, ...]:
        """The SUMS numbers."""
        return (
            self.required,
            self.assessed,
            self.below,
            self.spread,
            self.unit_variance,
            self.shortfall,
            *self.levels,
        )

    def __add__(self, other: "CellValues") -> "CellValues":
        return CellValues(
            self.required + other.required,
            self.assessed + other.assessed,
            self.below + other.below,
            self.spread + other.spread,
            self.unit_variance + other.unit_variance,
            self.shortfall + other.shortfall,
            tuple(a + b for a, b in zip(self.levels, other.levels, strict=True)),
            _add_beside(self.beside, other.beside),
        )

    def __neg__(self) -> "CellValues":
        return CellValues(
            -self.required,
            -self.assessed,
            -self.below,
            -self.spread,
            -self.unit_variance,
            -self.shortfall,
            tuple(-value for value in self.levels),
            tuple((group, -required, -assessed) for group, required, assessed in self.beside),
        )

    def __sub__(self, other: "CellValues") -> "CellValues":
        return self + -other


def values_of_sums(sums: Sequence[int], beside: tuple[tuple[int, int, int], ...] = ()) -> CellValues:
    """Return the cell of SUMS numbers: the six of a CellValues before `levels`, then the levels."""
    required, assessed, below, spread, unit_variance, shortfall, *levels = sums
    return CellValues(required, assessed, below, spread, unit_variance, shortfall, tuple(levels), beside)


def _add_beside(
    first: tuple[tuple[int, int, int], ...], second: tuple[tuple[int, int, int], ...]
) -> tuple[tuple[int, int, int], ...]:
    if not second:
        return first
    sums = {group: (required, assessed) for group, required, assessed in first}
    for group, required, assessed in second:
        held = sums.get(group, (0, 0))
        sums[group] = (held[0] + required, held[1] + assessed)
    return tuple((group, *counts) for group, counts in sorted(sums.items()) if counts != (0, 0))


EMPTY = CellValues()
