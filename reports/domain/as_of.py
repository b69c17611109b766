"""Which two days a report is asked for: competence as of one, structure as of the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from organisation.api import today
from reports.domain.basis import kept_days, structure_digest
from reports.domain.moments import PastCorrected, moment_of, snapshot_values
from reports.domain.queries.cells import CountTable, Key, PageCells, part_keys, table_of
from reports.domain.queries.structure import Surroundings
from reports.domain.values import CellValues
from reports.models import Snapshot, SnapshotCell


class DayNotKept(LookupError):
    """No figures are kept of the day or of one before it. The first argument is the earliest that is, or None."""


class DayBeingMade(LookupError):
    """The day's figures are not of what is on record now; workers make them anew. The first argument is the day."""


@dataclass(frozen=True)
class AsOf:
    """competence: the day whose figures are shown, today or one that a snapshot was made of. structure: any day."""

    competence: date
    structure: date
    snapshot: Snapshot | None


def as_of(competence: date, structure: date) -> AsOf | None:
    """Return the days that can be shown: competence of the latest snapshot at or before the day asked for.

    None when both are today. Two queries at most. Raises DayNotKept, DayBeingMade, and
    ValueError for days to come.
    """
    if max(competence, structure) > today():
        raise ValueError("a day to come")
    if competence == today():
        return None if structure == competence else AsOf(competence, structure, None)
    snapshot = kept_days().filter(day__lte=competence).last()
    if snapshot is None:
        raise DayNotKept(Snapshot.objects.values_list("day", flat=True).first())
    if snapshot.history != snapshot.history_now:
        raise DayBeingMade(snapshot.day)
    return AsOf(snapshot.day, structure, snapshot)


def past_cells(around: Surroundings, days: AsOf) -> tuple[PageCells, CountTable]:
    """Return the cells of a unit and its parts, and the counts of all that stands along its chain.

    All position groups together. Two queries where the snapshot is summed over this structure, ten at most otherwise.
    Raises TooManyPeople as `Moment.sums` does, and DayBeingMade where the past was corrected in a way that people would
    be lost or counted twice: the day is then made anew. So it does where that happened while it was read.
    """
    snapshot = days.snapshot
    is_summed = bool(snapshot and snapshot.structure == structure_digest(days.structure))
    try:
        found = (
            stored_sums(snapshot, around.units)
            if snapshot and is_summed
            else moment_of(snapshot).sums(days.structure, around.units)
        )
    except PastCorrected as error:
        _have_made_anew(days)
        raise DayBeingMade(days.competence) from error
    if snapshot and not (is_summed and found) and not Snapshot.objects.filter(pk=snapshot.pk).exists():
        raise DayBeingMade(days.competence)  # workers made it anew while it was read
    return cells_of_sums(around, found)


@transaction.atomic
def _have_made_anew(days: AsOf) -> None:
    """Let workers make a day anew, unless one of them is at it: waiting for that would take as long as making it."""
    assert days.snapshot is not None
    held = Snapshot.objects.select_for_update(skip_locked=True).filter(pk=days.snapshot.pk)
    Snapshot.objects.filter(pk__in=held.values("pk")).update(history="", structure="")


def cells_of_sums(
    around: Surroundings, rows: Mapping[Key, Mapping[int, CellValues]], folded_at: datetime | None = None
) -> tuple[PageCells, CountTable]:
    """Return the cells of a unit and its parts, and the counts along its chain, from sums by competency."""
    unit = (around.unit.pk, False)
    competencies = sorted(rows.get(unit, {}))
    held, counts = table_of(rows, competencies)
    shown = [counts.places.get(key, -1) for key in (unit, *part_keys(around))]
    return PageCells(competencies, [], held[shown], folded_at), counts


def stored_sums(snapshot: Snapshot, units: set[int]) -> dict[Key, dict[int, CellValues]]:
    """Return what `Moment.sums` does, as the snapshot keeps it. One query."""
    rows = SnapshotCell.objects.filter(snapshot=snapshot, scope__in=("subtree", "staff"), unit__in=units)
    found: dict[Key, dict[int, CellValues]] = {}
    for row in rows:
        found.setdefault((row.unit_id, row.scope == "staff"), {})[row.competency_id] = snapshot_values(row)
    return found
