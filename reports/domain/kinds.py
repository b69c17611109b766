"""The rows of a report by kind of unit.

Nothing is decided here, and nothing is added up: each row is one that the page of the unit above it shows as well.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace

from organisation.api import fetch_all_prepared, today
from organisation.models import Unit
from reports.domain.gaps import GapReport, Named

MOST_READ = 20
"""So many units' own reports, at most, are read for the rows of one page."""

_KINDS = """
    SELECT DISTINCT kind, parent_id FROM organisation_unitversion
    WHERE parent_id = ANY(%(units)s::bigint[]) AND valid @> %(day)s::date ORDER BY kind, parent_id
"""


def kinds_below(report: GapReport) -> dict[str, list[int]]:
    """Return the kinds of units below, and for each the units directly below (primary keys) that have it below them.

    Two levels down; one where more than MOST_READ units have something below them. One query at most.
    """
    kinds: dict[str, list[int]] = defaultdict(list)
    for row in report.children:
        kinds[row.of.kind] = []
    inner = [row.of.pk for row in report.children if report.around and row.of.pk not in report.around.leaves]
    if 0 < len(inner) <= MOST_READ:
        day = report.days.structure if report.days else today()
        for kind, parent in fetch_all_prepared(_KINDS, {"units": inner, "day": day}):
            kinds[kind].append(parent)
    return dict(kinds)


def narrow_to_kind(
    report: GapReport, kind: str, kinds: Mapping[str, list[int]], read: Callable[[Unit], GapReport]
) -> GapReport:
    """Return the report with the rows of one kind of unit alone, greatest need first, and without own staff.

    The figures of the unit as a whole stay. kinds: as `kinds_below` gives them. read: returns the report of another
    unit for the same reader, days and position group.
    """
    rows = [row for row in report.children if row.of.kind == kind]
    for unit in Unit.objects.filter(pk__in=kinds[kind]):
        inner = read(unit)
        rows += [replace(row, of=_within(row.of, inner.unit)) for row in inner.children if row.of.kind == kind]
    return replace(report, children=sorted(rows, key=lambda row: -row.need), own=None, kind=kind)


def _within(unit: Named, parent: Named) -> Named:
    return replace(unit, name_vi=f"{unit.name_vi}, {parent.name_vi}", name_en=f"{unit.name_en}, {parent.name_en}")
