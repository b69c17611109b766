"""The heat map's table: what stands in which cell."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from reports.api import Gap, GapReport, GapRow, Named, named_rows


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


@dataclass(frozen=True, slots=True)
class HeatMap:
    """What has a figure to show: rows by competencies. parts: the rows below the whole's. folded: those without any."""

    competencies: Sequence[Named]
    rows: Sequence[HeatRow]
    folded: Sequence[HeatRow]

    @property
    def parts(self) -> Sequence[HeatRow]:
        return self.rows[1:]


def heat_map(report: GapReport, *, order: str = "need", query: str = "") -> HeatMap:
    """Return the unit as a whole, then what it is made of: units below and own staff, or position groups.

    Rows (but the whole's) and competencies of which no cell shows a figure are left out. order: `need`, `name`, or
    `coverage` with the least assessed first. query: of the addresses that rows lead to.
    """
    whole = GapRow(report.unit, {each.competency.pk: each.gap for each in report.competencies})
    below = {row.of.pk for row in report.children}
    parts = named_rows(report, by_name=order == "name")
    if order == "coverage":
        parts.sort(key=lambda part: _coverage(part[1]))
    told = {pk for row in (whole, *(row for _label, row in parts)) for pk in _told(row)}
    competencies = [each.competency for each in report.competencies if each.competency.pk in told]

    def drawn(label: str, row: GapRow) -> HeatRow:
        is_unit = row.of.pk in below and row is not report.own
        url = reverse("hr:unit", args=[row.of.code]) + (f"?{query}" if query else "") if is_unit else ""
        return HeatRow(label, url, [heat_entry(row.gap(each.pk)) for each in competencies], is_whole=row is whole)

    return HeatMap(
        competencies,
        [drawn(_("Whole unit"), whole), *(drawn(label, row) for label, row in parts if _told(row))],
        [drawn(label, row) for label, row in parts if not _told(row)],
    )


def _told(row: GapRow) -> set[int]:
    """Return the competencies of which the row shows a figure."""
    return {pk for pk, gap in row.gaps.items() if gap.required}


def _coverage(row: GapRow) -> float:
    """Return the share assessed over all competencies that are shown; 0 when none is."""
    required = sum(gap.required or 0 for gap in row.gaps.values())
    return sum(gap.assessed or 0 for gap in row.gaps.values()) / required if required else 0.0


def heat_entry(gap: Gap) -> HeatEntry:
    """Return the gap as the tag `heat_cell` takes it."""
    below = gap.below
    return HeatEntry(
        below.estimate if below else None,
        below.low if below else None,
        below.high if below else None,
        gap.assessed,
        gap.required,
        gap.suppressed,
    )
