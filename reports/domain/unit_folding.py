"""Bringing the own cells of units up to date with their people."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import connection

from reports.domain.basis import Basis
from reports.domain.cell_table import Axes, CellTable
from reports.domain.cells import read_table, write_table
from reports.domain.distribution import Distribution
from reports.domain.own_cells import Placements, compute_own_table
from reports.domain.queries.arrays import fetch_columns
from reports.domain.queries.placements import placements_ahead
from reports.models import Cell

_UNITS_AT_A_TIME = 120
"""So many that what is computed of their people in one competency stays in the processor's cache."""
_COUNTED = "SELECT person_id, unit_id FROM reports_foldedperson WHERE unit_id = ANY(%(units)s::bigint[])"
_COUNT = """
    INSERT INTO reports_foldedperson (person_id, unit_id)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS counted (person_id, unit_id)
"""
# Whoever is counted elsewhere later brings no result from before that publishing may take for a new one.
_COUNT_NO_LONGER = """
    WITH gone AS (
        DELETE FROM reports_foldedperson f USING unnest(%s::bigint[], %s::bigint[]) AS gone (person_id, unit_id)
        WHERE (f.person_id, f.unit_id) = (gone.person_id, gone.unit_id)
        RETURNING f.person_id
    )
    INSERT INTO reports_movedperson (person_id, seen)
    SELECT id, extract(epoch FROM greatest(clock_timestamp(), (
        SELECT max(measured_at) FROM competencies_estimate e WHERE e.person_id = p.id)))::float8
    FROM organisation_person p WHERE id IN (SELECT person_id FROM gone)
    ON CONFLICT (person_id) DO UPDATE SET seen = greatest(reports_movedperson.seen, EXCLUDED.seen)
"""


def fold_units(
    units: Sequence[int], basis: Basis, axes: Axes, distributions: Mapping[int, Distribution], now: datetime
) -> Iterator[CellTable]:
    """Make the own cells of the units what their people say now; yield what was added to each, some units at a time.

    units: ascending.
    """

    def compute(part: Sequence[int], people: Placements) -> CellTable:
        return compute_own_table(people, distributions, basis.cuts, axes, part)

    for part, people, table in placements_ahead(units, basis.day, _UNITS_AT_A_TIME, compute):
        old = read_table(axes, part, Cell.Scope.OWN)
        added = CellTable(axes, part, table.cells - old.cells, table.beside - old.beside)
        write_table(Cell.Scope.OWN, table, np.any(added.cells, axis=(2, 3)), old.held, now, basis.parents)
        _note_counted(part, people)
        yield added


def _note_counted(units: Sequence[int], placements: Placements) -> None:
    """Remember exactly the (person, unit) pairs that the units' own cells count now."""
    stored, at = fetch_columns(_COUNTED, {"units": list(units)}, "bb")
    most = max(stored.max(initial=0), placements.person.max(initial=0)) + 1
    before, counted = (
        np.unique(np.searchsorted(units, where) * most + who)
        for who, where in ((stored, at), (placements.person, placements.unit))
    )
    for statement, pairs in (
        (_COUNT_NO_LONGER, np.setdiff1d(before, counted)),
        (_COUNT, np.setdiff1d(counted, before)),
    ):
        if pairs.size:
            with connection.cursor() as cursor:
                cursor.execute(statement, [(pairs % most).tolist(), np.asarray(units)[pairs // most].tolist()])
