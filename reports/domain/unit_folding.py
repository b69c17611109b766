"""Bringing the own cells of units up to date with their people."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime

import numpy as np

from reports.domain.basis import Basis
from reports.domain.cell_table import Axes, CellTable
from reports.domain.cells import read_table, write_table
from reports.domain.distribution import Distribution
from reports.domain.kept_staff import keep_people, kept_staff
from reports.domain.own_cells import Placements, compute_own_table
from reports.domain.queries.arrays import open_link
from reports.domain.queries.placements import staff_of_units
from reports.domain.staff import Staff
from reports.models import Cell

_UNITS_AT_A_TIME = 120
"""So many that what is computed of their people in one competency stays in the processor's cache."""


def fold_units(
    units: Sequence[int],
    basis: Basis,
    axes: Axes,
    distributions: Mapping[int, Distribution],
    now: datetime,
    *,
    anew: bool = False,
) -> Iterator[CellTable]:
    """Make the own cells of the units what their people say now; yield what was added to each, some units at a time.

    units: ascending. anew: from postings, requirements and estimates, which the copy of them is made to equal, instead
    of from the copy.
    """
    link = open_link()

    def read(start: int) -> tuple[Staff, Placements]:
        part = units[start : start + _UNITS_AT_A_TIME]
        staff = staff_of_units(part, basis.day, link) if anew else kept_staff(part, link)
        return staff, staff.placements()

    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(read, 0)
        for start in range(0, len(units), _UNITS_AT_A_TIME):
            part = units[start : start + _UNITS_AT_A_TIME]
            staff, people = coming.result()
            coming = reader.submit(read, start + _UNITS_AT_A_TIME)
            table = compute_own_table(people, distributions, basis.cuts, axes, part)
            wait([coming])  # by the connection that is written by next, in the same transaction
            old = read_table(axes, part, Cell.Scope.OWN)
            added = CellTable(axes, part, table.cells - old.cells, table.beside - old.beside)
            write_table(Cell.Scope.OWN, table, np.any(added.cells, axis=(2, 3)), old.held, now, basis.parents)
            if anew:
                keep_people(kept_staff(part), staff)
            yield added
