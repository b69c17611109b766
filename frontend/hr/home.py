"""Where HR begins: the one unit they answer for, or the list of them, and the views they keep."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from frontend.hr.access import hr_page
from organisation.api import can_see_people, drafts_waiting_for, hr_scope, roles_of, today
from organisation.models import Unit, UnitVersion, User
from reports.api import GapReport, gap_report, last_check, next_publication, requests_waiting_for, views_for

HEADLINES = 12
"""So many units, at most, are listed with their greatest gaps."""


@hr_page
def home(request: HttpRequest, user: User) -> HttpResponse:
    """The units in force that the account answers for; an administrator's are those without a unit above.

    An administrator also reads what the latest comparison of all figures with a full recount found.
    """
    is_admin = "admin" in roles_of(user)
    scope = Q(parent=None) if is_admin else Q(unit__in=hr_scope(user))
    versions = UnitVersion.objects.filter(scope, valid__contains=today()).select_related("unit")
    units = list(versions.order_by("sort_key", "unit__code"))
    views = views_for(user)
    waiting, drafts = requests_waiting_for(user), drafts_waiting_for(user)
    if len(units) == 1 and not (is_admin or views or waiting or drafts):
        return redirect("hr:unit", code=units[0].unit.code)
    cards = [
        (version, _headlines(user, version.unit) if place < HEADLINES else None) for place, version in enumerate(units)
    ]
    asked = UnitVersion.objects.filter(unit__in={each.plan.unit_id for each in waiting}, valid__contains=today())
    names = {version.unit_id: version.name for version in asked}
    context = {
        "cards": [(version, report, report.top_gaps() if report else []) for version, report in cards],
        "views": views,
        "waiting": [(each, names.get(each.plan.unit_id, each.plan.unit.code)) for each in waiting],
        "drafts": drafts,
        "is_admin": is_admin,
        "check": last_check() if is_admin else None,
        "next_publication": next_publication(),
    }
    return render(request, "hr/home.html", context)


def _headlines(user: User, unit: Unit) -> GapReport:
    """Return the unit's report as its page shows it to the account, without the units below."""
    return gap_report(unit, children=False, published=not can_see_people(user, unit))
