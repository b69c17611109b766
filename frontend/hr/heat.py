"""The heat map's table: what stands in which cell."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from reports.api import Gap, GapReport, GapRow, named_rows


@dataclass(frozen=True, slots=True)
class HeatEntry:
    """One cell as the tag `heat_cell` takes it; shares run from 0 to 1."""

    estimate: float | None
    low: float | None
    high: float | None
    assessed: int | None
    required: int | None
    suppressed: bool


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One row; `url` is empty where there is no page behind it."""

    label: str
    url: str
    cells: Sequence[HeatEntry]
    is_whole: bool = False


def heat_rows(report: GapReport, *, by_name: bool = False) -> list[HeatRow]:
    """Return the unit as a whole, then what it is made of: units below and own staff, or position groups.

    by_name: in the order of names instead of need.
    """
    whole = GapRow(report.unit, {each.competency.pk: each.gap for each in report.competencies})
    rows = [HeatRow(_("Whole unit"), "", _cells(report, whole), is_whole=True)]
    below = {row.of.pk for row in report.children}
    parts = named_rows(report, by_name=by_name)
    for label, row in parts:
        is_unit = row.of.pk in below and row is not report.own
        rows.append(HeatRow(label, reverse("hr:unit", args=[row.of.code]) if is_unit else "", _cells(report, row)))
    return rows


def _cells(report: GapReport, row: GapRow) -> list[HeatEntry]:
    return [_entry(row.gap(each.competency.pk)) for each in report.competencies]


def _entry(gap: Gap) -> HeatEntry:
    below = gap.below
    return HeatEntry(
        below.estimate if below else None,
        below.low if below else None,
        below.high if below else None,
        gap.assessed,
        gap.required,
        gap.suppressed,
    )
