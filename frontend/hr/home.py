"""Where HR begins: the one unit they answer for, or the list of them."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from frontend.hr.access import hr_page
from organisation.api import hr_scope, roles_of, today
from organisation.models import UnitVersion, User
from reports.api import last_check


@hr_page
def home(request: HttpRequest, user: User) -> HttpResponse:
    """The units in force that the account answers for; an administrator's are those without a unit above.

    An administrator also reads what the latest comparison of all figures with a full recount found.
    """
    is_admin = "admin" in roles_of(user)
    scope = Q(parent=None) if is_admin else Q(unit__in=hr_scope(user))
    versions = UnitVersion.objects.filter(scope, valid__contains=today()).select_related("unit")
    units = list(versions.order_by("sort_key", "unit__code"))
    if len(units) == 1 and not is_admin:
        return redirect("hr:unit", code=units[0].unit.code)
    return render(request, "hr/home.html", {"units": units, "check": last_check() if is_admin else None})
