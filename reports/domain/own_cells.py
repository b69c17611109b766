"""The own cells of units: a function of their people, the distributions and the cut scores alone. Pure numpy."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from assessments.measurement import cell_sums
from reports.domain.cell_table import Axes, CellTable, empty_table, fill_beside
from reports.domain.distribution import REFERENCE, Distribution, Floats, Integers, unit_model
from reports.domain.values import COUNTS, EMPTY, MILLION, SUMS, UNIT_VARIANCE, CellKey, CellValues, values_of_sums


@dataclass(frozen=True, eq=False)
class Placements:
    """Who must reach what, one row per person and required competency, ordered by competency, unit and person.

    unit, group, competency, person: primary keys. level: required, 1 to 8. mean, se: the estimate under N(0, 1), nan
    where there is none. into: the unit whose cells count the row, the same as unit unless a reorganisation took the
    person elsewhere. at: date of the estimate's latest evidence in seconds since 1970, nan where there is none. All of
    shape (n,).
    """

    unit: Integers
    group: Integers
    competency: Integers
    person: Integers
    level: Integers
    mean: Floats
    se: Floats
    into: Integers | None = None
    at: Floats | None = None

    def select(self, chosen: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Placements":
        """Return the chosen rows: where a mask of shape (n,) is true, or by their places."""
        columns = {each.name: getattr(self, each.name) for each in fields(self)}
        return Placements(**{name: column[chosen] for name, column in columns.items() if column is not None})

    def by_competency(self) -> Iterator[tuple[int, "Placements"]]:
        """Yield each competency with its rows."""
        ends = np.append(np.flatnonzero(np.diff(self.competency)) + 1, self.competency.size)
        start = 0
        for end in ends.tolist() if self.competency.size else ():
            yield int(self.competency[start]), self.select(slice(start, end))
            start = end

    @property
    def is_assessed(self) -> NDArray[np.bool_]:
        """Whether the person has an estimate, shape (n,)."""
        return ~np.isnan(self.mean)


def compute_own_table(
    placements: Iterable[tuple[int, Placements]],
    distributions: Mapping[int, Distribution],
    cuts: Mapping[int, Sequence[float]],
    axes: Axes,
    units: Sequence[int],
    kept: tuple[CellTable, NDArray[np.bool_]] | None = None,
) -> CellTable:
    """Return the own cells of the units, for all groups together and by position group.

    placements: each competency with its rows, with places among the units and among the groups of axes instead of
    their primary keys.
    distributions, cuts: as `compute_own_cells` takes them.
    kept: the cells as they were, and which are computed anew, shape (units, competencies): placements are of these
    alone. None: all are.
    """
    table, at = empty_table(axes, units), np.arange(len(units))
    if kept is not None:
        old, is_new = kept
        table.cells[...] = np.where(is_new[:, None, :, None], 0, old.cells)
    n_units, n_groups = len(units), axes.groups.size
    for competency, rows in placements:
        cell = rows.unit * n_groups + rows.group
        people = _People(rows.unit, n_units, rows.group, axes.groups, cell, n_units * n_groups)
        found, variance = _sum_people(rows, people, distributions.get(competency, REFERENCE), cuts.get(competency))
        by_group = found.reshape(n_units, n_groups, -1)
        place = np.searchsorted(axes.competencies, competency)
        if kept is not None:
            at = np.flatnonzero(is_new[:, place])
        table.cells[at, 0, place] = _in_millionths(by_group.sum(axis=1), variance)[at]
        table.cells[at, 1:, place] = _in_millionths(by_group, variance[:, None])[at]
    fill_beside(table)
    return table


def compute_own_cells(
    placements: Placements, distributions: Mapping[int, Distribution], cuts: Mapping[int, Sequence[float]]
) -> dict[CellKey, CellValues]:
    """Return the cells of the units that the rows count into, all position groups together.

    A person's figures come from the people of the unit posted in, wherever they are counted. A cell into which people
    of several units count is the sum over these; each unit's people of a competency count into one.

    distributions, cuts (7 each): by competency; a competency without a distribution has the reference, one without
    cut scores cannot be judged, so nobody counts as assessed in it.
    """
    cells: dict[CellKey, CellValues] = {}
    for competency, rows in placements.by_competency():
        units, at = np.unique(rows.unit, return_inverse=True)
        into = units.copy()
        into[at] = rows.unit if rows.into is None else rows.into
        sums, _found, _variance = _sum_units(rows, at, units.size, at, units.size, distributions, cuts)
        for unit, each in zip(into.tolist(), sums.tolist(), strict=True):
            key = CellKey(unit, competency, None)
            cells[key] = cells.get(key, EMPTY) + values_of_sums(each)
    return cells


@dataclass(frozen=True, eq=False)
class Parts:
    """What becomes of units whose people are counted in several others: a part for each unit and where they count.

    unit: posted in; into: counted in; shape (n,), ordered by unit. sums: shape (n, SUMS); those of a unit's parts add
    up to the unit's cell, but for the variance from the unit's mean. That moves all of its people together: of any
    choice of its parts it is variance * (sum of slopes)^2 people^2, of all of them whole_variance, in millionths.
    """

    unit: Integers
    into: Integers
    sums: Integers
    slope: Floats
    variance: Floats
    whole_variance: Integers


def compute_parts(
    placements: Placements, distributions: Mapping[int, Distribution], cuts: Mapping[int, Sequence[float]]
) -> Iterator[tuple[int, Parts]]:
    """Yield each competency with the parts of the units that people are posted in, by `into`.

    A person's figures come from the people of the unit posted in, wherever they are counted.
    distributions, cuts: as `compute_own_cells` takes them.
    """
    for competency, rows in placements.by_competency():
        assert rows.into is not None
        units, at = np.unique(rows.unit, return_inverse=True)
        counted, into = np.unique(rows.into, return_inverse=True)
        flows, flow = np.unique(at * counted.size + into, return_inverse=True)
        of = flows // counted.size
        whole, _found, _variance = _sum_units(rows, at, units.size, at, units.size, distributions, cuts)
        sums, found, variance = _sum_units(rows, at, units.size, flow, flows.size, distributions, cuts)
        exact = [column for column in range(COUNTS, SUMS) if column != UNIT_VARIANCE]
        sums[:, exact] = _apportion(found[:, exact] * MILLION, whole[:, exact], of)
        yield (
            competency,
            Parts(
                units[of],
                counted[flows % counted.size],
                sums,
                found[:, SUMS],
                variance[of],
                whole[of, UNIT_VARIANCE],
            ),
        )


def _apportion(shares: Floats, whole: Integers, of: Integers) -> Integers:
    """Round shares so that they add up to their wholes: those with the largest remainders are rounded up.

    shares: shape (n, columns). whole: shape (wholes, columns). of: the whole of each share, shape (n,), ascending.
    """
    floors = np.floor(shares).astype(np.int64)
    missing = whole.copy()
    np.subtract.at(missing, of, floors)
    first = np.searchsorted(of, of)
    for column in range(shares.shape[1]):
        order = np.lexsort((floors[:, column] - shares[:, column], of))
        rank = np.empty(of.size, np.int64)
        rank[order] = np.arange(of.size) - first
        floors[:, column] += rank < missing[of, column]
    return floors


@dataclass(frozen=True, eq=False)
class _People:
    """Where each row of one competency belongs. unit, group, cell: indices, shape (n,). groups: primary keys."""

    unit: Integers
    n_units: int
    group: Integers
    groups: Integers
    cell: Integers
    n_cells: int


def _sum_units(
    rows: Placements,
    unit: Integers,
    n_units: int,
    cell: Integers,
    n_cells: int,
    distributions: Mapping[int, Distribution],
    cuts: Mapping[int, Sequence[float]],
) -> tuple[Integers, Floats, Floats]:
    """Return what cells of one competency hold, shape (n_cells, SUMS), and what `_sum_people` says.

    unit, cell: indices, shape (n,).
    """
    groups, group = np.unique(rows.group, return_inverse=True)
    people = _People(unit, n_units, group, groups, cell, n_cells)
    competency = int(rows.competency[0])
    found, variance = _sum_people(rows, people, distributions.get(competency, REFERENCE), cuts.get(competency))
    of = np.zeros(n_cells, np.int64)
    of[cell] = unit
    return _in_millionths(found, variance[of]), found, variance


def _sum_people(
    rows: Placements, people: _People, distribution: Distribution, cuts: Sequence[float] | None
) -> tuple[Floats, Floats]:
    """Return the sums of cells, and last their slopes, shape (n_cells, 15), and the variance of each unit's mean.

    The people of one cell are of one unit.
    """
    is_assessed = rows.is_assessed & (cuts is not None)
    # Where everybody is, there is nothing to choose.
    assessed = slice(None) if is_assessed.all() else np.flatnonzero(is_assessed)
    mean, se = rows.mean[assessed], rows.se[assessed]
    unit, group = people.unit[assessed], people.group[assessed]
    model = unit_model(distribution, mean, se, unit, people.n_units, group, people.groups.tolist())
    found = np.zeros((people.n_cells, SUMS + 1))
    found[:, 0] = np.bincount(people.cell, minlength=people.n_cells)
    if cuts is not None and mean.size:
        cell, level = people.cell[assessed], rows.level[assessed]
        sums = cell_sums(model, mean, se, unit, cell, people.n_cells, level, cuts, group)
        columns = [sums.n, sums.sum_p, sums.sum_pq, sums.var_prior, sums.shortfall, sums.levels, sums.sum_slope]
        found[:, 1:] = np.column_stack(columns)
    return found, model.variance


def _in_millionths(sums: Floats, variance: Floats) -> Integers:
    """Return the sums of a cell as it keeps them, shape (..., 14). variance: of the cell's unit mean, shape (...)."""
    found = sums[..., :SUMS].copy()
    # The unit's mean moves all of its people together: the square of the sum, not the sum of squares.
    found[..., UNIT_VARIANCE] = sums[..., SUMS] ** 2 * variance
    found[..., 2:] *= MILLION
    return np.rint(found).astype(np.int64)
