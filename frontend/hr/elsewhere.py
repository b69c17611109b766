"""What other instances published, beside what this one counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from frontend.hr.access import unit_page
from organisation.models import Unit, User
from reports.api import Elsewhere, Gap, GapReport, GapRow, Named, published_beside, published_elsewhere
from reports.models import Publication


@dataclass(frozen=True)
class Row:
    """A row of the table: `note` says whose figures it has; `url` is empty where there is no page behind it."""

    label: str
    url: str
    note: str
    gaps: Sequence[Gap]


@dataclass(frozen=True)
class Beside:
    """The table: rows by competencies."""

    competencies: Sequence[Named]
    rows: Sequence[Row]


def beside(report: GapReport) -> Beside | None:
    """Return the report's unit as this instance counts it, and below it what others published; None without any."""
    found = published_beside(report)
    if not found or report.days or report.group:
        return None
    competencies = list({named.pk: named for each in found for named in each.competencies}.values())
    own = GapRow(report.unit, {each.competency.pk: each.gap for each in report.competencies})
    rows = [_row(report.unit.name, "", _("counted by this instance"), own, competencies)]
    rows += [
        _row(each.whole.of.name, reverse("hr:published", args=[each.unit_code]), says(each), each.whole, competencies)
        for each in found
    ]
    return Beside(competencies, rows)


def says(found: Elsewhere) -> str:
    """Return who published the figures, and as of when."""
    when = date_format(localtime(found.at), "DATETIME_FORMAT")
    return _("published by %(publisher)s as of %(when)s") % {"publisher": found.publisher, "when": when}


@unit_page
def published(request: HttpRequest, user: User, unit: Unit) -> HttpResponse:
    """A publisher's figures of the unit, or of one of those below it that the publication has."""
    publication = Publication.objects.filter(publisher__unit=unit).select_related("publisher__unit").first()
    found = publication and published_elsewhere(publication, request.GET.get("of", ""))
    if not found:
        raise Http404
    address = reverse("hr:published", args=[unit.code])
    rows = [_row(_("Whole unit"), "", "", found.whole, found.competencies)]
    for row, has_below in found.rows:
        is_own = row.of.code == found.whole.of.code
        label = _("%(unit)s: own staff and small units") % {"unit": row.of.name} if is_own else row.of.name
        rows.append(_row(label, f"{address}?of={row.of.code}" if has_below else "", "", row, found.competencies))
    trail = [(_("Units and gaps"), reverse("hr:home"))]
    trail += [(each.name, f"{address}?of={each.code}") for each in found.trail]
    table = Beside(found.competencies, rows)
    context = {"found": found, "says": says(found), "trail": trail, "table": table}
    return render(request, "hr/elsewhere_unit.html", context)


def _row(label: str, url: str, note: str, row: GapRow, competencies: Iterable[Named]) -> Row:
    return Row(label, url, note, [row.gap(each.pk) for each in competencies])


elsewhere_patterns = [path("units/<str:code>/published/", published, name="published")]
