"""Bringing the own cells of units up to date with their people."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import connection

from reports.domain.basis import Basis
from reports.domain.cells import read_cells, write_cells
from reports.domain.distribution import Distribution
from reports.domain.own_cells import compute_own_cells
from reports.domain.queries.placements import placements_of_units
from reports.domain.values import EMPTY, CellKey, CellValues
from reports.models import Cell, FoldedPerson

# Whoever is counted elsewhere later brings no result from before that publishing may take for a new one.
_NOTE_MOVED = """
    INSERT INTO reports_movedperson (person_id, seen)
    SELECT person_id, extract(epoch FROM greatest(clock_timestamp(), (
        SELECT max(measured_at) FROM competencies_estimate e WHERE e.person_id = gone.person_id)))::float8
    FROM (SELECT DISTINCT person_id FROM reports_foldedperson WHERE id = ANY(%s)) gone
    ON CONFLICT (person_id) DO UPDATE SET seen = greatest(reports_movedperson.seen, EXCLUDED.seen)
"""


def fold_units(
    unit_pks: Collection[int], basis: Basis, distributions: Mapping[int, Distribution], now: datetime
) -> dict[CellKey, CellValues]:
    """Make the own cells of the units what their people say now; return what was added to each cell that changed."""
    placements = placements_of_units(unit_pks, basis.day)
    new = compute_own_cells(placements, distributions, basis.cuts)
    old = read_cells(unit_pks, Cell.Scope.OWN)
    changed = {key for key in new.keys() | old.keys() if new.get(key) != old.get(key)}
    write_cells(Cell.Scope.OWN, {key: new.get(key, EMPTY) for key in changed}, now)
    _note_counted(unit_pks, zip(placements.person.tolist(), placements.unit.tolist(), strict=True))
    return {key: new.get(key, EMPTY) - old.get(key, EMPTY) for key in changed}


def _note_counted(unit_pks: Collection[int], counted: Iterable[tuple[int, int]]) -> None:
    """Remember exactly the (person, unit) pairs that the units' own cells count now."""
    counted = set(counted)
    rows = FoldedPerson.objects.filter(unit__in=unit_pks)
    noted = {(person, unit): pk for pk, person, unit in rows.values_list("pk", "person_id", "unit_id")}
    gone = [pk for pair, pk in noted.items() if pair not in counted]
    if gone:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE_MOVED, [gone])
        FoldedPerson.objects.filter(pk__in=gone).delete()
    FoldedPerson.objects.bulk_create(
        (FoldedPerson(person_id=person, unit_id=unit) for person, unit in sorted(counted - noted.keys())),
        batch_size=2000,
    )
