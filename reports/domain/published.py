"""Published figures as a page reads them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from reports.domain.as_of import cells_of_sums, snapshot_values
from reports.domain.queries.cells import CountTable, Key, PageCells
from reports.domain.queries.structure import Surroundings
from reports.domain.values import CellValues
from reports.models import PublishedCell


def published_cells(around: Surroundings) -> tuple[PageCells, CountTable]:
    """Return the published cells of a unit and its parts, and the counts of all that stands along its chain. One query.

    All position groups together. Sums are over the tree of units of the night before, which the
    units of today may have left. `folded_at` is when the unit's newest results were published.
    """
    rows: dict[Key, dict[int, CellValues]] = {}
    moments = []
    for row in PublishedCell.objects.filter(unit__in=around.units):
        rows.setdefault((row.unit_id, row.scope == "own"), {})[row.competency_id] = snapshot_values(row)
        if row.unit_id == around.unit.pk and row.stepped_at:
            moments.append(row.stepped_at)
    return cells_of_sums(around, rows, max(moments, default=None))


def next_publication() -> datetime:
    """Return when figures are published next, by the workers' schedule, to the minute."""
    jobs = settings.CELERY_BEAT_SCHEDULE.values()
    schedule = next(job["schedule"] for job in jobs if job["task"] == "reports.tasks.publish_figures")
    now = timezone.now()
    coming: datetime = now + schedule.remaining_estimate(now) + timedelta(seconds=30)
    return coming.replace(second=0, microsecond=0)
