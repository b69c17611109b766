"""Which two days a report is asked for: competence as of one, structure as of the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from organisation.api import UnitNode, today
from reports.domain.basis import structure_digest
from reports.domain.moments import moment_of
from reports.domain.queries.cells import CountTable, Key, PageCells, part_keys, table_of
from reports.domain.queries.structure import Surroundings
from reports.domain.values import CellValues
from reports.models import CellSums, Snapshot, SnapshotCell


class DayNotKept(LookupError):
    """No figures are kept of the day or of one before it. The first argument is the earliest that is, or None."""


@dataclass(frozen=True)
class AsOf:
    """competence: the day whose figures are shown, today or one that a snapshot was made of. structure: any day."""

    competence: date
    structure: date
    snapshot: Snapshot | None


def as_of(competence: date, structure: date) -> AsOf | None:
    """Return the days that can be shown: competence of the latest snapshot at or before the day asked for.

    None when both are today. Two queries at most. Raises DayNotKept, and ValueError for days to come.
    """
    if max(competence, structure) > today():
        raise ValueError("a day to come")
    if competence == today():
        return None if structure == competence else AsOf(competence, structure, None)
    snapshot = Snapshot.objects.filter(day__lte=competence).last()
    if snapshot is None:
        raise DayNotKept(Snapshot.objects.values_list("day", flat=True).first())
    return AsOf(snapshot.day, structure, snapshot)


def past_cells(around: Surroundings, days: AsOf) -> tuple[PageCells, CountTable]:
    """Return the cells of a unit and its parts, and the counts of all that stands along its chain.

    All position groups together. Two queries where the snapshot is summed over this structure, eight at most
    otherwise. Raises TooManyPeople as `Moment.sums` does.
    """
    units = around.units
    snapshot = days.snapshot
    if snapshot and snapshot.structure == structure_digest(days.structure):
        sums = stored_sums(snapshot, units)
    else:
        sums = moment_of(snapshot).sums(days.structure, units)
    return cells_of_sums(
        around, sums, {node.pk: own_staff(node.pk, around.below[node.pk], sums) for node in around.chain}
    )


def cells_of_sums(
    around: Surroundings,
    sums: Mapping[int, Mapping[int, CellValues]],
    own: Mapping[int, Mapping[int, CellValues]],
    folded_at: datetime | None = None,
) -> tuple[PageCells, CountTable]:
    """Return the cells of a unit and its parts, and the counts along its chain, from sums by unit and competency.

    own: those of the own staff of the units of the chain.
    """
    rows: dict[Key, Mapping[int, CellValues]] = {(unit, False): row for unit, row in sums.items()}
    rows |= {(unit, True): row for unit, row in own.items()}
    unit = (around.unit.pk, False)
    competencies = sorted(rows.get(unit, {}))
    held, counts = table_of(rows, competencies)
    shown = [counts.places.get(key, -1) for key in (unit, *part_keys(around))]
    return PageCells(competencies, [], held[shown], folded_at), counts


def stored_sums(snapshot: Snapshot, units: set[int]) -> dict[int, dict[int, CellValues]]:
    """Return unit -> competency -> sums of the unit and everything below it, as the snapshot keeps them. One query."""
    rows = SnapshotCell.objects.filter(snapshot=snapshot, scope="subtree", unit__in=units)
    found: dict[int, dict[int, CellValues]] = {}
    for row in rows:
        found.setdefault(row.unit_id, {})[row.competency_id] = snapshot_values(row)
    return found


def snapshot_values(row: CellSums) -> CellValues:
    """Return what a kept cell says."""
    return CellValues(
        row.required,
        row.assessed,
        row.sum_below,
        row.sum_spread,
        row.sum_unit_variance,
        row.sum_shortfall,
        tuple(row.level_counts),
    )


def own_staff(unit: int, below: list[UnitNode], sums: Mapping[int, Mapping[int, CellValues]]) -> dict[int, CellValues]:
    """Return the unit's own staff by competency: the whole without the units below."""
    left = dict(sums.get(unit, {}))
    for node in below:
        for competency, values in sums.get(node.pk, {}).items():
            left[competency] = left[competency] - values
    return {competency: values for competency, values in left.items() if values.required}
