"""How the gap of a unit in one competency went from month to month."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from organisation.api import today
from reports.domain.as_of import counts_of, own_staff, snapshot_values
from reports.domain.basis import structure_digest
from reports.domain.gap_report import hide_in
from reports.domain.gaps import SUPPRESSED, Gap, describe_gaps
from reports.domain.queries.cells import CountTable
from reports.domain.queries.structure import Surroundings
from reports.domain.values import CellValues
from reports.models import SnapshotCell

MONTHS = 24


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The gap at the end of a day."""

    day: date
    gap: Gap


def trend(around: Surroundings, competency_pk: int) -> list[TrendPoint]:
    """Return the gap of a unit at the month ends of the last two years that are kept, oldest first. Three queries.

    Under the structure of today: of the people who then worked in what the unit is made of. A month in which nobody's
    post required the competency is left out, and after a reorganisation each month until it is summed anew. around:
    of today, as a report has it.
    """
    unit = around.unit
    kept = SnapshotCell.objects.filter(
        scope="subtree",
        competency=competency_pk,
        snapshot__day__gt=today() - timedelta(days=31 * MONTHS),
        snapshot__structure=structure_digest(today()),
    )
    months: dict[date, dict[int, dict[int, CellValues]]] = defaultdict(dict)
    for day, each, required, assessed in kept.filter(unit__in=around.units - {unit.pk}).values_list(
        "snapshot__day", "unit_id", "required", "assessed"
    ):
        months[day][each] = {competency_pk: CellValues(required, assessed)}
    found: dict[date, CellValues | None] = {}
    for row in kept.filter(unit=unit.pk).select_related("snapshot").order_by("snapshot__day"):
        sums = {**months[row.snapshot.day], unit.pk: {competency_pk: snapshot_values(row)}}
        own = {node.pk: own_staff(node.pk, around.below[node.pk], sums) for node in around.chain}
        hidden = hide_in(around, CountTable(counts_of(sums), counts_of(own)), [competency_pk])[competency_pk]
        found[row.snapshot.day] = None if hidden.whole else sums[unit.pk][competency_pk]
    described = iter(describe_gaps([values for values in found.values() if values]))
    return [TrendPoint(day, next(described) if values else SUPPRESSED) for day, values in found.items()]
