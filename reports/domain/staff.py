"""People with what their posts require and what is known of them: as the cells count them. Pure numpy."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reports.domain.distribution import Floats, Integers
from reports.domain.own_cells import Placements

ROW = np.dtype([("competency", "<i4"), ("level", "u1"), ("mean", "<f8"), ("se", "<f8")])
"""A competency that a person's post requires, the level, and the estimate, nan where there is none."""

_AT_A_TIME = 1 << 15
"""So many rows that what is made of them stays in the processor's cache."""


@dataclass(frozen=True, eq=False)
class Touched:
    """Cells that changed people concern: units and competencies, pair by pair in any order, shape (n,)."""

    unit: Integers
    competency: Integers

    @classmethod
    def of(cls, found: Sequence[tuple[Integers, np.ndarray]]) -> "Touched":
        """Return the cells of rows of ROW, with the unit of each."""
        none = np.empty(0, np.int64)
        units, rows = [unit for unit, _rows in found], [rows["competency"] for _unit, rows in found]
        return cls(np.concatenate([none, *units]), np.concatenate([none, *rows]))

    def among(self, units: Sequence[int], competencies: Integers) -> NDArray[np.bool_]:
        """Say which competencies of some units they are, shape (units, competencies). Both ascending."""
        found = np.zeros((len(units), competencies.size), np.bool_)
        mine = np.isin(self.unit, units)
        places = np.searchsorted(units, self.unit[mine]), np.searchsorted(competencies, self.competency[mine])
        found[places] = True
        return found


@dataclass(frozen=True, eq=False)
class Staff:
    """People in the order of units and people.

    person, unit, group: primary keys, shape (n,). sizes: how many rows each has, one at least, shape (n,). rows: of one
    person after the other, competencies ascending, shape (m,) of ROW. at: date of each row's latest evidence in seconds
    since 1970, nan where there is none, shape (m,); None where nobody asked.
    """

    person: Integers
    unit: Integers
    group: Integers
    sizes: Integers
    rows: np.ndarray
    at: Floats | None = None

    def placements(self) -> Placements:
        """Return a row per person and competency, as what computes cells takes them."""
        return self._placed(self._order(), self._owners())

    def by_competency(
        self, chosen: tuple[Integers, NDArray[np.bool_]] | None = None
    ) -> Iterator[tuple[int, Placements]]:
        """Yield each competency with its rows, in the order of the people.

        chosen: competencies, ascending, and which of them by unit are wanted, shape (units, competencies), where people
        have the places of units, as `among` gives them. None: all. One of which nobody has a row is left out.
        """
        competencies, place_of = self._competencies()
        # A table with a line for each competency: rows are sooner written to their places than put in order.
        shape = competencies.size, self.sizes.size
        level, mean, se = np.zeros(shape, np.uint8), np.empty(shape), np.empty(shape)
        moment = None if self.at is None else np.empty(shape)
        owners = self._owners()
        for start in range(0, owners.size, _AT_A_TIME):
            some = slice(start, start + _AT_A_TIME)
            rows = self.rows[some]
            at = place_of.take(rows["competency"]) * shape[1] + owners[some]
            level.ravel()[at] = rows["level"]
            mean.ravel()[at] = rows["mean"].astype(np.float64)
            se.ravel()[at] = rows["se"].astype(np.float64)
            if moment is not None and self.at is not None:
                moment.ravel()[at] = self.at[some]
        for place, competency in enumerate(competencies.tolist()):
            is_mine = level[place] > 0
            if chosen is not None:
                axis, wanted = chosen
                is_mine &= wanted[:, np.searchsorted(axis, competency)][self.unit]
            who = np.flatnonzero(is_mine)
            if not who.size:
                continue
            yield (
                competency,
                Placements(
                    self.unit.take(who),
                    self.group.take(who),
                    np.full(who.size, competency),
                    self.person.take(who),
                    level[place].take(who).astype(np.int64),
                    mean[place].take(who),
                    se[place].take(who),
                    at=None if moment is None else moment[place].take(who),
                ),
            )

    def _competencies(self) -> tuple[Integers, Integers]:
        """The competencies that there are, ascending, and the place of each among them, by competency."""
        found = np.flatnonzero(np.bincount(self.rows["competency"]))
        place = np.zeros(found.max(initial=0) + 1, np.int64)
        place[found] = np.arange(found.size)
        return found, place

    def _order(self) -> NDArray[np.intp]:
        """The places of rows in the order of competencies, and in the order that they stand in, shape (m,)."""
        competency = self.rows["competency"]
        # Small numbers are sorted digit by digit, in no time.
        small = competency.astype(np.uint16) if competency.max(initial=0) < 1 << 16 else competency
        return np.argsort(small, kind="stable")

    def _owners(self) -> NDArray[np.intp]:
        """Whose each row is, shape (m,)."""
        return np.repeat(np.arange(self.sizes.size), self.sizes)

    def _placed(self, at: NDArray[np.intp], people: NDArray[np.intp]) -> Placements:
        of, rows = people[at], _gather(self.rows, at)
        return Placements(
            self.unit[of],
            self.group[of],
            rows["competency"].astype(np.int64),
            self.person[of],
            rows["level"].astype(np.int64),
            rows["mean"].astype(np.float64),
            rows["se"].astype(np.float64),
            at=None if self.at is None else self.at[at],
        )

    def among(self, units: Sequence[int], groups: Integers) -> "Staff":
        """Return them with the place of each unit and group among these, ascending, instead of its primary key."""
        unit, group = np.searchsorted(np.asarray(units), self.unit), np.searchsorted(groups, self.group)
        return replace(self, unit=unit, group=group)

    def in_order(self, order: NDArray[np.intp]) -> "Staff":
        """Return the people in another order, shape (n,), without the dates."""
        sizes = self.sizes[order]
        starts = (np.cumsum(self.sizes) - self.sizes)[order]
        at = np.arange(sizes.sum()) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
        return Staff(self.person[order], self.unit[order], self.group[order], sizes, _gather(self.rows, at))

    def take(self, chosen: NDArray[np.bool_]) -> "Staff":
        """Return some of the people, shape (n,), without the dates."""
        return replace(self, at=None) if chosen.all() else self.in_order(np.flatnonzero(chosen))

    def equals(self, other: "Staff") -> bool:
        """Whether the same is said of the same people, to the last bit."""
        return all(
            mine.shape == others.shape and mine.tobytes() == others.tobytes()
            for mine, others in (
                (getattr(self, name), getattr(other, name)) for name in ("person", "unit", "group", "sizes", "rows")
            )
        )

    def by_place(self) -> dict[tuple[int, int], tuple[int, bytes]]:
        """Return the group and the rows, as bytes, of each person and unit."""
        rows = self.rows.tobytes()
        ends = (np.cumsum(self.sizes) * ROW.itemsize).tolist()
        starts = [0, *ends][:-1]
        columns = (each.tolist() for each in (self.person, self.unit, self.group))
        return {
            (person, unit): (group, rows[start:end])
            for person, unit, group, start, end in zip(*columns, starts, ends, strict=True)
        }


def _gather(rows: np.ndarray, at: NDArray[np.intp]) -> np.ndarray:
    """Rows at places, as bytes: rows of several fields are gathered field by field, in ten times the time."""
    return rows.view(np.uint8).reshape(-1, ROW.itemsize).take(at, axis=0).view(ROW).ravel()
