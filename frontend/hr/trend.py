"""The picture of a unit's trend, and the table behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.http import HttpRequest
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from frontend.author.measurement.svg import Axis, Chart, Dot
from organisation.api import today
from reports.api import GapReport, Named, TrendPoint, name_reader, trend

_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


class MonthAxis(Axis):
    """An axis of days since the first one, with months for ticks."""

    def label(self, value: float) -> str:
        day = date.fromordinal(round(value))
        return f"{day.month}/{day.year}"


@dataclass(frozen=True)
class Trend:
    """The gap in one competency by month, today's last; `choices`: the competencies that may be asked for."""

    competency: Named
    choices: Sequence[Named]
    points: Sequence[TrendPoint]
    chart: Chart | None
    change: str

    @property
    def options(self) -> SafeString:
        """The choices of a select."""
        name = name_reader()
        return SafeString(
            "".join([_option(each.code, name(each), each.pk == self.competency.pk) for each in self.choices])
        )


@lru_cache(maxsize=4096)
def _option(code: str, name: str, is_chosen: bool) -> str:
    return f'<option value="{escape(code)}"{" selected" if is_chosen else ""}>{escape(code)} {escape(name)}</option>'


def draw_trend(request: HttpRequest, report: GapReport) -> Trend | None:
    """Return the trend of the competency of the query, or of the first gap told in words; None without any figure."""
    choices = [each.competency for each in report.competencies if each.gap.below]
    if not choices or report.days or report.group or report.around is None:
        return None
    top = report.top_gaps(1)
    wanted = request.GET.get("trend") or (top[0].competency.code if top else "")
    competency = next((each for each in choices if each.code == wanted), choices[0])
    now = next(each.gap for each in report.competencies if each.competency == competency)
    points = [*trend(report.around, competency.pk), TrendPoint(today(), now)]
    return Trend(competency, choices, points, _chart(points, competency), _change(points))


def _chart(points: Sequence[TrendPoint], competency: Named) -> Chart | None:
    shown = [(float(each.day.toordinal()), each.gap.below) for each in points if each.gap.below]
    if len(shown) < 2:
        return None
    days = [day for day, _below in shown]
    ticks = _apart([days[round(place * (len(days) - 1) / 4)] for place in range(5)] if len(days) > 5 else days)
    chart = Chart(
        "trend",
        _("Share below requirement by month: %(competency)s") % {"competency": f"{competency.code} {competency.name}"},
        _("Each dot is a month's end, and the last one today; the bars are 95% intervals."),
        MonthAxis(days[0] - 8, days[-1] + 8, ticks, _("Month")),
        Axis(0.0, 1.0, _SHARES, _("Below requirement"), percent=True),
    )
    chart.add_line(days, [below.estimate for _day, below in shown])
    chart.dots.extend(
        Dot(*(f"{at:.1f}" for at in (chart.x(day), chart.y(below.estimate), chart.y(below.low), chart.y(below.high))))
        for day, below in shown
    )
    return chart


def _apart(days: Sequence[float]) -> list[float]:
    """Leave out days whose labels would lie over the one after them; the last stays."""
    least = (days[-1] - days[0]) / 6
    kept = [days[-1]]
    for day in reversed(days[:-1]):
        if kept[-1] - day >= least:
            kept.append(day)
    return kept[::-1]


def _change(points: Sequence[TrendPoint]) -> str:
    """Say in words whether it is getting better: only where the intervals of first and last do not meet."""
    shown = [each.gap.below for each in points if each.gap.below]
    if len(shown) < 2:
        return _("There is no earlier month to compare with yet.")
    first, last = shown[0], shown[-1]
    if last.high < first.low:
        return _("The gap has become smaller.")
    if last.low > first.high:
        return _("The gap has become larger.")
    return _("No sure change: the intervals of the first month and of today overlap.")
