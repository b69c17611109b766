"""Bringing the own cells of units up to date with their people."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import numpy as np

from reports.domain.basis import Basis
from reports.domain.cell_table import Axes, CellTable
from reports.domain.cells import PackedTable, pack_table, read_table, store_table
from reports.domain.distribution import Distribution
from reports.domain.kept_staff import keep_people, kept_staff
from reports.domain.own_cells import compute_own_table
from reports.domain.queries.arrays import open_link
from reports.domain.staff import Staff, Touched
from reports.models import Cell

_UNITS_AT_A_TIME = 120
"""So many that what is computed of their people in one competency stays in the processor's cache."""
_AT_ONCE, _AHEAD = 2, 3


def fold_units(
    parts: Iterable[Sequence[int]],
    basis: Basis,
    axes: Axes,
    distributions: Mapping[int, Distribution],
    now: datetime,
    read: Callable[[Sequence[int]], Staff] | None = None,
    touched: Touched | None = None,
) -> Iterator[tuple[CellTable, CellTable]]:
    """Make the own cells of units what their people say now; yield these and what was added to each, part by part.

    While some are written, threads read the next ones and their people, by the same connection and in the same
    transaction, and compute their cells.

    parts: units, ascending in each. read: returns the people of a part, without the connection; the copy of them is
    made equal. None: they are read from the copy. touched: what of the units is computed, all of it where None.
    """
    link, parts = open_link(), iter(parts)

    def compute(part: Sequence[int]) -> _Folded:
        staff = kept_staff(part, link) if read is None else read(part)
        old = read_table(axes, part, Cell.Scope.OWN, link)
        is_new = None if touched is None else touched.among(part, axes.competencies)
        placements = staff.among(part, axes.groups).by_competency(
            None if is_new is None else (axes.competencies, is_new)
        )
        kept = None if is_new is None else (old, is_new)
        table = compute_own_table(placements, distributions, basis.cuts, axes, part, kept)
        held = old.held
        for mine, before in ((table.cells, old.cells), (table.beside, old.beside)):
            np.subtract(mine, before, out=before)
        changed = np.any(old.cells, axis=(2, 3))
        packed = pack_table(Cell.Scope.OWN, table, changed, held, now, basis.parents)
        return _Folded(part, staff, table, added=old, packed=packed)

    coming: deque[Future[_Folded]] = deque()
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        # A rebuild waits for no reading, and has people enough in memory.
        coming.extend(workers.submit(compute, part) for part in islice(parts, _AHEAD if read is None else _AT_ONCE))
        while coming:
            found = coming.popleft().result()
            coming.extend(workers.submit(compute, part) for part in islice(parts, 1))
            store_table(found.packed)
            if read is not None:
                keep_people(kept_staff(found.units), found.staff)
            yield found.table, found.added


@dataclass(frozen=True, eq=False)
class _Folded:
    """Units with their people, their own cells, what these added, and the blocks to store."""

    units: Sequence[int]
    staff: Staff
    table: CellTable
    added: CellTable
    packed: PackedTable


def in_parts(units: Iterable[int], people: Mapping[int, int] | None = None) -> list[list[int]]:
    """Return the units as `fold_units` takes them, so many at a time as it takes least time for.

    people: how many of each unit changed. Of a large unit there are more, and it counts for as many units.
    """
    parts: list[list[int]] = []
    size = _UNITS_AT_A_TIME
    for unit in units:
        more = max((people or {}).get(unit, 1), 1)
        if size + more > _UNITS_AT_A_TIME:
            parts.append([])
            size = 0
        parts[-1].append(unit)
        size += more
    return [sorted(part) for part in parts]
