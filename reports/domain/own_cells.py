"""The own cells of units: a function of their people, the distributions and the cut scores alone. Pure numpy."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from assessments.measurement import GroupModel, cell_sums
from reports.domain.cell_table import Axes, CellTable, empty_table, fill_beside
from reports.domain.distribution import REFERENCE, Distribution, Floats, Integers, unit_model
from reports.domain.values import EMPTY, MILLION, SUMS, CellKey, CellValues, values_of_sums

_WHOLE = -1


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
        competencies, starts = np.unique(self.competency, return_index=True)
        ends = np.append(starts[1:], self.competency.size)
        for competency, start, end in zip(competencies.tolist(), starts, ends, strict=False):
            yield competency, self.select(slice(start, end))

    @property
    def is_assessed(self) -> NDArray[np.bool_]:
        """Whether the person has an estimate, shape (n,)."""
        return ~np.isnan(self.mean)


@dataclass(frozen=True, eq=False)
class _Sums:
    """Cells of one competency: primary keys of unit and group (_WHOLE: all together), shape (n,), and sums, (n, 14)."""

    unit: Integers
    group: Integers
    sums: Integers


def compute_own_table(
    placements: Placements,
    distributions: Mapping[int, Distribution],
    cuts: Mapping[int, Sequence[float]],
    axes: Axes,
    units: Sequence[int],
) -> CellTable:
    """Return the own cells of the units, for all groups together and by position group.

    units: ascending. distributions, cuts: as `compute_own_cells` takes them.
    """
    table = empty_table(axes, units)
    for competency, rows in placements.by_competency():
        found = _sum_people(rows, distributions.get(competency, REFERENCE), cuts.get(competency))
        group = np.where(found.group == _WHOLE, 0, np.searchsorted(axes.groups, found.group) + 1)
        at = np.searchsorted(np.asarray(units), found.unit), group, np.searchsorted(axes.competencies, competency)
        table.cells[at] = found.sums
    fill_beside(table)
    return table


def compute_own_cells(
    placements: Placements, distributions: Mapping[int, Distribution], cuts: Mapping[int, Sequence[float]]
) -> dict[CellKey, CellValues]:
    """Return the cells of the units that the rows count into, all position groups together.

    A person's figures come from the people of the unit posted in, wherever they are counted; a cell into which people
    of several units count is the sum over these.

    distributions, cuts (7 each): by competency; a competency without a distribution has the reference, one without
    cut scores cannot be judged, so nobody counts as assessed in it.
    """
    cells: dict[CellKey, CellValues] = {}
    for competency, rows in placements.by_competency():
        found = _sum_people(rows, distributions.get(competency, REFERENCE), cuts.get(competency))
        whole = found.group == _WHOLE
        for unit, sums in zip(found.unit[whole].tolist(), found.sums[whole].tolist(), strict=True):
            key = CellKey(unit, competency, None)
            cells[key] = cells.get(key, EMPTY) + values_of_sums(sums)
    return cells


def _sum_people(rows: Placements, distribution: Distribution, cuts: Sequence[float] | None) -> _Sums:
    """Return the cells of people in one competency; those of a unit come once for each unit that they are posted in."""
    units, unit_index = np.unique(rows.unit, return_inverse=True)
    groups, group_index = np.unique(rows.group, return_inverse=True)
    assessed = np.flatnonzero(rows.is_assessed & (cuts is not None))
    model = unit_model(
        distribution,
        rows.mean[assessed],
        rows.se[assessed],
        unit_index[assessed],
        units.size,
        group_index[assessed],
        groups.tolist(),
    )
    counted, into_index = np.unique(rows.unit if rows.into is None else rows.into, return_inverse=True)
    codes, cell_index = np.unique(
        (into_index * units.size + unit_index) * groups.size + group_index, return_inverse=True
    )
    flows, flow_index = np.unique(codes // groups.size, return_inverse=True)
    by_group = np.zeros((codes.size, SUMS + 1))
    by_group[:, 0] = np.bincount(cell_index, minlength=codes.size)
    if cuts is not None and assessed.size:
        by_group[:, 1:] = _sum_assessed(
            model,
            rows.select(assessed),
            unit_index[assessed],
            group_index[assessed],
            cell_index[assessed],
            cuts,
            codes.size,
        )
    whole = np.zeros((flows.size, SUMS + 1))
    np.add.at(whole, flow_index, by_group)
    unit_variance = model.variance[np.concatenate([flows, codes // groups.size]) % units.size]
    sums = np.concatenate([whole, by_group])
    # The unit's mean moves all of its people together: the square of the sum, not the sum of squares.
    sums[:, 4] = sums[:, SUMS] ** 2 * unit_variance
    sums[:, 2:SUMS] *= MILLION
    return _Sums(
        counted[np.concatenate([flows, codes // groups.size]) // units.size],
        np.concatenate([np.full(flows.size, _WHOLE), groups[codes % groups.size]]),
        np.rint(sums[:, :SUMS]).astype(np.int64),
    )


def _sum_assessed(
    model: GroupModel,
    people: Placements,
    unit_index: Integers,
    group_index: Integers,
    cell_index: Integers,
    cuts: Sequence[float],
    n_cells: int,
) -> Floats:
    """Return assessed people, the sums after them, and last the slopes, shape (n_cells, 14)."""
    sums = cell_sums(model, people.mean, people.se, unit_index, cell_index, n_cells, people.level, cuts, group_index)
    columns = [sums.n, sums.sum_p, sums.sum_pq, sums.var_prior, sums.shortfall, sums.levels, sums.sum_slope]
    return np.column_stack(columns)
