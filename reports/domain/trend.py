"""How the gap of a unit in one competency went from month to month."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from organisation.api import UnitNode, fetch_prepared, today
from reports.domain.basis import structure_digest
from reports.domain.gap_report import hide_in
from reports.domain.gaps import SUPPRESSED, Gap, describe_gaps
from reports.domain.moments import snapshot_values
from reports.domain.queries.cells import Key, table_of
from reports.domain.queries.structure import Surroundings
from reports.domain.values import CellValues
from reports.models import SnapshotCell

MONTHS = 24
_IS_KEPT = """
    SELECT EXISTS (
        SELECT 1 FROM reports_snapshotcell
        WHERE unit_id = %(unit)s AND competency_id = %(competency)s AND scope = 'subtree'
    )
"""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """The gap at the end of a day."""

    day: date
    gap: Gap


def trend(around: Surroundings, competency_pk: int) -> list[TrendPoint]:
    """Return the gap of a unit at the month ends of the last two years that are kept, oldest first.

    Under the structure of today: of the people who then worked in what the unit is made of. A month in which nobody's
    post required the competency is left out, and after a reorganisation each month until it is summed anew, as is one
    that is made anew while it is read. around: of today, as a report has it. Four queries, one where nothing is kept.
    """
    unit = around.unit.pk
    kept = SnapshotCell.objects.filter(scope="subtree", competency=competency_pk)
    since = today() - timedelta(days=31 * MONTHS)
    if not fetch_prepared(_IS_KEPT, {"unit": unit, "competency": competency_pk})[0]:
        return []
    mine = list(kept.filter(unit=unit, snapshot__day__gt=since).select_related("snapshot").order_by("snapshot__day"))
    structure = structure_digest(today())
    mine = [row for row in mine if row.snapshot.structure == structure]
    months = {row.snapshot_id: month for month, row in enumerate(mine)}
    sums: dict[int, dict[int, CellValues]] = defaultdict(dict)
    for snapshot, each, required, assessed in kept.filter(unit__in=around.units, snapshot__in=months).values_list(
        "snapshot", "unit", "required", "assessed"
    ):
        sums[each][months[snapshot]] = CellValues(required, assessed)
    # A month that is not there any more was made anew meanwhile: of it nothing says what must be hidden.
    there = sums[unit].keys()
    sums[unit] = {month: snapshot_values(row) for month, row in enumerate(mine) if month in there}
    rows: dict[Key, Mapping[int, CellValues]] = {(each, False): row for each, row in sums.items()}
    rows |= {(node.pk, True): _own_staff(node.pk, around.below[node.pk], sums) for node in around.chain}
    hidden = hide_in(around, table_of(rows, range(len(mine)))[1]).whole
    found = {mine[month].snapshot.day: None if hidden[month] else sums[unit][month] for month in sums[unit]}
    described = iter(describe_gaps([values for values in found.values() if values]))
    return [TrendPoint(day, next(described) if values else SUPPRESSED) for day, values in found.items()]


def _own_staff(unit: int, below: list[UnitNode], sums: Mapping[int, Mapping[int, CellValues]]) -> dict[int, CellValues]:
    """Return the unit's own staff by month: the whole without the units below."""
    left = dict(sums.get(unit, {}))
    for node in below:
        for month, values in sums.get(node.pk, {}).items():
            left[month] = left[month] - values
    return {month: values for month, values in left.items() if values.required}
