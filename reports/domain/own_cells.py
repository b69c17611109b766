"""The own cells of units: a function of their people, the distributions and the cut scores alone. Pure numpy."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from assessments.measurement import GroupModel, cell_sums
from reports.domain.distribution import REFERENCE, Distribution, Floats, Integers, unit_model
from reports.domain.values import EMPTY, MILLION, CellKey, CellValues


@dataclass(frozen=True, eq=False)
class Placements:
    """Who must reach what, one row per person and required competency, ordered by unit, competency and person.

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

    def select(self, chosen: NDArray[np.bool_]) -> "Placements":
        """Return the rows where `chosen`, shape (n,), is true."""
        columns = {each.name: getattr(self, each.name) for each in fields(self)}
        return Placements(**{name: column[chosen] for name, column in columns.items() if column is not None})

    @property
    def is_assessed(self) -> NDArray[np.bool_]:
        """Whether the person has an estimate, shape (n,)."""
        return ~np.isnan(self.mean)


def compute_own_cells(
    placements: Placements,
    distributions: Mapping[int, Distribution],
    cuts: Mapping[int, Sequence[float]],
    *,
    by_group: bool = True,
) -> dict[CellKey, CellValues]:
    """Return the cells of the units that the rows count into, for all groups together and (by_group) by position group.

    A person's figures come from the people of the unit posted in, wherever they are counted; a cell into which people
    of several units count is the sum over these.

    distributions, cuts (7 each): by competency; a competency without a distribution has the reference, one without
    cut scores cannot be judged, so nobody counts as assessed in it.
    """
    cells: dict[CellKey, CellValues] = {}
    for competency in np.unique(placements.competency).tolist():
        rows = placements.select(placements.competency == competency)
        distribution = distributions.get(competency, REFERENCE)
        cells |= _cells_of_competency(rows, competency, distribution, cuts.get(competency), by_group)
    return cells


def _cells_of_competency(
    rows: Placements, competency: int, distribution: Distribution, cuts: Sequence[float] | None, by_group: bool
) -> dict[CellKey, CellValues]:
    units, unit_index = np.unique(rows.unit, return_inverse=True)
    groups, group_index = np.unique(rows.group, return_inverse=True)
    assessed = rows.is_assessed & (cuts is not None)
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
    flow_index = into_index * units.size + unit_index
    cells: dict[CellKey, CellValues] = {}
    for at_group in (False, True) if by_group else (False,):
        codes, cell_index = np.unique(flow_index * groups.size + group_index * at_group, return_inverse=True)
        required = np.bincount(cell_index, minlength=codes.size)
        values = _values(model, rows, assessed, unit_index, group_index, cell_index, required, cuts)
        for code, each in zip(codes.tolist(), values, strict=True):
            flow, at = divmod(code, groups.size)
            key = CellKey(int(counted[flow // units.size]), competency, int(groups[at]) if at_group else None)
            cells[key] = cells.get(key, EMPTY) + each
    return cells | _with_neighbours({key: values for key, values in cells.items() if key.group is not None})


def _with_neighbours(by_group: Mapping[CellKey, CellValues]) -> dict[CellKey, CellValues]:
    """Return the cells of one competency by group, each with its people beside the unit's other groups."""
    of_unit: dict[int, list[tuple[int, CellValues]]] = defaultdict(list)
    for key, values in by_group.items():
        if key.group is not None:
            of_unit[key.unit].append((key.group, values))
    return {
        key: replace(
            values,
            beside=tuple(
                (other, values.required, values.assessed if beside.assessed else 0)
                for other, beside in sorted(of_unit[key.unit], key=lambda pair: pair[0])
                if other != key.group
            ),
        )
        for key, values in by_group.items()
    }


def _values(
    model: GroupModel,
    rows: Placements,
    assessed: NDArray[np.bool_],
    unit_index: Integers,
    group_index: Integers,
    cell_index: Integers,
    required: Integers,
    cuts: Sequence[float] | None,
) -> list[CellValues]:
    """Return the sums of the cells 0, 1, ... of `cell_index`; required: people per cell."""
    if cuts is None or not assessed.any():
        return [CellValues(required=number) for number in required.tolist()]
    sums = cell_sums(
        model,
        rows.mean[assessed],
        rows.se[assessed],
        unit_index[assessed],
        cell_index[assessed],
        required.size,
        rows.level[assessed],
        cuts,
        group_index[assessed],
    )
    columns = (sums.sum_p, sums.sum_pq, sums.var_prior, sums.shortfall)
    below, spread, variance, shortfall = (_millionths(column) for column in columns)
    levels = _millionths(sums.levels)
    return [
        CellValues(*numbers)
        for numbers in zip(
            required.tolist(),
            sums.n.tolist(),
            below.tolist(),
            spread.tolist(),
            variance.tolist(),
            shortfall.tolist(),
            map(tuple, levels.tolist()),
            strict=True,
        )
    ]


def _millionths(values: Floats) -> Integers:
    return np.rint(values * MILLION).astype(np.int64)
