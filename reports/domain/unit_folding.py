"""Bringing the own cells of units up to date with their people."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from django.db import connection

from reports.domain.basis import Basis
from reports.domain.cell_table import Axes, CellTable, Integers
from reports.domain.cells import read_table, write_table
from reports.domain.distribution import Distribution
from reports.domain.own_cells import Placements, compute_own_table
from reports.domain.queries.placements import placements_of_units
from reports.models import Cell

# Whoever is counted elsewhere later brings no result from before that publishing may take for a new one.
_NOTE_COUNTED = """
    WITH counted AS (
        SELECT person_id, unit_id FROM unnest(%(people)s::bigint[], %(at)s::bigint[]) AS c (person_id, unit_id)
    ), gone AS (
        DELETE FROM reports_foldedperson f
        WHERE f.unit_id = ANY(%(units)s)
            AND NOT EXISTS (SELECT 1 FROM counted c WHERE (c.person_id, c.unit_id) = (f.person_id, f.unit_id))
        RETURNING f.person_id
    ), moved AS (
        INSERT INTO reports_movedperson (person_id, seen)
        SELECT person_id, extract(epoch FROM greatest(clock_timestamp(), (
            SELECT max(measured_at) FROM competencies_estimate e WHERE e.person_id = gone.person_id)))::float8
        FROM (SELECT DISTINCT person_id FROM gone) gone
        ON CONFLICT (person_id) DO UPDATE SET seen = greatest(reports_movedperson.seen, EXCLUDED.seen)
    )
    INSERT INTO reports_foldedperson (person_id, unit_id)
    SELECT c.person_id, c.unit_id FROM counted c
    WHERE NOT EXISTS (
        SELECT 1 FROM reports_foldedperson f WHERE (f.person_id, f.unit_id) = (c.person_id, c.unit_id))
    ORDER BY c.unit_id, c.person_id
"""


def fold_units(
    units: Sequence[int], basis: Basis, axes: Axes, distributions: Mapping[int, Distribution], now: datetime
) -> CellTable:
    """Make the own cells of the units what their people say now; return what was added to each.

    units: ascending.
    """
    placements = placements_of_units(units, basis.day)
    return store_own(compute_own_table(placements, distributions, basis.cuts, axes, units), placements, now)


def store_own(table: CellTable, placements: Placements, now: datetime) -> CellTable:
    """Store the own cells of units, and whom they count; return what was added to each."""
    old = read_table(table.axes, table.units, Cell.Scope.OWN)
    added = CellTable(table.axes, table.units, table.cells - old.cells, table.beside - old.beside)
    write_table(Cell.Scope.OWN, table, np.any(added.cells, axis=(2, 3)), now)
    _note_counted(table.units, placements.person, placements.unit)
    return added


def _note_counted(units: Sequence[int], people: Integers, at: Integers) -> None:
    """Remember exactly the (person, unit) pairs that the units' own cells count now."""
    pairs, first = np.unique(people, return_index=True)
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_COUNTED, {"units": list(units), "people": pairs.tolist(), "at": at[first].tolist()})
