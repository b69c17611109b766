"""Units side by side: the choice, the picture and the table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from frontend.design.heat import cell_drawer
from frontend.hr.access import units_above
from frontend.hr.days import Asked, asked_report, days_page, find_reached
from frontend.hr.units import page_address, trail
from organisation.api import hr_scope, today
from organisation.models import Unit, UnitVersion, User
from reports.api import MOST_COMPARED, Compared, GapReport, Named, Reach, Share, compare_units

DRAWN = 12
"""Competencies in the picture; the table has them all."""
# A circle, a square, a triangle and a diamond: shapes tell units apart where colours cannot.
SHAPES = ("M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "M-4-4h8v8h-8z", "M0-5 5 4H-5z", "M0-5.5 5.5 0 0 5.5-5.5 0z")
COLOURS = ("text-primary", "text-danger", "text-success", "text-muted")
_LEFT, _RIGHT, _WIDTH, _STEP, _GAP = 34, 22, 400, 12, 10


@dataclass(frozen=True)
class Column:
    """A unit that is compared, with the mark it has in the picture."""

    asked: Asked
    shape: str
    colour: str

    @property
    def name(self) -> str:
        return self.asked.report.unit.name


@days_page
def compare(request: HttpRequest, user: User, unit: Unit, reach: Reach) -> HttpResponse:
    """The unit of the address beside those of the query, each as its own page shows it to this account."""
    codes = list(dict.fromkeys(code for code in request.GET.getlist("with") if code not in ("", unit.code)))
    if len(codes) >= MOST_COMPARED:
        raise Http404
    reached = [(unit, reach), *(find_reached(request, user, code) for code in codes)]
    asked = [asked_report(request, user, *each, None) for each in reached]
    first = asked[0].report
    shown = [each for each in asked if not each.form.errors and each.report.days == first.days] or asked[:1]
    columns = [Column(*each) for each in zip(shown, SHAPES, COLOURS, strict=False)]
    rows = compare_units([each.report for each in shown])
    told = [row for row in rows if any(gap.required for gap in row.gaps)]
    apart = sorted((row for row in told if row.apart), key=lambda row: -row.difference)
    draw = cell_drawer()
    context: dict[str, Any] = {
        "report": first,
        "trail": [*trail(user, first), (first.unit.name, page_address("hr:unit", asked[0]))],
        "choices": list(_choices(user, first, [each.report.unit for each in asked[1:]])),
        "chosen": [*codes, *[""] * MOST_COMPARED][: MOST_COMPARED - 1],
        "days_form": asked[0].form,
        "columns": columns,
        "absent": [each.report.unit.name for each in asked if each not in shown],
        "rows": [(row.competency, SafeString("".join(draw(*gap.entry) for gap in row.gaps))) for row in told],
        "untold": [row.competency for row in rows if row not in told],
        "apart": [(row.competency, list(_apart(row, columns))) for row in apart],
        "plot": _plot([row for row in told if row.most >= 0][:DRAWN], columns),
        "threshold": first.threshold,
    }
    return render(request, "hr/compare.html", context)


def _choices(user: User, report: GapReport, chosen: Sequence[Named]) -> list[tuple[str, list[Named]]]:
    """Return what the unit may be compared with: each kind of neighbour with its units, none of them twice."""
    assert report.around is not None
    above = list(units_above(user, report))[-1:]
    beside = [node for parent in above for node in report.around.below[parent.pk]]
    day = report.days.structure if report.days else today()
    mine = UnitVersion.objects.filter(unit__in=hr_scope(user), valid__contains=day).select_related("unit")
    near = {
        _("Unit above"): above,
        _("Units beside it"): [Named(each.pk, each.code, each.name_vi, each.name_en) for each in beside],
        _("Units below it"): sorted((row.of for row in report.children), key=lambda each: each.order),
    }
    seen = {report.unit.pk, *(each.pk for units in near.values() for each in units)}
    named = (Named(each.unit_id, each.unit.code, each.name_vi, each.name_en) for each in mine.order_by("sort_key"))
    near[_("Other units")] = [*{each.pk: each for each in [*named, *chosen] if each.pk not in seen}.values()]
    return [(label, [each for each in units if each.pk != report.unit.pk]) for label, units in near.items()]


def _apart(row: Compared, columns: Sequence[Column]) -> Iterator[tuple[str, Share, list[tuple[str, Share]]]]:
    """Yield each unit whose gap is clearly larger, with those that it is larger than."""
    for each in row.apart:
        (name, share), *smaller = [
            (columns[place].name, below) for place in (each.larger, *each.smaller) if (below := row.gaps[place].below)
        ]
        yield name, share, smaller


@dataclass(frozen=True, slots=True)
class PlotMark:
    """One unit's share with its interval, as positions in the drawing."""

    column: Column
    x: str
    y: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class PlotRow:
    label: str
    y: str
    rule: str
    marks: Sequence[PlotMark]


@dataclass(frozen=True)
class Plot:
    """A picture of shares by competency, from 0 to 100% left to right. Positions are strings, for templates."""

    rows: Sequence[PlotRow]
    height: str
    bottom: str
    ticks: Sequence[tuple[str, str]]
    right: str = str(_WIDTH - _RIGHT)
    width: str = str(_WIDTH)


def _plot(rows: Sequence[Compared], columns: Sequence[Column]) -> Plot | None:
    """Return the picture of these competencies; None for none or for a single unit."""
    if not rows or len(columns) < 2:
        return None
    tall = _STEP * len(columns) + _GAP
    drawn = []
    for place, row in enumerate(rows):
        top = place * tall + _GAP
        marks = [
            PlotMark(column, *(f"{at:.1f}" for at in (_x(below.estimate), y, _x(below.low), _x(below.high))))
            for y, column, gap in zip(count(top, _STEP), columns, row.gaps, strict=False)
            if (below := gap.below)
        ]
        middle = top + (len(columns) - 1) * _STEP / 2
        drawn.append(PlotRow(row.competency.code, f"{middle + 4:.1f}", f"{place * tall:.1f}", marks))
    bottom = len(rows) * tall
    ticks = [(f"{_x(share):.1f}", f"{round(share * 100)}%") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    return Plot(drawn, str(bottom + 22), str(bottom), ticks)


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


comparison_patterns = [path("units/<str:code>/compare/", compare, name="compare")]
