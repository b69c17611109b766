"""Who may open HR's pages: HR officers within their units, and administrators."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from organisation.api import (
    can_see_people,
    can_see_unit,
    find_unit,
    hr_scope,
    last_home_of,
    posting_of,
    roles_of,
    today,
    unit_tree,
)
from organisation.models import Person, Posting, Unit, User
from reports.api import GapReport, Named

P = ParamSpec("P")
HrView = Callable[Concatenate[HttpRequest, User, P], HttpResponse]
UnitView = Callable[Concatenate[HttpRequest, User, Unit, P], HttpResponse]


def hr_account(view: HrView[P]) -> Callable[..., HttpResponse]:
    """Give the view the account of an HR officer or administrator; strangers sign in, everyone else meets a 404."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            if request.headers.get("HX-Request"):
                # A part that refreshes itself must not draw the sign-in page into the report.
                return HttpResponse(status=204, headers={"HX-Refresh": "true"})
            return redirect_to_login(request.get_full_path())
        if not roles_of(user) & {"hr", "admin"}:
            raise refuse(request, request.path)
        return view(request, user, *args, **kwargs)

    return guarded


def admin_account(view: HrView[P]) -> Callable[..., HttpResponse]:
    """As `hr_account`, for administrators alone."""

    @hr_account
    @wraps(view)
    def guarded(request: HttpRequest, user: User, *args: Any, **kwargs: Any) -> HttpResponse:
        if "admin" not in roles_of(user):
            raise refuse(request, request.path)
        return view(request, user, *args, **kwargs)

    return guarded


def hr_page(view: HrView[P]) -> Callable[..., HttpResponse]:
    """As `hr_account`, for pages that are only read."""
    return require_GET(hr_account(view))


def unit_page(view: UnitView[P]) -> Callable[..., HttpResponse]:
    """As `hr_page`, and give the view the unit of its `code`, when it is in force and in the account's scope."""

    @hr_page
    @wraps(view)
    def guarded(request: HttpRequest, user: User, code: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, user, unit_in_scope(request, user, code), *args, **kwargs)

    return guarded


def unit_in_scope(request: HttpRequest, user: User, code: str) -> Unit:
    """Return the unit in force with this code; Http404 when there is none, or none in the account's scope."""
    unit = find_unit(code) if "\0" not in code else None
    if unit is None:
        raise Http404
    if not can_see_unit(user, unit):
        raise refuse(request, f"unit {code}")
    return unit


def people_page(view: UnitView[P]) -> Callable[..., HttpResponse]:
    """As `unit_page`, for accounts that may see the people behind the unit's figures."""

    @unit_page
    @wraps(view)
    def guarded(request: HttpRequest, user: User, unit: Unit, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can_see_people(user, unit):
            raise refuse(request, f"people of unit {unit.code}")
        return view(request, user, unit, *args, **kwargs)

    return guarded


def person_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the account and today's primary posting of the person `code`, where the account may see people."""
    return _of_person(view, lambda person: posting_of(person, today()))


def last_home_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As `person_page`; of somebody without a primary posting today, the last one if its unit is in scope today."""
    return _of_person(view, lambda person: last_home_of(person, today()))


def _of_person(
    view: Callable[..., HttpResponse], find: Callable[[Person], Posting | None]
) -> Callable[..., HttpResponse]:
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, code: str, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            return redirect_to_login(request.get_full_path())
        if not roles_of(user) & {"hr", "admin"}:
            raise refuse(request, request.path)
        person = Person.objects.filter(employee_code=code).first() if "\0" not in code else None
        posting = find(person) if person else None
        if posting is None:
            raise Http404
        if not can_see_people(user, posting.unit):
            raise refuse(request, f"person {code}")
        return view(request, user, posting, **kwargs)

    return guarded


def sees_people_within(user: User, scope: Unit | None, day: date) -> bool:
    """Say whether the account may see everybody in the scope's unit and below, then and today; None: everywhere."""
    if scope:
        return sees_people_of(user, scope, day)
    roots = Unit.objects.filter(pk__in=[node.pk for node in unit_tree(day).roots()])
    return all(sees_people_of(user, root, day) for root in roots)


def sees_people_of(user: User, unit: Unit, day: date) -> bool:
    """Say whether the account may see the unit's people, where it stood on that day and where it stands today."""
    return can_see_people(user, unit, day) and (day == today() or can_see_people(user, unit))


def units_above(user: User, report: GapReport) -> Sequence[Named]:
    """Return the units above the report's unit that the account may open, from the top down."""
    if "admin" in roles_of(user):
        return report.trail
    scope = {each.pk for each in hr_scope(user)}
    first = next((place for place, each in enumerate(report.trail) if each.pk in scope), len(report.trail))
    return report.trail[first:]


def refuse(request: HttpRequest, what: str) -> Http404:
    """Return the 404 to raise for something that is there for others; the audit trail notes what was asked for."""
    request.refusal = what  # type: ignore[attr-defined]  # read by the audit middleware
    return Http404(what)
