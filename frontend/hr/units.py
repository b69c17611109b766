"""The gap report of a unit: page, refreshing figures and workbook."""

from collections.abc import Collection
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header, urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from frontend.design.heat import heat_steps
from frontend.drawing import draw_part
from frontend.hr.access import units_above
from frontend.hr.days import Asked, asked_report, days_page
from frontend.hr.elsewhere import beside
from frontend.hr.figures import draw_distributions, draw_rows
from frontend.hr.heat import heat_map
from frontend.hr.saved_views import ViewForm
from frontend.hr.trend import draw_trend
from organisation.models import PositionGroup, Unit, UnitVersion, User
from reports.api import (
    CompetencyGap,
    GapReport,
    Reach,
    digest_of,
    export_gap_csv,
    export_gap_pdf,
    export_gap_xlsx,
    kinds_below,
    narrow_to_kind,
    next_publication,
)

ORDERS = {
    "need": gettext_lazy("Greatest need first"),
    "coverage": gettext_lazy("Least assessed first"),
    "name": gettext_lazy("By name"),
}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = {
    "xlsx": (WORKBOOK, export_gap_xlsx),
    "csv": ("text/csv; charset=utf-8", export_gap_csv),
    "pdf": ("application/pdf", export_gap_pdf),
}
"""How a report leaves the page, by the ending of the address."""

_OF_PEOPLE = {"plans_url": "hr:plans", "people_gap_url": "hr:people-gap", "serving_url": "hr:serving"}
"""The unit's pages for who may see its people."""


