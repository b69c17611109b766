"""Snapshots: the cells of a past day, kept. One is made for the last day of each month.

The sums of its subtrees follow the structure of today, so that the history of a unit is at hand whatever the unit was
made from. What was kept stays as it is, unless a reorganisation in force by the day was applied late or undone, or the
past was corrected of people whose unit was split since: such a day is made anew from what is on record.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import F

from competencies.api import cuts_at
from organisation.api import today
from reports.domain.basis import history_digest, kept_days, structure_digest
from reports.domain.moments import COLUMNS, PastCorrected, distributions_as_json, moment_of
from reports.domain.own_cells import compute_own_cells
from reports.domain.queries.placements import end_of, placements_of_units, sampled_placements, units_posted_in
from reports.domain.rebuilding import LEARNED_FROM, learn_distributions
from reports.domain.values import CellKey, CellValues
from reports.models import Snapshot

logger = logging.getLogger(__name__)

_LOCK = 0x736E6170  # "snap"
_UNITS_AT_A_TIME = 200
_COPY = f"COPY reports_snapshotcell (snapshot_id, scope, unit_id, competency_id, {COLUMNS}) FROM STDIN"


@transaction.atomic
def make_snapshot(day: date, *, again: bool = False, waits: bool = True) -> bool:
    """Keep the cells of a day that is over, unless they are kept already; say whether that happened now.

    Made from the postings, requirements, estimates and cut scores of that very day, so it may be made long after.
    Nothing is kept of a day on which nobody had a post. again: in place of what is kept, for instance when postings of
    the past were imported since. waits: for whoever else is at snapshots now; else the day is left to them. Raises
    ValueError for a day that is not over.
    """
    if day >= today():
        raise ValueError(f"{day} is not over")
    if not _take_turn(waits=waits):
        return False
    if again:
        Snapshot.objects.filter(day=day).delete()
    return not Snapshot.objects.filter(day=day).exists() and _make(day)


def _make(day: date) -> bool:
    """Keep the cells of a day of which none are; False when nobody had a post. The digests are read before the rest:
    of what changes meanwhile they tell afterwards."""
    history = history_digest(day)
    units = units_posted_in(day)
    if not units:
        return False
    cuts, learned = cuts_at(end_of(day)), learn_distributions(sampled_placements(day, LEARNED_FROM))
    structure_day = today()
    snapshot = Snapshot.objects.create(
        day=day,
        structure_day=structure_day,
        structure=structure_digest(structure_day),
        history=history,
        cuts=cuts,
        distributions=distributions_as_json(learned),
    )
    for start in range(0, len(units), _UNITS_AT_A_TIME):
        rows = placements_of_units(units[start : start + _UNITS_AT_A_TIME], day, known_then=True)
        _store_own(snapshot, compute_own_cells(rows, learned, cuts))
    snapshot.refresh_from_db()
    moment_of(snapshot).store_sums(structure_day)
    return True


def keep_snapshots() -> None:
    """Make the snapshot of last month's end where it is missing, make those anew whose past is another now, and sum
    anew those of another structure than today's.

    Safe to run at any time, as often as one likes: what another worker is at is left to it.
    """
    make_snapshot(today().replace(day=1) - timedelta(days=1), waits=False)
    while _renew_one():
        pass


@transaction.atomic
def _renew_one() -> bool:
    """Renew the newest snapshot of another past or structure than today's; False without one, or while another is at
    it."""
    if not _take_turn(waits=False):
        return False
    structure_day = today()
    structure = structure_digest(structure_day)
    snapshot = kept_days().exclude(structure=structure, history=F("history_now")).order_by("-day").first()
    if snapshot is None:
        return False
    if snapshot.history == snapshot.history_now:
        try:
            moment_of(snapshot).store_sums(structure_day)
        except PastCorrected:
            logger.info("the past of %s was corrected", snapshot.day)
        else:
            snapshot.structure_day, snapshot.structure = structure_day, structure
            snapshot.save(update_fields=["structure_day", "structure"])
            logger.info("snapshot of %s summed over the structure of %s", snapshot.day, structure_day)
            return True
    snapshot.delete()
    _make(snapshot.day)
    logger.info("snapshot of %s made anew", snapshot.day)
    return True


def month_ends(first: date, last: date) -> Iterator[date]:
    """Yield the last day of every month from that of `first` to before `last`."""
    day = first.replace(day=1)
    while (end := (day + timedelta(days=31)).replace(day=1) - timedelta(days=1)) < last:
        yield end
        day = end + timedelta(days=1)


def _store_own(snapshot: Snapshot, cells: Mapping[CellKey, CellValues]) -> None:
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for key, values in cells.items():
            sums = (values.below, values.spread, values.unit_variance, values.shortfall, list(values.levels))
            copy.write_row((snapshot.pk, "own", key.unit, key.competency, values.required, values.assessed, *sums))


def _take_turn(*, waits: bool) -> bool:
    """Be the only one at snapshots until the transaction ends; say whether that is so."""
    with connection.cursor() as cursor:
        if waits:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
