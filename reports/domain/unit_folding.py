"""Bringing the own cells of units up to date with their people."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from threading import Lock

import numpy as np

from reports.domain.basis import Basis
from reports.domain.cell_table import Axes, CellTable
from reports.domain.cells import read_table, write_table
from reports.domain.distribution import Distribution
from reports.domain.kept_staff import keep_people, kept_staff
from reports.domain.own_cells import compute_own_table
from reports.domain.queries.arrays import open_link
from reports.domain.staff import Staff
from reports.models import Cell

_UNITS_AT_A_TIME = 120
"""So many that what is computed of their people in one competency stays in the processor's cache."""
_AHEAD = 2


def fold_units(
    parts: Iterable[Sequence[int]],
    basis: Basis,
    axes: Axes,
    distributions: Mapping[int, Distribution],
    now: datetime,
    read: Callable[[Sequence[int]], Staff] | None = None,
) -> Iterator[tuple[CellTable, CellTable]]:
    """Make the own cells of units what their people say now; yield these and what was added to each, part by part.

    While some are written, threads read the people of the next ones, by the same connection and in the same
    transaction, and compute their cells. The connection is free whenever this yields.

    parts: units, ascending in each. read: returns the people of a part, without the connection; the copy of them is
    made equal. None: they are read from the copy.
    """
    link, lock, parts = open_link(), Lock(), iter(parts)

    def compute(part: Sequence[int]) -> tuple[Sequence[int], Staff, CellTable]:
        if read is None:
            with lock:
                staff = kept_staff(part, link)
        else:
            staff = read(part)
        placements = staff.among(part, axes.groups).by_competency()
        return part, staff, compute_own_table(placements, distributions, basis.cuts, axes, part)

    coming: deque[Future[tuple[Sequence[int], Staff, CellTable]]] = deque()
    with ThreadPoolExecutor(_AHEAD) as workers:
        coming.extend(workers.submit(compute, part) for part in islice(parts, _AHEAD))
        while coming:
            part, staff, table = coming.popleft().result()
            coming.extend(workers.submit(compute, part) for part in islice(parts, 1))
            with lock:
                old = read_table(axes, part, Cell.Scope.OWN)
                added = CellTable(axes, part, table.cells - old.cells, table.beside - old.beside)
                write_table(Cell.Scope.OWN, table, np.any(added.cells, axis=(2, 3)), old.held, now, basis.parents)
                if read is not None:
                    keep_people(kept_staff(part), staff)
                yield table, added


def in_parts(units: Sequence[int]) -> list[list[int]]:
    """Return the units as `fold_units` takes them, so many at a time as it takes least time for."""
    return [sorted(units[start : start + _UNITS_AT_A_TIME]) for start in range(0, len(units), _UNITS_AT_A_TIME)]