@days_page
def unit(request: HttpRequest, user: User, unit: Unit, reach: Reach) -> HttpResponse:
    """The report. Today's figures ask for themselves again every few seconds; unchanged ones are answered with 204."""
    asked = asked_report(request, user, unit, reach, _chosen_group(request))
    report, kinds = _narrowed(request, asked)
    sort = next((order for order in ORDERS if order == request.GET.get("sort")), "need")
    sees_people = not report.days and reach.sees_people
    stamp = _stamp(report, sort, sees_people)
    is_refresh = bool(request.headers.get("HX-Request"))
    if is_refresh and request.GET.get("stamp") == stamp:
        response = HttpResponse(status=204)
    else:
        shown = [each for each in report.competencies if not each.gap.suppressed]
        people_url = reverse("hr:people", args=[unit.code]) if sees_people else ""
        context: dict[str, Any] = {
            "report": report,
            "heat": heat_map(report, order=sort, query=asked.query, page=request.GET.get("page")),
            "competency_rows": draw_rows(shown, people_url),
            "distributions": draw_distributions(shown),
            "hidden": [each for each in report.competencies if each.gap.suppressed],
            "top": report.top_gaps(3),
            "choices": _draw_choices(asked, report, kinds, sort, sees_people),
            "legend": draw_part("components/heat_legend.html", {"steps": heat_steps()}, {}),
            "next_publication": next_publication() if report.published else None,
            "least_assessed": _least_assessed(report),
            "people_url": people_url,
            "sort": sort,
            "kind_shown": UnitVersion.Kind(report.kind).label if report.kind else "",
            "stamp": stamp,
        }
        if not is_refresh:
            context |= {
                "trail": trail(user, report),
                "kind": UnitVersion.Kind(report.unit.kind).label,
                "trend": draw_trend(request, report) if reach.sees_people else None,
                "days_form": asked.form,
                "table": beside(report),
                "view_form": ViewForm(),
                "sees_days": reach.sees_people,
            }
        response = render(request, "hr/figures.html" if is_refresh else "hr/unit.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@days_page
def export(request: HttpRequest, user: User, unit: Unit, reach: Reach) -> HttpResponse:
    """The report as a file of FILES, narrowed and suppressed like the page. Days that cannot be shown are not found."""
    asked = asked_report(request, user, unit, reach, _chosen_group(request))
    if asked.form.errors:
        raise Http404
    report, _kinds = _narrowed(request, asked)
    day = report.days.competence if report.days else timezone.localdate()
    ending = request.path.rpartition(".")[2]
    content_type, write = FILES[ending]
    response = HttpResponse(write(report), content_type=content_type)
    name = "-".join(filter(None, ("thang", unit.code, f"{day:%Y%m%d}", report.kind)))
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.{ending}")
    return response


def _narrowed(request: HttpRequest, asked: Asked) -> tuple[GapReport, dict[str, list[int]]]:
    """Return the report with the rows of the kind of unit of the query, if there are any, and all kinds there are."""
    kind, kinds = request.GET.get("kind", ""), kinds_below(asked.report)
    return narrow_to_kind(asked.report, kind, kinds, asked.read) if kind in kinds else asked.report, kinds


def _chosen_group(request: HttpRequest) -> PositionGroup | None:
    """Return the position group of the query; 404 for one that is not there."""
    code = request.GET.get("group", "")
    if not code:
        return None
    group = PositionGroup.objects.filter(code=code).first() if "\0" not in code else None
    if group is None:
        raise Http404
    return group


def page_address(name: str, asked: Asked) -> str:
    """Return the address of a page on the report's unit, as of the same days."""
    return reverse(name, args=[asked.report.unit.code]) + (f"?{asked.query}" if asked.query else "")


def trail(user: User, report: GapReport) -> list[tuple[str, str]]:
    """Return the way here: HR's home and the units above that the account may open, from the top down."""
    home = (_("Units and gaps"), reverse("hr:home"))
    return [home, *((each.name, reverse("hr:unit", args=[each.code])) for each in units_above(user, report))]


def _least_assessed(report: GapReport) -> list[CompetencyGap]:
    """Return the three competencies in which the smallest shares of people have been assessed; none where all have."""
    known = [each for each in report.competencies if each.gap.coverage is not None and each.gap.coverage < 1]
    return sorted(known, key=lambda each: each.gap.coverage or 0.0)[:3]


def _draw_choices(asked: Asked, report: GapReport, kinds: Collection[str], sort: str, sees_people: bool) -> SafeString:
    """Return what may be chosen on the page, and the ways on from it."""
    shown = ORDERS.items() if report.children else ()
    offered = kinds if len(kinds) > 1 else ()
    look = {
        "days": report.days,
        "groups": tuple(report.groups),
        "group_pk": report.group.pk if report.group else 0,
        "kinds": tuple((each, str(UnitVersion.Kind(each).label), each == report.kind) for each in offered),
        "orders": tuple((order, str(label), order == sort) for order, label in shown),
        "has_figures": bool(report.competencies),
        "sees_people": sees_people,
    }
    own = {
        **_exports(report, asked.query),
        "big_url": f"{reverse('hr:exports')}?unit={report.unit.code}",
        "compare_url": page_address("hr:compare", asked),
        **{each: reverse(name, args=[report.unit.code]) for each, name in _OF_PEOPLE.items()},
    }
    return draw_part("hr/choices.html", look, own)


def _exports(report: GapReport, days: str) -> dict[str, str]:
    """Return the address of each file that the figures on the page may be taken away in.

    days: of the report, as an address has them.
    """
    chosen = {"group": report.group.code if report.group else "", "kind": report.kind}
    query = "&".join(filter(None, (days, urlencode({name: value for name, value in chosen.items() if value}))))
    names = {"xlsx_url": "hr:export", "csv_url": "hr:export-csv", "pdf_url": "hr:export-pdf"}
    ending = f"?{query}" if query else ""
    return {url: reverse(name, args=[report.unit.code]) + ending for url, name in names.items()}


def _stamp(report: GapReport, sort: str, sees_people: bool) -> str:
    """Return a digest that differs when the figures as drawn do."""
    return f"{digest_of(report)}-{sort}-{sees_people:d}-{get_language()}"
